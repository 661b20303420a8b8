// The world of emulated venues: from its configuration to what a client finds on the wire, the files it
// writes, its own thread, the operator's wishes, and the truth afterwards.
#include "engine/world/emulated_world.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "engine/app/config/toml_tables.hpp"
#include "engine/app/demo/venues_config.hpp"
#include "tests/live/fake_venue.hpp"
#include "tests/net/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb {
namespace {

constexpr const char* kConfig = R"(
seed = 5
[balance]
USDT = "100000"
BTC = "3"
[venue.fake]
latency_us = 200
[venue.other]
taker_fee_bps = "60"
instruments = ["BTC/USDT"]
[venue.other.balance]
USDT = "7"
[[pair]]
base = "BTC"
quote = "USDT"
price = "42600"
tick = "0.01"
lot = "0.00001"
[[pair]]
base = "ETH"
quote = "USDT"
price = "2280"
)";

const std::array<const ConnectorType*, 2>& types()
{
    static const std::array<const ConnectorType*, 2> kTypes = {&test::fake_type(false),
                                                               &test::fake_type(true)};
    return kTypes;
}

Plugins fakes()
{
    return {types(), {}};
}

std::string message_of(const std::function<void()>& action)
{
    try {
        action();
    } catch (const StartError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage);
        return error.what();
    }
    return "nothing was wrong";
}

class EmulatedWorldTest : public testing::Test {
  protected:
    std::unique_ptr<EmulatedWorld> make(EmulatedWorldConfig config) const
    {
        return std::make_unique<EmulatedWorld>(std::move(config), fakes(), directory);
    }
    const test::TemporaryFolder folder;
    const std::string directory = folder.at("world");
};

