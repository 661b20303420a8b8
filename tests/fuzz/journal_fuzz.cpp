// Feeds damaged recordings to JournalReader, through a file in memory. The first byte chooses: the rest of
// the input is the file itself, or a list of edits (position, byte) to a whole recording, or such edits with
// all checksums set right again, so that the reader's own bounds are what stands. Nothing may crash, and
// nothing be unbounded.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/journal/format.hpp"
#include "engine/journal/reader.hpp"
#include "engine/journal/writer.hpp"

namespace arb {
namespace {

std::string path_of(int file)
{
    return "/proc/self/fd/" + std::to_string(file);
}

/// A small whole recording with every kind of record.
std::string sample()
{
    JournalHeader header;
    header.build = "fuzz";
    header.source = "fuzz";
    ListingDefinition listing;
    listing.market = "spot";
    listing.symbol = "BTCUSDT";
    listing.base = "BTC";
    listing.quote = "USDT";
    listing.tick = Decimal{1, 2};
    listing.lot = Decimal{1, 5};
    header.venues = {{{"somewhere", "spot"}, {listing}}};
    const std::string name = "arbiter_fuzz_" + std::to_string(::getpid()) + ".arb";
    const std::string path = (std::filesystem::temp_directory_path() / name).string();
    JournalWriter writer = JournalWriter::create(path, header).take();
    const Timestamp time{1'700'000'000'000'000'000};
    const RecordedLevel level{4'200'000, 100};
    writer.open(VenueId{0}, ConnectionId{0}, time, "wss://somewhere/ws");
    writer.frame(VenueId{0}, ConnectionId{0}, time, "{\"e\":\"trade\"}");
    writer.http(VenueId{0}, time, "https://somewhere/depth", 200, "{}");
    writer.book(VenueId{0}, 0, time, true, {&level, 1}, {&level, 1});
    writer.wake(VenueId{0}, time);
    writer.close(VenueId{0}, ConnectionId{0}, time, "bye");
    writer.output(time, "buy");
    ENSURE(static_cast<bool>(writer.finish()), "a recording can be written");
    std::string bytes;
    std::FILE* file = std::fopen(path.c_str(), "rb");
    ENSURE(file != nullptr, "a recording can be read back");
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) bytes.append(buffer, n);
    std::fclose(file);
    ::unlink(path.c_str());
    return bytes;
}

std::string edited(std::string bytes, std::string_view edits)
{
    while (edits.size() >= 3 && !bytes.empty()) {
        const auto at = static_cast<unsigned char>(edits[0]) | static_cast<unsigned char>(edits[1]) << 8;
        bytes[static_cast<std::size_t>(at) % bytes.size()] = edits[2];
        edits.remove_prefix(3);
    }
    return bytes;
}

template <class Head>
Head mend(std::string& bytes, std::size_t at)
{
    Head head;
    std::memcpy(&head, bytes.data() + at, sizeof head);
    head.checksum = format::checksum_of(head);
    std::memcpy(bytes.data() + at, &head, sizeof head);
    return head;
}

/// Sets the checksums of the file head and of the first block right, as far as the lengths point into the
/// file.
void mend_checksums(std::string& bytes)
{
    format::FileHead head;
    if (bytes.size() < sizeof head) return;
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.payload_length > bytes.size() - sizeof head) {
        mend<format::FileHead>(bytes, 0);
        return;
    }
    head.payload_checksum = crc32c(bytes.data() + sizeof head, head.payload_length);
    std::memcpy(bytes.data(), &head, sizeof head);
    mend<format::FileHead>(bytes, 0);
    const std::size_t block_at = sizeof head + head.payload_length;
    format::BlockHead block;
    if (bytes.size() < block_at + sizeof block) return;
    std::memcpy(&block, bytes.data() + block_at, sizeof block);
    const std::size_t stored_at = block_at + sizeof block;
    if (block.stored_length <= bytes.size() - stored_at) {
        block.stored_checksum = crc32c(bytes.data() + stored_at, block.stored_length);
    }
    std::memcpy(bytes.data() + block_at, &block, sizeof block);
    mend<format::BlockHead>(bytes, block_at);
}

void read(const std::string& bytes)
{
    const int file = ::memfd_create("recording", 0);
    ENSURE(file >= 0, "memory for a file");
    ENSURE(::write(file, bytes.data(), bytes.size()) == static_cast<::ssize_t>(bytes.size()),
           "the file is written");
    if (Result<JournalReader> reader = JournalReader::open(path_of(file))) {
        std::uint64_t last = 0;
        while (const Record* record = reader->next()) {
            ENSURE(record->number == last + 1, "records are counted from 1 without a hole");
            last = record->number;
            ENSURE(
                index(record->venue) < reader->header().venues.size() || record->kind == RecordKind::output ||
                    record->kind == RecordKind::command,
                "a record names a venue of the header");
            std::uint64_t sum = 0;
            for (const char c : record->text.view()) sum += static_cast<unsigned char>(c);
            for (const char c : record->url) sum += static_cast<unsigned char>(c);
            for (const auto& side : {record->bids, record->asks}) {
                for (const RecordedLevel& level : side) sum += static_cast<std::uint64_t>(level.price);
            }
            ENSURE(sum < ~std::uint64_t{0}, "all of the record can be read");
        }
    } else {
        ENSURE(reader.error().code == ExitCode::data, "a bad recording is a data error");
    }
    ::close(file);
}

}  // namespace
}  // namespace arb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::string whole = arb::sample();
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0:
            arb::read(std::string(rest));
            break;
        case 1:
            arb::read(arb::edited(whole, rest));
            break;
        default: {
            std::string bytes = arb::edited(whole, rest);
            arb::mend_checksums(bytes);
            arb::read(bytes);
        }
    }
    return 0;
}
