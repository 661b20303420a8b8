#include "connectors/coinbase/emulator.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_dialect.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::coinbase {

std::string Emulator::stream_url() const
{
    return "wss://advanced-trade-ws.coinbase.com";
}

VenueMessage Emulator::instruments(const std::vector<ListingDefinition>& definitions)
{
    std::string text = R"({"products":[)";
    for (const ListingDefinition& d : definitions) {
        if (text.back() != '[') text += ", ";
        const bool online = d.status == ListingStatus::trading;
        const bool alias = d.code.find('-') != std::string::npos;
        fmt::format_to(
            std::back_inserter(text),
            R"({{"product_id":"{}","base_increment":"{}","quote_increment":"{}","quote_min_size":"{}",)"
            R"("base_min_size":"{}","is_disabled":false,"status":"{}","cancel_only":false,)"
            R"("trading_disabled":{},"auction_mode":false,"product_type":"SPOT","quote_currency_id":"{}",)"
            R"("base_currency_id":"{}","alias":"{}","alias_to":[],"view_only":false,"price_increment":"{}"}})",
            d.symbol, d.lot.text(), d.tick.text(), d.notional_min.text(), d.quantity_min.text(),
            online ? "online" : "delisted", !online, d.quote, d.base, alias ? d.code : "", d.tick.text());
    }
    fmt::format_to(std::back_inserter(text), R"(],"num_products":{}}})", definitions.size());
    return {true, "https://api.coinbase.com/api/v3/brokerage/market/products", text};
}

std::string Emulator::frame(std::string_view channel, Timestamp venue_time, std::string_view events)
{
    return fmt::format(R"({{"channel":"{}","timestamp":"{}","sequence_num":{},"events":[{}]}})", channel,
                       format_utc(venue_time), sequence_++, events);
}

void Emulator::subscribe(const Instrument& instrument, const Listing& listing, const EmulatedBook& book,
                         Timestamp venue_time, std::vector<VenueMessage>& out)
{
    subscribed_.insert(listing.symbol);
    const std::string snapshot =
        level2_event("snapshot", listing.symbol, instrument, listing, book, venue_time);
    out.push_back({false, {}, frame("l2_data", venue_time, snapshot)});
    std::string products;
    for (const std::string& symbol : subscribed_)
        products += (products.empty() ? "\"" : ",\"") + symbol + "\"";
    out.push_back({false,
                   {},
                   frame("subscriptions", venue_time,
                         R"({"subscriptions":{"heartbeats":["heartbeats"],"level2":[)" + products + "]}}")});
    const std::string beat =
        fmt::format(R"({{"current_time":"{} {} +0000 UTC m=+1.000000001","heartbeat_counter":{}}})",
                    format_utc(venue_time).substr(0, 10), format_utc(venue_time).substr(11, 18), sequence_);
    out.push_back({false, {}, frame("heartbeats", venue_time, beat)});
}

void Emulator::change(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                      std::span<const Level> asks, const EmulatedBook&, Timestamp venue_time,
                      std::vector<VenueMessage>& out)
{
    const std::string event =
        level2_event("update", listing.symbol, instrument, listing, {bids, asks}, venue_time);
    out.push_back({false, {}, frame("l2_data", venue_time, event)});
}

void Emulator::trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
                     std::vector<VenueMessage>& out)
{
    // The side is the maker's.
    const std::string event = fmt::format(
        R"({{"type":"update","trades":[{{"product_id":"{}","trade_id":"{}","price":"{}","size":"{}",)"
        R"("time":"{}","side":"{}"}}]}})",
        listing.symbol, ++trade_id_, instrument.text(trade.price), wire_text(listing, trade.quantity),
        micros(trade.venue_time), trade.aggressor == Side::buy ? "SELL" : "BUY");
    out.push_back({false, {}, frame("market_trades", trade.venue_time, event)});
}

}  // namespace arb::coinbase
