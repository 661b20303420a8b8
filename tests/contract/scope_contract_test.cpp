// One channel alone at every venue, against its emulated side: what a key for orders opens and what a key
// that may only read, that each comes back by itself, and that either can ask what its key may do.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

/// Signs nothing.
class MuteSigner final : public Signer {
  public:
    explicit MuteSigner(KeyAlgorithm algorithm) : algorithm_(algorithm) {}
    KeyAlgorithm algorithm() const override { return algorithm_; }
    bool sign(std::string_view, Signature&) override { return false; }

  private:
    KeyAlgorithm algorithm_;
};

class ScopeContract : public testing::TestWithParam<VenueCase> {
  protected:
    void build(std::string_view key, SessionScope scope)
    {
        link = std::make_unique<VenueLink>(type_of(GetParam()), GetParam().market,
                                           std::vector<ListingDefinition>{definition_of(GetParam())},
                                           FeeTaking::quote, "trade", 7, true, GetParam().manners);
        link->deposit("USDT", "100000");
        link->deposit("LINK", "1000");
        link->street("27.10", "27.20");
        link->use_key(key, scope);
        sent = 0;
        link->on_to_venue = [this](VenueLink::Message&) { return ++sent > 0; };
    }
    void start(std::string_view key, SessionScope scope)
    {
        build(key, scope);
        log_on();
    }
    void log_on()
    {
        link->start();
        link->run(seconds(1));
    }
    /// The keys that may trade, one of each algorithm that the venue has.
    std::vector<std::string> trade_keys() const
    {
        std::vector<std::string> labels{"trade"};
        for (const EmulatedKey& key : type_of(GetParam()).make_emulated_keys(7, 1)) {
            if (key.label == "trade_ed25519") labels.push_back(key.label);
        }
        return labels;
    }
    std::size_t told(Channel channel) const
    {
        return static_cast<std::size_t>(
            std::count_if(link->channels.begin(), link->channels.end(),
                          [&](const LinkChannel& change) { return change.channel == channel; }));
    }
    std::size_t ends(RequestKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(
            link->ends.begin(), link->ends.end(), [&](const LinkEnd& end) { return end.end.kind == kind; }));
    }
    std::string last_end(RequestKind kind) const
    {
        const LinkEnd* end = link->last_end(kind);
        return end == nullptr ? "none" : std::string(name(end->end.outcome)) + " " + name(end->end.reason);
    }
    void expect_all_done() const
    {
        for (const LinkEnd& end : link->ends)
            EXPECT_EQ(end.end.outcome, Outcome::done) << name(end.end.kind) << " " << end.text;
    }
    /// The one report of one question.
    const LinkKeyReport& ask(Duration time = seconds(21))
    {
        link->reports.clear();
        link->ends.clear();
        link->query_key();
        link->run(time);
        EXPECT_EQ(link->reports.size(), 1U);
        EXPECT_EQ(ends(RequestKind::key_info), 1U);
        if (link->reports.empty()) link->reports.emplace_back();
        return link->reports[0];
    }
    /// All but levels of old orders, finer than the listing's unit, which are nobody's book's doubt.
    bool decoded() const
    {
        return std::all_of(link->undecoded.begin(), link->undecoded.end(), [](const Undecoded& u) {
            return GetParam().manners && u.reason == UndecodedReason::too_precise && u.listing == kNoListing;
        });
    }
    bool is(std::string_view exchange) const { return exchange == GetParam().exchange; }

    std::unique_ptr<VenueLink> link;
    std::size_t sent = 0;
};
INSTANTIATE_TEST_SUITE_P(Venues, ScopeContract, testing::ValuesIn(venue_days()), case_name);

TEST_P(ScopeContract, a_key_for_orders_opens_order_entry_alone)
{
    for (const std::string& key : trade_keys()) {
        SCOPED_TRACE(key);
        start(key, SessionScope::orders);
        EXPECT_TRUE(link->ready(Channel::order_entry));
        EXPECT_EQ(told(Channel::order_entry), 1U);
        EXPECT_EQ(told(Channel::private_stream), 0U);
        EXPECT_EQ(ends(RequestKind::session), 1U);
        EXPECT_EQ(last_end(RequestKind::session), "done none");
        link->run(seconds(60));
        EXPECT_TRUE(link->ready(Channel::order_entry));
    }
}

