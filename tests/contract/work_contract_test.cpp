// What a connector must be able to do beside its emulated venue, which counts requests as the venue does: ask
// about sixty instruments, go on where it was told to wait, find the owner of each of its fills, and keep one
// channel while the other is dead.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/contract/rules.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

/// How the venue says "not now" to a question by REST.
struct WaitWords {
    const char* exchange;
    int status;
    const char* body;
};
constexpr WaitWords kWaitWords[] = {
    {"binance", 429,
     R"({"code":-1003,"msg":"Too much request weight used; current limit is 6000 request weight per 1 MINUTE."})"},
    {"bybit", 200,
     R"({"retCode":10006,"retMsg":"Too many visits!","result":{},"retExtInfo":{},"time":1700000000000})"},
    {"coinbase", 429, R"({"error":"rate_limit_exceeded","message":"too many requests"})"},
    {"gate", 429, R"({"label":"TOO_MANY_REQUESTS","message":"Request Rate Limit"})"},
    {"kraken", 200, R"({"error":["EAPI:Rate limit exceeded"]})"},
    {"okx", 429, R"({"code":"50011","msg":"Too Many Requests","data":[]})"},
};

class WorkContract : public testing::TestWithParam<VenueCase> {
  protected:
    void build(std::size_t listings)
    {
        std::vector<ListingDefinition> definitions;
        const std::string symbol = GetParam().symbol;
        for (std::size_t i = 0; i < listings; ++i) {
            const std::string base{'Q', static_cast<char>('A' + i / 26), static_cast<char>('A' + i % 26)};
            const auto guess =
                type_of(GetParam())
                    .guess_listing(GetParam().market, i == 0 ? symbol : base + symbol.substr(4));
            ENSURE(guess.has_value(), "an invented symbol has the venue's form");
            ListingDefinition d = definition_of(GetParam());
            d.symbol = guess->symbol;
            d.base = guess->base;
            d.quote = guess->quote;
            d.code = std::to_string(10'000 + i);
            definitions.push_back(std::move(d));
        }
        link = std::make_unique<VenueLink>(type_of(GetParam()), GetParam().market, std::move(definitions),
                                           FeeTaking::quote, "trade", 7, true, GetParam().manners);
        link->deposit("USDT", "1000000");
        link->deposit("LINK", "10000");
        link->street("27.10", "27.20");
        link->on_to_venue = [this](VenueLink::Message& m) {
            requests += m.kind == VenueLink::Message::Kind::request ? 1 : 0;
            return true;
        };
    }
    bool log_on()
    {
        link->start();
        link->run(seconds(2));
        return link->ready(Channel::order_entry) && link->ready(Channel::private_stream);
    }
    void ask(RequestKind kind)
    {
        Venue& venue = link->venue();
        const std::vector<ListingId> all = link->all_listings();
        if (kind == RequestKind::fees) {
            venue.query_fees(all, link->now(), *link, *link);
        } else if (kind == RequestKind::fills) {
            venue.query_fills(all, kStart - seconds(60), link->now(), *link, *link);
        } else {
            venue.query_open_orders(all, link->now(), *link, *link);
        }
    }
    /// Asks, waits for the end, and asks again as the engine does, until the answer is whole. How it failed.
    std::string ask_until_whole(RequestKind kind, std::size_t rounds)
    {
        requests = 0;
        std::string last = "no end";
        for (std::size_t round = 0; round < rounds; ++round) {
            link->ends.clear();
            ask(kind);
            const LinkEnd* end = nullptr;
            for (int second = 0; second < 120 && end == nullptr; ++second) {
                link->run(seconds(1));
                end = link->last_end(kind);
            }
            if (end == nullptr) return "no end within two minutes";
            if (end->end.outcome == Outcome::done && end->end.complete) return {};
            last = std::string(name(end->end.outcome)) + " " + end->code + " " + end->text;
            link->run(std::max(end->end.retry_after, seconds(1)));
        }
        return "never whole: " + last;
    }
    void judge_rule(const std::string& rule, const std::string& trouble)
    {
        const MessageTable rules = rules_of(type_of(GetParam()));
        const std::string market = GetParam().market;
        const bool own = rules.fails.count(rule + "." + market) != 0;
        judge(rules, own ? rule + "." + market : rule, trouble);
    }

    std::unique_ptr<VenueLink> link;
    std::size_t requests = 0;
};
INSTANTIATE_TEST_SUITE_P(Venues, WorkContract, testing::ValuesIn(venue_days()), case_name);

TEST_P(WorkContract, questions_about_sixty_instruments_end_under_the_venues_own_limits)
{
    struct Question {
        RequestKind kind;
        const char* rule;
    };
    for (const Question& question :
         {Question{RequestKind::fees, "sixty_fees"}, Question{RequestKind::fills, "sixty_fills"},
          Question{RequestKind::open_orders, "sixty_open_orders"}}) {
        SCOPED_TRACE(question.rule);
        build(60);
        ASSERT_TRUE(log_on());
        std::string trouble = ask_until_whole(question.kind, 5);
        if (trouble.empty() && question.kind == RequestKind::fees && link->fees.size() < 60)
            trouble = "fees of " + std::to_string(link->fees.size()) + " instruments of 60";
        judge_rule(question.rule, trouble);
    }
}

TEST_P(WorkContract, who_was_told_to_wait_goes_on_where_it_stopped)
{
    build(6);
    ASSERT_TRUE(log_on());
    ASSERT_EQ(ask_until_whole(RequestKind::fees, 1), "");
    const std::size_t unhindered = requests;
    const std::size_t told = link->fees.size();
    const auto words = std::find_if(std::begin(kWaitWords), std::end(kWaitWords), [](const WaitWords& w) {
        return w.exchange == std::string(GetParam().exchange);
    });
    ASSERT_NE(words, std::end(kWaitWords)) << "how does this venue say `not now`?";
    build(6);
    ASSERT_TRUE(log_on());
    std::size_t asked = 0;
    const std::size_t refused = std::min<std::size_t>(unhindered, 5);
    link->instead_of_reply = [&](const HttpRequest&) -> std::optional<ServerReply> {
        if (++asked != refused) return std::nullopt;
        return ServerReply{words->status, {}, words->body};
    };
    std::string trouble = ask_until_whole(RequestKind::fees, 5);
    // One more for the refused one, and one of a timer's; where timers of many listings fell into the wait,
    // fees that are told twice show what was asked anew.
    if (trouble.empty() && asked > unhindered + 2 && link->fees.size() > told)
        trouble =
            "began anew: " + std::to_string(asked) + " requests instead of " + std::to_string(unhindered);
    link->instead_of_reply = nullptr;
    judge_rule("waits_and_goes_on", trouble);
}

// After a restart the connector knows none of its orders, and some venues' fills carry no client id.
TEST_P(WorkContract, each_of_sixty_fills_finds_its_owner)
{
    build(1);
    ASSERT_TRUE(log_on());
    std::set<OrderId> ours;
    for (int i = 0; i < 60; ++i) {
        ours.insert(link->place(Side::buy, "1", "27.20", TimeInForce::ioc));
        link->run(milliseconds(700));
    }
    link->restart();
    ASSERT_TRUE(log_on());
    link->fills.clear();
    std::string trouble = ask_until_whole(RequestKind::fills, 20);
    std::set<std::string> owned;
    for (const LinkFill& fill : link->fills) {
        if (ours.count(fill.report.order) != 0) owned.insert(fill.trade_id);
    }
    // With its manners a venue may have refused a few of the orders.
    const std::size_t fills = link->exchange().trade_count();
    ASSERT_TRUE(GetParam().manners ? fills >= 50 && fills <= 60 : fills == 60) << fills;
    if (trouble.empty() && owned.size() != fills)
        trouble = fmt::format("a whole list, and only {} of {} fills have an owner", owned.size(), fills);
    judge_rule("sixty_owners", trouble);
}

TEST_P(WorkContract, one_websocket_dies_and_the_other_channel_goes_on)
{
    build(1);
    ASSERT_TRUE(log_on());
    std::string trouble;
    for (const ConnectionId dead : link->private_connections()) {
        const std::string url = link->url_of(dead);
        bool dialled = false;
        link->on_to_venue = [&](VenueLink::Message& m) {
            if (m.kind != VenueLink::Message::Kind::upgrade || m.text != url) return true;
            dialled = true;
            return false;
        };
        link->cut(dead);
        const bool entry = link->ready(Channel::order_entry), stream = link->ready(Channel::private_stream);
        if (entry && stream) trouble += "nobody was told that " + url + " is dead; ";
        link->run(seconds(5));
        if (entry != link->ready(Channel::order_entry) || stream != link->ready(Channel::private_stream))
            trouble += "the other channel did not stay as it was; ";
        link->ends.clear();
        const OrderId id = link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
        link->run(seconds(30));
        const LinkEnd* end = link->last_end(RequestKind::place);
        if (end == nullptr) {
            trouble += "an order without an end; ";
        } else if ((end->end.outcome == Outcome::done) != entry) {
            trouble += std::string("an order ended ") + name(end->end.outcome) + " with order entry " +
                       (entry ? "ready; " : "down; ");
        }
        if (entry && stream && link->filled(id).zero()) trouble += "a fill that nobody heard; ";
        if (!dialled) trouble += url + " is not dialled again; ";
        link->on_to_venue = nullptr;
        link->connect(VenueId{0}, url);  // the driver goes on dialling what was asked for
        link->run(seconds(90));
        if (!link->ready(Channel::order_entry) || !link->ready(Channel::private_stream))
            trouble += "does not come back; ";
    }
    judge_rule("one_channel_dead", trouble);
}

TEST_P(WorkContract, rest_dies_and_the_stream_goes_on)
{
    build(1);
    ASSERT_TRUE(log_on());
    link->instead_of_reply = [](const HttpRequest&) {
        return ServerReply{502, {}, "<html>Bad Gateway</html>"};
    };
    link->ends.clear();
    ask(RequestKind::open_orders);
    link->run(seconds(30));
    std::string trouble;
    const LinkEnd* end = link->last_end(RequestKind::open_orders);
    if (end == nullptr)
        trouble += "a question without an end; ";
    else if (end->end.outcome == Outcome::done && end->end.complete)
        trouble += "no answer passes for an empty list; ";
    if (!link->ready(Channel::private_stream)) trouble += "the stream was given up; ";
    // An order of the same account made elsewhere is still heard of.
    PlaceOrder order;
    order.account = VenueLink::kAccount;
    order.listing = ListingId{0};
    order.side = Side::buy;
    order.price = link->price("27.20");
    order.quantity = link->quantity("1");
    order.time_in_force = TimeInForce::ioc;
    link->orders.clear();
    ASSERT_EQ(link->exchange().place(order, link->now()).error, PlaceError::none);
    link->run(seconds(2));
    if (link->orders.empty() && link->fills.empty()) trouble += "the stream tells nothing; ";
    link->instead_of_reply = nullptr;
    trouble += ask_until_whole(RequestKind::open_orders, 5);
    judge_rule("rest_dead", trouble);
}

// Every question is asked at once, each on a way of its own length: what leaves later could arrive sooner,
// and answers come back in any order. Where a venue wants numbers that only grow, it must see them grow; a
// refusal counts against the key there.
TEST_P(WorkContract, private_questions_arrive_in_an_order_that_the_venue_takes)
{
    build(3);
    ASSERT_TRUE(log_on());
    const OrderId resting = link->place(Side::buy, "1", "20.00", TimeInForce::gtc);
    link->run(seconds(2));
    link->ends.clear();
    int sent = 0;
    link->on_to_venue = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::request) m.due = m.due + milliseconds(90 - 30 * (sent++ % 4));
        return true;
    };
    int answered = 0;
    link->on_to_client = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::reply)
            m.due = m.due + milliseconds(10 + 50 * (answered++ % 3));
        return true;
    };
    std::string trouble;
    std::uint64_t last = 0;
    std::size_t numbered = 0;
    link->instead_of_reply = [&](const HttpRequest& request) -> std::optional<ServerReply> {
        const std::size_t at = request.is_signed ? request.body.find("nonce=") : std::string::npos;
        if (at == std::string::npos) return std::nullopt;
        const std::uint64_t nonce = std::stoull(request.body.substr(at + 6));
        if (nonce <= last) trouble += "a nonce came after a later one; ";
        last = nonce;
        ++numbered;
        return std::nullopt;
    };
    const RequestKind kinds[] = {RequestKind::open_orders, RequestKind::fills, RequestKind::fees,
                                 RequestKind::balances};
    link->venue().query_open_orders(link->all_listings(), link->now(), *link, *link);
    link->venue().query_fills(link->all_listings(), kStart - seconds(60), link->now(), *link, *link);
    link->venue().query_fees(link->all_listings(), link->now(), *link, *link);
    link->venue().query_balances(link->now(), *link, *link);
    link->query(resting);
    link->run(seconds(60));
    const auto judge_end = [&](RequestKind kind) {
        const LinkEnd* end = link->last_end(kind);
        if (end == nullptr)
            trouble += std::string(name(kind)) + " never ended; ";
        else if (end->end.outcome != Outcome::done || !end->end.complete)
            trouble += std::string(name(kind)) + " ended " + name(end->end.outcome) + " " + end->code + "; ";
    };
    for (const RequestKind kind : kinds) judge_end(kind);
    judge_end(RequestKind::query_order);
    EXPECT_GT(sent, 4) << "nothing was asked by REST";
    if (GetParam().exchange == std::string("kraken")) {
        EXPECT_GE(numbered, 5U) << "its nonces were not seen";
    }
    judge_rule("questions_in_order", trouble);
}

// A key that the venue refused and then takes again: the session is started once more, and it stands.
TEST_P(WorkContract, a_session_begins_anew_after_its_key_was_refused)
{
    build(1);
    for (EmulatedKey& key : link->keys) key.revoked = true;
    link->start();
    link->run(seconds(20));
    std::string trouble;
    if (link->ready(Channel::order_entry) || link->ready(Channel::private_stream))
        trouble += "a revoked key logged on; ";
    const LinkEnd* end = link->last_end(RequestKind::session);
    if (end == nullptr || end->end.outcome != Outcome::key_trouble) trouble += "the key was not blamed; ";
    for (EmulatedKey& key : link->keys) key.revoked = false;
    link->venue().start_session(link->now(), *link, *link);
    link->run(seconds(20));
    if (!link->ready(Channel::order_entry) || !link->ready(Channel::private_stream))
        trouble += "does not log on again; ";
    judge_rule("begins_anew", trouble);
}

}  // namespace
}  // namespace arb::test
