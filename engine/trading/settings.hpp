#pragma once
// A strategy's own table of the configuration, as plain values with their places, so that a strategy can read
// its keys without seeing the file format, and every mistake is told with file:line:col. Amounts and rates
// are exact decimals in text. Read once at start; errors are StartError (ExitCode::usage).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/money.hpp"
#include "engine/base/time.hpp"

namespace arb {

struct SettingValue {
    std::string key;
    std::vector<std::string> items;  ///< one text, or the items of an array
    bool array = false;
    std::string place;  ///< file:line:col
};

class Settings {
  public:
    Settings(std::string name, std::string place, std::vector<SettingValue> values)
        : name_(std::move(name)), place_(std::move(place)), values_(std::move(values))
    {
    }

    const std::string& name() const { return name_; }
    const std::string& place() const { return place_; }

    Amount amount(std::string_view key, std::string_view fallback);
    /// A limit: nothing could pass one of zero.
    Amount positive_amount(std::string_view key, std::string_view fallback);
    /// A number of basis points from `least` to 10,000, exact to 10^-4 bps.
    Rate basis_points(std::string_view key, std::string_view fallback, std::int64_t least = -10'000);
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
    Duration milliseconds(std::string_view key, std::int64_t fallback);
    Duration microseconds(std::string_view key, std::int64_t fallback);
    std::string text(std::string_view key, std::string_view fallback);
    /// A text that must be there and not be empty.
    std::string required(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    bool has(std::string_view key) const { return find(key) != nullptr; }

    /// Refuses the first key that nobody asked for, naming the nearest one that was.
    void finish() const;
    /// Where the key stands (file:line:col), or the table when it does not.
    std::string place_of(std::string_view key) const;
    [[noreturn]] void fail(std::string_view key, const std::string& why) const;

  private:
    const SettingValue* find(std::string_view key) const;
    const SettingValue* scalar(std::string_view key);

    std::string name_;
    std::string place_;
    std::vector<SettingValue> values_;
    std::vector<std::string> asked_;
};

/// The candidate nearest to `text` by edit distance, empty when none is near.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);
/// "; did you mean 'x'?", for the end of a refusal; empty when none is near.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace arb
