// Another price for an order that rests, at every venue that offers it: the connector against the emulated
// side, over the venue's own protocol.
#include <memory>
#include <string>
#include <vector>

#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

class AmendContract : public testing::TestWithParam<VenueCase> {
  protected:
    void SetUp() override
    {
        link = std::make_unique<VenueLink>(type_of(GetParam()), GetParam().market,
                                           std::vector<ListingDefinition>{definition_of(GetParam())},
                                           FeeTaking::quote, "trade", 7, false, GetParam().manners);
        link->deposit("USDT", "100000");
        link->deposit("LINK", "1000");
        link->street("27.10", "27.20");
        link->start();
        link->run(seconds(2));
    }
    OrderId rest(TimeInForce tif = TimeInForce::post_only)
    {
        const OrderId id = link->place(Side::buy, "10", "27.00", tif);
        link->run(seconds(1));
        return id;
    }
    void amend(OrderId id, std::string_view price)
    {
        link->amend(id, price);
        link->run(seconds(1));
    }
    std::string ended(RequestKind kind) const
    {
        const LinkEnd* const end = link->last_end(kind);
        if (end == nullptr) return "no end";
        return std::string(name(end->end.outcome)) + " " + name(end->end.reason);
    }
    const EmulatedOrder& at_venue() const
    {
        return *link->exchange().orders(VenueLink::kAccount, kNoListing, false).front();
    }
    /// Reports of this order on the private stream, after the first ones.
    std::vector<LinkOrder> streamed(OrderId id, std::size_t after) const
    {
        std::vector<LinkOrder> found;
        for (std::size_t i = after; i < link->orders.size(); ++i) {
            const LinkOrder& order = link->orders[i];
            if (order.report.order == id && order.report.source == ReportSource::stream)
                found.push_back(order);
        }
        return found;
    }
    std::unique_ptr<VenueLink> link;
};

std::vector<VenueCase> amending_days()
{
    std::vector<VenueCase> days;
    for (const VenueCase& day : venue_days()) {
        if (amends(day)) days.push_back(day);
    }
    return days;
}
INSTANTIATE_TEST_SUITE_P(Venues, AmendContract, testing::ValuesIn(amending_days()), case_name);

TEST(AmendContract, who_offers_it)
{
    for (const VenueCase& venue : kVenueCases) {
        VenueLink link(type_of(venue), venue.market, {definition_of(venue)}, FeeTaking::quote, "trade", 7);
        EXPECT_EQ(link.venue().trading_features().amends, amends(venue)) << venue.label;
    }
}

TEST_P(AmendContract, the_order_keeps_its_ids_and_what_it_was_ordered_with)
{
    const OrderId id = rest();
    ASSERT_NE(link->last(id), nullptr);
    const std::string venue_id = link->last(id)->venue_id;
    const std::size_t before = link->orders.size();
    amend(id, "27.05");
    EXPECT_EQ(ended(RequestKind::amend), "done none");
    EXPECT_EQ(at_venue().price, link->price("27.05"));
    EXPECT_EQ(at_venue().quantity, link->quantity("10"));
    EXPECT_EQ(link->exchange().order_count(), 1U);
    const std::vector<LinkOrder> told = streamed(id, before);
    ASSERT_FALSE(told.empty()) << "the stream shows it";
    EXPECT_EQ(told.back().report.status, OrderStatus::working);
    EXPECT_EQ(told.back().report.price, link->price("27.05"));
    EXPECT_EQ(told.back().venue_id, venue_id);
    link->query(id);
    link->run(seconds(2));
    EXPECT_EQ(link->last(id)->report.status, OrderStatus::working);
    EXPECT_EQ(link->last(id)->report.price, link->price("27.05"));
    EXPECT_EQ(link->last(id)->venue_id, venue_id);
}

TEST_P(AmendContract, what_was_filled_before_stays_filled)
{
    const OrderId id = rest();
    // Somebody sells four at our price.
    link->street("26.90", "27.00", "4");
    link->street("26.90", "27.20");
    link->run(seconds(2));
    ASSERT_EQ(link->filled(id), link->quantity("4"));
    amend(id, "27.05");
    EXPECT_EQ(ended(RequestKind::amend), "done none");
    EXPECT_EQ(at_venue().quantity, link->quantity("10"));
    EXPECT_EQ(at_venue().state, EmulatedState::open);
    link->street("26.90", "27.04");
    link->run(seconds(2));
    EXPECT_EQ(link->filled(id), link->quantity("10"));
    ASSERT_NE(link->last(id), nullptr);
    EXPECT_EQ(link->last(id)->report.status, OrderStatus::filled);
    for (const LinkFill& fill : link->fills) EXPECT_TRUE(fill.report.maker);
}

TEST_P(AmendContract, one_that_may_not_take_does_not_take)
{
    const OrderId id = rest();
    amend(id, "27.20");
    EXPECT_TRUE(link->fills.empty());
    EXPECT_EQ(link->exchange().trade_count(), 0U);
    // Some leave it as it was, some end it: whichever it is, it is told.
    const bool open = at_venue().state == EmulatedState::open;
    ASSERT_NE(link->last(id), nullptr);
    EXPECT_EQ(link->last(id)->report.status, open ? OrderStatus::working : OrderStatus::cancelled);
    if (open) {
        EXPECT_EQ(at_venue().price, link->price("27.00"));
    }
    EXPECT_NE(link->last_end(RequestKind::amend), nullptr);
}

TEST_P(AmendContract, an_order_that_is_gone_is_not_made_again)
{
    const OrderId id = rest();
    link->cancel(id);
    link->run(seconds(1));
    amend(id, "27.05");
    const LinkEnd* const end = link->last_end(RequestKind::amend);
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->end.outcome, Outcome::refused) << end->code << " " << end->text;
    EXPECT_EQ(end->end.order, id);
    EXPECT_EQ(link->exchange().order_count(), 1U);
    EXPECT_TRUE(link->exchange().orders(VenueLink::kAccount, kNoListing, true).empty());
}

TEST_P(AmendContract, a_connection_that_dies_leaves_it_unknown)
{
    const OrderId id = rest();
    link->on_to_client = [](VenueLink::Message&) { return false; };
    // Where it is asked by REST: executed, and the answer is an error of the server's.
    link->instead_of_reply = [](const HttpRequest& request) {
        return request.is_signed ? std::optional(ServerReply{502, {}, ""}) : std::nullopt;
    };
    link->amend(id, "27.05");
    link->run(milliseconds(50));
    link->cut_all();
    link->on_to_client = nullptr;
    link->instead_of_reply = nullptr;
    link->run(seconds(40));
    EXPECT_EQ(ended(RequestKind::amend).substr(0, 7), "unknown");
    EXPECT_EQ(link->last_end(RequestKind::amend)->end.order, id);
    link->query(id);
    link->run(seconds(5));
    EXPECT_EQ(link->last(id)->report.price, link->price("27.05"));
}

}  // namespace
}  // namespace arb::test
