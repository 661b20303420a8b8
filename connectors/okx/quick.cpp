#include "connectors/okx/quick.hpp"

#include "engine/venue/json_fields.hpp"
#include "engine/venue/quick_text.hpp"

namespace arb::okx {
namespace {

// [["price","size","0","orders"],...]
bool read_side(QuickText& text, const WireScale& scale, LevelList& out)
{
    if (!text.literal("[")) return false;
    if (text.literal("]")) return true;
    do {
        Level level;
        std::int64_t orders = 0;
        if (!text.literal("[\"") || !text.price(scale, level.price) || !text.literal("\",\"") ||
            !text.quantity(scale, level.quantity) || !text.literal("\",\"0\",\"") ||
            !text.decimal(0, orders) || !text.literal("\"]") || !out.push(level)) {
            return false;
        }
    } while (text.literal(","));
    return text.literal("]");
}

}  // namespace

bool read_quick_book(PaddedText frame, VenueId venue, const InstrumentTable& table, PublicMessage& m,
                     LevelList& bids, LevelList& asks)
{
    QuickText text(frame);
    const auto once = [&m](unsigned bit) {
        const bool is_first = (m.seen_data & bit) == 0;
        m.seen_data |= bit;
        return is_first;
    };
    if (!text.literal(R"({"arg":{"channel":"books","instId":")") || !text.name(m.symbol)) return false;
    m.listing = table.find_symbol(venue, m.symbol);
    if (m.listing == nullptr || !text.literal(R"(},"action":")")) return false;
    if (text.literal("update\"")) {
        m.action = Action::update;
    } else if (text.literal("snapshot\"")) {
        m.action = Action::snapshot;
    } else {
        return false;
    }
    if (!text.literal(R"(,"data":[{"asks":)") || !read_side(text, m.listing->wire, asks) ||
        !text.literal(R"(,"bids":)") || !read_side(text, m.listing->wire, bids)) {
        return false;
    }
    std::string_view time;
    UndecodedReason ignored{};
    if (!text.literal(R"(,"ts":")") || !text.name(time) || !time_of(time, m.time, ignored)) return false;
    m.channel = "books";
    m.content = Content::book;
    m.seen = kRootArg | kRootAction | kRootData;
    m.seen_data = kDataAsks | kDataBids | kDataTime;
    while (!text.literal("}]}")) {
        bool good = false;
        if (text.literal(R"(,"checksum":)")) {
            good = once(kDataChecksum) && text.integer(m.checksum);
        } else if (text.literal(R"(,"prevSeqId":)")) {
            good = once(kDataPrevious) && text.integer(m.previous);
        } else if (text.literal(R"(,"seqId":)")) {
            good = once(kDataSequence) && text.integer(m.sequence);
        }
        if (!good) return false;
    }
    return text.at_end();
}

}  // namespace arb::okx
