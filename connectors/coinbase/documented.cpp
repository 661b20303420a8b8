// The Coinbase decoder's shortest way: an l2_data frame in the very form the venue writes is validated, read
// and handed on in one pass, without an index of the whole frame first. Whatever differs in a single byte is
// left to the general way, which gives the same facts for the same content and the reasons for what is wrong.
#include "connectors/coinbase/decoder.hpp"
#include "connectors/coinbase/levels.hpp"

namespace arb::coinbase {
namespace {

bool read_count(const char*& at, const char* end, std::uint64_t& out)
{
    const char* begin = at;
    out = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - begin < 19)
        out = out * 10 + static_cast<unsigned>(*at++ - '0');
    return at != begin && (*begin != '0' || at - begin == 1);
}

}  // namespace

bool Decoder::decode_documented(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    const char* at = frame.data;
    const char* end = frame.data + frame.size;
    Input input{connection, end, now, {}, 0, false};
    if (!skip(at, R"({"channel":"l2_data",)")) return false;
    skip(at, R"("client_id":"",)");
    std::string_view time;
    if (!skip(at, R"("timestamp":")") || at >= end || !read_plain(at, end, time)) return false;
    if (!skip(at, R"(,"sequence_num":)") || at >= end || !read_count(at, end, input.sequence)) return false;
    if (!skip(at, R"(,"events":[)") || at >= end) return false;
    bids_.clear();
    asks_.clear();
    events_.clear();
    do {
        if (!read_documented_event(at, end)) return false;
    } while (skip(at, ","));
    if (!skip(at, "]}") || at != end) return false;
    input.venue_time = clock_.read(time);
    if (pass_ == 0) sink.on_connection_sequence(connection, input.sequence);
    for (const BookEvent& event : events_) emit(event, input, sink);
    return true;
}

bool Decoder::read_documented_event(const char*& at, const char* end)
{
    BookEvent& event = events_.emplace_back();
    event.snapshot = skip(at, R"({"type":"snapshot","product_id":")");
    if (!event.snapshot && !skip(at, R"({"type":"update","product_id":")")) return false;
    if (at >= end || !read_plain(at, end, event.product) || !skip(at, R"(,"updates":[)") || at >= end)
        return false;
    event.listing = listing_of(event.product);
    if (event.listing == nullptr) return false;
    event.bids_begin = bids_.size();
    event.asks_begin = asks_.size();
    if (!read_documented(at, end, event.listing->wire, bids_, asks_) || at >= end || !skip(at, "}"))
        return false;
    event.bids_end = bids_.size();
    event.asks_end = asks_.size();
    return at < end;
}

}  // namespace arb::coinbase
