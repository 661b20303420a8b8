#include "connectors/gate/book_decoder.hpp"

#include "engine/venue/json_walk.hpp"
#include "engine/venue/quick_text.hpp"

namespace arb::gate {
namespace {

/// Takes the member once.
bool first_time(unsigned& seen, unsigned bit)
{
    const bool fresh = (seen & bit) == 0;
    seen |= bit;
    return fresh;
}

}  // namespace

std::string_view symbol_of_stream(std::string_view stream, std::uint32_t& depth)
{
    constexpr std::string_view kBegin = "ob.";
    const std::size_t dot = stream.rfind('.');
    if (stream.substr(0, kBegin.size()) != kBegin || dot < kBegin.size()) return {};
    const std::string_view levels = stream.substr(dot + 1);
    if (levels == "50")
        depth = 50;
    else if (levels == "400")
        depth = 400;
    else
        return {};
    return stream.substr(kBegin.size(), dot - kBegin.size());
}

bool read_milliseconds(TextCursor& cursor, Timestamp& out, UndecodedReason& reason)
{
    constexpr unsigned kNanoseconds = 6;
    if (!cursor.decimal(kNanoseconds, out.ns, reason)) return false;
    if (out.ns < 0) reason = UndecodedReason::bad_number;
    return out.ns >= 0;
}

BookDecoder::BookDecoder(VenueId venue, const InstrumentTable& table, std::string_view prefix)
    : venue_(venue),
      table_(&table),
      quick_(R"({"channel":")" + std::string(prefix) + R"(obu","result":{"t":)")
{
}

void BookDecoder::clear()
{
    bids_.clear();
    asks_.clear();
    book_ = {};
}

bool BookDecoder::decode_quick(PaddedText frame, Timestamp now, FactSink& sink)
{
    clear();
    const bool read = read_quick(frame);
    if (read)
        hand_on(now, sink);
    else
        clear();
    return read;
}

bool BookDecoder::read_quick(PaddedText frame)
{
    QuickText text(frame);
    Book& book = book_;
    if (!text.text(quick_) || !read_quick_time(text, book.time)) return false;
    unsigned seen = 0;
    if (text.literal(R"(,"full":true)")) seen |= kBookFull;
    std::string_view stream;
    if (!text.literal(R"(,"s":")") || !text.name(stream) || !name_listing(stream) || book.listing == nullptr)
        return false;
    while (!text.literal("}")) {
        bool good = false;
        if (text.literal(R"(,"U":)")) {
            good = first_time(seen, kBookFirst) && text.integer(book.first);
        } else if (text.literal(R"(,"u":)")) {
            good = first_time(seen, kBookLast) && text.integer(book.last);
        } else if (text.literal(R"(,"b":)")) {
            good = first_time(seen, kBookBids) && read_quoted_pairs(text, book.listing->wire, bids_);
        } else if (text.literal(R"(,"a":)")) {
            good = first_time(seen, kBookAsks) && read_quoted_pairs(text, book.listing->wire, asks_);
        }
        if (!good) return false;
    }
    unsigned seen_behind = 0;
    while (!text.literal("}")) {
        Timestamp sent;
        const bool good = text.literal(R"(,"time_ms":)")
                              ? first_time(seen_behind, kSent) && read_quick_time(text, sent)
                              : text.literal(R"(,"event":"update")") && first_time(seen_behind, kEvent);
        if (!good) return false;
    }
    book.full = (seen & kBookFull) != 0;
    const unsigned needed = book.full ? kBookLast | kBookBids | kBookAsks : kBookFirst | kBookLast;
    return text.at_end() && (seen & needed) == needed && book.last > 0 &&
           (book.full || (book.first > 0 && book.first <= book.last));
}

bool BookDecoder::name_listing(std::string_view stream)
{
    book_.stream = stream;
    const std::string_view symbol = symbol_of_stream(stream, book_.depth);
    book_.listing = symbol.empty() ? nullptr : table_->find_symbol(venue_, symbol);
    return true;
}

bool BookDecoder::read(const char* result, PaddedText frame, Timestamp sent)
{
    if (result == nullptr) return fail(UndecodedReason::missing_field);
    end_ = frame.data + frame.size;
    TextCursor cursor(result, end_);
    if (!cursor.peek('{')) return fail(UndecodedReason::wrong_type);
    unsigned seen = 0;
    const char *bids = nullptr, *asks = nullptr;
    reason_ = UndecodedReason::malformed;
    if (!read_object(cursor,
                     [&](std::string_view key) { return read_field(key, cursor, seen, bids, asks); })) {
        return false;
    }
    if ((seen & kBookStream) == 0) return fail(UndecodedReason::missing_field);
    if (!book_.time.known()) book_.time = sent;
    if (book_.listing == nullptr) return true;  // somebody else's
    // A whole book tells both sides; a change may leave out a side.
    const unsigned needed = book_.full ? kBookLast | kBookBids | kBookAsks : kBookFirst | kBookLast;
    if ((seen & needed) != needed) return fail(UndecodedReason::missing_field);
    if (book_.last <= 0 || (!book_.full && (book_.first <= 0 || book_.first > book_.last)))
        return fail(UndecodedReason::bad_number);
    for (const auto& [at, levels] : {std::pair{bids, &bids_}, std::pair{asks, &asks_}}) {
        if (at == nullptr) continue;
        TextCursor side(at, end_);
        if (!side.peek('[')) return fail(UndecodedReason::wrong_type);
        if (!read_pairs(side, book_.listing->wire, *levels, reason_)) return false;
    }
    return true;
}

bool BookDecoder::read_field(std::string_view key, TextCursor& cursor, unsigned& seen, const char*& bids,
                             const char*& asks)
{
    if (key == "t") return once(seen, kBookTime) && read_milliseconds(cursor, book_.time, reason_);
    if (key == "U") return once(seen, kBookFirst) && cursor.decimal(0, book_.first, reason_);
    if (key == "u") return once(seen, kBookLast) && cursor.decimal(0, book_.last, reason_);
    if (key == "b") return once(seen, kBookBids) && remember(cursor, bids);
    if (key == "a") return once(seen, kBookAsks) && remember(cursor, asks);
    if (key == "s") {
        std::string_view stream;
        return once(seen, kBookStream) && cursor.string(stream) && name_listing(stream);
    }
    if (key == "full") {
        book_.full = cursor.peek('t');
        const bool known = book_.full || cursor.peek('f');
        const std::string_view word = book_.full ? "true" : "false";
        const std::string_view rest(cursor.at(), static_cast<std::size_t>(end_ - cursor.at()));
        if (!known || rest.substr(0, word.size()) != word) return fail(UndecodedReason::wrong_type);
        return once(seen, kBookFull) && cursor.skip_value();
    }
    return cursor.skip_value();
}

void BookDecoder::hand_on(Timestamp now, FactSink& sink) const
{
    BookUpdate update;
    update.listing = book_.listing->id;
    update.snapshot = book_.full;
    update.sequence_last = static_cast<std::uint64_t>(book_.last);
    // A change begins at the number behind the one that it follows.
    if (!book_.full) {
        update.sequence_first = static_cast<std::uint64_t>(book_.first);
        update.sequence_previous = update.sequence_first - 1;
        update.has_previous = true;
    }
    update.depth = book_.depth;
    update.venue_time = book_.time;
    update.receive_time = now;
    update.bids = bids_.view();
    update.asks = asks_.view();
    sink.on_book(update);
}

// Which book the unreadable frame was about. A frame cut short may not have shown it to the reader, so its
// text is searched: better one book too many in doubt than a lost change unnoticed.
ListingId BookDecoder::listing_in_doubt(PaddedText frame) const
{
    if (book_.listing != nullptr) return book_.listing->id;
    std::string_view text = frame.view();
    constexpr std::string_view kMember = R"("s":"ob.)";
    const std::size_t at = text.find(kMember);
    if (at == std::string_view::npos) return kNoListing;
    text.remove_prefix(at + kMember.size() - 3);
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) return kNoListing;  // half a name may be another one's
    std::uint32_t depth = 0;
    const std::string_view symbol = symbol_of_stream(text.substr(0, quote), depth);
    const Listing* const listing = symbol.empty() ? nullptr : table_->find_symbol(venue_, symbol);
    return listing == nullptr ? kNoListing : listing->id;
}

}  // namespace arb::gate
