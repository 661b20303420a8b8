// Questions about many listings, a request at a time and within the weight: how they go on, wait, are
// answered together, and end.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/binance/rest_account.hpp"

namespace arb::binance {
namespace {

// Open orders of one symbol cost a weight of 6, of all symbols 80.
constexpr std::size_t kOneByOneMax = 12;
// So few orders of a page of fills are asked for one at a time (weight 4 each), more in one list (weight 20).
constexpr std::size_t kLookupsEach = 4;
constexpr int kFillsPage = 1'000;

// The longest span of trades that one request may ask for.
Duration window_of(Market market)
{
    return seconds(market == Market::spot ? 86'400 : 7 * 86'400);
}
constexpr int kWindowsMax = 31;

}  // namespace

void RestAccount::batch(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    Batch batch;
    batch.id = next_batch_++;
    batch.kind = kind;
    for (const ListingId id : listings) {
        if (tools_->mine(id)) batch.listings.push_back(id);
    }
    const bool at_once = kind == RequestKind::open_orders && batch.listings.size() > kOneByOneMax;
    // One request for every symbol; balances: one for spot, on USD-M positions are a second.
    if (at_once || (kind == RequestKind::balances && tools_->market == Market::spot))
        batch.listings.assign(1, kNoListing);
    else if (kind == RequestKind::balances)
        batch.listings.assign(2, kNoListing);
    if (kind == RequestKind::fills) {
        const Duration back{window_of(tools_->market).ns * kWindowsMax};
        batch.since = std::max(since, now - back);
        batch.complete = batch.since == since;
        batch.window = batch.since;
    }
    if (kind == RequestKind::fees && batch.listings == fees_of_) batch.next = fees_next_;
    begin(std::move(batch), now, sink, outbox);
}

void RestAccount::refresh_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Batch batch;
    batch.id = next_batch_++;
    batch.kind = RequestKind::balances;
    batch.listings.assign(tools_->market == Market::spot ? 1 : 2, kNoListing);
    batch.asks = 0;
    begin(std::move(batch), now, sink, outbox);
}

void RestAccount::begin(Batch batch, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool at_once = batch.kind == RequestKind::cancel_all;
    if (!at_once && joined(batch)) return;
    batch.queued = !at_once && std::any_of(batches_.begin(), batches_.end(), [&](const Batch& other) {
        return other.kind == batch.kind && other.listings == batch.listings;
    });
    batches_.push_back(std::move(batch));
    if (!batches_.back().queued) advance(batches_.back(), now, sink, outbox);
}

// A question about the same listings that has not begun answers this one too. One that has may be past a
// listing where something happened since; only fees do not change so fast.
bool RestAccount::joined(const Batch& batch)
{
    for (Batch& other : batches_) {
        if (other.kind != batch.kind || other.listings != batch.listings) continue;
        if (!other.queued && other.kind != RequestKind::fees) continue;
        other.asks += batch.asks;
        if (other.kind == RequestKind::fills && batch.since < other.since) {
            other.since = other.window = batch.since;
            other.complete = batch.complete;
        }
        return true;
    }
    return false;
}

RestAccount::Batch* RestAccount::find_batch(std::uint64_t id)
{
    for (Batch& batch : batches_) {
        if (batch.id == id) return &batch;
    }
    return nullptr;
}

std::string RestAccount::fills_query(const Batch& batch) const
{
    std::string query = Encoder::symbol_query(tools_->listing(batch.listings[batch.next]));
    if (batch.from_id >= 0) return query + fmt::format("&fromId={}&limit={}", batch.from_id, kFillsPage);
    const std::int64_t start = batch.window.ns / 1'000'000;
    const std::int64_t end = (batch.window + window_of(tools_->market)).ns / 1'000'000 - 1;
    return query + fmt::format("&startTime={}&endTime={}&limit={}", start, end, kFillsPage);
}

void RestAccount::next_listing(Batch& batch)
{
    ++batch.next;
    batch.window = batch.since;
    batch.from_id = -1;
}

void RestAccount::advance(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const std::uint64_t id = batch.id;
    if (!step(batch, now, sink, outbox)) finish(id, now, sink, outbox);
}

