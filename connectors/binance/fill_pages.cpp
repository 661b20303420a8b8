#include "connectors/binance/fill_pages.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "connectors/binance/private_words.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t kTradesPage = 1'000;
// So few orders of a page are asked for one at a time (weight 4 each), more in one list (weight 20).
constexpr std::size_t kLookupsEach = 4;
constexpr int kWindowsMax = 31;

}  // namespace

struct FillPages::Page final : InquiryNotes {
    std::string text;
    std::vector<std::int64_t> unknown;  ///< orders that are to be asked for, by the venue's number
    bool listed = false;                ///< they were, in one list
    std::map<std::int64_t, OrderId> orders;
};

FillPages::Page* FillPages::page_of(const Inquiry& q)
{
    return static_cast<Page*>(q.notes.get());
}

bool FillPages::asks_list(const Page& page)
{
    return page.unknown.size() > kLookupsEach && !page.listed;
}

bool FillPages::asks_order(const Inquiry& q)
{
    const Page* const page = page_of(q);
    return page != nullptr && !page->unknown.empty() && !asks_list(*page);
}

// The longest span of trades that one request may ask for.
Duration FillPages::window() const
{
    return seconds(tools_->market == Market::spot ? 86'400 : 7 * 86'400);
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
    if (page != nullptr && asks_list(*page)) {
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
Next FillPages::read(Inquiry& q, dom::element data, std::string_view body, FactSink& sink)
{
    Page* const page = page_of(q);
    if (page == nullptr || page->unknown.empty()) return begin_page(q, data, body, sink);
    if (asks_list(*page)) {
        if (!take_list(*page, data)) return Inquiries::trouble(q, {}, {}, "the orders cannot be read");
        return page->unknown.empty() ? hand_on_kept(q, sink) : Next::again;
    }
    std::string_view client;
    if (data["clientOrderId"].get_string().get(client))
        return Inquiries::trouble(q, {}, {}, "the order cannot be read");
    return take_order(q, our_order(client), sink);
}

Next FillPages::begin_page(Inquiry& q, dom::element data, std::string_view body, FactSink& sink)
{
    dom::array trades;
    if (data.get_array().get(trades)) {
        q.complete = false;
        return Inquiries::next_step(q, q.listings.size());
    }
    auto page = std::make_unique<Page>();
    for (const dom::element trade : trades) {
        std::int64_t order = 0;
        if (trade["orderId"].get_int64().get(order)) continue;
        if (const auto known = tools_->decoder.known().find(order))
            page->orders[order] = *known;
        else if (std::find(page->unknown.begin(), page->unknown.end(), order) == page->unknown.end())
            page->unknown.push_back(order);
    }
    const bool whole = page->unknown.empty();
    if (!whole) page->text = body;
    q.notes = std::move(page);
    return whole ? hand_on(q, trades, sink) : Next::again;
}

// Many orders at once, from the lowest number on; what the list does not have is asked for one by one.
bool FillPages::take_list(Page& page, dom::element data)
{
    dom::array array;
    if (data.get_array().get(array)) return false;
    page.listed = true;
    for (const dom::element entry : array) {
        std::int64_t number = 0;
        std::string_view client;
        if (entry["orderId"].get_int64().get(number) || entry["clientOrderId"].get_string().get(client) ||
            std::erase(page.unknown, number) == 0)
            continue;
        page.orders[number] = our_order(client);
        tools_->decoder.remember(number, page.orders[number]);
    }
    return true;
}

Next FillPages::take_order(Inquiry& q, OrderId order, FactSink& sink)
{
    Page& page = *page_of(q);
    const std::int64_t number = page.unknown.back();
    page.unknown.pop_back();
    page.orders[number] = order;
    tools_->decoder.remember(number, order);
    return page.unknown.empty() ? hand_on_kept(q, sink) : Next::again;
}

Next FillPages::hand_on_kept(Inquiry& q, FactSink& sink)
{
    const PaddedBuffer text(page_of(q)->text);
    dom::array trades;
    const auto bad =
        tools_->parser.parse(text.text_of().data, text.text_of().size, false).get_array().get(trades);
    if (bad) return Inquiries::trouble(q, {}, {}, "the fills cannot be read");
    return hand_on(q, trades, sink);
}

Next FillPages::hand_on(Inquiry& q, dom::array trades, FactSink& sink)
{
    const std::unique_ptr<InquiryNotes> notes = std::move(q.notes);
    const std::map<std::int64_t, OrderId>& orders = static_cast<Page&>(*notes).orders;
    std::size_t count = 0;
    std::int64_t last = -1;
    for (const dom::element trade : trades) {
        dom::object object;
        std::int64_t id = -1;
        std::int64_t number = -1;
        ++count;
        const bool numbered = !trade["orderId"].get_int64().get(number);
        const auto order = numbered ? orders.find(number) : orders.end();
        // A fill whose order could not be told is left out rather than called a stranger's.
        if (order == orders.end() || trade.get_object().get(object) ||
            !tools_->decoder.trade(object, order->second, sink, id))
            q.complete = false;
        last = std::max(last, id);
    }
    const bool by_id = !q.cursor.empty();
    const std::string mark = last >= 0 && last < INT64_MAX ? std::to_string(last + 1) : std::string();
    if (Inquiries::next_page(q, mark, count >= kTradesPage) == Next::again) return Next::again;
    // Pages by id run to the newest trade; windows of time are walked up to now.
    q.window = q.window + window();
    if (by_id || q.window > q.venue_asked) return Inquiries::next_step(q, q.listings.size());
    q.pages = 0;
    return Next::again;
}

}  // namespace arb::binance
