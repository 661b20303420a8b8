#include "connectors/bybit/quick.hpp"

#include "engine/venue/quick_text.hpp"

namespace arb::bybit {
namespace {

/// False: it stood there before.
bool once(unsigned& seen, unsigned bit)
{
    const bool is_first = (seen & bit) == 0;
    seen |= bit;
    return is_first;
}

}  // namespace

bool read_quick(PaddedText frame, VenueId venue, const InstrumentTable& table, PublicMessage& m)
{
    QuickText text(frame);
    if (!text.literal(R"({"topic":"orderbook.)") || !text.name(m.topic)) return false;
    const std::size_t dot = m.topic.find('.');
    const std::string_view depth = m.topic.substr(0, dot);
    if (dot == std::string_view::npos || (depth != "50" && depth != "200" && depth != "1000")) return false;
    m.symbol = m.topic.substr(dot + 1);
    m.listing = table.find_symbol(venue, m.symbol);
    if (m.listing == nullptr) return false;
    m.content = PublicMessage::Content::book;
    m.seen = kRootTopic;
    while (!text.literal("}")) {
        bool good = false;
        if (text.literal(R"(,"type":"delta")")) {
            m.kind = PublicMessage::Kind::delta;
            good = once(m.seen, kRootType);
        } else if (text.literal(R"(,"type":"snapshot")")) {
            m.kind = PublicMessage::Kind::snapshot;
            good = once(m.seen, kRootType);
        } else if (text.literal(R"(,"ts":)")) {
            good = once(m.seen, kRootSent) && read_quick_time(text, m.sent);
        } else if (text.literal(R"(,"cts":)")) {
            good = once(m.seen, kRootMatched) && read_quick_time(text, m.matched);
        } else if (text.literal(R"(,"data":{"s":")")) {
            good = once(m.seen, kRootData) && text.text(m.symbol) && text.literal(R"(","b":)") &&
                   read_quoted_pairs(text, m.listing->wire, m.bids) && text.literal(R"(,"a":)") &&
                   read_quoted_pairs(text, m.listing->wire, m.asks) && text.literal(R"(,"u":)") &&
                   text.integer(m.update) && text.literal(R"(,"seq":)") && text.integer(m.cross_sequence) &&
                   text.literal("}");
            m.seen_data = kDataSymbol | kDataBids | kDataAsks | kDataUpdate | kDataCross;
        }
        if (!good) return false;
    }
    return text.at_end();
}

}  // namespace arb::bybit
