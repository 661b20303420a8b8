#include "connectors/binance/fill_pages.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "connectors/binance/private_values.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t kTradesPage = 1'000;
// So few orders of a page are asked for one at a time (weight 4 each), more in one list (weight 20).
constexpr std::size_t kLookupsEach = 4;
constexpr int kWindowsMax = 31;

}  // namespace

struct FillPages::Page final : InquiryNotes {
    dom::parser parser;  ///< holds the trades while other replies are read
    dom::array trades;
    std::vector<std::int64_t> unknown;  ///< orders that are to be asked for, by the venue's number
    bool listed = false;                ///< they were, in one list
    std::map<std::int64_t, OrderId> orders;
    std::int64_t last = -1;  ///< the highest number of a trade

    bool asks_list() const { return unknown.size() > kLookupsEach && !listed; }
};

FillPages::Page* FillPages::page_of(const Inquiry& q)
{
    return static_cast<Page*>(q.notes.get());
}

bool FillPages::asks_order(const Inquiry& q)
{
    const Page* const page = page_of(q);
    return page != nullptr && !page->asks_list();
}

void FillPages::fill_in(Inquiry& q, Timestamp now) const
{
    const Timestamp oldest = now - Duration{window().ns * kWindowsMax};
    q.complete = q.since >= oldest;
    q.since = std::max(q.since, oldest);
}

void FillPages::ask(const Inquiry& q, Ask& ask) const
{
    const Page* const page = page_of(q);
    if (page != nullptr && page->asks_list()) {
        // Numbers grow: the list begins with the lowest.
        ask.path = tools_->path("allOrders");
        ask.query += fmt::format("&orderId={}&limit=1000",
                                 *std::min_element(page->unknown.begin(), page->unknown.end()));
    } else if (asks_order(q)) {
        ask.path = tools_->path("order");
        ask.query += fmt::format("&orderId={}", page->unknown.back());
    } else {
        ask.path = tools_->path("myTrades", "userTrades");
        if (!q.cursor.empty())
            ask.query += "&fromId=" + q.cursor;
        else
            ask.query += fmt::format("&startTime={}&endTime={}", q.window.ns / 1'000'000,
                                     (q.window + window()).ns / 1'000'000 - 1);
        ask.query += fmt::format("&limit={}", kTradesPage);
    }
}

// Without an answer about an order its fills could be taken for a stranger's: the question ends there.
Next FillPages::read(Inquiry& q, dom::element data, PaddedText body, FactSink& sink)
{
    Page* const page = page_of(q);
    if (page == nullptr) return begin_page(q, body, sink);
    dom::array orders;
    std::string_view client;
    if (!page->asks_list() && !data["clientOrderId"].get_string().get(client))
        return take_order(q, our_order(client), sink);
    if (!page->asks_list() || data.get_array().get(orders))
        return Inquiries::trouble(q, {}, {}, "the orders of fills cannot be read");
    take_list(*page, orders);
    return go_on(q, sink);
}

Next FillPages::begin_page(Inquiry& q, PaddedText body, FactSink& sink)
{
    auto page = std::make_unique<Page>();
    if (page->parser.parse(body.data, body.size, false).get_array().get(page->trades)) {
        q.complete = false;
        return Inquiries::next_step(q, q.listings.size());
    }
    for (const dom::element trade : page->trades) {
        std::int64_t order = 0;
        if (trade["orderId"].get_int64().get(order)) continue;
        if (const auto known = tools_->memory.orders.find(order))
            page->orders[order] = *known;
        else if (std::find(page->unknown.begin(), page->unknown.end(), order) == page->unknown.end())
            page->unknown.push_back(order);
    }
    q.notes = std::move(page);
    return go_on(q, sink);
}

// Many orders at once, from the lowest number on; what the list does not have is asked for one by one.
void FillPages::take_list(Page& page, dom::array orders)
{
    page.listed = true;
    for (const dom::element entry : orders) {
        std::int64_t number = 0;
        std::string_view client;
        if (entry["orderId"].get_int64().get(number) || entry["clientOrderId"].get_string().get(client) ||
            std::erase(page.unknown, number) == 0)
            continue;
        page.orders[number] = our_order(client);
        tools_->memory.orders.put(number, page.orders[number]);
    }
}

Next FillPages::take_order(Inquiry& q, OrderId order, FactSink& sink)
{
    Page& page = *page_of(q);
    const std::int64_t number = page.unknown.back();
    page.unknown.pop_back();
    page.orders[number] = order;
    tools_->memory.orders.put(number, order);
    return go_on(q, sink);
}

void FillPages::hand_on(Inquiry& q, FactSink& sink)
{
    Page& page = *page_of(q);
    for (const dom::element trade : page.trades) {
        dom::object object;
        std::int64_t id = -1;
        std::int64_t number = -1;
        const bool numbered = !trade["orderId"].get_int64().get(number);
        const auto order = numbered ? page.orders.find(number) : page.orders.end();
        // A fill whose order could not be told is left out rather than called a stranger's.
        if (order == page.orders.end() || trade.get_object().get(object) ||
            !tools_->replies.trade(object, order->second, sink, id))
            q.complete = false;
        page.last = std::max(page.last, id);
    }
}

// The orders that are not known yet, then the fills, then what lies behind the page.
Next FillPages::go_on(Inquiry& q, FactSink& sink)
{
    if (!page_of(q)->unknown.empty()) return Next::again;
    hand_on(q, sink);
    const std::int64_t last = page_of(q)->last;
    const bool full = page_of(q)->trades.size() >= kTradesPage;
    q.notes.reset();
    const bool by_id = !q.cursor.empty();
    const std::string mark = last >= 0 && last < INT64_MAX ? std::to_string(last + 1) : std::string();
    if (Inquiries::next_page(q, mark, full) == Next::again) return Next::again;
    // Pages by id run to the newest trade; windows of time are walked up to now.
    q.window = q.window + window();
    if (by_id || q.window > q.venue_asked) return Inquiries::next_step(q, q.listings.size());
    q.pages = 0;
    return Next::again;
}

}  // namespace arb::binance
