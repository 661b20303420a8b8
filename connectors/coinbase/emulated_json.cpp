// Coinbase's wording: products and books as JSON.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::coinbase {

// `target`: the product whose alias the definition is.
std::string EmulatedCoinbase::product_json(const ListingDefinition& d, bool target, bool post_only) const
{
    const Listing* const listing = words_.find_product(d.symbol);
    const bool known = listing != nullptr;
    const bool halted = known && setup_.exchange->halted(listing->id);
    const bool cancel_only = known && setup_.exchange->cancel_only(listing->id);
    const bool online = d.status == ListingStatus::trading && !halted;
    const std::string_view book = book_name(d.symbol, d.code);
    const std::string_view symbol = target ? book : std::string_view(d.symbol);
    const std::string_view quote = target ? book.substr(book.find('-') + 1) : std::string_view(d.quote);
    const std::string alias(!target && book != d.symbol ? book : std::string_view());
    const std::string aliases = target ? "\"" + d.symbol + "\"" : "";
    return fmt::format(
        R"({{"product_id":"{}","price":"{}","base_increment":"{}","quote_increment":"{}","quote_min_size":"{}",)"
        R"("quote_max_size":"150000000","base_min_size":"{}","base_max_size":"1000000","base_name":"{}",)"
        R"("quote_name":"{}","watched":false,"is_disabled":false,"new":false,"status":"{}",)"
        R"("cancel_only":{},"limit_only":false,"post_only":{},"trading_disabled":{},"auction_mode":false,)"
        R"("product_type":"SPOT","quote_currency_id":"{}","base_currency_id":"{}","alias":"{}","alias_to":[{}],)"
        R"("view_only":{},"price_increment":"{}","display_name":"{}/{}","base_display_symbol":"{}",)"
        R"("quote_display_symbol":"{}","mid_market_price":"","fcm_trading_session_details":null,{}}})",
        symbol, known ? words_.price_text(listing->id, tape_.day(listing->id, now_).last) : "", d.lot.text(),
        d.tick.text(), d.notional_min.text(), d.quantity_min.text(), d.base, quote,
        online ? "online" : "delisted", cancel_only, post_only, !online, quote, d.base, alias, aliases,
        target, d.tick.text(), d.base, quote, d.base, quote,
        known ? day_json(listing->id, now_)
              : std::string(R"("price_percentage_change_24h":"","volume_24h":"")"));
}

std::string EmulatedCoinbase::book_json(const Listing& listing, std::size_t depth, Timestamp now) const
{
    const EmulatedBook book = setup_.exchange->book(listing.id);
    const auto side = [&](std::span<const Level> levels) {
        std::string text = "[";
        for (const Level& level : levels.first(std::min(depth, levels.size()))) {
            if (text.back() != '[') text += ',';
            text += fmt::format(R"({{"price":"{}","size":"{}"}})", words_.price_text(listing.id, level.price),
                                words_.quantity_text(listing.id, level.quantity));
        }
        return text + "]";
    };
    return fmt::format(R"({{"product_id":"{}","bids":{},"asks":{},"time":"{}"}})",
                       book_name(listing.symbol, listing.code), side(book.bids), side(book.asks),
                       micros(now));
}

std::string EmulatedCoinbase::level_updates(const Listing& listing, std::span<const Level> bids,
                                            std::span<const Level> asks, Timestamp now) const
{
    std::string text = "[";
    const auto side = [&](std::string_view word, std::span<const Level> levels) {
        for (const Level& level : levels) {
            if (text.back() != '[') text += ',';
            text += fmt::format(R"({{"side":"{}","event_time":"{}","price_level":"{}","new_quantity":"{}"}})",
                                word, micros(now), words_.price_text(listing.id, level.price),
                                words_.quantity_text(listing.id, level.quantity));
        }
    };
    side("bid", bids);
    side("offer", asks);
    return text + "]";
}

// Listed beside what is traded here: a product so new that orders may only rest.
std::string EmulatedCoinbase::shop_window() const
{
    ListingDefinition d;
    d.symbol = "DAWN-USD";
    d.base = "DAWN";
    d.quote = "USD";
    d.tick = Decimal(1, 4);
    d.lot = Decimal(1, 0);
    // A minimum need not be a whole number of steps.
    d.quantity_min = *Decimal::parse("26.7187147229469674");
    d.notional_min = Decimal(1, 0);
    return product_json(d, false, true);
}

}  // namespace arb::coinbase