/// A client on a thread and loop of its own: the test's.
struct Outside {
    explicit Outside(const EmulatedWorld& world) : client(loop, net::TlsTrust{world.ca_file()}, recorder) {}
    bool until(const std::function<bool()>& done) { return net::test::pump(loop, done); }
    net::HttpOutcome call(const std::string& method, const std::string& url, const std::string& body = {})
    {
        const net::RequestId id = client.request({method, url, {}, body, std::chrono::milliseconds(300'000)});
        EXPECT_TRUE(until([&] { return recorder.reply_to(id) != nullptr; }));
        return recorder.reply_to(id) != nullptr ? *recorder.reply_to(id) : net::HttpOutcome{};
    }
    bool heard(const std::string& text)
    {
        return until([&] {
            return std::find(recorder.frames.begin(), recorder.frames.end(), text) != recorder.frames.end();
        });
    }
    net::test::ClientRecorder recorder;
    net::Loop loop;
    net::Client client;
};

unsigned mode_of(const std::string& path)
{
    struct stat about {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 0777;
}

TEST_F(EmulatedWorldTest, WritesAnAuthorityAndOneFileAKeyForNobodyElse)
{
    const auto world = make(parse_emulated_world(kConfig, "test.toml"));
    EXPECT_EQ(mode_of(directory), 0700U);
    EXPECT_EQ(mode_of(directory + "/keys"), 0700U);
    ASSERT_EQ(world->places().size(), 2U);
    for (const EmulatedPlace& place : world->places()) {
        ASSERT_EQ(place.keys.size(), 3U);
        for (const EmulatedKeyFile& key : place.keys) {
            EXPECT_EQ(mode_of(key.file), 0600U);
            std::stringstream text;
            text << std::ifstream(key.file).rdbuf();
            Settings table = TomlTable::parse(text.str(), key.file).settings("key", {"attest"});
            EXPECT_EQ(table.text("venue", ""), place.venue);
            EXPECT_EQ(table.text("label", ""), key.label);
            EXPECT_EQ(table.text("key_id", ""), key.key_id);
            EXPECT_EQ(table.text("secret", ""), key.secret) << "also with quotes and line ends";
            EXPECT_EQ(table.text("passphrase", ""), key.passphrase);
            table.finish();
        }
    }
    EXPECT_EQ(world->places()[0].keys[0].scopes, (std::vector<std::string>{"read", "trade"}));
    EXPECT_EQ(world->places()[0].keys[1].scopes, (std::vector<std::string>{"read"}));
    EXPECT_EQ(world->places()[0].keys[2].scopes, (std::vector<std::string>{"read", "trade", "withdraw"}));
    EXPECT_NE(world->places()[0].keys[0].key_id, world->places()[1].keys[0].key_id);
}

TEST_F(EmulatedWorldTest, TradesOnItsOwnThreadAndTellsTheTruthAfterwards)
{
    const auto world = make(parse_emulated_world(kConfig, "test.toml"));
    world->start();
    Outside outside(*world);
    const EmulatedPlace& fake = world->places()[0];
    // The fake venue trades its last listing: ETH/USDT, in units of 0.01 and 0.0001.
    outside.client.open(fake.addresses[1].second);
    ASSERT_TRUE(outside.heard("welcome"));
    const net::HttpOutcome taken =
        outside.call("POST", fake.addresses[0].second + "order", "place mine buy 228000 10000");
    EXPECT_EQ(taken.body.view(), "taken mine");
    EXPECT_TRUE(outside.until([&] {
        return std::any_of(outside.recorder.frames.begin(), outside.recorder.frames.end(),
                           [](const std::string& f) { return f.starts_with("order mine "); });
    }));
    world->place_stranger("fake", "ETH/USDT", Side::sell, *Decimal::parse("2000"), *Decimal::parse("0.5"),
                          TimeInForce::ioc);
    world->revoke_key("fake", "trade");
    EXPECT_TRUE(outside.heard("key trade"));
    world->stop();
    bool ours = false, stranger = false;
    for (const EmulatedTruth& truth : world->truth()) {
        if (truth.venue != "fake") continue;
        if (truth.account == EmulatedWorld::kClient) {
            ours = truth.orders.size() == 1 && truth.orders[0].client_id == "mine";
            Amount spent;
            for (const EmulatedTrade& trade : truth.trades) spent += trade.notional + trade.fee;
            for (const EmulatedBalance& b : truth.balances) {
                if (b.asset == "USDT") {
                    EXPECT_EQ(b.total, *amount_of(*Decimal::parse("100000")) - spent);
                }
            }
        } else {
            stranger = truth.orders.size() == 1;
        }
    }
    EXPECT_TRUE(ours);
    EXPECT_TRUE(stranger);
}

TEST_F(EmulatedWorldTest, TheOperatorsWishesReachTheVenues)
{
    const auto world = make(parse_emulated_world(kConfig, "test.toml"));
    world->start();
    Outside outside(*world);
    const std::string order = world->places()[0].addresses[0].second + "order";
    const net::LinkId link = outside.client.open(world->places()[0].addresses[1].second);
    ASSERT_TRUE(outside.heard("welcome"));
    world->set_halted("fake", "ETH/USDT", true);
    EXPECT_TRUE(outside.until(
        [&] { return outside.call("POST", order, "place x buy 228000 1000").body.view() == "refused x"; }));
    world->set_halted("fake", "ETH/USDT", false);
    world->set_cancel_only("fake", "ETH/USDT", true);
    world->ban("fake", seconds(30));
    EXPECT_TRUE(outside.until([&] { return outside.call("POST", order, "what").status == 429; }));
    EXPECT_EQ(outside.call("POST", world->places()[1].addresses[0].second + "order", "what").status, 200)
        << "the other venue bans nobody";
    world->cut_connections("fake");
    EXPECT_TRUE(outside.until([&] { return outside.recorder.end_of(link) != nullptr; }));
    world->stop();
    EXPECT_TRUE(world->exchange("fake").cancel_only(world->table().listings()[1].id));
    world->start();
    world->stop();
}

TEST_F(EmulatedWorldTest, EveryVenueListsItsPairsAndHoldsItsBalances)
{
    const auto world = make(parse_emulated_world(kConfig, "test.toml"));
    ASSERT_EQ(world->table().listings().size(), 3U);
    for (const Listing& listing : world->table().listings()) {
        const std::string label = world->table().label(listing.venue);
        EXPECT_FALSE(world->exchange(label).book(listing.id).bids.empty()) << "a book from the start";
        EXPECT_EQ(listing.fee_taker.units, (label == "other" ? 60 : 10) * kRatePerBasisPoint);
    }
    for (const EmulatedTruth& truth : world->truth()) {
        if (truth.account != EmulatedWorld::kClient) continue;
        for (const EmulatedBalance& b : truth.balances) {
            if (b.asset == "USDT") {
                EXPECT_EQ(b.total.text(), truth.venue == "other" ? "7" : "100000");
            }
            if (b.asset == "BTC") {
                EXPECT_EQ(b.total.text(), "3");
            }
        }
    }
}

// Somebody else at the same venue is another account with keys of its own, not the stranger of the plan.
TEST_F(EmulatedWorldTest, AccountsHaveMoneyAndKeysOfTheirOwn)
{
    EmulatedWorldConfig config = parse_emulated_world(kConfig, "test.toml");
    config.venues[0].accounts = 2;
    const auto world = make(std::move(config));
    std::vector<std::string> labels;
    std::set<std::string> ids;
    for (const EmulatedKeyFile& key : world->places()[0].keys) {
        labels.push_back(key.label);
        ids.insert(key.key_id);
        EXPECT_TRUE(std::filesystem::exists(key.file)) << key.file;
    }
    EXPECT_EQ(ids.size(), 6U) << "each its own";
    EXPECT_NE(std::find(labels.begin(), labels.end(), "trade_2"), labels.end());
    EXPECT_EQ(world->places()[1].keys.size(), 3U) << "the other venue has one account";
    std::size_t told = 0;
    for (const EmulatedTruth& truth : world->truth()) {
        if (truth.venue != "fake" || truth.account != EmulatedWorld::client(2)) continue;
        ++told;
        EXPECT_NE(truth.account, EmulatedWorld::kStranger);
        for (const EmulatedBalance& b : truth.balances) {
            if (b.asset == "USDT") {
                EXPECT_EQ(b.total.text(), "100000");
            }
        }
    }
    EXPECT_EQ(told, 1U);
}

TEST_F(EmulatedWorldTest, PlannedFaultsStrike)
{
    EmulatedWorldConfig config = parse_emulated_world(kConfig, "test.toml");
    config.faults = parse_fault_plan(R"(
[[fault]]
kind = "fail_after"
deed = "order"
venue = "fake"
count = 1
[[fault]]
kind = "cancel_only"
venue = "other"
every_s = 1
lasts_ms = 500
[[fault]]
kind = "revoke_key"
venue = "fake"
key = "read"
every_s = "0.1"
)",
                                     "faults.toml");
    const auto world = make(std::move(config));
    world->start();
    Outside outside(*world);
    outside.client.open(world->places()[0].addresses[1].second);
    const std::string order = world->places()[0].addresses[0].second + "order";
    EXPECT_EQ(outside.call("POST", order, "place a buy 228000 1000").status, 503);
    EXPECT_EQ(outside.call("POST", order, "place a buy 228000 1000").status, 200) << "once";
    // Now orders are refused, now they are taken. With a pause between them: a fast machine would else rest
    // as many as the venue lets stand open, and be refused for that.
    const std::string other = world->places()[1].addresses[0].second + "order";
    int number = 0;
    for (const char* answer : {"refused", "taken", "refused"}) {
        EXPECT_TRUE(outside.until([&] {
            net::test::pump_for(outside.loop, std::chrono::milliseconds(20));
            const std::string words = fmt::format("place n{} buy 4260000 10", ++number);
            return outside.call("POST", other, words).body.view().starts_with(answer);
        })) << answer;
    }
    EXPECT_TRUE(outside.heard("key read"));
    world->stop();
    EXPECT_NE(world->exchange("fake").find_client(EmulatedWorld::kClient, "a"), nullptr);
    EXPECT_GE(world->faults_struck(), 1U);
}

TEST_F(EmulatedWorldTest, EqualSeedsGiveEqualKeys)
{
    const auto config = parse_emulated_world(kConfig, "test.toml");
    const std::string first = make(config)->places()[0].keys[0].key_id;
    EXPECT_EQ(make(config)->places()[0].keys[0].key_id, first);
    EmulatedWorldConfig other = config;
    other.seed = 6;
    EXPECT_NE(make(other)->places()[0].keys[0].key_id, first);
}

TEST_F(EmulatedWorldTest, APortInUseIsOneClearSentence)
{
    const auto world = make(parse_emulated_world(kConfig, "test.toml"));
    EmulatedWorldConfig config = parse_emulated_world(kConfig, "test.toml");
    const std::string& taken = world->places()[0].host_port;
    config.venues[0].port = static_cast<std::uint16_t>(std::stoi(taken.substr(taken.find(':') + 1)));
    const auto authority = [&] {
        std::stringstream text;
        text << std::ifstream(world->ca_file()).rdbuf();
        return text.str();
    };
    const std::string before = authority();
    const std::string message = message_of([&] { (void)make(config); });
    EXPECT_FALSE(before.empty());
    EXPECT_EQ(authority(), before) << "the files of the world that runs stay";
    EXPECT_NE(message.find("venue 'fake'"), std::string::npos) << message;
    EXPECT_NE(message.find(taken), std::string::npos) << message;
    EXPECT_NE(message.find("in use"), std::string::npos) << message;
}

TEST_F(EmulatedWorldTest, UnknownVenuesPairsAndFaultTargetsAreRefused)
{
    EmulatedWorldConfig config = parse_emulated_world(kConfig, "test.toml");
    config.venues[0].label = "fakr";
    EXPECT_NE(message_of([&] { (void)make(config); }).find("did you mean 'fake'"), std::string::npos);
    config = parse_emulated_world(kConfig, "test.toml");
    config.venues[1].instruments = {"DOGE/USDT"};
    EXPECT_NE(message_of([&] { (void)make(config); }).find("DOGE/USDT"), std::string::npos);
    config = parse_emulated_world(kConfig, "test.toml");
    config.faults = parse_fault_plan("[[fault]]\nkind = \"ban\"\nlasts_ms = 5\nvenue = \"othr\"\n", "f.toml");
    const std::string message = message_of([&] { (void)make(config); });
    EXPECT_NE(message.find("f.toml:1:1"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean 'other'"), std::string::npos) << message;
}

TEST(VenuesConfig, ToldMistakesHaveAPlace)
{
    const auto world = [](const std::string& text) {
        return message_of([&] { (void)parse_emulated_world(text, "w.toml"); });
    };
    EXPECT_NE(world("sed = 3\n").find("w.toml:1:1: there is no key 'sed' here; did you mean 'seed'"),
              std::string::npos);
    EXPECT_NE(world("[venue.a]\nprt = 3\n").find("w.toml:2:7"), std::string::npos);
    EXPECT_NE(world("[venue.a]\nport = 70000\n").find("65535"), std::string::npos);
    EXPECT_NE(world("[venue.a]\nfee_taking = \"base\"\n").find("quote, received"), std::string::npos);
    const std::string unknown = world("[venue.a]\ndeviations = [\"book_gap\", \"ioc_rest\"]\n");
    EXPECT_NE(unknown.find("w.toml:2:"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("'ioc_rest', which is no deviation; did you mean 'ioc_rests'?"), std::string::npos)
        << unknown;
    EXPECT_NE(world("address = \"0.0.0.0\"\n").find("127.0.0.1"), std::string::npos);
    EXPECT_NE(world("[venue.a]\n").find("[[pair]]"), std::string::npos);
    EXPECT_NE(world("[[pair]]\nbase = \"A\"\nquote = \"B\"\n").find("price is missing"), std::string::npos);
    EXPECT_NE(world("[street]\nlag_most_ms = 5000\n").find("lag_most_ms"), std::string::npos);
    EXPECT_NE(world("[street]\nburst_least_bps = 500\n").find("above burst_most_bps"), std::string::npos);

    const auto faults = [](const std::string& text) {
        return message_of([&] { (void)parse_fault_plan("[[fault]]\n" + text, "f.toml"); });
    };
    EXPECT_NE(faults("kind = \"halted\"\n").find("f.toml:2:8: fault.kind is 'halted'"), std::string::npos);
    EXPECT_NE(faults("kind = \"halted\"\n").find("did you mean 'halt'"), std::string::npos);
    EXPECT_NE(faults("chance = \"0.1\"\n").find("kind is missing"), std::string::npos);
    EXPECT_NE(faults("kind = \"ban\"\n").find("lasts_ms is missing"), std::string::npos);
    EXPECT_NE(faults("kind = \"reorder\"\nchance = \"1.5\"\n").find("part of one"), std::string::npos);
    EXPECT_NE(faults("kind = \"reorder\"\nevery_s = 3\n").find("f.toml:3:11"), std::string::npos);
    EXPECT_NE(faults("kind = \"freeze\"\nfrom_s = \"-1\"\n").find("seconds like"), std::string::npos);
}

TEST(VenuesConfig, AccountsAreSetUpInTheVenuesWords)
{
    const EmulatedWorldConfig config = parse_emulated_world(
        std::string(kConfig) + "[venue.third.settings]\ntier = \"starter\"\n", "test.toml");
    ASSERT_EQ(config.venues.size(), 3U);
    EXPECT_TRUE(config.venues[0].settings.empty());
    EXPECT_EQ(config.venues[2].settings.at("tier"), "starter");
}

TEST(VenuesConfig, TheShippedFilesAreReadable)
{
    const EmulatedWorldConfig config =
        load_emulated_world(std::string(ARBITER_SOURCE_DIR) + "/config/venues.toml");
    EXPECT_EQ(config.venues.size(), 6U);
    EXPECT_EQ(config.pairs.size(), 3U);
    EXPECT_EQ(config.venues.front().port, 7441);
    const FaultPlan plan = load_fault_plan(std::string(ARBITER_SOURCE_DIR) + "/config/faults.toml");
    EXPECT_GT(plan.rules.size(), 10U);
    // What the file says of the street is what the program does without it.
    const MarketHabits defaults;
    EXPECT_EQ(config.street.lag_most, defaults.lag_most);
    EXPECT_EQ(config.street.burst_every, defaults.burst_every);
    EXPECT_EQ(config.street.burst_most_bps, defaults.burst_most_bps);
    EXPECT_EQ(config.street.move_one_in, defaults.move_one_in);
}

}  // namespace
}  // namespace arb
