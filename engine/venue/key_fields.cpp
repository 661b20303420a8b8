#include "engine/venue/key_fields.hpp"

#include <algorithm>

namespace arb {
namespace {

constexpr std::size_t kReplyMax = std::size_t{1} << 16;
constexpr std::size_t kFlagsBodyMax = 16 * 1024;
constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kNameMax = 64;

// What stands in an address list and shuts nobody out.
bool any_address(std::string_view entry)
{
    return entry == "*" || entry == "0.0.0.0" || entry == "::" || entry.ends_with("/0");
}

// A field's name that an operator can be shown and that cannot pass for two.
bool plain_field(std::string_view name)
{
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), plain);
}

bool among(std::span<const std::string_view> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void append_name(std::string& list, std::string_view name)
{
    if (!list.empty()) list += ',';
    list += name;
}

KeyReport unreadable_key(std::string_view text)
{
    KeyReport report;
    report.answer = KeyAnswer::unreadable;
    report.text = text;
    return report;
}

KeyReport KeyReplyReader::run(std::string_view body)
{
    texts_ = {};
    simdjson::dom::parser parser;
    Object root;
    if (body.size() > kReplyMax)
        (void)fail("the reply", "is too long");
    else if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        (void)fail("the reply", "is no JSON object");
    else
        ok_ = read(root) && ok_;
    // Half an answer is none.
    if (!ok_) return unreadable_key(texts_.text);
    report_.answer = KeyAnswer::told;
    report_.foreign = texts_.foreign;
    if (report_.rights.has(KeyRight::trade)) report_.missing = texts_.missing;
    report_.address_list = texts_.address_list;
    return report_;
}

bool KeyReplyReader::fail(std::string_view field, std::string_view what)
{
    if (ok_) texts_.text.assign(field).append(" ").append(what);
    ok_ = false;
    return false;
}

std::size_t KeyReplyReader::count(const Object& object, std::string_view name, std::string_view also)
{
    std::size_t found = 0;
    for (const auto& [key, value] : object) found += key == name || (!also.empty() && key == also) ? 1 : 0;
    return found;
}

bool KeyReplyReader::find(const Object& object, std::string_view name, Json& out, std::string_view also)
{
    const std::size_t times = count(object, name, also);
    if (times == 0) return fail(name, "is not there");
    if (times > 1) return fail(name, "is told twice");
    for (const auto& [key, value] : object) {
        if (key == name || (!also.empty() && key == also)) out = value;
    }
    return true;
}

bool KeyReplyReader::find_object(const Object& object, std::string_view name, Object& out)
{
    Json value;
    return find(object, name, value) && (value.get(out) == simdjson::SUCCESS || fail(name, "is no object"));
}

bool KeyReplyReader::find_list(const Object& object, std::string_view name, Array& out, std::string_view also)
{
    Json value;
    if (!find(object, name, value, also)) return false;
    if (value.get(out) != simdjson::SUCCESS) return fail(name, "is no list");
    return out.size() <= kEntriesMax || fail(name, "is too long");
}

bool KeyReplyReader::find_names(const Object& object, std::string_view name,
                                std::vector<std::string_view>& out, std::string_view also)
{
    Array list;
    if (!find_list(object, name, list, also)) return false;
    for (const Json entry : list) {
        std::string_view text;
        if (entry.get(text) != simdjson::SUCCESS || !plain(text)) return fail(name, "holds what is no name");
        out.push_back(text);
    }
    return true;
}

bool KeyReplyReader::plain(std::string_view name)
{
    return !name.empty() && name.size() <= kNameMax &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

void KeyReplyReader::tell_addresses(const std::vector<std::string_view>& list)
{
    const bool open = list.empty() || std::any_of(list.begin(), list.end(), any_address);
    report_.addresses = open ? KeyTold::none : KeyTold::some;
    if (open) return;
    for (const std::string_view address : list) append_name(texts_.address_list, address);
}

std::string walk_key_flags(std::string_view body, std::span<const std::string_view> required,
                           const TakeKeyField& take)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    std::vector<std::string_view> seen;
    if (body.empty()) return "the answer is empty";
    if (body.size() > kFlagsBodyMax) return "the answer is too long";
    if (parser.parse(body.data(), body.size()).get_object().get(object))
        return "the answer is no JSON object";
    for (const simdjson::dom::key_value_pair field : object) {
        if (!plain_field(field.key)) return "a field has a strange name";
        if (seen.size() >= kFieldsMax) return "the answer has too many fields";
        if (among(seen, field.key)) return std::string(field.key) + " stands there twice";
        seen.push_back(field.key);
        if (const char* const fault = take(field.key, field.value)) return std::string(field.key) + fault;
    }
    for (const std::string_view name : required) {
        if (!among(seen, name)) return std::string(name) + " is missing";
    }
    return {};
}

}  // namespace arb
