#include "connectors/bybit/emulated_call.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

namespace arb::bybit {
namespace {

constexpr std::size_t kBodyMax = std::size_t{1} << 20;

}  // namespace

Answer good(std::string result)
{
    Answer answer;
    answer.result = std::move(result);
    return answer;
}

Answer refuse(int code, std::string text)
{
    Answer answer;
    answer.code = code;
    answer.text = std::move(text);
    return answer;
}

bool read_params(std::string_view json, Params& out)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (json.size() > kBodyMax || parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
        return false;
    for (const auto& [key, value] : object) {
        std::string_view text;
        std::int64_t number = 0;
        bool truth = false;
        if (value.get(text) == simdjson::SUCCESS)
            out.emplace_back(key, text);
        else if (value.get(number) == simdjson::SUCCESS)
            out.emplace_back(key, fmt::format("{}", number));
        else if (value.get(truth) == simdjson::SUCCESS)
            out.emplace_back(key, truth ? "true" : "false");
    }
    return true;
}

bool read_batch(std::string_view json, std::vector<Params>& out)
{
    simdjson::dom::parser parser;
    simdjson::dom::array entries;
    if (parser.parse(json.data(), json.size()).at_key("request").get(entries) != simdjson::SUCCESS)
        return false;
    for (const simdjson::dom::element entry : entries) {
        if (!entry.is_object() || out.size() > kBatchMost) return false;
        (void)read_params(simdjson::minify(entry), out.emplace_back());
    }
    return true;
}

std::uint64_t cursor_id(std::string_view cursor)
{
    if (cursor.empty()) return UINT64_MAX;
    const std::string_view digits =
        cursor.substr(0, std::min<std::size_t>(18, cursor.find_first_not_of("0123456789")));
    return static_cast<std::uint64_t>(whole_of(digits, 0));
}

}  // namespace arb::bybit
