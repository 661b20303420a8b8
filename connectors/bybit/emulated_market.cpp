// The emulated Bybit: public questions.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/emulated_core.hpp"
#include "engine/emulate/emulator.hpp"

namespace arb::bybit {
namespace {

/// Instruments a page; with its manners the venue is of a day on which more are listed.
constexpr std::size_t kPageMost = 1000;
constexpr std::size_t kPageShort = 2;

}  // namespace

const Listing* EmulatedBybit::find_listing(std::string_view symbol) const
{
    return setup_.table->find_symbol(setup_.id, symbol);
}

Answer EmulatedBybit::time(const Call& call)
{
    return good(
        fmt::format(R"({{"timeSecond":"{}","timeNano":"{}"}})", call.now.ns / seconds(1).ns, call.now.ns));
}

Answer EmulatedBybit::instruments(const Call& call)
{
    const std::string_view category = call.get("category");
    if (category != "spot" && category != "linear" && category != "inverse" && category != "option")
        return refuse(10001, "params error: Category is invalid");
    if (category != setup_.market)
        return good(fmt::format(R"({{"category":"{}","list":[],"nextPageCursor":""}})", category));
    // Contracts come page by page, spot pairs all at once. The cursor names the page before.
    const std::size_t most = spot()
                                 ? setup_.definitions.size()
                                 : count_of(call.get("limit"), 500, setup_.manners ? kPageShort : kPageMost);
    const std::string_view cursor = call.get("cursor");
    const std::string_view before = cursor.substr(std::min(cursor.size(), cursor.rfind("last=") + 5));
    std::vector<ListingDefinition> shown;
    const std::string_view symbol = call.get("symbol");
    bool reached = cursor.empty() || spot();
    bool more = false;
    for (ListingDefinition definition : setup_.definitions) {
        if (!symbol.empty() && symbol != definition.symbol) continue;
        const Listing* const listing = find_listing(definition.symbol);
        if (listing != nullptr &&
            (setup_.exchange->halted(listing->id) || setup_.exchange->cancel_only(listing->id)))
            definition.status = ListingStatus::halted;
        // Unless another status is asked for, only contracts that trade are listed.
        const bool trades = definition.status == ListingStatus::trading;
        if (!spot() && !trades && (call.get("status").empty() || call.get("status") == "Trading")) continue;
        if (reached && shown.size() == most) {
            more = true;
            break;
        }
        if (reached) shown.push_back(definition);
        reached = reached || definition.symbol == before;
    }
    // The maker of market data writes the whole reply; its result is taken over.
    const std::string body = words_->instruments(shown).text;
    constexpr std::string_view kStart = "\"result\":";
    constexpr std::string_view kEnd = ",\"retExtInfo\"";
    const std::size_t start = body.find(kStart) + kStart.size();
    std::string result = body.substr(start, body.rfind(kEnd) - start);
    constexpr std::string_view kLast = R"("nextPageCursor":")";
    if (more)
        result.insert(result.rfind(kLast) + kLast.size(),
                      fmt::format("first%3D{}%26last%3D{}", shown.front().symbol, shown.back().symbol));
    return good(std::move(result));
}

std::string EmulatedBybit::levels_json(const Listing& listing, std::span<const Level> levels,
                                       std::size_t most) const
{
    std::string text;
    for (std::size_t i = 0; i < std::min(most, levels.size()); ++i) {
        fmt::format_to(std::back_inserter(text), R"({}["{}","{}"])", i == 0 ? "" : ",",
                       price_text(listing, levels[i].price), quantity_text(listing, levels[i].quantity));
    }
    return text;
}

Answer EmulatedBybit::order_book(const Call& call)
{
    const Answer wrong = check_category(call);
    if (wrong.code != 0) return wrong;
    const Listing* listing = find_listing(call.get("symbol"));
    if (listing == nullptr) return refuse(10001, "Not supported symbols");
    const std::size_t most = count_of(call.get("limit"), spot() ? 1 : 25, 1000);
    const Feed& book = feed(listing->id, 1000);
    return good(fmt::format(R"({{"s":"{}","b":[{}],"a":[{}],"ts":{},"u":{},"seq":{},"cts":{}}})",
                            listing->symbol, levels_json(*listing, book.bids, most),
                            levels_json(*listing, book.asks, most), ms_of(call.now), book.update,
                            cross_sequence_, ms_of(call.now)));
}

Answer EmulatedBybit::no_funding(const Call&)
{
    return good(fmt::format(R"({{"category":"{}","list":[]}})", setup_.market));
}

}  // namespace arb::bybit
