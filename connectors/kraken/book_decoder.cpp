#include "connectors/kraken/book_decoder.hpp"

#include "engine/venue/json_walk.hpp"

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

BookDecoder::BookDecoder(const VenueSetup& setup, Books& books)
    : venue_(setup.id), table_(*setup.table), books_(books)
{
    events_.reserve(64);
}

bool BookDecoder::decode_documented(PaddedText frame, const FrameInput& input, FactSink& sink)
{
    const char* at = frame.data;
    if (!skip(at, R"({"channel":"book","type":")") || at >= input.end) return false;
    BookEvent event;
    event.snapshot = skip(at, R"(snapshot","data":[)");
    if ((!event.snapshot && !skip(at, R"(update","data":[)")) || at >= input.end) return false;
    books_.clear();
    if (!read_documented_book(at, input, event) || at >= input.end || !skip(at, "]}") || at != input.end)
        return false;
    books_.tell(event, input, sink);
    return true;
}

bool BookDecoder::read_documented_book(const char*& at, const FrameInput& input, BookEvent& event)
{
    const char* end = input.end;
    if (!skip(at, R"({"symbol":")") || at >= end || !read_plain(at, end, event.symbol)) return false;
    event.listing = table_.find_symbol(venue_, event.symbol);
    if (event.listing == nullptr) return false;
    const WireScale& scale = event.listing->wire;
    if (!skip(at, R"(,"bids":[)") || at >= end ||
        !read_documented(at, end, scale, books_.levels(true), event.wording))
        return false;
    if (at >= end || !skip(at, R"(,"asks":[)") || at >= end) return false;
    if (!read_documented(at, end, scale, books_.levels(false), event.wording)) return false;
    event.bids.end = books_.levels(true).size();
    event.asks.end = books_.levels(false).size();
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

// The levels of all books in a message are collected before the first fact leaves: a frame is not half
// applied.
void BookDecoder::decode(std::string_view type, const char* data, const FrameInput& input, FactSink& sink)
{
    UndecodedReason reason = UndecodedReason::missing_field;
    books_.clear();
    events_.clear();
    TextCursor cursor(data, input.end);
    bool read = false;
    if (data != nullptr) {
        reason = cursor.peek('[') ? UndecodedReason::malformed : UndecodedReason::wrong_type;
        read = read_array(cursor, [&] { return read_book(cursor, input, events_.emplace_back(), reason); });
    }
    if (!read) {
        sink.on_undecoded({reason, kNoListing, input.connection, "book"});
        for (const BookEvent& event : events_) {
            if (event.listing != nullptr)
                sink.on_undecoded({reason, event.listing->id, input.connection, {}});
        }
        return;
    }
    for (BookEvent& event : events_) {
        event.snapshot = type == "snapshot";
        if (!event.snapshot && type != "update") {
            event.failed = true;
            event.reason = UndecodedReason::unknown_message;
        }
        books_.tell(event, input, sink);
    }
}

bool BookDecoder::read_book(TextCursor& cursor, const FrameInput& input, BookEvent& event,
                            UndecodedReason& reason)
{
    bool has_symbol = false;
    const auto text = [&](std::string_view& out) {
        if (!cursor.peek('"')) reason = UndecodedReason::wrong_type;
        return cursor.string(out);
    };
    const auto member = [&](std::string_view key) {
        if (key == "symbol") {
            if (has_symbol || !text(event.symbol)) return false;
            has_symbol = true;
            event.listing = table_.find_symbol(venue_, event.symbol);
            return true;
        }
        if (key == "bids" || key == "asks") {
            BookSide& side = event.side(key == "bids");
            if (side.at != nullptr) return false;
            side.at = cursor.at();
            return event.listing != nullptr ? read_side(cursor, input, event, key == "bids")
                                            : cursor.skip_value();
        }
        if (key == "checksum") return !event.has_checksum && read_checksum(cursor, input, event);
        if (key == "timestamp") {
            std::string_view time;
            if (!text(time)) return false;
            event.wording.newest = clock_.read(time);
            return true;
        }
        return cursor.skip_value();
    };
    if (!read_object(cursor, member)) return false;
    if (!has_symbol) {
        reason = UndecodedReason::missing_field;
        return false;
    }
    if (event.bids.at == nullptr && event.asks.at == nullptr) {
        event.failed = true;
        event.reason = UndecodedReason::missing_field;
    }
    if (event.listing == nullptr) return true;
    for (const bool bids : {true, false}) {  // sides that stood before the symbol
        const BookSide& side = event.side(bids);
        if (side.at == nullptr || side.read) continue;
        TextCursor late(side.at, input.end);
        if (!read_side(late, input, event, bids)) return false;
    }
    return true;
}

// A level that cannot be read spoils its own book only: the cursor goes on behind the array.
bool BookDecoder::read_side(TextCursor& cursor, const FrameInput& input, BookEvent& event, bool bids)
{
    BookSide& side = event.side(bids);
    LevelList& list = books_.levels(bids);
    UndecodedReason reason = UndecodedReason::malformed;
    side.read = true;
    side.begin = list.size();
    if (!read_objects(cursor, event.listing->wire, list, event.wording, reason)) {
        event.failed = true;
        event.reason = reason;
        cursor = TextCursor(side.at, input.end);
        if (!cursor.skip_value()) return false;
    }
    side.end = list.size();
    return true;
}

}  // namespace arb::kraken
