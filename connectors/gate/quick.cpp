// The fast path of the decoder: book frames spelled exactly as Gate spells them, read in one pass without
// simdjson's index. A frame that is spelled in any other way, good or bad, is left to the general walk: this
// path never judges an error itself. A test compares the two on every one-byte change of a frame.
#include "connectors/gate/decoder.hpp"
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

bool Decoder::read_quick(PaddedText frame)
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
                              ? first_time(seen_behind, kRootSent) && read_quick_time(text, sent)
                              : text.literal(R"(,"event":"update")") && first_time(seen_behind, kRootEvent);
        if (!good) return false;
    }
    book.full = (seen & kBookFull) != 0;
    const unsigned needed = book.full ? kBookLast | kBookBids | kBookAsks : kBookFirst | kBookLast;
    return text.at_end() && (seen & needed) == needed && book.last > 0 &&
           (book.full || (book.first > 0 && book.first <= book.last));
}

}  // namespace arb::gate
