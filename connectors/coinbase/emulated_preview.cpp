#include "connectors/coinbase/emulated_preview.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_order_terms.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

/// The preview's reason in the refusal of an order; empty: it has none.
std::string preview_reason(const std::string& refusal)
{
    dom::parser parser;
    std::string_view why;
    if (parser.parse(refusal).at_pointer("/error_response/preview_failure_reason").get_string().get(why))
        return {};
    return std::string(why);
}

}  // namespace

// The matching's own checks, but for the distance of the price, which it alone knows.
PlaceError EmulatedPreview::foreseen(const PlaceOrder& order, Amount total) const
{
    const Listing& listing = setup_.table->listing(order.listing);
    const Instrument& instrument = setup_.table->instrument_of(order.listing);
    if (setup_.exchange->halted(order.listing)) return PlaceError::halted;
    if (setup_.exchange->cancel_only(order.listing)) return PlaceError::cancel_only;
    if (order.price.units <= 0 || order.price.units % listing.tick.units != 0) return PlaceError::bad_price;
    if (order.quantity.units <= 0 || order.quantity.units % listing.lot.units != 0)
        return PlaceError::bad_quantity;
    if (order.quantity < listing.quantity_min) return PlaceError::quantity_min;
    const std::optional<Amount> notional = instrument.notional(order.price, order.quantity);
    if (!notional) return PlaceError::bad_quantity;
    if (*notional < listing.notional_min) return PlaceError::notional_min;
    const bool buys = order.side == Side::buy;
    const EmulatedBook book = setup_.exchange->book(order.listing);
    const std::span<const Level> other = buys ? book.asks : book.bids;
    const bool takes =
        !other.empty() && (buys ? order.price >= other.front().price : order.price <= other.front().price);
    if (takes && order.time_in_force == TimeInForce::post_only) return PlaceError::would_take;
    const Amount needed = buys ? total : instrument.amount(order.quantity);
    for (const EmulatedBalance& balance : setup_.exchange->balances(order.account)) {
        if (balance.position || balance.asset != (buys ? instrument.quote : instrument.base)) continue;
        return balance.total - balance.held < needed ? PlaceError::balance : PlaceError::none;
    }
    return PlaceError::balance;
}

std::string EmulatedPreview::preview_json(const PlaceOrder& order, const MarketTerms& said,
                                          std::string_view refusal)
{
    const Instrument& instrument = setup_.table->instrument_of(order.listing);
    const Amount money = instrument.notional(order.price, order.quantity).value_or(Amount{});
    const Amount fee = apply_rate(money, order.time_in_force == TimeInForce::post_only
                                             ? setup_.exchange->maker_fee(order.listing)
                                             : setup_.exchange->taker_fee(order.listing));
    const Amount total = order.side == Side::buy ? money + fee : money - fee;
    std::string errors(refusal);
    if (errors.empty()) {
        const PlaceError error = foreseen(order, total);
        if (error != PlaceError::none) errors = words_of(error).preview;
    }
    const EmulatedBook book = setup_.exchange->book(order.listing);
    const auto best = [&](std::span<const Level> levels) {
        return levels.empty() ? std::string() : words_.price_text(order.listing, levels.front().price);
    };
    const bool good = errors.empty();
    return fmt::format(
        R"({{"order_total":"{}","commission_total":"{}","errs":[{}],"warning":[],"quote_size":"{}",)"
        R"("base_size":"{}","best_bid":"{}","best_ask":"{}","is_max":false,"order_margin_total":"0",)"
        R"("leverage":"0","long_leverage":"0","short_leverage":"0","slippage":"0","preview_id":"{}"}})",
        total.text(), fee.text(), good ? "" : json_text(errors),
        said.money.empty() ? money.text() : said.money, words_.quantity_text(order.listing, order.quantity),
        best(book.bids), best(book.asks),
        good ? fmt::format("8d1f0c2e-5b7a-4000-8000-{:012x}", ++previews_) : std::string());
}

CoinbaseAnswer EmulatedPreview::preview(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return unreadable_body();
    PlaceOrder order;
    order.account = call.key->account;
    MarketTerms said;
    const CoinbaseAnswer answer = read_order(setup_, words_, body, order, said);
    const std::string refusal = preview_reason(answer.body);
    // An order of a kind that is not supported, or that cannot be read, has no reason of a preview.
    if (!answer.body.empty() && refusal.empty()) {
        return answer.status != 200 ? answer
                                    : failure(400, "INVALID_ARGUMENT", "this order type is not supported");
    }
    return {200, preview_json(order, said, refusal)};
}

}  // namespace arb::coinbase
