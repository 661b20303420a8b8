// Orders: placing, cancelling, asking; the venue's word for each refusal.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_core.hpp"
#include "engine/emulate/market_order.hpp"
#include "engine/emulate/pages.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kBatchCancelsMax = 100;
constexpr std::size_t kOrdersPageMost = 1'000;
constexpr std::size_t kOrdersPageUsual = 100;
constexpr std::size_t kClientIdMax = 128;
// A market order goes no farther than this from the best price.
constexpr Rate kMarketSlip{1'000 * kRatePerBasisPoint};

CoinbaseAnswer refused_answer(std::string_view error, std::string_view preview, std::string_view message)
{
    return {200, fmt::format(R"({{"success":false,"error_response":{{"error":"{}","message":{},)"
                             R"("error_details":{},"preview_failure_reason":"{}",)"
                             R"("new_order_failure_reason":"{}"}}}})",
                             error, json_text(message), json_text(message), preview, error)};
}

bool among(const std::vector<std::string_view>& list, std::string_view value)
{
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

// By base size, or by money.
CoinbaseAnswer EmulatedCoinbase::read_market(JsonBody terms, PlaceOrder& order, MarketTerms& said) const
{
    said.money = body_text(terms, "quote_size");
    std::optional<Amount> money;
    if (!said.money.empty()) {
        const Instrument& instrument = setup_.table->instrument_of(order.listing);
        const ScaledNumber quote = parse_scaled(said.money, instrument.price_decimals);
        if (quote.error == DecimalError::malformed)
            return failure(400, "INVALID_ARGUMENT", "quote_size is not a number");
        if (quote.error != DecimalError::none)
            return refused_answer("UNKNOWN_FAILURE_REASON", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION",
                                  "quote_size");
        money = amount_of(Decimal(quote.value, instrument.price_decimals));
    }
    const RefusalWords small = words_of(PlaceError::notional_min);
    if (money && money->units <= 0)
        return refused_answer(small.error, small.preview, "The order was refused");
    switch (make_market_order(*setup_.exchange, *setup_.table, kMarketSlip, money, order)) {
        case MarketOrderError::no_liquidity:
            return refused_answer("INVALID_NO_LIQUIDITY", "PREVIEW_INVALID_NO_LIQUIDITY", "no liquidity");
        case MarketOrderError::too_small:
            return refused_answer(small.error, small.preview, "The order was refused");
        case MarketOrderError::none:
            break;
    }
    return {};
}

CoinbaseAnswer EmulatedCoinbase::read_terms(JsonBody terms, std::string_view kind, PlaceOrder& order,
                                            MarketTerms& said) const
{
    const Listing& listing = setup_.table->listing(order.listing);
    bool post_only = false;
    if (terms.at_key("post_only").get_bool().get(post_only)) post_only = false;
    if (kind == "limit_limit_gtc")
        order.time_in_force = post_only ? TimeInForce::post_only : TimeInForce::gtc;
    else if (kind == "sor_limit_ioc")
        order.time_in_force = TimeInForce::ioc;
    else if (kind == "limit_limit_fok")
        order.time_in_force = TimeInForce::fok;
    else if (kind != "market_market_ioc")
        return refused_answer("UNSUPPORTED_ORDER_CONFIGURATION", "", "this order type is not supported");
    said.market = kind == "market_market_ioc";
    const std::string_view size = body_text(terms, "base_size");
    if (said.market && size.empty() == body_text(terms, "quote_size").empty())
        return failure(400, "INVALID_ARGUMENT", "one of base_size and quote_size is required");
    if (!size.empty() || !said.market) {
        const ScaledNumber number = parse_scaled(size, listing.wire.quantity_decimals);
        if (number.error == DecimalError::malformed)
            return failure(400, "INVALID_ARGUMENT", "base_size is not a number");
        if (number.error != DecimalError::none ||
            __builtin_mul_overflow(number.value, listing.wire.quantity_factor, &order.quantity.units)) {
            const RefusalWords words = words_of(PlaceError::bad_quantity);
            return refused_answer(words.error, words.preview, "Size has too many decimals");
        }
    }
    if (said.market) return read_market(terms, order, said);
    const ScaledNumber price = parse_scaled(body_text(terms, "limit_price"), listing.wire.price_decimals);
    if (price.error == DecimalError::malformed)
        return failure(400, "INVALID_ARGUMENT", "limit_price is not a number");
    if (price.error != DecimalError::none) {
        const RefusalWords words = words_of(PlaceError::bad_price);
        return refused_answer(words.error, words.preview, "Price has too many decimals");
    }
    order.price.units = price.value;
    return {};
}

// An empty body: the order was read.
CoinbaseAnswer EmulatedCoinbase::read_order(JsonBody body, const EmulatedCall& call, PlaceOrder& order,
                                            MarketTerms& said) const
{
    order.account = call.key->account;
    order.client_id = body_text(body, "client_order_id");
    if (order.client_id.empty() || order.client_id.size() > kClientIdMax)
        return failure(400, "INVALID_ARGUMENT", "client_order_id is required");
    return read_product(body, order, said);
}

CoinbaseAnswer EmulatedCoinbase::read_product(JsonBody body, PlaceOrder& order, MarketTerms& said) const
{
    const std::string_view product = body_text(body, "product_id");
    const Listing* const listing = words_.find_product(product);
    // The target of an alias has a wallet of its own, which this account does not have.
    if (listing == nullptr && words_.find_book(product) != nullptr)
        return refused_answer("UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON",
                              "account is not available");
    if (listing == nullptr) return failure(400, "INVALID_ARGUMENT", "valid product_id is required");
    order.listing = listing->id;
    const std::string_view side = body_text(body, "side");
    if (side != "BUY" && side != "SELL") return failure(400, "INVALID_ARGUMENT", "side must be BUY or SELL");
    order.side = side == "BUY" ? Side::buy : Side::sell;
    dom::object kinds;
    if (body.at_key("order_configuration").get_object().get(kinds) || kinds.size() != 1)
        return failure(400, "INVALID_ARGUMENT", "exactly one order_configuration is required");
    const auto kind = *kinds.begin();
    dom::object terms;
    if (kind.value.get_object().get(terms))
        return failure(400, "INVALID_ARGUMENT", "order_configuration must be an object");
    return read_terms(terms, kind.key, order, said);
}

CoinbaseAnswer EmulatedCoinbase::placed(const EmulatedOrder& order) const
{
    return {200, fmt::format(R"({{"success":true,"success_response":{{"order_id":"{}","product_id":"{}",)"
                             R"("side":"{}","client_order_id":{}}},"order_configuration":{}}})",
                             order_id_text(order.id), setup_.table->listing(order.listing).symbol,
                             order.side == Side::buy ? "BUY" : "SELL", json_text(order.client_id),
                             configuration_json(order))};
}

CoinbaseAnswer EmulatedCoinbase::place(const EmulatedCall& call)
{
    dom::parser parser;
    JsonBody body;
    if (!call.read_body(parser, body)) return unreadable_body();
    PlaceOrder order;
    MarketTerms said;
    if (CoinbaseAnswer answer = read_order(body, call, order, said); !answer.body.empty()) return answer;
    // A client id that was used before creates nothing and gives the order it belongs to.
    const EmulatedOrder* const before = setup_.exchange->find_client(order.account, order.client_id);
    if (before != nullptr && hidden_.count(before->id) == 0) return placed(*before);
    const PlaceResult result = setup_.exchange->place(order, call.now);
    const EmulatedOrder* const taken =
        result.id == 0 ? nullptr : setup_.exchange->find(order.account, result.id);
    if (taken != nullptr && taken->state != EmulatedState::rejected) {
        if (said.market) market_orders_[result.id] = std::move(said);
        return placed(*taken);
    }
    if (result.id != 0) hidden_.insert(result.id);
    const RefusalWords words = words_of(result.error);
    return refused_answer(words.error, words.preview, "The order was refused");
}

CoinbaseAnswer EmulatedCoinbase::cancel(const EmulatedCall& call)
{
    dom::parser parser;
    dom::array ids;
    if (parser.parse(call.request->body).at_key("order_ids").get_array().get(ids))
        return failure(400, "INVALID_ARGUMENT", "order_ids is required");
    if (ids.size() == 0 || ids.size() > kBatchCancelsMax)
        return failure(400, "INVALID_ARGUMENT", "between 1 and 100 order_ids");
    std::string results;
    std::set<std::string_view> seen;
    for (const auto element : ids) {
        std::string_view id;
        if (element.get_string().get(id)) return failure(400, "INVALID_ARGUMENT", "order_ids are strings");
        std::string_view why = "UNKNOWN_CANCEL_FAILURE_REASON";
        bool success = false;
        if (!seen.insert(id).second)
            why = "DUPLICATE_CANCEL_REQUEST";
        else if (setup_.exchange->cancel(call.key->account, order_number(id), call.now) == nullptr)
            why = "UNKNOWN_CANCEL_ORDER";
        else
            success = true;
        results += fmt::format(R"({}{{"success":{},"failure_reason":"{}","order_id":{}}})",
                               results.empty() ? "" : ",", success, why, json_text(id));
    }
    return {200, "{\"results\":[" + results + "]}"};
}

CoinbaseAnswer EmulatedCoinbase::order(const EmulatedCall& call)
{
    const std::uint64_t number = order_number(call.tail);
    const EmulatedOrder* const found =
        number == 0 ? nullptr : setup_.exchange->find(call.key->account, number);
    if (found == nullptr || hidden_.count(number) != 0) return failure(404, "NOT_FOUND", "order not found");
    return {200, "{\"order\":" + order_json(*found, status_word(*found)) + "}"};
}

// Newest first.
CoinbaseAnswer EmulatedCoinbase::orders(const EmulatedCall& call)
{
    const auto products = call.all("product_ids", "product_id");
    const auto statuses = call.all("order_status", "order_status");
    const auto ids = call.all("order_ids", "order_id");
    // An older page of the documentation says so; whether it still holds is not known.
    const bool beside =
        statuses.size() > 1 && std::find(statuses.begin(), statuses.end(), "OPEN") != statuses.end();
    if (beside && setup_.manners)
        return failure(400, "INVALID_ARGUMENT", "OPEN cannot be combined with other statuses");
    const Timestamp start = parse_utc(call.get("start_date")).value_or(Timestamp{});
    const Timestamp end = parse_utc(call.get("end_date")).value_or(Timestamp{INT64_MAX});
    // Cursors name the last element of a page; what comes next is older. 0: from the newest.
    const std::uint64_t before = count_of(call.get("cursor"), 0, SIZE_MAX);
    const std::size_t limit = count_of(call.get("limit"), kOrdersPageUsual, kOrdersPageMost);
    std::vector<const EmulatedOrder*> all = setup_.exchange->orders(call.key->account, kNoListing, false);
    // What the owner does in the simple app is listed only when asked for: here nobody does.
    const std::string_view source = call.get("order_placement_source");
    if (!source.empty() && source != "RETAIL_ADVANCED") all.clear();
    const std::string_view proof = proof_wanted();
    if (proof == "true") all.clear();
    std::string list;
    std::size_t count = 0;
    std::uint64_t last = 0;
    bool more = false;
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
        const EmulatedOrder& o = **at;
        if (hidden_.count(o.id) != 0 || (before != 0 && o.id >= before)) continue;
        const std::string_view word = listed_word(o);
        if (o.created < start || o.created >= end || !among(statuses, word)) continue;
        if (!among(products, setup_.table->listing(o.listing).symbol) || !among(ids, order_id_text(o.id)))
            continue;
        more = count == limit;
        if (more) break;
        list += (list.empty() ? "" : ",") + order_json(o, word);
        last = o.id;
        ++count;
    }
    return {200, fmt::format(R"({{"orders":[{}],"sequence":"0","has_next":{},"cursor":"{}",)"
                             R"("proof_token_required":{}}})",
                             list, more, more ? fmt::to_string(last) : "", proof)};
}

// Newest first; an empty cursor is the last page.
CoinbaseAnswer EmulatedCoinbase::fills(const EmulatedCall& call)
{
    const auto products = call.all("product_ids", "product_id");
    const auto ids = call.all("order_ids", "order_id");
    const Timestamp start = parse_utc(call.get("start_sequence_timestamp")).value_or(Timestamp{});
    const Timestamp end = parse_utc(call.get("end_sequence_timestamp")).value_or(Timestamp{INT64_MAX});
    // Cursors name the last element of a page; what comes next is older. 0: from the newest.
    const std::uint64_t before = count_of(call.get("cursor"), 0, SIZE_MAX);
    const std::size_t limit = count_of(call.get("limit"), kOrdersPageUsual, kOrdersPageMost);
    std::vector<const EmulatedTrade*> all = setup_.exchange->trades(call.key->account, kNoListing, start);
    const std::string_view proof = proof_wanted();
    if (proof == "true") all.clear();
    const auto page = newest_page(all, limit, [&](const EmulatedTrade& t) {
        return (before == 0 || t.id < before) && t.time < end &&
               among(products, setup_.table->listing(t.listing).symbol) && among(ids, order_id_text(t.order));
    });
    const std::string list = json_list(page, [&](const EmulatedTrade& t) { return fill_json(t); });
    return {200, fmt::format(R"({{"fills":[{}],"cursor":"{}","proof_token_required":{}}})", list,
                             page.more ? fmt::to_string(page.last()) : "", proof)};
}

}  // namespace arb::coinbase
