#pragma once
// Small recordings for the tests of simulation: a folder of the running test, journals of normalised books written by
// hand, and a configuration that trades them. Files are written below the temporary directory only. One thread.
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/journal/reader.hpp"
#include "engine/journal/writer.hpp"
#include "engine/pipeline/engine_config.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

/// A fresh folder named after the running test, removed with it.
class Folder {
  public:
    Folder()
    {
        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::temp_directory_path() /
                (std::string("arb_sim_") + info->test_suite_name() + "_" + info->name());
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string at(std::string_view name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

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
    config.strategies.emplace_back("strategy.cross_venue", "test.toml:9:1",
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

}  // namespace arb::test
