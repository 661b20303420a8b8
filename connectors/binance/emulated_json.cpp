// Reading JSON that clients of the emulated Binance send: members, lists of words, lists of objects.
#include "connectors/binance/emulated_json.hpp"

namespace arb::binance {

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

}  // namespace arb::binance
