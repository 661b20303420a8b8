#include "engine/trading/settings.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "engine/base/result.hpp"

namespace arb {

const SettingValue* Settings::find(std::string_view key) const
{
    for (const SettingValue& value : values_) {
        if (value.key == key) return &value;
    }
    return nullptr;
}

const SettingValue* Settings::scalar(std::string_view key)
{
    asked_.emplace_back(key);
    const SettingValue* value = find(key);
    if (value != nullptr && value->array) fail(key, "is a list where one value is wanted");
    return value;
}

std::string Settings::place_of(std::string_view key) const
{
    const SettingValue* value = find(key);
    return value != nullptr ? value->place : place_;
}

void Settings::fail(std::string_view key, const std::string& why) const
{
    throw StartError(ExitCode::usage, fmt::format("{}: {}.{} {}", place_of(key), name_, key, why));
}

Amount Settings::amount(std::string_view key, std::string_view fallback)
{
    const SettingValue* value = scalar(key);
    const std::string_view text = value != nullptr ? std::string_view(value->items.front()) : fallback;
    const auto decimal = Decimal::parse(text);
    const auto amount = decimal ? amount_of(*decimal) : std::nullopt;
    if (!amount || amount->units < 0)
        fail(key, fmt::format("is '{}': wanted is an amount like \"1500.25\"", text));
    return *amount;
}

Amount Settings::positive_amount(std::string_view key, std::string_view fallback)
{
    const Amount value = amount(key, fallback);
    if (value.zero()) fail(key, "is 0: nothing could pass it; give it an amount above zero, or leave it out");
    return value;
}

Rate Settings::basis_points(std::string_view key, std::string_view fallback, std::int64_t least)
{
    const SettingValue* value = scalar(key);
    const std::string_view text = value != nullptr ? std::string_view(value->items.front()) : fallback;
    const ScaledNumber number = parse_scaled(text, 4);
    if (number.error != DecimalError::none)
        fail(key, fmt::format("is '{}': wanted are basis points like \"7.5\"", text));
    if (number.value < kRatePerBasisPoint * least || number.value > kRatePerBasisPoint * 10'000) {
        fail(key, fmt::format("is '{}': wanted are basis points from {} to 10000", text, least));
    }
    return {number.value};
}

std::int64_t Settings::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                               std::int64_t most)
{
    const SettingValue* value = scalar(key);
    if (value == nullptr) return fallback;
    const std::string& text = value->items.front();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
        fail(key, fmt::format("is '{}': wanted is a whole number from {} to {}", text, least, most));
    }
    return number;
}

Duration Settings::milliseconds(std::string_view key, std::int64_t fallback)
{
    return arb::milliseconds(integer(key, fallback, 0, 86'400'000));
}

Duration Settings::microseconds(std::string_view key, std::int64_t fallback)
{
    return arb::microseconds(integer(key, fallback, 0, 60'000'000));
}

std::string Settings::text(std::string_view key, std::string_view fallback)
{
    const SettingValue* value = scalar(key);
    return value != nullptr ? value->items.front() : std::string(fallback);
}

std::string Settings::required(std::string_view key)
{
    std::string value = text(key, "");
    if (value.empty()) fail(key, "is missing");
    return value;
}

std::vector<std::string> Settings::texts(std::string_view key)
{
    asked_.emplace_back(key);
    const SettingValue* value = find(key);
    return value != nullptr ? value->items : std::vector<std::string>{};
}

void Settings::finish() const
{
    for (const SettingValue& value : values_) {
        if (std::find(asked_.begin(), asked_.end(), value.key) != asked_.end()) continue;
        throw StartError(ExitCode::usage, fmt::format("{}: {} has no key '{}'{}", value.place, name_,
                                                      value.key, did_you_mean(value.key, asked_)));
    }
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates)
{
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(3, text.size() / 2) + 1;
    for (const std::string& candidate : candidates) {
        std::vector<std::size_t> row(candidate.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < text.size(); ++i) {
            std::size_t diagonal = row[0]++;
            for (std::size_t j = 0; j < candidate.size(); ++j) {
                const std::size_t substituted = diagonal + (text[i] != candidate[j]);
                diagonal = row[j + 1];
                row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates)
{
    const std::string near = nearest(text, candidates);
    return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

}  // namespace arb
