#include "connectors/gate/emulated_call.hpp"

#include <array>

namespace arb::gate {
namespace {

constexpr std::size_t kListMost = 100;

struct LabelStatus {
    std::string_view label;
    int status;
};
// Labels that do not come with a plain 400.
constexpr std::array kLabelStatuses{
    LabelStatus{"INVALID_KEY", 401},         LabelStatus{"INVALID_SIGNATURE", 401},
    LabelStatus{"INVALID_CREDENTIALS", 401}, LabelStatus{"MISSING_REQUIRED_HEADER", 401},
    LabelStatus{"IP_FORBIDDEN", 403},        LabelStatus{"READ_ONLY", 403},
    LabelStatus{"FORBIDDEN", 403},           LabelStatus{"NOT_FOUND", 404},
    LabelStatus{"ORDER_NOT_FOUND", 404},     LabelStatus{"METHOD_NOT_ALLOWED", 405},
    LabelStatus{"TOO_MANY_REQUESTS", 429},   LabelStatus{"SERVER_ERROR", 500},
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
    for (const LabelStatus& row : kLabelStatuses) {
        if (row.label == label) answer.status = row.status;
    }
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
