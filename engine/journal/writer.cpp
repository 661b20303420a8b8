#include "engine/journal/writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include "engine/journal/file_closer.hpp"
#include "engine/journal/format.hpp"

namespace arb {
namespace {

struct WritingFreer {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

struct JournalWriter::State {
    std::string path;
    std::string part_path;
    std::unique_ptr<std::FILE, FileCloser> file;
    std::unique_ptr<ZSTD_CCtx, WritingFreer> context{ZSTD_createCCtx()};
    std::vector<char> raw;  // the block being filled: grows to the largest record and stays
    std::size_t raw_size = 0;
    std::vector<char> stored;
    std::vector<format::IndexEntry> index;
    format::BlockHead block{};
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t raw_bytes = 0;
    std::optional<Error> error;

    void fail(std::string_view what)
    {
        if (!error) error = Error{ExitCode::data, fmt::format("{}: {}", part_path, what)};
    }
    void put(const void* data, std::size_t size);
    /// Room for a record's payload in the block, its head written; nullptr after an error.
    char* add(RecordKind kind, std::uint8_t flags, VenueId venue, std::uint16_t place, Timestamp time,
              std::size_t payload, std::size_t first, std::size_t second);
    void add_texts(RecordKind kind, VenueId venue, std::uint16_t place, Timestamp time, std::string_view text,
                   std::string_view url);
    void flush_block();
    void put_index();
};

void JournalWriter::State::put(const void* data, std::size_t size)
{
    if (error || size == 0) return;
    if (std::fwrite(data, 1, size, file.get()) != size) {
        return fail(fmt::format("cannot write: {}", std::strerror(errno)));
    }
    bytes += size;
}

char* JournalWriter::State::add(RecordKind kind, std::uint8_t flags, VenueId venue, std::uint16_t place,
                                Timestamp time, std::size_t payload, std::size_t first, std::size_t second)
{
    if (error) return nullptr;
    if (payload > format::kPayloadMax) {
        fail(fmt::format("a record of {} bytes is larger than a journal takes ({})", payload,
                         format::kPayloadMax));
        return nullptr;
    }
    const std::size_t size = format::round_up(sizeof(format::RecordHead) + payload);
    if (raw_size > 0 && raw_size + size > format::kBlockRawTarget) flush_block();
    if (raw_size + size > raw.size()) raw.resize(raw_size + size);
    const format::RecordHead head{static_cast<std::uint32_t>(size),
                                  static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | flags),
                                  static_cast<std::uint8_t>(venue),
                                  place,
                                  time.ns,
                                  static_cast<std::uint32_t>(first),
                                  static_cast<std::uint32_t>(second)};
    char* at = raw.data() + raw_size;
    std::memcpy(at, &head, sizeof(head));
    std::memset(at + sizeof(head) + payload, 0, size - sizeof(head) - payload);
    ++records;
    if (block.records == 0) {
        block.time_first = time.ns;
        block.number_first = records;
    }
    block.time_last = time.ns;
    ++block.records;
    raw_size += size;
    return at + sizeof(head);
}

void JournalWriter::State::add_texts(RecordKind kind, VenueId venue, std::uint16_t place, Timestamp time,
                                     std::string_view text, std::string_view url)
{
    char* at = add(kind, 0, venue, place, time, text.size() + url.size(), text.size(), url.size());
    if (at == nullptr) return;
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    if (!url.empty()) std::memcpy(at + text.size(), url.data(), url.size());
}

void JournalWriter::State::flush_block()
{
    if (error || block.records == 0) return;
    stored.resize(std::max(stored.size(), ZSTD_compressBound(raw_size)));
    const std::size_t size = ZSTD_compressCCtx(context.get(), stored.data(), stored.size(), raw.data(),
                                               raw_size, format::kCompressionLevel);
    if (ZSTD_isError(size) != 0) return fail(fmt::format("cannot compress: {}", ZSTD_getErrorName(size)));
    block.magic = format::kBlockMagic;
    block.raw_length = static_cast<std::uint32_t>(raw_size);
    block.stored_length = static_cast<std::uint32_t>(size);
    block.stored_checksum = crc32c(stored.data(), size);
    block.checksum = format::checksum_of(block);
    index.push_back(
        {bytes, block.time_first, block.time_last, block.number_first, block.records, block.raw_length});
    put(&block, sizeof(block));
    put(stored.data(), size);
    // Whole blocks reach the operating system, so that a killed program loses one block at most.
    if (!error && std::fflush(file.get()) != 0) fail(fmt::format("cannot write: {}", std::strerror(errno)));
    raw_bytes += raw_size;
    raw_size = 0;
    block = {};
}

void JournalWriter::State::put_index()
{
    const std::uint64_t index_offset = bytes;
    format::IndexHead head{format::kIndexMagic, static_cast<std::uint32_t>(index.size()),
                           crc32c(index.data(), index.size() * sizeof(format::IndexEntry)), 0};
    head.checksum = format::checksum_of(head);
    put(&head, sizeof(head));
    put(index.data(), index.size() * sizeof(format::IndexEntry));
    format::Trailer trailer{
        format::kTrailerMagic, format::kVersion, index_offset, index.size(), records, raw_bytes, 0, 0};
    trailer.checksum = format::checksum_of(trailer);
    put(&trailer, sizeof(trailer));
}

JournalWriter::JournalWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
JournalWriter::JournalWriter(JournalWriter&&) noexcept = default;
JournalWriter& JournalWriter::operator=(JournalWriter&&) noexcept = default;
JournalWriter::~JournalWriter() = default;

Result<JournalWriter> JournalWriter::create(const std::string& path, const JournalHeader& header)
{
    Result<std::string> payload = format::write_header(header);
    if (!payload) return Error{payload.error().code, path + ": " + payload.error().message};
    auto state = std::make_unique<State>();
    state->path = path;
    state->part_path = path + ".part";
    state->file.reset(std::fopen(state->part_path.c_str(), "wb"));
    if (!state->file) {
        return Error{ExitCode::data,
                     fmt::format("{}: cannot create: {}", state->part_path, std::strerror(errno))};
    }
    state->raw.resize(format::kBlockRawTarget);
    format::FileHead head{};
    std::memcpy(head.magic, format::kFileMagic, sizeof(head.magic));
    head.version = format::kVersion;
    head.payload_length = static_cast<std::uint32_t>(payload->size());
    head.payload_checksum = crc32c(payload->data(), payload->size());
    head.checksum = format::checksum_of(head);
    state->put(&head, sizeof(head));
    state->put(payload->data(), payload->size());
    if (state->error) return *state->error;
    return JournalWriter(std::move(state));
}

void JournalWriter::frame(VenueId venue, ConnectionId connection, Timestamp time, std::string_view text)
{
    state_->add_texts(RecordKind::frame, venue, static_cast<std::uint16_t>(connection), time, text, {});
}

void JournalWriter::http(VenueId venue, Timestamp time, std::string_view url, int status,
                         std::string_view body)
{
    state_->add_texts(RecordKind::http, venue, static_cast<std::uint16_t>(std::clamp(status, 0, 65'535)),
                      time, body, url);
}

void JournalWriter::open(VenueId venue, ConnectionId connection, Timestamp time, std::string_view url)
{
    state_->add_texts(RecordKind::open, venue, static_cast<std::uint16_t>(connection), time, {}, url);
}

void JournalWriter::close(VenueId venue, ConnectionId connection, Timestamp time, std::string_view reason)
{
    state_->add_texts(RecordKind::close, venue, static_cast<std::uint16_t>(connection), time, reason, {});
}

void JournalWriter::wake(VenueId venue, Timestamp time)
{
    state_->add_texts(RecordKind::wake, venue, 0, time, {}, {});
}

void JournalWriter::book(VenueId venue, std::uint16_t listing, Timestamp time, bool snapshot,
                         std::span<const RecordedLevel> bids, std::span<const RecordedLevel> asks,
                         Timestamp venue_time)
{
    const int flags =
        (snapshot ? format::kSnapshotFlag : 0) | (venue_time.known() ? format::kVenueTimeFlag : 0);
    const std::size_t levels = bids.size_bytes() + asks.size_bytes();
    char* at =
        state_->add(RecordKind::book, static_cast<std::uint8_t>(flags), venue, listing, time,
                    levels + (venue_time.known() ? sizeof(venue_time.ns) : 0), bids.size(), asks.size());
    if (at == nullptr) return;
    if (!bids.empty()) std::memcpy(at, bids.data(), bids.size_bytes());
    if (!asks.empty()) std::memcpy(at + bids.size_bytes(), asks.data(), asks.size_bytes());
    if (venue_time.known()) std::memcpy(at + levels, &venue_time.ns, sizeof(venue_time.ns));
}

void JournalWriter::book_over(VenueId venue, std::uint16_t listing, Timestamp time)
{
    state_->add(RecordKind::book, format::kOverFlag, venue, listing, time, 0, 0, 0);
}

void JournalWriter::output(Timestamp time, std::string_view text)
{
    state_->add_texts(RecordKind::output, VenueId{}, 0, time, text, {});
}

void JournalWriter::command(Timestamp time, std::string_view text)
{
    state_->add_texts(RecordKind::command, VenueId{}, 0, time, text, {});
}

void JournalWriter::flush()
{
    state_->flush_block();
}

void JournalWriter::copy(const Record& r)
{
    switch (r.kind) {
        case RecordKind::frame:
            return frame(r.venue, r.connection, r.time, r.text.view());
        case RecordKind::http:
            return http(r.venue, r.time, r.url, r.status, r.text.view());
        case RecordKind::open:
            return open(r.venue, r.connection, r.time, r.url);
        case RecordKind::close:
            return close(r.venue, r.connection, r.time, r.text.view());
        case RecordKind::wake:
            return wake(r.venue, r.time);
        case RecordKind::book:
            if (r.over) return book_over(r.venue, r.listing, r.time);
            return book(r.venue, r.listing, r.time, r.snapshot, r.bids, r.asks, r.venue_time);
        case RecordKind::output:
            return output(r.time, r.text.view());
        case RecordKind::command:
            return command(r.time, r.text.view());
    }
}

Result<Written> JournalWriter::finish()
{
    State& s = *state_;
    s.flush_block();
    s.put_index();
    // The name is given only to bytes that are on the disk.
    if (!s.error && (std::fflush(s.file.get()) != 0 || ::fsync(::fileno(s.file.get())) != 0)) {
        s.fail(fmt::format("cannot write: {}", std::strerror(errno)));
    }
    if (s.file && std::fclose(s.file.release()) != 0)
        s.fail(fmt::format("cannot write: {}", std::strerror(errno)));
    if (!s.error && std::rename(s.part_path.c_str(), s.path.c_str()) != 0) {
        s.fail(fmt::format("cannot rename to {}: {}", s.path, std::strerror(errno)));
    }
    if (s.error) return *s.error;
    s.error = Error{ExitCode::internal, s.path + ": the journal is finished already"};
    return Written{s.records, s.bytes};
}

}  // namespace arb
