// Each deviation at every venue, seen by our own connector over the venue's own protocol, beside what it sees
// without: one table, one row a deviation.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/key_report.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

/// A connector and its emulated venue, logged on.
class Life {
  public:
    Life(const VenueCase& venue, const Deviations& deviations)
        : type_(&type_of(venue)), market_(venue.market), definition_(definition_of(venue))
    {
        link_ =
            std::make_unique<VenueLink>(*type_, market_, std::vector<ListingDefinition>{definition_},
                                        type_->fees_from_received ? FeeTaking::received : FeeTaking::quote,
                                        "trade", 7, false, false, deviations);
        link_->deposit("USDT", "1000000");
        if (definition_.kind == InstrumentKind::spot) link_->deposit("LINK", "10000");
        link_->street("27.10", "27.20");
        link_->start();
        link_->run(seconds(2));
        forget();
    }
    VenueLink& link() { return *link_; }
    void forget()
    {
        link_->orders.clear();
        link_->fills.clear();
        link_->balances.clear();
        link_->ends.clear();
    }
    OrderId rest() { return place("27.00", TimeInForce::gtc); }
    OrderId buy() { return place("27.20", TimeInForce::ioc); }
    OrderId place(std::string_view price, TimeInForce tif)
    {
        const OrderId id = link_->place(Side::buy, "10", price, tif);
        link_->run(seconds(1));
        return id;
    }
    std::size_t streamed(OrderStatus status) const
    {
        return static_cast<std::size_t>(
            std::count_if(link_->orders.begin(), link_->orders.end(), [&](const LinkOrder& o) {
                return o.report.source == ReportSource::stream && o.report.status == status;
            }));
    }
    std::vector<const EmulatedOrder*> open() const
    {
        return link_->exchange().orders(VenueLink::kAccount, kNoListing, true);
    }
    Amount told(const std::string& asset) const
    {
        Amount total;
        for (const LinkBalance& b : link_->balances) {
            if (b.asset == asset && b.report.has_total) total = b.report.total;
        }
        return total;
    }
    std::string ended(RequestKind kind) const
    {
        const LinkEnd* const end = link_->last_end(kind);
        return end == nullptr ? "no end" : name(end->end.outcome);
    }
    /// Nobody who has its venue id would ask by the client's.
    std::string queried(OrderId id)
    {
        OrderReference reference;
        reference.order = id;
        reference.listing = ListingId{0};
        reference.sent = link_->now();
        forget();
        link_->venue().query_order(reference, link_->now(), *link_, *link_);
        link_->run(seconds(2));
        const LinkOrder* const last = link_->last(id);
        return last == nullptr ? "not told" : last->report.status == OrderStatus::absent ? "absent" : "there";
    }
    std::string tick() const
    {
        for (const std::string& url : type_->instrument_urls(market_)) {
            ServerRequest request;
            request.method = "GET";
            request.target = url.substr(url.find('/', url.find("://") + 3));
            request.remote = "127.0.0.1";
            const ServerReply reply = link_->emulated().on_request(request, link_->now(), *link_);
            const auto read = type_->read_instruments(market_, url, reply.body);
            if (!read) continue;
            for (const ListingDefinition& d : read.value()) {
                if (d.symbol == definition_.symbol) return d.tick.text();
            }
        }
        return "none";
    }
    const Instrument& instrument() const { return link_->table.instrument_of(ListingId{0}); }
    bool spot() const { return definition_.kind == InstrumentKind::spot; }

  private:
    const ConnectorType* type_;
    std::string market_;
    ListingDefinition definition_;
    std::unique_ptr<VenueLink> link_;
};

struct Row {
    Deviation deviation;
    std::function<std::string(Life&)> see;
    const char* faithful;
    const char* deviant;
};

std::string number(std::size_t value)
{
    return std::to_string(value);
}

std::string open_word(const Life& life)
{
    return life.open().empty() ? "gone" : "rests";
}

std::string price_after_amend(Life& life)
{
    life.link().amend(life.rest(), "27.01");
    life.link().run(seconds(1));
    return life.ended(RequestKind::amend) + ", at " + life.instrument().text(life.open().front()->price);
}

std::string fee_times(Life& life)
{
    life.buy();
    Amount paid, due;
    for (const LinkFill& fill : life.link().fills) {
        const bool base = fill.fee_asset == life.instrument().base && life.spot();
        const Amount of = base ? life.instrument().amount(fill.report.quantity)
                               : *life.instrument().notional(fill.report.price, fill.report.quantity);
        paid += fill.report.fee;
        due += apply_rate(of, life.link().exchange().taker_fee(ListingId{0}));
    }
    if (due.zero()) return "no fee";
    // A venue rounds what it tells.
    return std::to_string(static_cast<int>((paid.units * 10 + due.units * 5) / (due.units * 10))) + " times";
}

std::string fills_listed(Life& life)
{
    life.buy();
    EXPECT_EQ(life.link().exchange().trade_count(), 1U);
    life.forget();
    const std::vector<ListingId> all = life.link().all_listings();
    life.link().venue().query_fills(all, kStart - seconds(60), life.link().now(), life.link(), life.link());
    life.link().run(seconds(5));
    return life.link().fills.empty() ? "none listed" : "listed";
}

std::string balance_moved(Life& life)
{
    const std::string asset = life.spot() ? "LINK" : life.instrument().name;
    const auto moved = [&] { return life.told(asset) > money(life.spot() ? "10000" : "0"); };
    life.buy();
    // Not every venue's stream tells balances; what it tells agrees with the answer.
    const bool streamed = moved();
    const bool silent = life.link().balances.empty();
    life.forget();
    life.link().venue().query_balances(life.link().now(), life.link(), life.link());
    life.link().run(seconds(2));
    EXPECT_TRUE(silent || streamed == moved());
    return moved() ? "moved" : "unmoved";
}

