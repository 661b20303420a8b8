#include "connectors/coinbase/emulated_call.hpp"

#include <fmt/format.h>

namespace arb::coinbase {
namespace {

constexpr std::string_view kOrderIdHead = "0e3017a7-ed00-4000-8000-";
constexpr std::size_t kNumberDigits = 12;

}  // namespace

std::vector<std::string> EmulatedCall::all(std::string_view name, std::string_view singular) const
{
    std::vector<std::string> values;
    for (const auto& [field, value] : parameters) {
        if (field != name && field != singular) continue;
        // A list in one value is taken too.
        for (std::string& part : parts_of(value)) {
            if (!part.empty()) values.push_back(std::move(part));
        }
    }
    return values;
}

bool EmulatedCall::read_body(simdjson::dom::parser& parser, JsonBody& body) const
{
    return !parser.parse(request->body).get_object().get(body);
}

CoinbaseAnswer failure(int status, std::string_view error, std::string_view message)
{
    return {status, fmt::format(R"({{"error":{},"error_details":{},"message":{}}})", json_text(error),
                                json_text(message), json_text(message))};
}

CoinbaseAnswer invalid(std::string_view message)
{
    return failure(400, "INVALID_ARGUMENT", message);
}

std::string_view body_text(JsonBody body, std::string_view key)
{
    std::string_view text;
    return body.at_key(key).get_string().get(text) ? std::string_view() : text;
}

std::string order_id_text(std::uint64_t number)
{
    return fmt::format("{}{:0{}x}", kOrderIdHead, number, kNumberDigits);
}

std::uint64_t order_number(std::string_view id)
{
    if (id.size() != kOrderIdHead.size() + kNumberDigits || !id.starts_with(kOrderIdHead)) return 0;
    std::uint64_t number = 0;
    for (const char c : id.substr(kOrderIdHead.size())) {
        if (c >= '0' && c <= '9')
            number = number * 16 + static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            number = number * 16 + static_cast<unsigned>(c - 'a' + 10);
        else
            return 0;
    }
    return number;
}

}  // namespace arb::coinbase
