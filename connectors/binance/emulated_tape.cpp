#include "connectors/binance/emulated_tape.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"

namespace arb::binance {
namespace {

constexpr std::size_t kListed = 500;  // unless a limit is told
constexpr std::int64_t kAverageMinutes = 5;

// "m": the buyer was the maker.
bool buyer_made(const Trade& trade)
{
    return trade.aggressor == Side::sell;
}

}  // namespace

void EmulatedTape::on_trade(const Trade& trade, SessionOutbox& out)
{
    const Listing& listing = table_.listing(trade.listing);
    const std::uint64_t id = tape_.add(trade);
    const std::string stream = stream_symbol(listing);
    const std::string what =
        fmt::format(R"("p":"{}","q":"{}")", dialect_.price_text(trade.listing, trade.price),
                    dialect_.quantity_text(trade.listing, trade.quantity));
    const auto ms = ms_of(trade.venue_time);
    const bool made = buyer_made(trade);
    if (!dialect_.spot()) {
        return parts_.sessions.publish(
            stream + "@aggTrade",
            fmt::format(R"({{"e":"aggTrade","E":{0},"a":{2},"s":"{1}",{3},"f":{2},"l":{2},"T":{0},"m":{4}}})",
                        ms, listing.symbol, id, what, made),
            out);
    }
    parts_.sessions.publish(
        stream + "@trade",
        fmt::format(R"({{"e":"trade","E":{0},"s":"{1}","t":{2},{3},"T":{0},"m":{4},"M":true}})", ms,
                    listing.symbol, id, what, made),
        out);
    parts_.sessions.publish(
        stream + "@aggTrade",
        fmt::format(
            R"({{"e":"aggTrade","E":{0},"s":"{1}","a":{2},{3},"f":{2},"l":{2},"T":{0},"m":{4},"M":true}})",
            ms, listing.symbol, id, what, made),
        out);
}

// Which trades a call wants: from a number or a time on the oldest, else the latest.
Answer EmulatedTape::pick_trades(const Call& call, bool times, ListingId& id,
                                 std::vector<const TapeTrade*>& found) const
{
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    const std::string_view told = call.get("limit");
    const std::int64_t limit = told.empty() ? std::int64_t{kListed} : whole_of(told, 0);
    if (limit <= 0 || limit > std::int64_t{PublicTape::kKept})
        return refuse(-1130, "Data sent for parameter 'limit' is not valid.");
    const std::int64_t from = times ? whole_of(call.get("fromId"), -1) : -1;
    const std::int64_t start = times ? whole_of(call.get("startTime"), 0) : 0;
    const std::int64_t end = times ? whole_of(call.get("endTime"), INT64_MAX) : INT64_MAX;
    if (start > end) return refuse(-1023, "Start time is greater than end time.");
    for (const TapeTrade& entry : tape_.trades(id)) {
        const std::int64_t ms = ms_of(entry.trade.venue_time);
        if (from >= 0 ? static_cast<std::int64_t>(entry.id) >= from : ms >= start && ms <= end)
            found.push_back(&entry);
    }
    const auto most = static_cast<std::size_t>(limit);
    if (found.size() > most && from < 0 && start == 0) found.erase(found.begin(), found.end() - limit);
    if (found.size() > most) found.resize(most);
    return good({});
}

Answer EmulatedTape::recent_trades(const Call& call) const
{
    return list_trades(call, false);
}

// From a number on, which recent trades know not.
Answer EmulatedTape::historical_trades(const Call& call) const
{
    return list_trades(call, true);
}

Answer EmulatedTape::list_trades(const Call& call, bool from) const
{
    ListingId id = kNoListing;
    std::vector<const TapeTrade*> found;
    if (Answer answer = pick_trades(call, from, id, found); answer.code != 0) return answer;
    return good_list(found, [&](const TapeTrade& entry) {
        const Trade& trade = entry.trade;
        return fmt::format(R"({{"id":{},"price":"{}","qty":"{}","quoteQty":"{}","time":{},)"
                           R"("isBuyerMaker":{},{}}})",
                           entry.id, dialect_.price_text(id, trade.price),
                           dialect_.quantity_text(id, trade.quantity), dialect_.money_text(entry.notional),
                           ms_of(trade.venue_time), buyer_made(trade),
                           dialect_.spot() ? R"("isBestMatch":true)" : R"("isRPITrade":false)");
    });
}

Answer EmulatedTape::aggregate_trades(const Call& call) const
{
    ListingId id = kNoListing;
    std::vector<const TapeTrade*> found;
    if (Answer answer = pick_trades(call, true, id, found); answer.code != 0) return answer;
    return good_list(found, [&](const TapeTrade& entry) {
        const Trade& trade = entry.trade;
        return fmt::format(R"({{"a":{0},"p":"{1}","q":"{2}","f":{0},"l":{0},"T":{3},"m":{4}{5}}})", entry.id,
                           dialect_.price_text(id, trade.price), dialect_.quantity_text(id, trade.quantity),
                           ms_of(trade.venue_time), buyer_made(trade), dialect_.spot() ? R"(,"M":true)" : "");
    });
}

// Of the trades of five minutes, each by its quantity; without one the last price.
Answer EmulatedTape::average_of_minutes(const Call& call) const
{
    ListingId id = kNoListing;
    if (Answer answer = dialect_.find_listing(call, id, true); answer.code != 0) return answer;
    Amount money;
    Amount quantity;
    const Timestamp since = call.now - seconds(kAverageMinutes * 60);
    for (const TapeTrade& entry : tape_.trades(id)) {
        if (entry.trade.venue_time < since) continue;
        money += entry.notional;
        quantity += table_.instrument_of(id).amount(entry.trade.quantity);
    }
    const TapeDay day = tape_.day(id, call.now);
    const std::string price =
        quantity.zero() ? dialect_.price_text(id, day.last) : eight_decimals(price_of(money, quantity, 8));
    return good(
        fmt::format(R"({{"mins":{},"price":"{}","closeTime":{}}})", kAverageMinutes, price,
                    ms_of(tape_.trades(id).empty() ? call.now : tape_.trades(id).back().trade.venue_time)));
}

}  // namespace arb::binance
