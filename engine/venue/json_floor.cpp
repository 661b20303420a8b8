#include "engine/venue/json_floor.hpp"

#include <simdjson.h>

namespace arb {
namespace {

namespace ondemand = simdjson::ondemand;

template <bool Raw>
bool walk(ondemand::value value, std::uint64_t& sum);

template <bool Raw, class Container>
bool walk_object(Container object, std::uint64_t& sum)
{
    for (auto field : object) {
        ondemand::raw_json_string key;
        if (field.key().get(key) != simdjson::SUCCESS) return false;
        sum += static_cast<unsigned char>(key.raw()[0]);
        ondemand::value child;
        if (field.value().get(child) != simdjson::SUCCESS || !walk<Raw>(child, sum)) return false;
    }
    return true;
}

template <bool Raw, class Container>
bool walk_array(Container array, std::uint64_t& sum)
{
    for (auto element : array) {
        ondemand::value child;
        if (element.get(child) != simdjson::SUCCESS || !walk<Raw>(child, sum)) return false;
    }
    return true;
}

template <bool Raw>
bool walk(ondemand::value value, std::uint64_t& sum)
{
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    switch (type) {
        case ondemand::json_type::object: {
            ondemand::object object;
            return value.get_object().get(object) == simdjson::SUCCESS && walk_object<Raw>(object, sum);
        }
        case ondemand::json_type::array: {
            ondemand::array array;
            return value.get_array().get(array) == simdjson::SUCCESS && walk_array<Raw>(array, sum);
        }
        case ondemand::json_type::string: {
            if constexpr (!Raw) {
                std::string_view text;
                if (value.get_string().get(text) != simdjson::SUCCESS) return false;
                sum += text.size();
                return true;
            }
            ondemand::raw_json_string text;
            if (value.get_raw_json_string().get(text) != simdjson::SUCCESS) return false;
            sum += static_cast<unsigned char>(text.raw()[0]);
            return true;
        }
        case ondemand::json_type::null:
            return value.is_null();
        case ondemand::json_type::boolean: {
            bool flag = false;
            if (value.get_bool().get(flag) != simdjson::SUCCESS) return false;
            sum += flag;
            return true;
        }
        case ondemand::json_type::number:
            sum += value.raw_json_token().size();
            return true;
    }
    return false;
}

template <bool Raw>
std::uint64_t walk_document(ondemand::parser& parser, PaddedText text)
{
    std::uint64_t sum = 0;
    ondemand::document document;
    const simdjson::padded_string_view view(text.data, text.size, text.size + kTextPadding);
    if (parser.iterate(view).get(document) != simdjson::SUCCESS) return 0;
    ondemand::object object;
    ondemand::array array;
    bool whole = false;
    if (text.size > 0 && text.data[0] == '{')
        whole = document.get_object().get(object) == simdjson::SUCCESS && walk_object<Raw>(object, sum);
    else
        whole = document.get_array().get(array) == simdjson::SUCCESS && walk_array<Raw>(array, sum);
    return whole ? sum : 0;
}

}  // namespace

struct JsonWalker::Parser {
    ondemand::parser parser;
};

JsonWalker::JsonWalker() : parser_(std::make_unique<Parser>()) {}
JsonWalker::~JsonWalker() = default;

std::uint64_t JsonWalker::walk(PaddedText text, JsonWalk how)
{
    return how == JsonWalk::values ? walk_document<false>(parser_->parser, text)
                                   : walk_document<true>(parser_->parser, text);
}

}  // namespace arb
