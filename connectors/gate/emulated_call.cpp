#include "connectors/gate/emulated_call.hpp"

#include "engine/emulate/words.hpp"

namespace arb::gate {
namespace {

constexpr std::size_t kListMost = 100;

// Labels that do not come with a plain 400.
constexpr Word<int> kStatuses[] = {
    {"INVALID_KEY", 401},
    {"INVALID_SIGNATURE", 401},
    {"INVALID_CREDENTIALS", 401},
    {"IP_FORBIDDEN", 403},
    {"MISSING_REQUIRED_HEADER", 401},
    {"READ_ONLY", 403},
    {"FORBIDDEN", 403},
    {"NOT_FOUND", 404},
    {"ORDER_NOT_FOUND", 404},
    {"TOO_MANY_REQUESTS", 429},
    {"METHOD_NOT_ALLOWED", 405},
    {"SERVER_ERROR", 500},
};

}  // namespace

VenueAnswer say_done(std::string body, int status)
{
    VenueAnswer answer;
    answer.body = std::move(body);
    answer.status = status;
    return answer;
}

VenueAnswer say_refused(std::string label, std::string message)
{
    VenueAnswer answer;
    answer.status = 400;
    (void)read_word(kStatuses, label, answer.status);
    answer.label = std::move(label);
    answer.message = std::move(message);
    return answer;
}

bool read_fields(const simdjson::dom::element& element, Params& out)
{
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return false;
    for (const auto& [key, value] : object) {
        std::string_view text;
        if (value.get(text) == simdjson::SUCCESS)
            out.emplace_back(key, text);
        else if (value.is_number() || value.is_bool())
            out.emplace_back(key, simdjson::minify(value));
    }
    return true;
}

bool EmulatedCall::read_body(const simdjson::dom::element& body)
{
    simdjson::dom::array entries;
    if (body.get(entries) != simdjson::SUCCESS) return read_fields(body, fields);
    list = true;
    for (const simdjson::dom::element item : entries) {
        if (items.size() == kListMost || !read_fields(item, items.emplace_back())) return false;
    }
    return true;
}

}  // namespace arb::gate
