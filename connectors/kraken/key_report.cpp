#include "connectors/kraken/key_report.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "engine/base/decimal.hpp"

namespace arb::kraken {
namespace {

using Json = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

constexpr std::size_t kBodyMax = std::size_t{1} << 16;
constexpr std::size_t kEntriesMax = 200;
constexpr std::size_t kNameMax = 64;
// The year 2200: nanoseconds hold a little more.
constexpr std::int64_t kSecondsMax = 7'258'118'400;

// What our questions and both roads need: every private subscription and every order carries a token.
constexpr std::array<std::string_view, 4> kReading{"query-funds", "query-open-trades", "query-closed-trades",
                                                   "create-ws-token"};
constexpr std::array<std::string_view, 2> kTrading{"modify-trades", "close-trades"};
constexpr std::array<std::string_view, 2> kHarmless{"query-ledger", "export-data"};

/// A member as the documentation spells it, and as some clients of Kraken have it.
struct Name {
    std::string_view camel, snake;
};
constexpr Name kPermissions{"permissions", "permissions"};
constexpr Name kAddresses{"ipAllowlist", "ip_allowlist"};
constexpr Name kValidUntil{"validUntil", "valid_until"};
constexpr Name kCreated{"createdTime", "created_time"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool plain(std::string_view name)
{
    return !name.empty() && name.size() <= kNameMax &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

// What stands in an address list and shuts nobody out.
bool any_address(std::string_view entry)
{
    return entry == "*" || entry == "0.0.0.0" || entry == "::" || entry.ends_with("/0");
}

void append(std::string& list, std::string_view name)
{
    if (!list.empty()) list += ',';
    list += name;
}

class KeyReader {
  public:
    explicit KeyReader(KeyTexts& texts) : texts_(texts) {}

    KeyReport run(std::string_view body)
    {
        texts_ = {};
        simdjson::dom::parser parser;
        Object root, result;
        Json value;
        if (body.size() > kBodyMax)
            (void)fail("the reply", "is too long");
        else if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
            (void)fail("the reply", "is no JSON object");
        else if (find(root, {"result", "result"}, value)) {
            if (value.get(result) != simdjson::SUCCESS)
                (void)fail("result", "is no object");
            else
                (void)(read_rights(result) && read_addresses(result) && read_times(result));
        }
        if (!ok_) {
            report_ = {};
            report_.answer = KeyAnswer::unreadable;
            report_.text = texts_.text;
            return report_;
        }
        report_.answer = KeyAnswer::told;
        report_.foreign = texts_.foreign;
        if (report_.rights.has(KeyRight::trade)) report_.missing = texts_.missing;
        report_.address_list = texts_.address_list;
        return report_;
    }

  private:
    bool fail(std::string_view field, std::string_view what)
    {
        if (ok_) texts_.text = fmt::format("{} {}", field, what);
        ok_ = false;
        return false;
    }
    static std::size_t count(const Object& object, Name name)
    {
        std::size_t found = 0;
        for (const auto& [key, value] : object) found += key == name.camel || key == name.snake ? 1 : 0;
        return found;
    }
    /// In one of its spellings, once.
    bool find(const Object& object, Name name, Json& out)
    {
        const std::size_t times = count(object, name);
        if (times == 0) return fail(name.camel, "is not there");
        if (times > 1) return fail(name.camel, "is told twice");
        for (const auto& [key, value] : object) {
            if (key == name.camel || key == name.snake) out = value;
        }
        return true;
    }
    bool find_names(const Object& object, Name name, std::vector<std::string_view>& out)
    {
        Json value;
        Array list;
        if (!find(object, name, value)) return false;
        if (value.get(list) != simdjson::SUCCESS) return fail(name.camel, "is no list");
        for (const Json entry : list) {
            std::string_view text;
            if (entry.get(text) != simdjson::SUCCESS || !plain(text))
                return fail(name.camel, "holds what is no name");
            if (out.size() == kEntriesMax) return fail(name.camel, "is too long");
            out.push_back(text);
        }
        return true;
    }

    bool read_rights(const Object& result)
    {
        std::vector<std::string_view> names;
        if (!find_names(result, kPermissions, names)) return false;
        const auto has = [&](std::string_view name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        for (const std::string_view name : names) {
            if (std::count(names.begin(), names.end(), name) > 1)
                return fail("permissions", "names a right twice");
            add_right(name);
        }
        if (std::all_of(kReading.begin(), kReading.end(), has)) report_.rights.add(KeyRight::read);
        for (const std::string_view name : kReading) {
            if (!has(name)) append(texts_.missing, name);
        }
        for (const std::string_view name : kTrading) {
            if (!has(name)) append(texts_.missing, name);
        }
        return true;
    }

    void add_right(std::string_view name)
    {
        if (among(kTrading, name)) {
            report_.rights.add(KeyRight::trade);
        } else if (name == "withdraw-funds") {
            report_.rights.add(KeyRight::withdraw);
        } else if (name == "add-withdraw-address" || name == "update-withdraw-address") {
            report_.rights.add(KeyRight::address_book);
        } else if (!among(kReading, name) && !among(kHarmless, name)) {
            report_.rights.add(KeyRight::other);
            append(texts_.foreign, name);
        }
    }

    bool read_addresses(const Object& result)
    {
        std::vector<std::string_view> list;
        if (!find_names(result, kAddresses, list)) return false;
        const bool open = list.empty() || std::any_of(list.begin(), list.end(), any_address);
        report_.addresses = open ? KeyTold::none : KeyTold::some;
        if (open) return true;
        for (const std::string_view address : list) append(texts_.address_list, address);
        return true;
    }

    bool read_times(const Object& result)
    {
        if (!read_time(result, kValidUntil, report_.expires)) return false;
        report_.expiry = report_.expires.known() ? KeyTold::some : KeyTold::none;
        return count(result, kCreated) == 0 || read_time(result, kCreated, report_.created);
    }

    /// Whole seconds, as text or as a number; 0: not set.
    bool read_time(const Object& result, Name name, Timestamp& out)
    {
        Json value;
        std::string_view digits;
        std::int64_t seconds_since = 0;
        if (!find(result, name, value)) return false;
        if (value.get(digits) == simdjson::SUCCESS) {
            const ScaledNumber number = parse_scaled(digits, 0);
            if (digits.empty() || number.error != DecimalError::none) return fail(name.camel, "is no time");
            seconds_since = number.value;
        } else if (value.get(seconds_since) != simdjson::SUCCESS) {
            return fail(name.camel, "is no time");
        }
        if (seconds_since < 0 || seconds_since > kSecondsMax) return fail(name.camel, "is no time");
        out = {seconds_since * seconds(1).ns};
        return true;
    }

    KeyTexts& texts_;
    KeyReport report_;
    bool ok_ = true;
};

}  // namespace

KeyReport read_key_report(std::string_view body, KeyTexts& texts)
{
    return KeyReader(texts).run(body);
}

}  // namespace arb::kraken
