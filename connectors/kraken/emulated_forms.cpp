#include "connectors/kraken/emulated_forms.hpp"

#include <fmt/format.h>

#include "connectors/kraken/emulated_parts.hpp"
#include "engine/emulate/params.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kBodyMax = 1U << 16;
constexpr unsigned kNestedMax = 4;

bool append_form(std::string& out, const std::string& name, const Json& value, unsigned depth)
{
    if (depth > kNestedMax) return false;
    if (simdjson::dom::object object; value.get(object) == simdjson::SUCCESS) {
        for (const auto field : object) {
            const std::string key(field.key);
            if (!append_form(out, name.empty() ? key : name + "[" + key + "]", field.value, depth + 1))
                return false;
        }
        return true;
    }
    if (simdjson::dom::array array; value.get(array) == simdjson::SUCCESS) {
        std::size_t place = 0;
        for (const auto entry : array) {
            if (!append_form(out, fmt::format("{}[{}]", name, place++), entry, depth + 1)) return false;
        }
        return true;
    }
    std::string_view text;
    bool flag = false;
    if (value.get(flag) == simdjson::SUCCESS)
        text = flag ? "true" : "false";
    else if (value.get(text) != simdjson::SUCCESS)
        return true;  // null: as if it were not there
    out += (out.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(text);
    return true;
}

}  // namespace

WireMessage::WireMessage(std::string_view text)
{
    const std::string_view quoted = quote_numbers(text, buffer_);
    is_object_ = parser_.parse(quoted.data(), quoted.size(), false).get(root_) == simdjson::SUCCESS &&
                 root_.is_object();
}

std::string_view wire_text(const Json& object, std::string_view key)
{
    std::string_view value;
    return object[key].get(value) == simdjson::SUCCESS ? value : std::string_view();
}

bool wire_flag(const Json& object, std::string_view key)
{
    bool value = false;
    return object[key].get(value) == simdjson::SUCCESS && value;
}

bool form_flag(std::string_view form, std::string_view key)
{
    const std::string text = query_text(form, key);
    return !text.empty() && text != "false" && text != "0";
}

std::optional<std::string> form_of_json(std::string_view json)
{
    if (json.size() > kBodyMax) return std::nullopt;
    const WireMessage message(json);
    std::string form;
    if (!message.is_object() || !append_form(form, {}, message.root(), 0)) return std::nullopt;
    return form;
}

}  // namespace arb::kraken
