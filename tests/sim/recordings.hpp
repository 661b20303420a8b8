#pragma once
// Small recordings for the tests of simulation: a folder of the running test, journals of normalised books
// written by hand, and a configuration that trades them. Files are written below the temporary directory
// only. One thread.
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "engine/base/random.hpp"
#include "engine/journal/reader.hpp"
#include "engine/journal/writer.hpp"
#include "engine/sim/backtest.hpp"
#include "strategies/registry.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

using Folder = TemporaryFolder;

inline JournalHeader header_of(const std::vector<Spec>& specs)
{
    JournalHeader header;
    header.build = "test";
    header.source = "written by hand";
    header.venues = venues_of(specs);
    return header;
}

/// A journal being written: LINK/USDT books in cents and tenths.
class Recording {
  public:
    Recording(const std::string& path, const std::vector<Spec>& specs)
        : path_(path), writer_(std::move(JournalWriter::create(path, header_of(specs))).take())
    {
    }
    /// A whole book of the venue's first listing, `ms` after kStart.
    Recording& book(std::size_t venue, std::int64_t ms, const TextLevels& bids, const TextLevels& asks)
    {
        const auto recorded = [](const TextLevels& texts) {
            std::vector<RecordedLevel> levels;
            for (const TextLevel& text : texts) {
                levels.push_back({parse_scaled(text.first, 2).value, parse_scaled(text.second, 1).value});
            }
            return levels;
        };
        writer_.book(static_cast<VenueId>(venue), 0, at_ms(ms), true, recorded(bids), recorded(asks));
        return *this;
    }
    JournalWriter& writer() { return writer_; }
    std::string finish()
    {
        const Result<Written> written = writer_.finish();
        ENSURE(static_cast<bool>(written), "a test's recording can be written");
        return path_;
    }

  private:
    std::string path_;
    JournalWriter writer_;
};

inline VenueConfig venue_config(std::string label, std::vector<std::pair<std::string, Amount>> balances)
{
    VenueConfig venue;
    venue.label = std::move(label);
    venue.feed_latency = milliseconds(2);
    venue.order_latency = milliseconds(3);
    venue.balances = std::move(balances);
    venue.place = "test.toml:1:1";
    return venue;
}

/// hb and kc with 10,000 USDT and 100 LINK each, cross_venue with its defaults but no minimum edge.
inline EngineConfig trading_config()
{
    EngineConfig config;
    config.name = "test";
    config.risk = wide_limits();
    for (const char* label : {"hb", "kc"}) {
        config.venues.push_back(venue_config(label, {{"USDT", money("10000")}, {"LINK", money("100")}}));
    }
    config.strategies.emplace_back(
        "strategy.cross_venue", "test.toml:9:1",
        std::vector<SettingValue>{{"min_edge_bps", {"0"}, false, "test.toml:10:1"}});
    return config;
}

/// All output lines of a journal.
inline std::vector<std::string> outputs_of(const std::string& path)
{
    std::vector<std::string> lines;
    JournalReader reader = std::move(JournalReader::open(path)).take();
    while (const Record* record = reader.next()) {
        if (record->kind == RecordKind::output) lines.emplace_back(record->text.view());
    }
    return lines;
}

inline const std::vector<Spec> kVenues{{.venue = "hb"}, {.venue = "kc"}};
inline const TextLevels kCalmBid{{"27.00", "5"}}, kCalmAsk{{"27.02", "5"}};

inline BacktestRequest request_of(std::vector<std::string> recordings, EngineConfig config = trading_config())
{
    BacktestRequest request;
    request.config = std::move(config);
    request.recordings = std::move(recordings);
    request.plugins = {connectors(), strategies()};
    request.build = "test";
    return request;
}

inline Recording& calm(Recording& recording, std::int64_t ms)
{
    return recording.book(0, ms, kCalmBid, kCalmAsk).book(1, ms, kCalmBid, kCalmAsk);
}

// Prices that wander at both venues, so that gaps, misses, partial fills and unwinding all happen.
inline std::string random_market(const std::string& path, std::uint64_t seed, int updates = 1500)
{
    Random random(seed);
    Recording recording(path, kVenues);
    std::int64_t ms = 0, middle = 2'700;
    for (int i = 0; i < updates; ++i) {
        ms += random.between(0, 6);
        middle += random.between(-3, 3);
        const std::int64_t bid = middle + random.between(-4, 4);
        const auto side = [&](std::int64_t best, std::int64_t step) {
            TextLevels levels;
            for (std::int64_t n = 0; n < 3; ++n) {
                levels.push_back(
                    {format_scaled(best + n * step, 2), format_scaled(random.between(1, 60), 1)});
            }
            return levels;
        };
        recording.book(random.one_in(2) ? 0 : 1, ms, side(bid, -1), side(bid + random.between(1, 3), 1));
    }
    return recording.finish();
}

inline EngineConfig eager_config()
{
    EngineConfig config = trading_config();
    for (VenueConfig& venue : config.venues) venue.fee_maker = venue.fee_taker = bps(1);
    return config;
}

}  // namespace arb::test
