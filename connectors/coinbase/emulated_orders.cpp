#include "connectors/coinbase/emulated_orders.hpp"

#include <fmt/format.h>

#include "connectors/coinbase/emulated_parts.hpp"
#include "engine/emulate/market_order.hpp"
#include "engine/emulate/words.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kBatchCancelsMax = 100;
constexpr std::size_t kClientIdMax = 128;
// A market order goes no farther than this from the best price.
constexpr Rate kMarketSlip{1'000 * kRatePerBasisPoint};
constexpr std::string_view kNoEditReason = "UNKNOWN_EDIT_ORDER_FAILURE_REASON";
constexpr std::string_view kNoPreviewReason = "UNKNOWN_PREVIEW_FAILURE_REASON";

// The venue's words for a refusal of the matching: of the order, and of its preview.
struct RefusalWords {
    PlaceError why;
    std::string_view error, preview;
};
constexpr std::string_view kUnknown = "UNKNOWN_FAILURE_REASON";
constexpr RefusalWords kRefusals[] = {
    {PlaceError::none, "INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID"},  // and all that are not named
    {PlaceError::halted, "ORDER_ENTRY_DISABLED", "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE"},
    {PlaceError::cancel_only, "ORDER_ENTRY_DISABLED", "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE"},
    {PlaceError::bad_price, kUnknown, "PREVIEW_INVALID_PRICE_PRECISION"},
    {PlaceError::price_limit, "INVALID_LIMIT_PRICE", "PREVIEW_BREACHED_PRICE_LIMIT"},
    {PlaceError::bad_quantity, kUnknown, "PREVIEW_INVALID_SIZE_PRECISION"},
    {PlaceError::quantity_min, kUnknown, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"},
    {PlaceError::notional_min, kUnknown, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"},
    {PlaceError::balance, "INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"},
    {PlaceError::would_take, "INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"},
    {PlaceError::too_many_orders, "TOO_MANY_OPEN_ORDERS", ""},
};

RefusalWords words_of(PlaceError error)
{
    const RefusalWords* const words = find_row(kRefusals, &RefusalWords::why, error);
    return words != nullptr ? *words : kRefusals[0];
}

std::string reasons_json(std::string_view edit, std::string_view preview)
{
    return fmt::format(R"({{"edit_failure_reason":"{}","preview_failure_reason":"{}"}})", edit, preview);
}

CoinbaseAnswer not_amended(std::string_view edit, std::string_view preview = kNoPreviewReason)
{
    return {200, R"({"success":false,"errors":[)" + reasons_json(edit, preview) + "]}"};
}

// What is left out is none.
ScaledNumber amend_number(dom::object object, std::string_view key, unsigned decimals)
{
    const std::string_view text = body_text(object, key);
    return parse_scaled(text.empty() ? std::string_view("0") : text, decimals);
}

CoinbaseAnswer refused_order(std::string_view error, std::string_view preview, std::string_view message)
{
    return {200, fmt::format(R"({{"success":false,"error_response":{{"error":"{}","message":{},)"
                             R"("error_details":{},"preview_failure_reason":"{}",)"
                             R"("new_order_failure_reason":"{}"}}}})",
                             error, json_text(message), json_text(message), preview, error)};
}

CoinbaseAnswer refused_order(PlaceError error, std::string_view message = "The order was refused")
{
    const RefusalWords words = words_of(error);
    return refused_order(words.error, words.preview, message);
}

// By base size, or by money.
CoinbaseAnswer read_market(const EmulatedVenueSetup& setup, JsonBody terms, PlaceOrder& order,
                           MarketTerms& said)
{
    said.money = body_text(terms, "quote_size");
    std::optional<Amount> money;
    if (!said.money.empty()) {
        const Instrument& instrument = setup.table->instrument_of(order.listing);
        const ScaledNumber quote = parse_scaled(said.money, instrument.price_decimals);
        if (quote.error == DecimalError::malformed) return invalid("quote_size is not a number");
        if (quote.error != DecimalError::none)
            return refused_order("UNKNOWN_FAILURE_REASON", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION",
                                 "quote_size");
        money = amount_of(Decimal(quote.value, instrument.price_decimals));
    }
    if (money && money->units <= 0) return refused_order(PlaceError::notional_min);
    switch (make_market_order(*setup.exchange, *setup.table, kMarketSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return refused_order("INVALID_NO_LIQUIDITY", "PREVIEW_INVALID_NO_LIQUIDITY", "no liquidity");
        case MarketOrderError::too_small:
            return refused_order(PlaceError::notional_min);
        case MarketOrderError::none:
            break;
    }
    return {};
}

CoinbaseAnswer read_terms(const EmulatedVenueSetup& setup, JsonBody terms, std::string_view kind,
                          PlaceOrder& order, MarketTerms& said)
{
    const Listing& listing = setup.table->listing(order.listing);
    bool post_only = false;
    if (terms.at_key("post_only").get_bool().get(post_only)) post_only = false;
    if (kind == "limit_limit_gtc")
        order.time_in_force = post_only ? TimeInForce::post_only : TimeInForce::gtc;
    else if (kind == "sor_limit_ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (kind == "limit_limit_fok")
        order.time_in_force = TimeInForce::fok;
    else if (kind != "market_market_ioc")
        return refused_order("UNSUPPORTED_ORDER_CONFIGURATION", "", "this order type is not supported");
    said.market = kind == "market_market_ioc";
    const std::string_view size = body_text(terms, "base_size");
    if (said.market && size.empty() == body_text(terms, "quote_size").empty())
        return invalid("one of base_size and quote_size is required");
    if (!size.empty() || !said.market) {
        const ScaledNumber number = parse_scaled(size, listing.wire.quantity_decimals);
        if (number.error == DecimalError::malformed) return invalid("base_size is not a number");
        if (number.error != DecimalError::none ||
            __builtin_mul_overflow(number.value, listing.wire.quantity_factor, &order.quantity.units))
            return refused_order(PlaceError::bad_quantity, "Size has too many decimals");
    }
    if (said.market) return read_market(setup, terms, order, said);
    const ScaledNumber price = parse_scaled(body_text(terms, "limit_price"), listing.wire.price_decimals);
    if (price.error == DecimalError::malformed) return invalid("limit_price is not a number");
    if (price.error != DecimalError::none)
        return refused_order(PlaceError::bad_price, "Price has too many decimals");
    order.price.units = price.value;
    return {};
}

// An answer with an empty body: the order was read.
CoinbaseAnswer read_order(const EmulatedVenueSetup& setup, const EmulatedDialect& dialect, JsonBody body,
                          PlaceOrder& order, MarketTerms& said)
{
    const std::string_view product = body_text(body, "product_id");
    const Listing* const listing = dialect.find_product(product);
    // The target of an alias has a wallet of its own, which this account does not have.
    if (listing == nullptr && dialect.find_book(product) != nullptr)
        return refused_order("UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON",
                             "account is not available");
    if (listing == nullptr) return invalid("valid product_id is required");
    order.listing = listing->id;
    const std::string_view side = body_text(body, "side");
    if (side != "BUY" && side != "SELL") return invalid("side must be BUY or SELL");
    order.side = side == "BUY" ? Side::buy : Side::sell;
    dom::object kinds;
    if (body.at_key("order_configuration").get_object().get(kinds) || kinds.size() != 1)
        return invalid("exactly one order_configuration is required");
    const auto kind = *kinds.begin();
    dom::object terms;
    if (kind.value.get_object().get(terms)) return invalid("order_configuration must be an object");
    return read_terms(setup, terms, kind.key, order, said);
}

// The preview's reason in the refusal of an order; empty: it has none.
std::string preview_reason(const std::string& refusal)
{
    dom::parser parser;
    std::string_view why;
    if (parser.parse(refusal).at_pointer("/error_response/preview_failure_reason").get_string().get(why))
        return {};
    return std::string(why);
}

}  // namespace

CoinbaseAnswer EmulatedOrders::placed(const EmulatedOrder& order) const
{
    return {200, fmt::format(R"({{"success":true,"success_response":{{"order_id":"{}","product_id":"{}",)"
                             R"("side":"{}","client_order_id":{}}},"order_configuration":{}}})",
                             order_id_text(order.id), table_.listing(order.listing).symbol,
                             order.side == Side::buy ? "BUY" : "SELL", json_text(order.client_id),
                             parts_.notes.configuration_json(order))};
}

CoinbaseAnswer EmulatedOrders::place(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return invalid("the body is not a JSON object");
    PlaceOrder order;
    MarketTerms said;
    order.account = call.key->account;
    order.client_id = body_text(body, "client_order_id");
    if (order.client_id.empty() || order.client_id.size() > kClientIdMax)
        return invalid("client_order_id is required");
    if (CoinbaseAnswer answer = read_order(setup_, dialect_, body, order, said); !answer.body.empty())
        return answer;
    // A client id that was used before creates nothing and gives the order it belongs to.
    const EmulatedOrder* const before = exchange_.find_client(order.account, order.client_id);
    if (before != nullptr && !parts_.notes.is_hidden(before->id)) return placed(*before);
    const PlaceResult result = exchange_.place(order, call.now);
    const EmulatedOrder* const taken = result.id == 0 ? nullptr : exchange_.find(order.account, result.id);
    if (taken != nullptr && taken->state != EmulatedState::rejected) {
        if (said.market) parts_.notes.keep_terms(result.id, std::move(said));
        return placed(*taken);
    }
    if (result.id != 0) parts_.notes.hide(result.id);
    return refused_order(result.error);
}

CoinbaseAnswer EmulatedOrders::cancel(const EmulatedCall& call)
{
    dom::parser parser;
    dom::array ids;
    if (parser.parse(call.request->body).at_key("order_ids").get_array().get(ids))
        return invalid("order_ids is required");
    if (ids.size() == 0 || ids.size() > kBatchCancelsMax) return invalid("between 1 and 100 order_ids");
    std::string results;
    std::set<std::string_view> seen;
    for (const auto element : ids) {
        std::string_view id;
        if (element.get_string().get(id)) return invalid("order_ids are strings");
        std::string_view why = "UNKNOWN_CANCEL_FAILURE_REASON";
        bool success = false;
        if (!seen.insert(id).second)
            why = "DUPLICATE_CANCEL_REQUEST";
        else if (exchange_.cancel(call.key->account, order_number(id), call.now) == nullptr)
            why = "UNKNOWN_CANCEL_ORDER";
        else
            success = true;
        results += fmt::format(R"({}{{"success":{},"failure_reason":"{}","order_id":{}}})",
                               results.empty() ? "" : ",", success, why, json_text(id));
    }
    return {200, "{\"results\":[" + results + "]}"};
}

CoinbaseAnswer EmulatedOrders::amend(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return invalid("the body is not a JSON object");
    const std::string_view id = body_text(body, "order_id");
    if (id.empty()) return invalid("order_id is required");
    // Orders with others attached, and stops, are not emulated.
    if (!body.at_key("stop_price").error()) return not_amended("FIELD_STOPPRICE_NOT_SUPPORTED");
    if (!body.at_key("attached_order_configuration").error() || !body.at_key("cancel_attached_order").error())
        return not_amended("ORDER_EDIT_INVALID_ATTACHED_ORDER_REQUEST");
    const EmulatedOrder* const order = parts_.notes.find(call.key->account, id);
    if (order == nullptr) return not_amended("ORDER_NOT_FOUND");
    if (parts_.notes.is_market(order->id)) return not_amended("ONLY_LIMIT_ORDER_EDITS_SUPPORTED");
    const std::string_view word = parts_.notes.status_word(*order);
    if (word == "EDIT_QUEUED") return not_amended("ORDER_IS_ALREADY_BEING_REPLACED");
    if (word != "OPEN") return not_amended("ONLY_OPEN_ORDERS_CAN_BE_EDITED");
    return amend_terms(body, *order, call.now);
}

CoinbaseAnswer EmulatedOrders::amend_terms(JsonBody body, const EmulatedOrder& order, Timestamp now)
{
    const WireScale& wire = table_.listing(order.listing).wire;
    const ScaledNumber price = amend_number(body, "price", wire.price_decimals);
    const ScaledNumber size = amend_number(body, "size", wire.quantity_decimals);
    if (price.error == DecimalError::malformed) return invalid("price is not a number");
    if (size.error == DecimalError::malformed) return invalid("size is not a number");
    if (price.error != DecimalError::none)
        return not_amended(kNoEditReason, words_of(PlaceError::bad_price).preview);
    Quantity quantity;
    if (size.error != DecimalError::none ||
        __builtin_mul_overflow(size.value, wire.quantity_factor, &quantity.units))
        return not_amended(kNoEditReason, words_of(PlaceError::bad_quantity).preview);
    if (price.value <= 0) return not_amended("INVALID_EDITED_PRICE");
    // The size is the whole order's: what is filled is a part of it.
    if (!order.filled.zero() && quantity <= order.filled)
        return not_amended("CANNOT_EDIT_TO_BELOW_FILLED_SIZE");
    if (quantity.units <= 0) return not_amended("INVALID_EDITED_SIZE");
    const EmulatedOrderNotes::Terms before{order.price, order.quantity, {}};
    if (before.price.units == price.value && before.quantity == quantity)
        return not_amended("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST");
    const PlaceError error = exchange_.amend(order.account, order.id, {price.value}, quantity, now);
    if (error == PlaceError::unknown_listing) return not_amended("COMMANDER_REJECTED_EDIT_ORDER");
    if (error != PlaceError::none) return not_amended(kNoEditReason, words_of(error).preview);
    parts_.notes.edit(order.id, before);
    // The documentation has a list, what is seen is one object: reasons that are none, either way.
    const std::string none = reasons_json(kNoEditReason, kNoPreviewReason);
    return {200, R"({"success":true,"errors":)" + (setup_.manners ? "[" + none + "]" : none) + "}"};
}

// The matching's own checks, but for the distance of the price, which it alone knows.
PlaceError EmulatedOrders::foreseen(const PlaceOrder& order, Amount total) const
{
    const Listing& listing = table_.listing(order.listing);
    const Instrument& instrument = table_.instrument_of(order.listing);
    if (exchange_.halted(order.listing)) return PlaceError::halted;
    if (exchange_.cancel_only(order.listing)) return PlaceError::cancel_only;
    if (order.price.units <= 0 || order.price.units % listing.tick.units != 0) return PlaceError::bad_price;
    if (order.quantity.units <= 0 || order.quantity.units % listing.lot.units != 0)
        return PlaceError::bad_quantity;
    if (order.quantity < listing.quantity_min) return PlaceError::quantity_min;
    const std::optional<Amount> notional = instrument.notional(order.price, order.quantity);
    if (!notional) return PlaceError::bad_quantity;
    if (*notional < listing.notional_min) return PlaceError::notional_min;
    const bool buys = order.side == Side::buy;
    const EmulatedBook book = exchange_.book(order.listing);
    const std::span<const Level> other = buys ? book.asks : book.bids;
    const bool takes =
        !other.empty() && (buys ? order.price >= other.front().price : order.price <= other.front().price);
    if (takes && order.time_in_force == TimeInForce::post_only) return PlaceError::would_take;
    const Amount needed = buys ? total : instrument.amount(order.quantity);
    for (const EmulatedBalance& balance : exchange_.balances(order.account)) {
        if (balance.position || balance.asset != (buys ? instrument.quote : instrument.base)) continue;
        return balance.total - balance.held < needed ? PlaceError::balance : PlaceError::none;
    }
    return PlaceError::balance;
}

std::string EmulatedOrders::preview_json(const PlaceOrder& order, const MarketTerms& said,
                                         std::string_view refusal)
{
    const Instrument& instrument = table_.instrument_of(order.listing);
    const Amount money = instrument.notional(order.price, order.quantity).value_or(Amount{});
    const Amount fee =
        apply_rate(money, order.time_in_force == TimeInForce::post_only ? exchange_.maker_fee(order.listing)
                                                                        : exchange_.taker_fee(order.listing));
    const Amount total = order.side == Side::buy ? money + fee : money - fee;
    std::string errors(refusal);
    if (errors.empty()) {
        const PlaceError error = foreseen(order, total);
        if (error != PlaceError::none) errors = words_of(error).preview;
    }
    const EmulatedBook book = exchange_.book(order.listing);
    const bool good = errors.empty();
    return fmt::format(
        R"({{"order_total":"{}","commission_total":"{}","errs":[{}],"warning":[],"quote_size":"{}",)"
        R"("base_size":"{}","best_bid":"{}","best_ask":"{}","is_max":false,"order_margin_total":"0",)"
        R"("leverage":"0","long_leverage":"0","short_leverage":"0","slippage":"0","preview_id":"{}"}})",
        total.text(), fee.text(), good ? "" : json_text(errors),
        said.money.empty() ? money.text() : said.money, dialect_.quantity_text(order.listing, order.quantity),
        dialect_.best_text(order.listing, book.bids), dialect_.best_text(order.listing, book.asks),
        good ? fmt::format("8d1f0c2e-5b7a-4000-8000-{:012x}", ++previews_) : std::string());
}

CoinbaseAnswer EmulatedOrders::preview(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return invalid("the body is not a JSON object");
    PlaceOrder order;
    order.account = call.key->account;
    MarketTerms said;
    const CoinbaseAnswer answer = read_order(setup_, dialect_, body, order, said);
    // A product without a wallet here has no prices to tell.
    if (order.listing == kNoListing && answer.status == 200) return invalid("account is not available");
    const std::string refusal = preview_reason(answer.body);
    // An order of a kind that is not supported, or that cannot be read, has no reason of a preview.
    if (!answer.body.empty() && refusal.empty())
        return answer.status != 200 ? answer : invalid("this order type is not supported");
    return {200, preview_json(order, said, refusal)};
}

}  // namespace arb::coinbase