// What the stream alone says of an order, its fill and the money.
std::string stream_speaks(Life& life)
{
    life.rest();
    life.buy();
    const auto streams = [](const auto& list) {
        return std::any_of(list.begin(), list.end(),
                           [](const auto& one) { return one.report.source == ReportSource::stream; });
    };
    const VenueLink& link = life.link();
    const bool any = streams(link.orders) || streams(link.balances);
    return link.ready(Channel::private_stream) ? any ? "on, speaks" : "on, silent" : "off";
}

// Changes of the book that no update told.
std::string changes_missing(Life& life)
{
    std::size_t missing = 0;
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t before = life.link().books;
        life.link().street("27.1" + std::to_string(1 + i % 2), "27.20");
        life.link().run(milliseconds(200));
        missing += life.link().books == before;
    }
    return number(missing) + " missing";
}

std::string books_crossed(Life& life)
{
    for (int i = 0; i < 60; ++i) {
        life.link().street("27.1" + std::to_string(1 + i % 2), "27.20");
        life.link().run(milliseconds(200));
    }
    return life.link().bid_most > life.link().price("27.20") ? "crossed" : "in order";
}

std::string clock_ahead(Life& life)
{
    life.link().venue().query_time(life.link().now(), life.link(), life.link());
    life.link().run(seconds(2));
    if (life.link().clock_offsets.empty()) return "no clock";
    return std::to_string((life.link().clock_offsets.back().ns + seconds(1).ns / 2) / seconds(1).ns) + " s";
}

std::string key_right(Life& life)
{
    life.link().query_key();
    life.link().run(seconds(2));
    if (life.link().reports.empty()) return "no report";
    const KeyRights rights = life.link().reports.back().report.rights;
    const bool more = rights.has(KeyRight::withdraw) || rights.has(KeyRight::transfer);
    return more ? "trades and withdraws" : rights.has(KeyRight::trade) ? "trades" : "nothing";
}

std::vector<Row> table()
{
    using D = Deviation;
    return {
        {D::order_not_shown,
         [](Life& life) {
             life.rest();
             return (life.streamed(OrderStatus::working) > 0 ? "told, " : "not told, ") + open_word(life);
         },
         "told, rests", "not told, rests"},
        {D::end_not_shown,
         [](Life& life) {
             life.link().cancel(life.rest());
             life.link().run(seconds(1));
             return (life.streamed(OrderStatus::cancelled) > 0 ? "told, " : "not told, ") + open_word(life);
         },
         "told, gone", "not told, gone"},
        {D::query_absent,
         [](Life& life) {
             const std::string told = life.queried(life.rest());
             return told + ", " + open_word(life);
         },
         "there, rests", "absent, rests"},
        {D::amend_ignored, price_after_amend, "done, at 27.01", "done, at 27"},
        {D::cancel_ignored,
         [](Life& life) {
             life.link().cancel(life.rest());
             life.link().run(seconds(1));
             return life.ended(RequestKind::cancel) + ", " + open_word(life);
         },
         "done, gone", "done, rests"},
        {D::ioc_rests,
         [](Life& life) {
             life.place("27.00", TimeInForce::ioc);
             return open_word(life);
         },
         "gone", "rests"},
        {D::post_only_takes,
         [](Life& life) {
             return life.link().filled(life.place("27.20", TimeInForce::post_only)).zero() ? "not filled"
                                                                                           : "filled";
         },
         "not filled", "filled"},
        {D::quantity_differs,
         [](Life& life) {
             life.queried(life.rest());
             Quantity most;
             for (const LinkOrder& order : life.link().orders) most = std::max(most, order.report.quantity);
             return most == life.link().quantity("10")     ? "as sent"
                    : most == life.link().quantity("10.1") ? "a lot more"
                                                           : number(static_cast<std::size_t>(most.units));
         },
         "as sent", "a lot more"},
        {D::fee_differs, fee_times, "1 times", "2 times"},
        {D::fill_not_in_list, fills_listed, "listed", "none listed"},
        {D::balance_unmoved, balance_moved, "moved", "unmoved"},
        {D::stream_silent, stream_speaks, "on, speaks", "on, silent"},
        {D::book_gap, changes_missing, "0 missing", "1 missing"},
        {D::book_crossed, books_crossed, "in order", "crossed"},
        {D::clock_off, clock_ahead, "0 s", "20 s"},
        {D::key_withdraws, key_right, "trades", "trades and withdraws"},
        {D::tick_differs, [](Life& life) { return life.tick(); }, "0.01", "0.1"},
    };
}

class DeviationsContract : public testing::TestWithParam<VenueCase> {};
INSTANTIATE_TEST_SUITE_P(Venues, DeviationsContract, testing::ValuesIn(kVenueCases), case_name);

TEST_P(DeviationsContract, our_connector_meets_each_and_without_it_meets_the_venue_as_it_is)
{
    const std::vector<Row> rows = table();
    ASSERT_EQ(rows.size(), static_cast<std::size_t>(Deviation::count_)) << "one row for each";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row& row = rows[i];
        SCOPED_TRACE(name(row.deviation));
        ASSERT_EQ(row.deviation, static_cast<Deviation>(i));
        if (row.deviation == Deviation::amend_ignored && !amends(GetParam())) continue;
        Life faithful(GetParam(), {});
        EXPECT_EQ(row.see(faithful), row.faithful);
        Life deviant(GetParam(), {row.deviation});
        EXPECT_EQ(row.see(deviant), row.deviant);
    }
}

}  // namespace
}  // namespace arb::test
