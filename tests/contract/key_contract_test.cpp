// Keys at every venue, against its emulated side: what the gate says of each kind of key, that nothing else
// was sent with a key that it refused, and a take-over under load without a lost order.
#include <set>

#include "engine/pipeline/key_gate.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

class KeyContract : public testing::TestWithParam<VenueCase>, public KeyGateListener {
  protected:
    void build()
    {
        news.clear();
        credentials.clear();
        requests.clear();
        upgrades = 0;
        link = std::make_unique<VenueLink>(type_of(GetParam()), GetParam().market,
                                           std::vector<ListingDefinition>{definition_of(GetParam())},
                                           FeeTaking::quote, "", 7, false);
        VenueSetup setup;
        setup.table = &link->table;
        venue = &link->use_venue(std::make_unique<KeyedVenue>(type_of(GetParam()).make, setup));
        gate = std::make_unique<KeyGate>(KeyGate::Parts{{venue}, {link.get()}, link.get(), this, {}});
        link->on_report = [this](const KeyReport& report) {
            gate->on_report(VenueId{0}, report, link->now());
        };
        link->on_to_venue = [this](VenueLink::Message& m) {
            using Kind = VenueLink::Message::Kind;
            if (m.kind == Kind::request && m.request.is_signed) requests.push_back(m.request.url);
            upgrades += m.kind == Kind::upgrade;
            return true;
        };
    }
    EmulatedKey& key(std::string_view label)
    {
        for (EmulatedKey& k : link->keys) {
            if (k.label == label) return k;
        }
        ENSURE(false, "every emulated venue has this key");
        return link->keys.front();
    }
    KeyFacts facts(const char* label, KeyRole role) const
    {
        KeyFacts f;
        f.venue = GetParam().label;
        f.label = label;
        f.role = role;
        // Venues that tell no addresses or no end are vouched for, as an operator has to.
        for (const std::string_view what : {kAttestAddresses, kAttestExpiry})
            f.attestations.push_back(
                {std::string(what), "test", Timestamp{1}, link->now() + seconds(86'400 * 30)});
        return f;
    }
    bool add(const char* label, KeyRole role = KeyRole::trade) { return add(facts(label, role)); }
    bool add(const KeyFacts& f)
    {
        credentials.push_back(std::make_unique<Credentials>(link->credentials(f.label)));
        return gate->add(VenueId{0}, f, *credentials.back(), link->now());
    }
    void run(Duration time)
    {
        const Timestamp end = link->now() + time;
        while (link->now() < end) {
            link->run(milliseconds(5));
            gate->work(link->now());
        }
    }
    /// The verdict on a key of the start.
    KeyFault verdict(const KeyFacts& f)
    {
        EXPECT_TRUE(add(f));
        gate->begin(link->now());
        for (int i = 0; i < 600 && !gate->settled(); ++i) run(milliseconds(500));
        EXPECT_TRUE(gate->settled());
        KeyFault fault = KeyFault::none;
        gate->for_each([&](const KeyNews& n) {
            fault = n.fault;
            text = std::string(n.text);
        });
        return fault;
    }
    void on_key(const KeyNews& n, Timestamp) override
    {
        news.push_back(std::string(n.label) + " " + name(n.stage) + " " + std::string(n.text));
    }
    bool is(std::string_view exchange) const { return exchange == GetParam().exchange; }

    std::unique_ptr<VenueLink> link;
    KeyedVenue* venue = nullptr;
    std::unique_ptr<KeyGate> gate;
    std::vector<std::unique_ptr<Credentials>> credentials;
    std::vector<std::string> news, requests;
    std::string text;
    int upgrades = 0;
};
INSTANTIATE_TEST_SUITE_P(Venues, KeyContract, testing::ValuesIn(kVenueCases), case_name);

TEST_P(KeyContract, clean_keys_of_both_roles_pass)
{
    build();
    EXPECT_EQ(verdict(facts("trade", KeyRole::trade)), KeyFault::none) << text;
    build();
    EXPECT_EQ(verdict(facts("read", KeyRole::read)), KeyFault::none) << text;
}

TEST_P(KeyContract, each_bad_key_is_refused_with_its_own_sentence_and_sends_nothing_else)
{
    struct Case {
        const char* what;
        KeyFault expected;
        std::function<void(KeyFacts&)> spoil;
        const char* label = "trade";
    };
    const auto answer = [this](int status, const char* body) {
        link->instead_of_reply = [status, body](const HttpRequest&) {
            return std::optional<ServerReply>(ServerReply{status, {}, body});
        };
    };
    // What this venue cannot say is not expected of it; its README tells the same.
    const bool hides_transfers = is("okx");
    const bool hides_addresses = is("coinbase");
    std::vector<Case> cases = {
        {"withdraw", KeyFault::withdraw, [](KeyFacts&) {}, "withdraw"},
        {"expired", KeyFault::refused, [&](KeyFacts&) { key("trade").expires = link->now() - seconds(1); }},
        {"near expiry", KeyFault::expires_soon,
         [&](KeyFacts& f) { key("trade").expires = f.expires = link->now() + seconds(12 * 3600); }},
        {"read only", KeyFault::cannot_trade, [&](KeyFacts& f) { f.label = "read"; }},
        {"revoked", KeyFault::refused, [&](KeyFacts&) { key("trade").revoked = true; }},
        {"malformed", KeyFault::unreadable, [&](KeyFacts&) { answer(200, "{\"result\":"); }},
        {"absent", KeyFault::absent, [&](KeyFacts&) { answer(404, "not found"); }},
        {"failing", KeyFault::no_answer, [&](KeyFacts&) { answer(503, "busy"); }},
    };
    if (!hides_transfers) {
        const KeyFault expected = is("coinbase") ? KeyFault::withdraw  // its word for it is one and the same
                                  : is("kraken") ? KeyFault::foreign_right
                                                 : KeyFault::transfer;
        cases.push_back({"transfer", expected, [&](KeyFacts&) { key("trade").can_transfer = true; }});
    }
    if (!hides_addresses)
        cases.push_back(
            {"any address", KeyFault::any_address, [&](KeyFacts&) { key("trade").ip_allowed.clear(); }});
    else
        cases.push_back(
            {"untold addresses", KeyFault::addresses_untold, [](KeyFacts& f) { f.attestations.clear(); }});
    std::map<KeyFault, std::string> sentences;
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        build();
        KeyFacts f = facts(c.label, KeyRole::trade);
        c.spoil(f);
        EXPECT_EQ(verdict(f), c.expected) << text;
        EXPECT_TRUE(gate->refused());
        EXPECT_TRUE(text.starts_with("key '" + f.label + "' of ")) << text;
        run(seconds(30));
        EXPECT_EQ(upgrades, 0) << "no session was opened";
        const std::set<std::string> different(requests.begin(), requests.end());
        EXPECT_FALSE(requests.empty());
        for (const std::string& url : requests)
            EXPECT_EQ(url.substr(0, url.find('?')), requests[0].substr(0, requests[0].find('?')))
                << "nothing but the question about the key";
        // Coinbase refuses good tokens at random: one refusal is none.
        const bool repeats =
            c.expected == KeyFault::no_answer || (c.expected == KeyFault::refused && is("coinbase"));
        EXPECT_LE(requests.size(), repeats ? 5U : 1U);
        const auto known = sentences.emplace(c.expected, text);
        if (!known.second) continue;
        for (const auto& [fault, other] : sentences) {
            if (fault != c.expected) {
                EXPECT_NE(other, text);
            }
        }
    }
    EXPECT_GE(sentences.size(), 7U);
}

TEST_P(KeyContract, a_key_that_can_withdraw_while_running_is_noticed_within_the_hour)
{
    build();
    EXPECT_EQ(verdict(facts("trade", KeyRole::trade)), KeyFault::none) << text;
    gate->start_sessions(link->now());
    run(seconds(2));
    EXPECT_TRUE(link->ready(Channel::order_entry));
    EXPECT_TRUE(link->ready(Channel::private_stream));
    key("trade").can_withdraw = true;
    for (int i = 0; i < 365 && gate->trouble(VenueId{0}).empty(); ++i) {
        link->run(seconds(10));
        gate->work(link->now());
    }
    link->run(seconds(1));
    gate->work(link->now());
    EXPECT_NE(gate->trouble(VenueId{0}).find("can withdraw"), std::string::npos) << gate->trouble(VenueId{0});
}

// Orders all the while, five milliseconds apart; each must end well, and be filled at the venue and in our
// ears.
TEST_P(KeyContract, a_take_over_under_two_hundred_orders_a_second_loses_none)
{
    for (const bool apart : {false, true}) {
        SCOPED_TRACE(apart ? "a key for reading beside it" : "one key for all");
        build();
        link->deposit("LINK", "100000");
        link->deposit("USDT", "10000000");
        link->start(false);
        link->street("27.10", "27.20", "1000000");
        ASSERT_TRUE(add("trade"));
        ASSERT_TRUE(!apart || add("read", KeyRole::read));
        gate->begin(link->now());
        for (int i = 0; i < 100 && !gate->settled(); ++i) run(milliseconds(50));
        ASSERT_TRUE(gate->settled() && !gate->refused());
        gate->start_sessions(link->now());
        for (int i = 0;
             i < 100 && !(link->ready(Channel::order_entry) && link->ready(Channel::private_stream)); ++i)
            run(milliseconds(50));
        ASSERT_TRUE(link->ready(Channel::order_entry));
        ASSERT_TRUE(link->ready(Channel::private_stream));
        const std::size_t channels = link->channels.size();
        std::vector<OrderId> orders;
        bool gone = false;
        for (int i = 0; i < 3000 && !(gone && i % 200 == 0); ++i) {
            if (i == 200) {
                ASSERT_TRUE(add("trade_next"));
            }
            orders.push_back(link->place(Side::buy, "0.4", "27.20", TimeInForce::ioc));
            run(milliseconds(5));
            gate->for_each(
                [&](const KeyNews& n) { gone |= n.stage == KeyStage::gone && n.label == "trade"; });
        }
        ASSERT_TRUE(gone) << "the old key drained and went";
        run(seconds(3));
        std::size_t placed = 0;
        for (const LinkEnd& end : link->ends) {
            if (end.end.kind != RequestKind::place) continue;
            ++placed;
            ASSERT_EQ(end.end.outcome, Outcome::done) << end.code << " " << end.text;
        }
        EXPECT_EQ(placed, orders.size());
        std::map<OrderId, Quantity> filled;
        std::set<std::string> counted;
        for (const LinkFill& fill : link->fills) {
            if (counted.insert(fill.trade_id).second)
                filled[fill.report.order] = filled[fill.report.order] + fill.report.quantity;
        }
        for (const LinkOrder& order : link->orders) {
            // Where single fills are asked for, the stream's total tells.
            Quantity& known = filled[order.report.order];
            if (order.report.has_filled && order.report.filled > known) known = order.report.filled;
        }
        for (const OrderId id : orders) ASSERT_EQ(filled[id], link->quantity("0.4"));
        EXPECT_EQ(link->exchange().orders(VenueLink::kAccount, kNoListing, false).size(), orders.size());
        EXPECT_EQ(link->channels.size(), channels) << "no channel was down for a moment";
    }
}

}  // namespace
}  // namespace arb::test
