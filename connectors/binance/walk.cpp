#include "connectors/binance/walk.hpp"

#include <utility>

namespace arb::binance {

namespace json = simdjson::ondemand;

namespace {

Key key_of(std::string_view name)
{
    if (name.size() == 1) return key_of_letter(name[0]);
    return name.size() == 2 ? key_of_pair(name[0], name[1]) : Key::other;
}

Top top_of(std::string_view name)
{
    static constexpr std::pair<std::string_view, Top> kTops[] = {
        {"stream", Top::stream}, {"data", Top::data},     {"result", Top::result},
        {"id", Top::id},         {"error", Top::error},   {"code", Top::code},
        {"msg", Top::text},      {"bids", Top::bids},     {"lastUpdateId", Top::last_update_id},
        {"asks", Top::asks},     {"symbol", Top::symbol},
    };
    for (const auto& [text, top] : kTops) {
        if (text == name) return top;
    }
    return Top::none;
}

}  // namespace

void Walk::string(json::value value, std::string_view& out)
{
    const auto error = value.get_string().get(out);
    if (error == simdjson::INCORRECT_TYPE) return fail(UndecodedReason::wrong_type);
    if (error) broken = true;
}

void Walk::number(json::value value, std::uint64_t& out)
{
    if (!value.get_uint64().get(out)) return;
    json::json_type type{};
    const bool digits = !value.type().get(type) && type == json::json_type::number;
    fail(digits ? UndecodedReason::bad_number : UndecodedReason::wrong_type);
}

void Walk::time(json::value value, Timestamp& out)
{
    std::uint64_t units = 0;
    number(value, units);
    if (!time_of(units, out)) fail(UndecodedReason::bad_number);
}

void Walk::flag(json::value value, bool& out)
{
    if (value.get_bool().get(out)) fail(UndecodedReason::wrong_type);
}

void Walk::skip(json::value value)
{
    json::json_type type{};
    if (value.type().get(type)) {
        broken = true;
    } else if (type == json::json_type::number) {
        double unused = 0;  // not money: read only to see that it is a number
        if (value.get_double().get(unused)) broken = true;
    } else if (type == json::json_type::boolean) {
        bool unused = false;
        if (value.get_bool().get(unused)) broken = true;
    } else if (type == json::json_type::null) {
        bool null = false;
        if (value.is_null().get(null) || !null) broken = true;
    }
}

void Walk::event_field(Key key, json::value value)
{
    if (has(key)) broken = true;
    seen |= bit(key);
    const auto place = [&value] { return value.raw_json_token().data(); };
    switch (key) {
        case Key::event_type:
            return string(value, event_type);
        case Key::event_time:
            return time(value, message.event_time);
        case Key::match_time:
            return time(value, message.match_time);
        case Key::symbol:
            return string(value, symbol);
        case Key::first:
            return number(value, message.sequence_first);
        case Key::last:
            return number(value, message.sequence_last);
        case Key::previous:
            return number(value, message.sequence_previous);
        case Key::bid:
            bid = place();
            return;
        case Key::ask:
            ask = place();
            return;
        case Key::bid_quantity:
            bid_quantity = place();
            return;
        case Key::ask_quantity:
            ask_quantity = place();
            return;
        case Key::price:
            price = place();
            return;
        case Key::quantity:
            quantity = place();
            return;
        case Key::maker:
            return flag(value, message.buyer_is_maker);
        case Key::trade_kind:
            return string(value, trade_kind);
        case Key::contract:
            return string(value, contract);
        default:
            return skip(value);
    }
}

void Walk::top_field(Top top, json::value value)
{
    if (has(top)) broken = true;
    seen_top |= 1U << static_cast<unsigned>(top);
    json::json_type type{};
    switch (top) {
        case Top::stream:
            return string(value, stream);
        case Top::symbol:
            return string(value, symbol);
        case Top::text:
            return string(value, error_text);
        case Top::last_update_id:
            return number(value, last_update_id);
        case Top::bids:
            bid = value.raw_json_token().data();
            return;
        case Top::asks:
            ask = value.raw_json_token().data();
            return;
        case Top::id:  // ours are numbers; the venue echoes null for a request that it could not read
            if (!value.type().get(type) && type == json::json_type::number) return number(value, id);
            return skip(value);
        default:
            return skip(value);
    }
}

namespace {

void walk_object(json::object object, Walk& walk, unsigned depth)
{
    for (auto field : object) {
        std::string_view name;
        json::value value;
        if (field.unescaped_key().get(name) || field.value().get(value)) {
            walk.broken = true;
            return;
        }
        const Top top = top_of(name);
        json::json_type type{};
        const bool typed = !value.type().get(type);
        // The wrapper's "data" and the newer form of an error, {"error":{"code":..,"msg":..},"id":..}, open
        // one level.
        if (depth == 0 && (top == Top::data || top == Top::error) && typed &&
            type == json::json_type::object) {
            if (walk.has(top)) walk.broken = true;
            walk.seen_top |= 1U << static_cast<unsigned>(top);
            json::object inner;
            if (value.get_object().get(inner)) {
                walk.broken = true;
                return;
            }
            walk_object(inner, walk, depth + 1);
        } else if (top != Top::none) {
            if (top == Top::data) walk.data_is_list = typed && type == json::json_type::array;
            walk.top_field(top, value);
        } else if (const Key key = key_of(name); key != Key::other) {
            walk.event_field(key, value);
        } else {
            walk.skip(value);
        }
        if (walk.broken) return;
    }
}

}  // namespace

bool walk_text(json::parser& parser, PaddedText text, Walk& walk)
{
    walk.end = text.data + text.size;
    json::document document;
    json::object object;
    const simdjson::padded_string_view view(text.data, text.size, text.size + simdjson::SIMDJSON_PADDING);
    if (parser.iterate(view).get(document) || document.get_object().get(object)) return false;
    walk_object(object, walk, 0);
    // A place after the object's end means trailing text.
    return !walk.broken && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace arb::binance