TEST_P(ScopeContract, the_session_of_orders_places_and_cancels_and_the_fills_are_another_sessions)
{
    for (const std::string& key : trade_keys()) {
        SCOPED_TRACE(key);
        start(key, SessionScope::orders);
        const OrderId resting = link->place(Side::buy, "1", "27.00", TimeInForce::gtc);
        link->run(milliseconds(100));
        EXPECT_EQ(last_end(RequestKind::place), "done none");
        link->cancel(resting);
        link->run(milliseconds(100));
        EXPECT_EQ(last_end(RequestKind::cancel), "done none");
        link->query(resting);
        link->run(milliseconds(100));
        ASSERT_NE(link->last(resting), nullptr);
        EXPECT_EQ(link->last(resting)->report.status, OrderStatus::cancelled);
        const OrderId taken = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
        link->run(milliseconds(100));
        EXPECT_EQ(last_end(RequestKind::place), "done none");
        for (const LinkOrder& order : link->orders) EXPECT_NE(order.report.source, ReportSource::stream);
        EXPECT_EQ(link->exchange().order_count(), 2U);
        // One venue tells the fills with the acknowledgement.
        EXPECT_TRUE(is("binance") || link->fills.empty());
        link->query(taken);
        link->run(milliseconds(100));
        ASSERT_NE(link->last(taken), nullptr);
        EXPECT_EQ(link->last(taken)->report.status, OrderStatus::filled) << "questions work in each scope";
        EXPECT_TRUE(decoded());
    }
}

TEST_P(ScopeContract, a_key_that_may_only_read_follows_the_account)
{
    start("read", SessionScope::account);
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(told(Channel::private_stream), 1U);
    EXPECT_EQ(told(Channel::order_entry), 0U);
    EXPECT_EQ(ends(RequestKind::session), 1U);
    EXPECT_EQ(last_end(RequestKind::session), "done none");
    link->deposit("USDT", "5");
    // An order of the same account, made with another key.
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.side = Side::buy;
    order.price = link->price("27.20");
    order.quantity = link->quantity("1");
    order.time_in_force = TimeInForce::ioc;
    ASSERT_EQ(link->exchange().place(order, link->now()).error, PlaceError::none);
    link->run(seconds(1));
    EXPECT_EQ(link->fills.size(), 1U);
    link->run(seconds(200));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    EXPECT_EQ(ends(RequestKind::dead_man), 0U);
    expect_all_done();
}

TEST_P(ScopeContract, the_account_session_refuses_orders_at_once)
{
    std::vector<std::string> keys = trade_keys();
    keys.emplace_back("read");
    for (const std::string& key : keys) {
        SCOPED_TRACE(key);
        start(key, SessionScope::account);
        EXPECT_TRUE(link->ready(Channel::private_stream));
        sent = 0;
        const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
        EXPECT_EQ(last_end(RequestKind::place), "refused permission");
        EXPECT_EQ(link->last_end(RequestKind::place)->end.order, id);
        OrderReference any = link->reference(id);
        // Where an order is cancelled by the venue's id alone there has to be one.
        if (is("coinbase")) any.venue_id = "0e3017a7-ed00-4000-8000-0000000f4241";
        link->venue().cancel_order(any, link->now(), *link, *link);
        EXPECT_EQ(last_end(RequestKind::cancel), "refused permission");
        EXPECT_EQ(link->last_end(RequestKind::cancel)->end.order, id);
        link->venue().cancel_all(link->all_listings(), link->now(), *link, *link);
        EXPECT_EQ(last_end(RequestKind::cancel_all), "refused permission");
        EXPECT_EQ(sent, 0U);
        link->run(milliseconds(50));
        EXPECT_EQ(sent, 0U);
        EXPECT_EQ(link->exchange().order_count(), 0U);
    }
}

TEST_P(ScopeContract, questions_work_on_both_scopes)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        for (const std::string& key :
             scope == SessionScope::account ? std::vector<std::string>{"read"} : trade_keys()) {
            start(key, scope);
            link->ends.clear();
            link->venue().query_balances(link->now(), *link, *link);
            link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
            link->venue().query_fills(link->all_listings(), link->now() - seconds(60), link->now(), *link,
                                      *link);
            link->venue().query_fees(link->all_listings(), link->now(), *link, *link);
            link->venue().query_time(link->now(), *link, *link);
            link->run(seconds(1));
            EXPECT_EQ(link->ends.size(), 5U);
            expect_all_done();
        }
    }
}

TEST_P(ScopeContract, each_scope_comes_back_by_itself_after_a_cut)
{
    for (const SessionScope scope : {SessionScope::orders, SessionScope::account}) {
        const Channel mine = scope == SessionScope::orders ? Channel::order_entry : Channel::private_stream;
        const Channel other = scope == SessionScope::orders ? Channel::private_stream : Channel::order_entry;
        std::vector<std::string> keys = trade_keys();
        if (scope == SessionScope::account) keys.emplace_back("read");
        for (const std::string& key : keys) {
            SCOPED_TRACE(key);
            start(key, scope);
            link->channels.clear();
            link->cut_all();
            // Order entry by REST alone has no connection to lose.
            const bool by_rest = is("coinbase") && scope == SessionScope::orders;
            EXPECT_EQ(link->ready(mine), by_rest && told(mine) > 0);
            // With its manners a venue may end what it has just begun.
            link->run(GetParam().manners ? seconds(30) : seconds(2));
            EXPECT_TRUE(by_rest || link->ready(mine));
            EXPECT_EQ(told(other), 0U);
            const std::size_t begun = by_rest ? 1 : 2;
            EXPECT_TRUE(GetParam().manners ? ends(RequestKind::session) >= begun
                                           : ends(RequestKind::session) == begun);
        }
    }
}

