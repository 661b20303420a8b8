#pragma once
// What the scenarios of all strategies share: lines of words, times, venues and books as text. Each
// strategy's scenario_test.cpp has its own words besides; README.md of its scenarios' folder lists them.
// Header only, one thread; a wrong word in a test stops the test with an ENSURE.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/trading_world.hpp"

namespace arb::test {

using Words = std::vector<std::string>;

/// Without what follows a `#`, and without commas.
inline Words words_of(std::string line)
{
    line = line.substr(0, line.find('#'));
    std::erase(line, ',');
    std::istringstream in(line);
    return {std::istream_iterator<std::string>(in), {}};
}

/// "12.5s" after kStart.
inline Timestamp time_of(const std::string& text)
{
    ENSURE(text.ends_with("s"), "a time is seconds, like 12.5s");
    const ScaledNumber number = parse_scaled(std::string_view(text).substr(0, text.size() - 1), 9);
    ENSURE(number.error == DecimalError::none, "a time is seconds, like 12.5s");
    return kStart + Duration{number.value};
}

/// `venue NAME fee 10 lot 0.1 ...`; words that it does not know are left in `others`, with their values.
inline Spec venue_of(const Words& w, Words& others)
{
    Spec spec{.venue = w[1]};
    for (std::size_t i = 2; i + 1 < w.size(); i += 2) {
        if (w[i] == "fee")
            spec.fee_bps = std::stoll(w[i + 1]);
        else if (w[i] == "tick")
            spec.tick = w[i + 1];
        else if (w[i] == "lot")
            spec.lot = w[i + 1];
        else if (w[i] == "minimum")
            spec.minimum = w[i + 1];
        else if (w[i] == "notional")
            spec.notional = w[i + 1];
        else
            others.insert(others.end(), {w[i], w[i + 1]});
    }
    return spec;
}

/// The place of the venue of that name.
inline std::size_t place_of(const std::vector<Spec>& specs, const std::string& name)
{
    const auto at = std::find_if(specs.begin(), specs.end(), [&](const Spec& s) { return s.venue == name; });
    ENSURE(at != specs.end(), "a scenario names a venue that it has");
    return static_cast<std::size_t>(at - specs.begin());
}

struct ScenarioBook {
    TextLevels bids, asks;
    Timestamp made;  ///< by the venue's clock; 0: not told
};

/// `book VENUE bid P x Q ... ask P x Q ... [made TIME]`; nothing: no such line.
inline std::optional<ScenarioBook> book_of(const Words& w)
{
    ScenarioBook book;
    TextLevels* side = nullptr;
    for (std::size_t i = 2; i < w.size();) {
        if (w[i] == "bid" || w[i] == "ask") {
            side = w[i++] == "bid" ? &book.bids : &book.asks;
        } else if (w[i] == "made" && i + 1 < w.size()) {
            book.made = time_of(w[i + 1]);
            i += 2;
        } else if (side != nullptr && i + 2 < w.size() && w[i + 1] == "x") {
            side->push_back({w[i], w[i + 2]});
            i += 3;
        } else {
            return std::nullopt;
        }
    }
    return book;
}

/// The stories of a folder, by name, without their ending.
inline std::vector<std::string> scenario_names(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace arb::test
