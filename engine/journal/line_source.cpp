#include "engine/journal/line_source.hpp"

#include "engine/journal/file_closer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

namespace arb {
namespace {

constexpr std::size_t kInputChunk = 256U << 10;
constexpr std::size_t kOutputChunk = 256U << 10;

static_assert(kLineMax == 63U << 20, "the text below says it");
constexpr std::string_view kTooLong = "the line is longer than 63 MiB";
constexpr std::string_view kMixed =
    "the line ends otherwise than the first (LF and CRLF are mixed). Convert the file first: tr -d '\\r' < "
    "IN > OUT";
constexpr std::string_view kUtf16 =
    "the text is UTF-16, as PowerShell and spreadsheets save it; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";
constexpr std::string_view kNul = "a NUL byte stands in the line: the file is damaged, or it is no text";

struct UnpackingFreer {
    void operator()(ZSTD_DStream* context) const { ZSTD_freeDStream(context); }
};
struct InflateEnder {
    void operator()(z_stream* stream) const
    {
        inflateEnd(stream);
        delete stream;
    }
};

enum class Packing { plain, gzip, zstd };

}  // namespace

struct LineSource::State {
    std::string path;
    std::unique_ptr<std::FILE, FileCloser> file;
    bool crlf = false;  // what the first line ends with, and so all must
    Packing packing = Packing::plain;
    std::unique_ptr<ZSTD_DStream, UnpackingFreer> zstd;
    std::unique_ptr<z_stream, InflateEnder> gzip;
    std::vector<char> input;  // packed bytes
    std::size_t input_at = 0, input_end = 0;
    bool input_over = false;
    bool stream_open = false;  // inside a gzip member or zstd frame: ending there means cut off
    std::vector<char> text;    // unpacked bytes: [begin, end) not yet given, [begin, searched) holds no LF
    std::size_t begin = 0, searched = 0, end = 0;
    bool over = false;
    std::uint64_t line = 0;
    std::uint64_t consumed = 0, total = 0;
    std::optional<Error> trouble;

    void stop(std::uint64_t at_line, std::string_view what)
    {
        over = true;
        if (!trouble) trouble = Error{ExitCode::data, fmt::format("{}:{}: {}", path, at_line, what)};
    }
    /// Packed bytes are at hand, or the file is over.
    void refill()
    {
        if (input_at != input_end || input_over) return;
        input_at = 0;
        input_end = std::fread(input.data(), 1, input.size(), file.get());
        consumed += input_end;
        if (input_end == 0) {
            input_over = true;
            if (std::ferror(file.get()) != 0)
                stop(line + 1, fmt::format("cannot read: {}", std::strerror(errno)));
        }
    }
    std::size_t unpack_plain(char* out, std::size_t room);
    std::size_t unpack_gzip(char* out, std::size_t room);
    std::size_t unpack_zstd(char* out, std::size_t room);
    /// More text behind `end`; sets `over` when there is none.
    void fill();
    bool give(std::string_view& out, std::size_t line_end, std::size_t next_begin);
};

std::size_t LineSource::State::unpack_plain(char* out, std::size_t room)
{
    refill();
    const std::size_t size = std::min(room, input_end - input_at);
    std::memcpy(out, input.data() + input_at, size);
    input_at += size;
    return size;
}

std::size_t LineSource::State::unpack_gzip(char* out, std::size_t room)
{
    gzip->next_out = reinterpret_cast<Bytef*>(out);
    gzip->avail_out = static_cast<uInt>(room);
    while (gzip->avail_out == room && !over) {
        refill();
        if (input_at == input_end && !stream_open) break;
        if (!stream_open) {
            // Zeros behind a stream are padding (of tape blocks, of some servers), as gzip itself has it.
            while (input_at != input_end && input[input_at] == '\0') ++input_at;
            if (input_at == input_end) continue;
            // Several gzip files one after the other are one text.
            inflateReset(gzip.get());
            stream_open = true;
        }
        gzip->next_in = reinterpret_cast<Bytef*>(input.data() + input_at);
        gzip->avail_in = static_cast<uInt>(input_end - input_at);
        const int code = inflate(gzip.get(), Z_NO_FLUSH);
        input_at = input_end - gzip->avail_in;
        if (code == Z_STREAM_END) {
            stream_open = false;
        } else if (code == Z_BUF_ERROR && input_over) {
            stop(line + 1, "the gzip stream is cut off here; fetch the file again");
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            stop(line + 1, fmt::format("the gzip stream is damaged here ({}); fetch the file again",
                                       gzip->msg != nullptr ? gzip->msg : "wrong data"));
        }
    }
    return room - gzip->avail_out;
}

std::size_t LineSource::State::unpack_zstd(char* out, std::size_t room)
{
    ZSTD_outBuffer to{out, room, 0};
    while (to.pos == 0 && !over) {
        refill();
        if (input_at == input_end && !stream_open) break;
        ZSTD_inBuffer from{input.data(), input_end, input_at};
        const std::size_t code = ZSTD_decompressStream(zstd.get(), &to, &from);
        const bool moved = from.pos != input_at || to.pos != 0;
        input_at = from.pos;
        if (ZSTD_isError(code) != 0) {
            stop(line + 1, fmt::format("the zstd stream is damaged here ({}); fetch the file again",
                                       ZSTD_getErrorName(code)));
        } else if (moved) {
            stream_open = code != 0;
        } else if (input_over) {
            stop(line + 1, "the zstd stream is cut off here; fetch the file again");
        }
    }
    return to.pos;
}

void LineSource::State::fill()
{
    if (begin > 0) {
        std::memmove(text.data(), text.data() + begin, end - begin);
        searched -= begin;
        end -= begin;
        begin = 0;
    }
    if (text.size() - end < kOutputChunk) text.resize(std::max(text.size() * 2, end + kOutputChunk));
    std::size_t got = 0;
    switch (packing) {
        case Packing::plain:
            got = unpack_plain(text.data() + end, kOutputChunk);
            break;
        case Packing::gzip:
            got = unpack_gzip(text.data() + end, kOutputChunk);
            break;
        case Packing::zstd:
            got = unpack_zstd(text.data() + end, kOutputChunk);
            break;
    }
    end += got;
    if (got == 0) over = true;
}

bool LineSource::State::give(std::string_view& out, std::size_t line_end, std::size_t next_begin)
{
    out = {text.data() + begin, line_end - begin};
    const bool ended = next_begin != line_end;
    const bool has_cr = !out.empty() && out.back() == '\r';
    std::string_view problem;
    if (out.size() > kLineMax) problem = kTooLong;
    if (line == 0) {
        crlf = has_cr;
        if (out.starts_with("\xef\xbb\xbf")) out.remove_prefix(3);
        if (out.starts_with("\xff\xfe") || out.starts_with("\xfe\xff")) problem = kUtf16;
    }
    if (has_cr != crlf && (has_cr || ended)) problem = kMixed;
    if (problem.empty() && std::memchr(out.data(), '\0', out.size()) != nullptr) problem = kNul;
    if (!problem.empty()) {
        stop(line + 1, problem);
        begin = searched = end;
        return false;
    }
    if (has_cr) out.remove_suffix(1);
    ++line;
    begin = searched = next_begin;
    return true;
}

bool LineSource::next(std::string_view& line)
{
    State& s = *state_;
    while (!(s.trouble && s.begin == s.end)) {
        const void* found =
            s.searched == s.end ? nullptr : std::memchr(s.text.data() + s.searched, '\n', s.end - s.searched);
        if (found != nullptr) {
            const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - s.text.data());
            return s.give(line, at, at + 1);
        }
        s.searched = s.end;
        if (s.over) {
            // What a cut-off or damaged stream left without its end is no line.
            if (s.trouble || s.begin == s.end) return false;
            return s.give(line, s.end, s.end);
        }
        if (s.end - s.begin > kLineMax) {
            s.stop(s.line + 1, kTooLong);
            s.begin = s.searched = s.end;
            return false;
        }
        s.fill();
    }
    return false;
}

