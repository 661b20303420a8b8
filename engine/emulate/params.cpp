#include "engine/emulate/params.hpp"

#include <algorithm>

#include "engine/base/decimal.hpp"
#include "engine/venue/encoding.hpp"

namespace arb {
namespace {

struct RawField {
    std::string_view name, value;
};

/// The first field of a query, which is taken off it.
RawField next_field(std::string_view& text)
{
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    return {field.substr(0, equals), field.substr(std::min(equals + 1, field.size()))};
}

}  // namespace

std::string_view value_of(const Params& params, std::string_view name)
{
    for (const auto& [key, value] : params) {
        if (key == name) return value;
    }
    return {};
}

bool read_query_params(std::string_view text, Params& params)
{
    bool is_whole = true;
    while (!text.empty()) {
        const RawField field = next_field(text);
        if (field.name.empty()) continue;
        auto name = percent_decode(field.name);
        auto value = percent_decode(field.value);
        if (name && value)
            params.emplace_back(std::move(*name), std::move(*value));
        else
            is_whole = false;
    }
    return is_whole;
}

std::string query_text(std::string_view text, std::string_view name)
{
    while (!text.empty()) {
        const RawField field = next_field(text);
        const bool is_written_so = field.name.find('%') == std::string_view::npos
                                       ? field.name == name
                                       : percent_decode(field.name) == name;
        if (is_written_so) return percent_decode(field.value).value_or(std::string());
    }
    return {};
}

std::vector<std::string> parts_of(std::string_view list)
{
    std::vector<std::string> parts;
    while (!list.empty()) {
        parts.emplace_back(list.substr(0, list.find(',')));
        list.remove_prefix(std::min(list.size(), parts.back().size() + 1));
    }
    return parts;
}

bool is_among(const std::vector<std::string>& list, std::string_view value)
{
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool is_made_of(std::string_view text, std::size_t most, std::string_view others)
{
    return text.size() <= most && std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      others.find(c) != std::string_view::npos;
           });
}

std::optional<std::int64_t> whole_number(std::string_view text)
{
    const ScaledNumber number = parse_scaled(text, 0);
    return number.error == DecimalError::none ? std::optional(number.value) : std::nullopt;
}

std::int64_t whole_of(std::string_view text, std::int64_t otherwise)
{
    return whole_number(text).value_or(otherwise);
}

std::size_t count_of(std::string_view text, std::size_t usual, std::size_t most)
{
    const ScaledNumber number = parse_scaled(text, 0);
    if (number.error == DecimalError::overflow && text.front() != '-') return most;
    if (number.error != DecimalError::none || number.value <= 0) return usual;
    return static_cast<std::size_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(number.value), most));
}

}  // namespace arb
