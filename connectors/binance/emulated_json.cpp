// Reading JSON that clients of the emulated Binance send: members, lists of words, lists of objects.
#include "connectors/binance/emulated_json.hpp"

#include "engine/emulate/emulated_venue.hpp"

namespace arb::binance {
namespace {

namespace json = simdjson::ondemand;

bool read_frame_params(json::value value, EmulatedRequest& request)
{
    json::json_type type{};
    if (value.type().get(type)) return false;
    if (type == json::json_type::array) {
        for (auto entry : value.get_array()) {
            std::string_view text;
            bool flag = false;
            if (!entry.get_string().get(text))
                request.list.emplace_back(text);
            else if (entry.get_bool().get(flag))
                return false;
            else
                request.list.emplace_back(flag ? "true" : "false");
        }
        return true;
    }
    json::object object;
    return type == json::json_type::object && !value.get_object().get(object) &&
           read_members(object, request.params);
}

}  // namespace

std::string json_token(std::string_view token)
{
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                              token.back() == '\t' || token.back() == ','))
        token.remove_suffix(1);
    return std::string(token);
}

bool read_members(simdjson::ondemand::object object, Params& params)
{
    using simdjson::ondemand::json_type;
    for (auto field : object) {
        std::string_view name;
        std::string_view text;
        simdjson::ondemand::value inner;
        simdjson::ondemand::array list;
        json_type type{};
        if (field.unescaped_key().get(name) || field.value().get(inner)) return false;
        const std::string key(name);
        if (inner.type().get(type)) return false;
        if (type == json_type::string) {
            if (inner.get_string().get(text)) return false;
            params.emplace_back(key, text);
        } else if (type == json_type::number || type == json_type::boolean) {
            params.emplace_back(key, json_token(inner.raw_json_token()));
        } else if (type == json_type::array) {
            if (inner.get_array().get(list) || list.raw_json().get(text)) return false;
            params.emplace_back(key, json_token(text));
        } else {
            return false;
        }
    }
    return true;
}

std::optional<std::vector<std::string>> read_list(std::string_view text)
{
    std::vector<std::string> words;
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(text);
    simdjson::ondemand::document document;
    simdjson::ondemand::array list;
    if (parser.iterate(padded).get(document) || document.get_array().get(list)) return std::nullopt;
    for (auto entry : list) {
        simdjson::ondemand::value value;
        simdjson::ondemand::json_type type{};
        std::string_view word;
        if (entry.get(value) || value.type().get(type)) return std::nullopt;
        if (type == simdjson::ondemand::json_type::string) {
            if (value.get_string().get(word)) return std::nullopt;
            words.emplace_back(word);
        } else if (type == simdjson::ondemand::json_type::number) {
            words.push_back(json_token(value.raw_json_token()));
        } else {
            return std::nullopt;
        }
    }
    return words;
}

std::optional<std::vector<Params>> read_objects(std::string_view text)
{
    std::vector<Params> objects;
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(text);
    simdjson::ondemand::document document;
    simdjson::ondemand::array list;
    if (parser.iterate(padded).get(document) || document.get_array().get(list)) return std::nullopt;
    for (auto entry : list) {
        simdjson::ondemand::object object;
        if (entry.get_object().get(object) || !read_members(object, objects.emplace_back()))
            return std::nullopt;
    }
    return objects;
}

EmulatedRequest read_request(std::string_view text)
{
    EmulatedRequest request;
    json::parser parser;
    const simdjson::padded_string padded(text);
    json::document document;
    json::object object;
    if (parser.iterate(padded).get(document) || document.get_object().get(object)) return request;
    for (auto field : object) {
        std::string_view name;
        json::value value;
        json::json_type type{};
        if (field.unescaped_key().get(name) || field.value().get(value) || value.type().get(type))
            return request;
        std::string_view word;
        if (name == "id" && type == json::json_type::string) {
            if (value.get_string().get(word)) return request;
            request.id = json_text(word.substr(0, 64));
        } else if (name == "id" && type == json::json_type::number) {
            request.id = json_token(value.raw_json_token());
        } else if (name == "method" && type == json::json_type::string) {
            if (value.get_string().get(word)) return request;
            request.method = word;
        } else if (name == "params") {
            if (!read_frame_params(value, request)) return request;
        }
    }
    request.readable = !request.method.empty();
    return request;
}

}  // namespace arb::binance
