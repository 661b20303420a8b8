// The Kraken decoder's shortest way: a v2 book frame in the very form the venue writes is validated, read and
// handed on in one pass, without an index of the whole frame first. Whatever differs in a single byte is left
// to the general way, which gives the same facts for the same content and the reasons for what is wrong.
#include "connectors/kraken/decoder.hpp"

namespace arb::kraken {
namespace {

// Letters, digits and what stands in symbols and times; a backslash or a byte of UTF-8 is for the general
// way.
bool plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' ||
           c == ':' || c == '-' || c == '.';
}

bool read_plain(const char*& at, const char* end, std::string_view& out)
{
    const char* begin = at;
    while (at < end && plain(*at)) ++at;
    if (at >= end || *at != '"') return false;
    out = {begin, static_cast<std::size_t>(at - begin)};
    ++at;
    return true;
}

bool read_checksum_digits(const char*& at, const char* end, std::uint32_t& out)
{
    const char* begin = at;
    std::uint64_t value = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - begin < 11)
        value = value * 10 + static_cast<unsigned>(*at++ - '0');
    out = static_cast<std::uint32_t>(value);
    return at != begin && value <= 0xffff'ffffU && at < end && (*at == ',' || *at == '}');
}

}  // namespace

bool Decoder::decode_documented(PaddedText frame, const Input& input, FactSink& sink)
{
    const char* at = frame.data;
    if (!skip(at, R"({"channel":"book","type":")") || at >= input.end) return false;
    BookEvent event;
    event.snapshot = skip(at, R"(snapshot","data":[)");
    if ((!event.snapshot && !skip(at, R"(update","data":[)")) || at >= input.end) return false;
    bids_.clear();
    asks_.clear();
    if (!read_documented_book(at, input, event) || at >= input.end || !skip(at, "]}") || at != input.end)
        return false;
    emit(event, input, sink);
    return true;
}

bool Decoder::read_documented_book(const char*& at, const Input& input, BookEvent& event)
{
    const char* end = input.end;
    if (!skip(at, R"({"symbol":")") || at >= end || !read_plain(at, end, event.symbol)) return false;
    event.listing = table_.find_symbol(venue_, event.symbol);
    if (event.listing == nullptr) return false;
    const WireScale& scale = event.listing->wire;
    if (!skip(at, R"(,"bids":[)") || at >= end || !read_documented(at, end, scale, bids_, event.wording))
        return false;
    if (at >= end || !skip(at, R"(,"asks":[)") || at >= end) return false;
    if (!read_documented(at, end, scale, asks_, event.wording)) return false;
    event.bids.end = bids_.size();
    event.asks.end = asks_.size();
    if (at >= end || !skip(at, R"(,"checksum":)") || at >= end) return false;
    if (!read_checksum_digits(at, end, event.checksum)) return false;
    event.has_checksum = true;
    if (skip(at, R"(,"timestamp":")")) {
        std::string_view time;
        if (at >= end || !read_plain(at, end, time)) return false;
        event.wording.newest = clock_.read(time);
    }
    return at < end && skip(at, "}");
}

}  // namespace arb::kraken