// The batch's next request; false when there is none left.
bool RestAccount::step(Batch& batch, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (batch.next >= batch.listings.size()) return false;
    Call c;
    c.kind = Kind::batch;
    c.batch = batch.id;
    c.listing = batch.listings[batch.next];
    std::string query = c.listing == kNoListing ? "" : Encoder::symbol_query(tools_->listing(c.listing));
    std::string where;
    std::string_view method = "GET";
    bool listed = false;
    switch (batch.kind) {
        case RequestKind::cancel_all:
            where = path("/api/v3/openOrders", "/fapi/v1/allOpenOrders");
            method = "DELETE";
            break;
        case RequestKind::open_orders:
            where = path("/api/v3/openOrders", "/fapi/v1/openOrders");
            break;
        case RequestKind::balances:
            where = batch.next == 0 ? path("/api/v3/account", "/fapi/v3/balance") : "/fapi/v3/positionRisk";
            break;
        case RequestKind::fees:
            where = path("/api/v3/account/commission", "/fapi/v1/commissionRate");
            break;
        default:
            where = path("/api/v3/myTrades", "/fapi/v1/userTrades");
            query = fills_query(batch);
            if (batch.lookups.empty()) break;
            c.kind = Kind::lookup;
            query = Encoder::symbol_query(tools_->listing(c.listing));
            if (batch.lookups.size() > kLookupsEach && !batch.listed) {
                where = path("/api/v3/allOrders", "/fapi/v1/allOrders");
                const auto first = *std::min_element(batch.lookups.begin(), batch.lookups.end());
                query += fmt::format("&orderId={}&limit=1000", first);
                listed = true;
                break;
            }
            where = path("/api/v3/order", "/fapi/v1/order");
            c.number = batch.lookups.back();
            query += fmt::format("&orderId={}", c.number);
            break;
    }
    // A question about one listing is mostly about an order whose end is not known; cancelling waits for
    // nothing.
    const bool urgent = batch.kind == RequestKind::cancel_all ||
                        (batch.kind == RequestKind::fills && batch.listings.size() == 1);
    const std::uint32_t weight = request_weight(tools_->market, method, where, c.listing == kNoListing);
    const std::uint32_t most = lists_most(*tools_->pool);
    if (!urgent && !tools_->pool->may(weight, most, now)) {
        batch.waiting = true;
        outbox.wake_at(tools_->setup.id, tools_->pool->next(weight, most, now));
        return true;
    }
    batch.listed |= listed;
    call(c, tools_->encoder.signed_request(method, where, query, tools_->timestamp(now)), where, now, sink,
         outbox);
    return true;
}

// Questions that waited for weight go on where they stopped.
Timestamp RestAccount::go_on(Timestamp now, FactSink& sink, Outbox& outbox)
{
    std::vector<std::uint64_t> ready;
    for (Batch& batch : batches_) {
        if (batch.waiting) ready.push_back(batch.id);
        batch.waiting = false;
    }
    Timestamp due;
    for (const std::uint64_t id : ready) {
        if (Batch* const batch = find_batch(id)) advance(*batch, now, sink, outbox);
        const Batch* const left = find_batch(id);
        if (left == nullptr || !left->waiting) continue;
        due = tools_->pool->next(1, lists_most(*tools_->pool), now);
    }
    return due;
}

void RestAccount::finish(std::uint64_t id, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const auto found =
        std::find_if(batches_.begin(), batches_.end(), [id](const Batch& b) { return b.id == id; });
    if (found == batches_.end()) return;
    const Batch batch = std::move(*found);
    batches_.erase(found);
    if (batch.kind == RequestKind::fees) {
        const bool told_to_wait =
            batch.verdict.outcome == Outcome::rate_limited || batch.verdict.outcome == Outcome::banned;
        fees_of_ = told_to_wait ? batch.listings : std::vector<ListingId>{};
        fees_next_ = told_to_wait ? batch.next : 0;
    }
    for (std::size_t i = 0; i < batch.asks; ++i) tell_end(batch, sink);
    const auto same = std::find_if(batches_.begin(), batches_.end(), [&](const Batch& other) {
        return other.queued && other.kind == batch.kind && other.listings == batch.listings;
    });
    if (same == batches_.end()) return;
    same->queued = false;
    advance(*same, now, sink, outbox);
}

void RestAccount::tell_end(const Batch& batch, FactSink& sink) const
{
    std::array<char, kDecimalTextMax> code{};
    RequestEnd end;
    end.kind = batch.kind;
    end.outcome = batch.verdict.outcome;
    end.reason = batch.verdict.reason;
    end.complete = batch.complete && batch.verdict.outcome == Outcome::done;
    end.retry_after = batch.retry_after;
    end.code = AccountTools::code_text(batch.code, code);
    end.text = batch.text;
    sink.on_request_end(end);
}

}  // namespace arb::binance
