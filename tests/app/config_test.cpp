// Configuration files: each mistake is told with file:line:col, what is wrong and what to write instead;
// what ships loads.
#include "engine/app/config/config_file.hpp"
#include "engine/app/demo/venues_config.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/app/keys/signer_policy_file.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/sim/backtest.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(ARBITER_SOURCE_DIR) / "config";

// What the mistake says; fails when it is no mistake.
template <class Action>
std::string refusal(Action&& action)
{
    try {
        action();
    } catch (const StartError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "was accepted";
    return {};
}

struct Mistake {
    const char* what;
    const char* text;
    const char* place;   // line:col
    const char* advice;  // a part of the message
};

const Mistake kMistakes[] = {
    {"unknown top key", "nam = \"x\"\n", "1:1", "did you mean 'name'?"},
    {"unknown table", "[risks]\n", "1:2", "did you mean 'risk'?"},
    {"unknown key", "[risk]\norder_max_quot = \"5\"\n", "2:18", "did you mean 'order_max_quote'?"},
    {"unknown key of a venue", "[venue.a]\ntaker_fee_bp = \"5\"\n", "2:16", "did you mean 'taker_fee_bps'?"},
    {"unknown sub-table", "[venue.a]\n[venue.a.balances]\nUSDT = \"5\"\n", "2:10", "did you mean 'balance'?"},
    {"sub-table of a balance", "[venue.a.balance]\n[venue.a.balance.USDT]\n", "2:18", "has no table 'USDT'"},
    {"sub-table of risk", "[risk]\n[risk.more]\nx = 1\n", "2:7", "has no table 'more'"},
    {"float literal", "[risk]\norder_max_quote = 0.25\n", "2:19", "write it in quotes"},
    {"negative amount", "[risk]\norder_max_quote = \"-5\"\n", "2:19", "an amount like"},
    {"no amount", "[risk]\norder_max_quote = \"much\"\n", "2:19", "an amount like"},
    {"amount too precise", "[risk]\norder_max_quote = \"0.1234567890123456789\"\n", "2:19", "an amount like"},
    {"no order could pass", "[risk]\norder_max_quote = \"0\"\n", "2:19", "above zero"},
    {"no position could pass", "[risk]\nposition_max_base = \"0\"\n", "2:21", "above zero"},
    {"no exposure could pass", "[risk]\nnet_exposure_max_quote = \"0\"\n", "2:26", "above zero"},
    {"nothing of a market could pass", "[risk]\ninstrument_max_quote = \"0\"\n", "2:24", "above zero"},
    {"nothing of a venue could pass", "[risk]\nvenue_max_quote = \"0\"\n", "2:19", "above zero"},
    {"nothing could pass", "[risk]\ngross_max_quote = \"0.0\"\n", "2:19", "above zero"},
    {"a limit of loss that is reached at once", "[risk]\nloss_day_max_quote = \"0\"\n", "2:22", "above zero"},
    {"no order to close with", "[risk]\norders_per_second = 2\n", "2:21", "a whole number from 3 to 4000"},
    {"a negative collar", "[risk]\nprice_band_bps = \"-200\"\n", "2:18", "from 0 to 10000"},
    {"credit without end", "[risk]\nmargin_bps = \"-10000\"\n", "2:14", "from 1 to 10000"},
    {"no margin", "[risk]\nmargin_bps = \"0\"\n", "2:14", "from 1 to 10000"},
    {"nothing could ever be closed", "[unwind]\nband_bps = \"-80\"\n", "2:12", "from 0 to 10000"},
    {"list for a value", "[risk]\norder_max_quote = [\"5\"]\n", "2:19", "is a list where one value"},
    {"text for a count", "[unwind]\nattempts = \"three\"\n", "2:12", "a whole number from 1 to 100"},
    {"count too large", "[unwind]\nattempts = 101\n", "2:12", "a whole number from 1 to 100"},
    {"no such processor", "[host]\ncore = 5000\n", "2:8", "a whole number from -1 to 1023"},
    {"before everybody, anywhere", "[host]\nfifo_priority = 10\n", "2:17", "needs core as well"},
    {"before the kernel's own", "[host]\ncore = 1\nfifo_priority = 99\n", "3:17", "from 0 to 50"},
    {"neither locked nor not", "[host]\nlock_memory = \"some\"\n", "2:15", "wanted is true or false"},
    {"negative time", "[books]\ncrossed_max_ms = -1\n", "2:18", "a whole number from 0"},
    {"negative fee", "[venue.a]\nmaker_fee_bps = \"x\"\n", "2:17", "basis points like"},
    {"a date", "[risk]\norder_max_quote = 2024-01-01\n", "2:19", "must be a text"},
    {"value for a table", "risk = 5\n", "1:8", "must be a table, as in [risk]"},
    {"unknown mode", "mode = \"fast\"\n", "1:8", "wanted is \"backtest\""},
    {"orders without limits", "mode = \"emulated\"\n[risk]\n", "2:1", "say how much may be at risk"},
    {"an endpoint for real orders",
     "mode = \"live\"\n[risk]\ninstrument_max_quote = \"1\"\nvenue_max_quote = \"1\"\ngross_max_quote = "
     "\"1\"\n"
     "loss_day_max_quote = \"1\"\n[venue.okx]\nendpoint = \"127.0.0.1:1\"\n",
     "8:12", "never gets real orders"},
    {"an emulated venue in another environment",
     "[venue.okx]\nendpoint = \"127.0.0.1:1\"\nenvironment = \"demo\"\n", "2:12",
     "leave environment and region out"},
    {"market without a name", "[[market]]\ninstruments = [\"A/B\", \"C/D\"]\n", "1:1", "name is missing"},
    {"market of one", "[[market]]\nname = \"x\"\ninstruments = [\"A/B\"]\n", "3:15", "at least two"},
    {"instrument without a venue", "[[instrument]]\nsymbol = \"X\"\n", "1:1", "venue is missing"},
    {"instrument without a tick",
     "[[instrument]]\nvenue = \"a\"\nsymbol = \"X\"\nbase = \"B\"\nquote = \"Q\"\nlot = \"1\"\n", "1:1",
     "tick"},
    {"zero tick",
     "[[instrument]]\nvenue = \"a\"\nsymbol = \"X\"\nbase = \"B\"\nquote = \"Q\"\ntick = \"0\"\nlot = "
     "\"1\"\n",
     "6:8", "above zero"},
    {"unknown kind",
     "[[instrument]]\nvenue = \"a\"\nsymbol = \"X\"\nbase = \"B\"\nquote = \"Q\"\nkind = \"perp\"\n", "6:8",
     "spot, perpetual or future"},
    {"future without expiry",
     "[[instrument]]\nvenue = \"a\"\nsymbol = \"X\"\nbase = \"B\"\nquote = \"Q\"\nkind = \"future\"\n", "1:1",
     "needs yymmdd"},
    {"neither true nor false",
     "[[instrument]]\nvenue = \"a\"\nsymbol = \"X\"\nbase = \"B\"\nquote = \"Q\"\ninverse = \"yes\"\n",
     "6:11", "true or false"},
    {"bad TOML", "name = \"x\"\n[risk\n", "2:6", ""},
    {"key given twice", "name = \"x\"\nname = \"y\"\n", "2:8", "'name'"},
};

TEST(Config, mistakes_name_their_place_and_the_way_out)
{
    for (const Mistake& mistake : kMistakes) {
        SCOPED_TRACE(mistake.what);
        const std::string message = refusal([&] { (void)parse_config(mistake.text, "bad.toml"); });
        const std::string place = std::string("bad.toml:") + mistake.place + ": ";
        EXPECT_EQ(message.substr(0, place.size()), place) << message;
        EXPECT_NE(message.find(mistake.advice), std::string::npos) << message;
        EXPECT_GT(message.size(), place.size() + 5) << message;
    }
}

TEST(Config, the_patterns_that_come_with_the_program_are_read)
{
    const std::string folder = std::string(ARBITER_SOURCE_DIR) + "/config/";
    const EngineConfig paper = load_config(folder + "paper.example.toml");
    EXPECT_EQ(paper.mode, RunMode::paper);
    EXPECT_EQ(paper.venues.size(), 5U);
    for (const VenueConfig& venue : paper.venues) {
        EXPECT_FALSE(venue.has_key()) << venue.label;
        EXPECT_TRUE(venue.endpoint.empty() && venue.environment == "live") << venue.label;
        EXPECT_TRUE(venue.fee_taker.has_value()) << venue.label;
        EXPECT_FALSE(venue.balances.empty()) << venue.label;
    }
    EXPECT_EQ(load_config(folder + "live.example.toml").mode, RunMode::live);
}

TEST(Config, a_file_that_is_not_there_is_named)
{
    const std::string message = refusal([] { (void)load_config("no/such/file.toml"); });
    EXPECT_NE(message.find("no/such/file.toml"), std::string::npos) << message;
}

TEST(Config, amounts_are_kept_to_the_last_digit)
{
    const EngineConfig config = parse_config(
        "[risk]\norder_max_quote = \"0.123456789012345678\"\n[venue.a]\ntaker_fee_bps = \"7.5\"\n"
        "feed_latency_us = 15\n[venue.a.balance]\nUSDT = \"12.5\"\n",
        "good.toml");
    EXPECT_EQ(config.risk.order_notional_max, amount_of(*Decimal::parse("0.123456789012345678")));
    ASSERT_EQ(config.venues.size(), 1U);
    EXPECT_EQ(config.venues[0].fee_taker->units, 75'000);
    EXPECT_FALSE(config.venues[0].fee_maker.has_value());
    EXPECT_EQ(config.venues[0].feed_latency, microseconds(15));
    ASSERT_EQ(config.venues[0].balances.size(), 1U);
    EXPECT_EQ(config.venues[0].balances[0].first, "USDT");
}

TEST(Config, the_hash_is_of_the_text)
{
    const std::string text = "name = \"x\"\n";
    EXPECT_EQ(parse_config(text, "a").hash, parse_config(text, "b").hash);
    EXPECT_NE(parse_config(text, "a").hash, parse_config(text + "\n", "a").hash);
}

TEST(Config, what_ships_loads)
{
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        if (entry.path().extension() != ".toml") continue;
        ++files;
        if (entry.path().stem() == "venues") {
            EXPECT_EQ(load_emulated_world(entry.path().string()).venues.size(), 6U);
            continue;
        }
        if (entry.path().stem() == "faults") {
            EXPECT_FALSE(load_fault_plan(entry.path().string()).rules.empty());
            continue;
        }
        if (entry.path().stem() == "signer.example") {
            // Its user is one of the machine it will run on.
            std::string text = read_text_file(entry.path().string());
            for (const std::string name : {"client = \"arbiter\"", "group = \"arbiter-signing\""}) {
                ASSERT_NE(text.find(name), std::string::npos);
                text.replace(text.find(name), name.size(), name.substr(0, name.find('=')) + "= \"0\"");
            }
            const test::PrivateDirectory directory;
            test::write_file(directory.file("signer.toml"), text);
            EXPECT_EQ(read_signer_policy(directory.file("signer.toml")).grants.size(), 3U);
            continue;
        }
        const EngineConfig config = load_config(entry.path().string());
        EXPECT_FALSE(config.venues.empty()) << entry.path();
        EXPECT_FALSE(config.strategies.empty()) << entry.path();
    }
    EXPECT_GE(files, 3U);
}

// The shipped configuration with one place changed, over the shipped recording.
std::string session_refusal(const std::string& what, const std::string& by)
{
    std::string text = read_text_file((kFolder / "backtest.toml").string());
    const std::size_t place = text.find(what);
    EXPECT_NE(place, std::string::npos) << what;
    text.replace(place, what.size(), by);
    return refusal([&] {
        BacktestRequest request;
        request.config = parse_config(text, "sample.toml");
        request.recordings = {(kFolder / "sample.arb").string()};
        request.plugins = plugins();
        (void)run_backtest(request);
    });
}

TEST(Config, what_the_recordings_do_not_know_is_refused_with_its_place)
{
    struct Case {
        const char* what;
        const char* by;
        const char* advice;
    };
    const Case cases[] = {
        {"[strategy.cross_venue]", "[strategy.cross_venu]", "did you mean 'cross_venue'?"},
        {"[venue.okx]", "[venue.okxx]\ntaker_fee_bps = \"1\"\n[venue.okx]", "did you mean 'okx'?"},
        {"ETH = \"20\"", "ETHH = \"20\"", "'ETHH'"},
        {"cooldown_ms = 20", "markets = [\"BTC/USDX\"]", "did you mean 'BTC/USDT'?"},
        {"cooldown_ms = 20", "cooldown_m = 20", "did you mean 'cooldown_ms'?"},
        {"cooldown_ms = 20", "[strategy.cross_venue.more]\nx = 1", "has no table 'more'"},
        {"[risk]", "[[market]]\nname = \"x\"\ninstruments = [\"BTC/USDT\", \"BTC/USDX\"]\n[risk]",
         "did you mean 'BTC/USDT'?"},
        {"[risk]",
         "[[instrument]]\nvenue = \"okxx\"\nsymbol = \"BTC-USDT\"\nbase = \"BTC\"\nquote = \"USDT\"\n"
         "tick = \"0.01\"\nlot = \"0.01\"\n[risk]",
         "did you mean 'okx'?"},
        {"[risk]",
         "[[instrument]]\nvenue = \"okx\"\nsymbol = \"BTC-USDTT\"\nbase = \"BTC\"\nquote = \"USDT\"\n"
         "tick = \"0.01\"\nlot = \"0.01\"\n[risk]",
         "did you mean 'BTC-USDT'?"},
    };
    for (const Case& mistake : cases) {
        const std::string message = session_refusal(mistake.what, mistake.by);
        EXPECT_EQ(message.find("sample.toml:"), 0U) << message;
        EXPECT_NE(message.find(mistake.advice), std::string::npos) << message;
    }
}

}  // namespace
}  // namespace arb