Result<LineSource> LineSource::open(const std::string& path)
{
    const auto refuse = [&path](std::string_view what) {
        return Error{ExitCode::data, fmt::format("{}: {}", path, what)};
    };
    auto state = std::make_unique<State>();
    state->path = path;
    state->file.reset(std::fopen(path.c_str(), "rb"));
    struct stat status {};
    if (!state->file || ::fstat(::fileno(state->file.get()), &status) != 0) {
        return refuse(fmt::format("cannot open: {}", std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode))
        return refuse("not a file (an input is read twice, so it cannot be a pipe)");
    state->total = static_cast<std::uint64_t>(status.st_size);
    if (state->total == 0) return refuse("the file is empty");
    state->input.resize(kInputChunk);
    state->refill();
    const std::string_view start(state->input.data(), state->input_end);
    // A zstd file may begin with a frame that holds no text (its first byte is 0x50 to 0x5f).
    const bool skippable =
        start.size() > 4 && (start[0] & 0xf0) == 0x50 && start.substr(1).starts_with("\x2a\x4d\x18");
    if (start.starts_with("\x28\xb5\x2f\xfd") || skippable) {
        state->packing = Packing::zstd;
        state->zstd.reset(ZSTD_createDStream());
    } else if (start.starts_with("\x1f\x8b")) {
        state->packing = Packing::gzip;
        auto stream = std::make_unique<z_stream>();
        std::memset(stream.get(), 0, sizeof(z_stream));
        if (inflateInit2(stream.get(), 15 + 16) != Z_OK) return refuse("cannot start unpacking gzip");
        state->gzip.reset(stream.release());
    } else if (start.starts_with("\xfd"
                                 "7zXZ") ||
               start.starts_with("BZh") || start.starts_with("PK\x03\x04")) {
        return refuse(
            "packed with xz, bzip2 or zip; unpack it first (plain, gzip and zstd are read as they are)");
    }
    return LineSource(std::move(state));
}

LineSource::LineSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

std::uint64_t LineSource::line() const
{
    return state_->line;
}
const std::optional<Error>& LineSource::trouble() const
{
    return state_->trouble;
}
Error LineSource::at(std::string_view what) const
{
    return {ExitCode::data, fmt::format("{}:{}: {}", state_->path, state_->line, what)};
}
const std::string& LineSource::path() const
{
    return state_->path;
}
std::uint64_t LineSource::bytes_read() const
{
    return state_->consumed;
}
std::uint64_t LineSource::bytes_total() const
{
    return state_->total;
}

}  // namespace arb
