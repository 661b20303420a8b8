#include "engine/journal/reader.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <zstd.h>

#include "engine/journal/file_closer.hpp"
#include "engine/journal/format.hpp"

namespace arb {
namespace {

struct ReadingFreer {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// Memory that grows and is never cleared: a vector would fill megabytes with zeros that are overwritten at
/// once. It starts with room for an ordinary block, so only the block of a larger record makes it grow.
class Bytes {
  public:
    explicit Bytes(std::size_t ordinary) : data_(new char[ordinary]), size_(ordinary) {}

    char* room(std::size_t size)
    {
        if (size > size_) {
            data_.reset(new char[size]);  // aligned for any ordinary type, so levels can be read in place
            size_ = size;
        }
        return data_.get();
    }

  private:
    std::unique_ptr<char[]> data_;
    std::size_t size_;
};

constexpr const char* kAdvice = "Go on with what was read, or make the recording again from its source";

}  // namespace

struct JournalReader::State {
    std::string path;
    std::unique_ptr<std::FILE, FileCloser> file;
    std::unique_ptr<ZSTD_DCtx, ReadingFreer> context{ZSTD_createDCtx()};
    JournalHeader header;
    Bytes raw{format::kBlockRawTarget + kTextPadding};
    Bytes stored{ZSTD_compressBound(format::kBlockRawTarget)};
    const char* at = nullptr;  // next record of the block
    const char* end = nullptr;
    std::uint32_t left = 0;  // records of the block not yet handed out
    Record record;
    std::uint64_t delivered = 0;
    std::uint64_t offset = 0;  // bytes consumed
    std::uint64_t total = 0;
    std::uint64_t block_offset = 0;
    std::uint64_t blocks = 0;
    std::uint64_t raw_bytes = 0;
    std::uint32_t entries_checksum = 0;  // of the index entries that the blocks so far ought to have
    bool ended = false;
    std::optional<Error> trouble;