TEST_P(ScopeContract, a_restart_keeps_the_scope)
{
    for (const std::string& key : trade_keys()) {
        SCOPED_TRACE(key);
        start(key, SessionScope::orders);
        link->restart();
        link->channels.clear();
        log_on();
        EXPECT_TRUE(link->ready(Channel::order_entry));
        EXPECT_EQ(told(Channel::private_stream), 0U);
    }
}

TEST_P(ScopeContract, a_refused_key_is_told_on_the_session_of_the_account)
{
    build("read", SessionScope::account);
    for (EmulatedKey& key : link->keys) key.revoked = true;
    log_on();
    link->run(seconds(5));  // one refusal says nothing where good tokens are refused at random
    EXPECT_EQ(last_end(RequestKind::session), "key_trouble permission");
    EXPECT_TRUE(link->channels.empty());
}

TEST_P(ScopeContract, every_scope_can_ask_about_its_key_with_and_without_a_session)
{
    for (const SessionScope scope : {SessionScope::both, SessionScope::orders, SessionScope::account}) {
        for (const std::string& key : trade_keys()) {
            SCOPED_TRACE(key);
            build(key, scope);
            EXPECT_EQ(ask().report.answer, KeyAnswer::told) << link->reports[0].text;
            log_on();
            EXPECT_EQ(ask().report.answer, KeyAnswer::told) << link->reports[0].text;
            EXPECT_EQ(last_end(RequestKind::key_info), "done none");
        }
    }
}

TEST_P(ScopeContract, each_emulated_key_tells_its_rights_without_a_session)
{
    build("trade", SessionScope::both);
    for (const char* label : {"trade", "trade_next", "read", "withdraw"}) {
        SCOPED_TRACE(label);
        link->key_uses.clear();
        link->use_key(label);
        const LinkKeyReport told = ask();
        ASSERT_EQ(told.report.answer, KeyAnswer::told) << told.text;
        EXPECT_EQ(told.label, label);
        EXPECT_TRUE(told.report.rights.has(KeyRight::read));
        EXPECT_EQ(told.report.rights.has(KeyRight::trade), std::string_view(label) != "read");
        EXPECT_EQ(told.report.rights.has(KeyRight::withdraw), std::string_view(label) == "withdraw");
        EXPECT_FALSE(told.report.rights.has(KeyRight::other)) << told.foreign;
        EXPECT_EQ(told.missing, "");
        const bool dateless = is("coinbase") || is("gate");
        EXPECT_EQ(told.report.expiry, dateless ? KeyTold::silent : KeyTold::none);
        EXPECT_EQ(told.report.addresses, is("coinbase") ? KeyTold::silent : KeyTold::some);
        const bool listed = !is("coinbase") && !is("binance");
        EXPECT_EQ(told.address_list, listed ? "127.0.0.1,::1" : "");
        EXPECT_EQ(last_end(RequestKind::key_info), "done none");
        EXPECT_EQ(link->key_uses.size(), 1U);
    }
    EXPECT_TRUE(link->channels.empty());
}

TEST_P(ScopeContract, silence_ends_the_question_about_the_key_once)
{
    for (const std::string& key : trade_keys()) {
        SCOPED_TRACE(key);
        build(key, SessionScope::both);
        link->on_to_client = [](VenueLink::Message&) { return false; };
        const LinkKeyReport told = ask(is("binance") ? seconds(21) : seconds(11));
        EXPECT_EQ(told.report.answer, KeyAnswer::none);
        EXPECT_EQ(told.text.substr(0, 9), "no answer") << told.text;
        EXPECT_EQ(last_end(RequestKind::key_info), "unknown none");
        EXPECT_EQ(ask().report.answer, KeyAnswer::none) << "asked again";
    }
}

TEST_P(ScopeContract, a_signer_that_refuses_sends_nothing)
{
    build("trade", SessionScope::both);
    Credentials credentials;
    credentials.label = "mute";
    credentials.key_id = "nobody";
    credentials.signer = std::make_unique<MuteSigner>(type_of(GetParam()).replay_algorithm);
    VenueSetup setup;
    setup.table = &link->table;
    setup.credentials = &credentials;
    const std::unique_ptr<Venue> venue = type_of(GetParam()).make(setup);
    venue->query_key(link->now(), *link, *link);
    venue->on_wake(link->now(), *link, *link);  // where questions wait for their turn
    ASSERT_EQ(link->reports.size(), 1U);
    EXPECT_EQ(link->reports[0].report.answer, KeyAnswer::none);
    EXPECT_EQ(link->reports[0].label, "mute");
    EXPECT_EQ(link->reports[0].text, "the signer refused");
    EXPECT_EQ(ends(RequestKind::key_info), 1U);
    const bool as_trouble = is("binance") || is("coinbase");
    EXPECT_EQ(last_end(RequestKind::key_info), as_trouble ? "key_trouble permission" : "refused permission");
    EXPECT_EQ(sent, 0U);
    EXPECT_TRUE(link->key_uses.empty());
}

}  // namespace
}  // namespace arb::test
