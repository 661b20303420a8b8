#include "connectors/kraken/key_report.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/decimal.hpp"

namespace arb::kraken {
namespace {

// The year 2200: nanoseconds hold a little more.
constexpr std::int64_t kSecondsMax = 7'258'118'400;

// What our questions and both channels need: every private subscription and every order carries a token.
constexpr std::array<std::string_view, 4> kReading{"query-funds", "query-open-trades", "query-closed-trades",
                                                   "create-ws-token"};
constexpr std::array<std::string_view, 2> kTrading{"modify-trades", "close-trades"};
constexpr std::array<std::string_view, 2> kHarmless{"query-ledger", "export-data"};

/// A member as the documentation spells it, and as some clients of Kraken have it.
struct Name {
    std::string_view camel, snake;
};
constexpr Name kAddresses{"ipAllowlist", "ip_allowlist"};
constexpr Name kValidUntil{"validUntil", "valid_until"};
constexpr Name kCreated{"createdTime", "created_time"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

class KeyReader final : public KeyReplyReader {
  public:
    explicit KeyReader(KeyTexts& texts) : KeyReplyReader(texts) {}

  private:
    bool read(const Object& root) override
    {
        Object result;
        return find_object(root, "result", result) && read_rights(result) && read_addresses(result) &&
               read_times(result);
    }

    bool read_rights(const Object& result)
    {
        std::vector<std::string_view> names;
        if (!find_names(result, "permissions", names)) return false;
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
            if (!has(name)) append_name(texts_.missing, name);
        }
        for (const std::string_view name : kTrading) {
            if (!has(name)) append_name(texts_.missing, name);
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
            append_name(texts_.foreign, name);
        }
    }

    bool read_addresses(const Object& result)
    {
        std::vector<std::string_view> list;
        if (!find_names(result, kAddresses.camel, list, kAddresses.snake)) return false;
        tell_addresses(list);
        return true;
    }

    bool read_times(const Object& result)
    {
        if (!read_time(result, kValidUntil, report_.expires)) return false;
        report_.expiry = report_.expires.known() ? KeyTold::some : KeyTold::none;
        return count(result, kCreated.camel, kCreated.snake) == 0 ||
               read_time(result, kCreated, report_.created);
    }

    /// Whole seconds, as text or as a number; 0: not set.
    bool read_time(const Object& result, Name name, Timestamp& out)
    {
        Json value;
        std::string_view digits;
        std::int64_t seconds_since = 0;
        if (!find(result, name.camel, value, name.snake)) return false;
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
};

}  // namespace

KeyReport read_key_report(std::string_view body, KeyTexts& texts)
{
    return KeyReader(texts).run(body);
}

}  // namespace arb::kraken