    bool stop(std::string_view what, std::string_view advice = kAdvice);
    /// False when the file has fewer bytes left; nothing is consumed then.
    bool read(void* out, std::size_t size);
    bool next_block();
    bool load_block(const format::BlockHead& head);
    void check_end(std::uint32_t magic);
    std::string_view check_index(std::uint64_t index_offset);
    bool decode(const format::RecordHead& head);
    bool decode_texts(const format::RecordHead& head, std::size_t payload);
    bool decode_book(const format::RecordHead& head, std::size_t payload);
};

/// Ends the reading; always false, for `return stop(...)`.
bool JournalReader::State::stop(std::string_view what, std::string_view advice)
{
    ended = true;
    left = 0;
    trouble = Error{ExitCode::data,
                    fmt::format("{}: {} (block {}, byte {} of {}). The {} records before it are good "
                                "and were read. {}.",
                                path, what, blocks + 1, block_offset, total, delivered, advice)};
    return false;
}

bool JournalReader::State::read(void* out, std::size_t size)
{
    if (size > total - offset) return false;
    if (std::fread(out, 1, size, file.get()) != size) return false;
    offset += size;
    return true;
}

bool JournalReader::State::next_block()
{
    if (ended) return false;
    block_offset = offset;
    if (offset == total) {
        return stop(
            "the file ends without its index: the program that wrote it was stopped before it could finish",
            "What is here can be used as it is");
    }
    std::uint32_t magic = 0;
    if (!read(&magic, sizeof(magic))) return stop("the file is cut off inside a block head");
    if (magic != format::kBlockMagic) {
        check_end(magic);
        return false;
    }
    format::BlockHead head{};
    head.magic = magic;
    if (!read(reinterpret_cast<char*>(&head) + sizeof(magic), sizeof(head) - sizeof(magic))) {
        return stop("the file is cut off inside a block head");
    }
    return load_block(head);
}

bool JournalReader::State::load_block(const format::BlockHead& head)
{
    if (head.checksum != format::checksum_of(head)) return stop("the block head is damaged: wrong checksum");
    if (head.number_first != delivered + 1) {
        return stop(fmt::format("blocks are missing: this one begins with record {}, due is {}",
                                head.number_first, delivered + 1));
    }
    // Lengths are judged before a byte is allocated for them.
    if (head.raw_length == 0 || head.raw_length > format::kBlockRawMax || head.raw_length % 8 != 0 ||
        head.records == 0 || head.records > head.raw_length / sizeof(format::RecordHead) ||
        head.stored_length > ZSTD_compressBound(format::kBlockRawMax)) {
        return stop("the block head says impossible lengths");
    }
    if (head.stored_length > total - offset) {
        return stop(fmt::format("the file is cut off: {} of the {} bytes of a block are there",
                                total - offset, head.stored_length));
    }
    char* packed = stored.room(head.stored_length);
    if (!read(packed, head.stored_length)) return stop(fmt::format("cannot read: {}", std::strerror(errno)));
    if (crc32c(packed, head.stored_length) != head.stored_checksum) {
        return stop("the block is damaged: wrong checksum");
    }
    if (ZSTD_getFrameContentSize(packed, head.stored_length) != head.raw_length) {
        return stop("the block is damaged: it unpacks to another length than its head says");
    }
    char* unpacked = raw.room(head.raw_length + kTextPadding);
    const std::size_t size =
        ZSTD_decompressDCtx(context.get(), unpacked, head.raw_length, packed, head.stored_length);
    if (ZSTD_isError(size) != 0 || size != head.raw_length) {
        return stop("the block is damaged: it cannot be unpacked");
    }
    std::memset(unpacked + size, 0, kTextPadding);
    at = unpacked;
    end = unpacked + size;
    left = head.records;
    const format::IndexEntry entry{block_offset,      head.time_first, head.time_last,
                                   head.number_first, head.records,    head.raw_length};
    entries_checksum = crc32c(&entry, sizeof(entry), entries_checksum);
    raw_bytes += size;
    return true;
}

/// Behind the last block: index and trailer must say what the blocks said, and be the end of the file.
void JournalReader::State::check_end(std::uint32_t magic)
{
    if (magic != format::kIndexMagic) {
        stop("neither a block nor the index begins here");
        return;
    }
    const std::string_view problem = check_index(block_offset);
    if (!problem.empty()) {
        stop(problem, "All blocks before it are whole; the file can be used as it is");
        return;
    }
    ended = true;
}

std::string_view JournalReader::State::check_index(std::uint64_t index_offset)
{
    constexpr std::string_view kCut = "the file is cut off inside its index";
    constexpr std::string_view kDamaged = "the index is damaged";
    format::IndexHead head{};
    head.magic = format::kIndexMagic;
    if (!read(reinterpret_cast<char*>(&head) + sizeof(head.magic), sizeof(head) - sizeof(head.magic)))
        return kCut;
    if (head.checksum != format::checksum_of(head)) return kDamaged;
    if (head.blocks != blocks || head.entries_checksum != entries_checksum) {
        return "the index does not match the blocks";
    }
    std::uint32_t checksum = 0;
    for (std::uint32_t i = 0; i < head.blocks; ++i) {
        format::IndexEntry entry{};
        if (!read(&entry, sizeof(entry))) return kCut;
        checksum = crc32c(&entry, sizeof(entry), checksum);
    }
    if (checksum != head.entries_checksum) return kDamaged;
    format::Trailer trailer{};
    if (!read(&trailer, sizeof(trailer))) return kCut;
    if (trailer.magic != format::kTrailerMagic || trailer.checksum != format::checksum_of(trailer))
        return kDamaged;
    if (trailer.version != format::kVersion || trailer.index_offset != index_offset ||
        trailer.blocks != blocks || trailer.records != delivered || trailer.raw_bytes != raw_bytes) {
        return "the trailer does not match the blocks";
    }
    if (offset != total) return "something follows the end of the journal";
    return {};
}

bool JournalReader::State::decode_texts(const format::RecordHead& head, std::size_t payload)
{
    if (std::size_t{head.first} + head.second > payload)
        return stop("a record's texts are longer than the record");
    const char* text = at + sizeof(head);
    record.text = {text, head.first};
    record.url = {text + head.first, head.second};
    record.bids = {};
    record.asks = {};
    record.snapshot = false;
    return true;
}

bool JournalReader::State::decode_book(const format::RecordHead& head, std::size_t payload)
{
    const std::size_t count = std::size_t{head.first} + head.second;
    if (count > payload / sizeof(RecordedLevel)) return stop("a record's levels are longer than the record");
    if (head.place >= header.venues[head.venue].definitions.size()) {
        return stop(fmt::format("a record speaks of listing {}, which the header does not have", head.place));
    }
    const auto* levels = reinterpret_cast<const RecordedLevel*>(at + sizeof(head));
    record.bids = {levels, head.first};
    record.asks = {levels + head.first, head.second};
    record.text = {};
    record.url = {};
    record.listing = head.place;
    record.snapshot = (head.kind & format::kSnapshotFlag) != 0;
    record.over = (head.kind & format::kOverFlag) != 0;
    if ((head.kind & format::kVenueTimeFlag) == 0) return true;
    if (payload - count * sizeof(RecordedLevel) < sizeof(record.venue_time.ns))
        return stop("a record's time is not in the record");
    std::memcpy(&record.venue_time.ns, levels + count, sizeof(record.venue_time.ns));
    return true;
}

inline bool JournalReader::State::decode(const format::RecordHead& head)
{
    if (head.size < sizeof(head) || head.size % 8 != 0 || head.size > static_cast<std::size_t>(end - at)) {
        return stop("a record is longer than its block");
    }
    const std::size_t payload = head.size - sizeof(head);
    record.kind = static_cast<RecordKind>(head.kind & ~format::kFlags);
    record.venue = static_cast<VenueId>(head.venue);
    record.connection = {};
    record.time = {head.time};
    record.status = 0;
    record.listing = 0;
    record.venue_time = {};
    if (head.venue >= header.venues.size() && record.kind != RecordKind::output &&
        record.kind != RecordKind::command) {
        return stop(fmt::format("a record speaks of venue {}, which the header does not have", head.venue));
    }
    switch (record.kind) {
        case RecordKind::frame:
        case RecordKind::open:
        case RecordKind::close:
            record.connection = static_cast<ConnectionId>(head.place);
            break;
        case RecordKind::http:
            record.status = head.place;
            break;
        case RecordKind::wake:
        case RecordKind::output:
        case RecordKind::command:
        case RecordKind::book:
            break;
        default:
            return stop(fmt::format("a record has the unknown kind {}", head.kind));
    }
    const bool book = record.kind == RecordKind::book;
    const bool good = book ? decode_book(head, payload) : decode_texts(head, payload);
    at += head.size;
    return good;
}

JournalReader::JournalReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;
JournalReader::~JournalReader() = default;

namespace {

Error refuse_file(const std::string& path, std::string_view what)
{
    return {ExitCode::data, fmt::format("{}: {}", path, what)};
}

/// The header behind its head, checked.
Result<JournalHeader> load_header(const std::string& path, std::FILE* file, std::uint64_t total)
{
    constexpr std::string_view kOnlyStart = "cut off inside its header: nothing can be read, make it again";
    if (total == 0) return refuse_file(path, "the file is empty");
    format::FileHead head{};
    const std::size_t got = std::fread(&head, 1, sizeof(head), file);
    if (std::memcmp(head.magic, format::kFileMagic, std::min(got, sizeof(head.magic))) != 0) {
        return refuse_file(path, "not an Arbiter journal; recordings of others are read by `arbiter import`");
    }
    if (got < sizeof(head)) return refuse_file(path, kOnlyStart);
    if (head.checksum != format::checksum_of(head)) {
        return refuse_file(
            path,
            "the header is damaged (bytes 0 to 23: wrong checksum): nothing can be read, make it again");
    }
    if (head.version != format::kVersion) {
        return refuse_file(
            path,
            fmt::format("written in journal version {}, this program reads version {}: use a {} one",
                        head.version, format::kVersion, head.version > format::kVersion ? "newer" : "older"));
    }
    if (head.payload_length > format::kHeaderMax)
        return refuse_file(path, "the header says an impossible length");
    if (head.payload_length > total - sizeof(head)) return refuse_file(path, kOnlyStart);
    std::string payload(head.payload_length, '\0');
    if (std::fread(payload.data(), 1, payload.size(), file) != payload.size()) {
        return refuse_file(path, fmt::format("cannot read: {}", std::strerror(errno)));
    }
    if (crc32c(payload.data(), payload.size()) != head.payload_checksum) {
        return refuse_file(
            path, fmt::format("the header is damaged (bytes 24 to {}: wrong checksum): nothing can be read, "
                              "make it again",
                              23 + payload.size()));
    }
    Result<JournalHeader> header = format::read_header(payload);
    if (!header) return refuse_file(path, "the header is damaged: " + header.error().message);
    return header;
}

}  // namespace

Result<JournalReader> JournalReader::open(const std::string& path)
{
    auto state = std::make_unique<State>();
    state->path = path;
    state->file.reset(std::fopen(path.c_str(), "rb"));
    struct stat status {};
    if (!state->file || ::fstat(::fileno(state->file.get()), &status) != 0) {
        return refuse_file(path, fmt::format("cannot open: {}", std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode)) return refuse_file(path, "not a file");
    state->total = static_cast<std::uint64_t>(status.st_size);
    Result<JournalHeader> header = load_header(path, state->file.get(), state->total);
    if (!header) return header.error();
    state->header = std::move(*header);
    state->offset = static_cast<std::uint64_t>(std::ftell(state->file.get()));
    return JournalReader(std::move(state));
}

const JournalHeader& JournalReader::header() const
{
    return state_->header;
}
const std::string& JournalReader::path() const
{
    return state_->path;
}
const std::optional<Error>& JournalReader::trouble() const
{
    return state_->trouble;
}
std::uint64_t JournalReader::bytes_read() const
{
    return state_->offset;
}
std::uint64_t JournalReader::bytes_total() const
{
    return state_->total;
}

const Record* JournalReader::next()
{
    State& s = *state_;
    if (__builtin_expect(s.left == 0, 0) && !s.next_block()) return nullptr;
    if (static_cast<std::size_t>(s.end - s.at) < sizeof(format::RecordHead)) {
        s.stop("a block holds fewer records than it says");
        return nullptr;
    }
    format::RecordHead head;
    std::memcpy(&head, s.at, sizeof(head));
    if (!s.decode(head)) return nullptr;
    if (--s.left == 0) {
        if (s.at != s.end) {
            s.stop("a block holds more than its records");
            return nullptr;
        }
        ++s.blocks;
    }
    s.record.number = ++s.delivered;
    return &s.record;
}

}  // namespace arb
