#include "connectors/bybit/key_report.hpp"

#include <optional>
#include <vector>

#include <fmt/format.h>

namespace arb::bybit {
namespace {

// A key that is bound to addresses has no last day; Bybit then writes one long before its own first.
constexpr Timestamp kFirstDay{1'514'764'800'000'000'000};

class KeyReader final : public KeyReplyReader {
  public:
    KeyReader(bool spot, KeyTexts& texts) : KeyReplyReader(texts), spot_(spot) {}

  private:
    bool read(const Object& root) override
    {
        Object result;
        return find_object(root, "result", result) && read_rights(result) && read_addresses(result) &&
               read_times(result);
    }
    /// A whole number that is one of two.
    bool find_choice(const Object& object, std::string_view name, std::int64_t one, std::int64_t other,
                     std::int64_t& out)
    {
        Json value;
        return find(object, name, value) &&
               ((value.get(out) == simdjson::SUCCESS && (out == one || out == other)) ||
                fail(name, "is no number that it may be"));
    }

    bool read_rights(const Object& result)
    {
        std::int64_t read_only = 0, type = 0;
        Object groups;
        if (!find_choice(result, "readOnly", 0, 1, read_only) || !find_choice(result, "type", 1, 2, type) ||
            !find_object(result, "permissions", groups))
            return false;
        read_only_ = read_only == 1;
        report_.rights.add(KeyRight::read);  // every key may
        if (type == 2) add_foreign("third-party");
        // A group that is not told could hold any right.
        for (const std::string_view needed : {"Wallet", "Spot", "ContractTrade", "Derivatives"}) {
            Json unused;
            if (!find(groups, needed, unused)) return false;
        }
        if (groups.size() > kEntriesMax) return fail("permissions", "is too long");
        for (const auto& [name, unused] : groups) {
            std::vector<std::string_view> items;
            if (!plain(name)) return fail("permissions", "holds a group without a proper name");
            if (!find_names(groups, name, items)) return false;
            for (const std::string_view item : items) add_right(name, item);
        }
        if (spot_ && !spot_trade_) append_name(texts_.missing, "SpotTrade");
        if (!spot_ && !order_) append_name(texts_.missing, "Order");
        if (!spot_ && !position_) append_name(texts_.missing, "Position");
        return true;
    }

    void add_right(std::string_view group, std::string_view item)
    {
        const bool trading = (group == "Spot" && item == "SpotTrade") ||
                             (group == "ContractTrade" && (item == "Order" || item == "Position")) ||
                             (group == "Derivatives" && item == "DerivativesTrade");
        if (trading) {
            if (read_only_) return;  // it may look at that market
            report_.rights.add(KeyRight::trade);
            spot_trade_ = spot_trade_ || item == "SpotTrade";
            order_ = order_ || item == "Order";
            position_ = position_ || item == "Position";
        } else if (group == "Wallet" && item == "Withdraw") {
            report_.rights.add(KeyRight::withdraw);
        } else if (group == "Wallet" && item == "AccountTransfer") {
            report_.rights.add(KeyRight::transfer);
        } else if (group == "Wallet" && (item == "SubMemberTransfer" || item == "SubMemberTransferList")) {
            report_.rights.add(KeyRight::transfer);
            report_.rights.add(KeyRight::sub_accounts);
        } else {
            add_foreign(fmt::format("{}.{}", group, item));
        }
    }

    void add_foreign(std::string_view name)
    {
        report_.rights.add(KeyRight::other);
        append_name(texts_.foreign, name);
    }

    bool read_addresses(const Object& result)
    {
        std::vector<std::string_view> list;
        if (!find_names(result, "ips", list)) return false;
        tell_addresses(list);
        return true;
    }

    // The last day is meant for keys that are bound to no address, and for all after a change of the
    // password.
    bool read_times(const Object& result)
    {
        Timestamp expires;
        const bool bound = report_.addresses == KeyTold::some;
        if (!read_time(result, "expiredAt", !bound, expires) ||
            !read_time(result, "createdAt", false, report_.created))
            return false;
        const bool real = expires >= kFirstDay;
        if (!bound && !real) return fail("expiredAt", "is no day");
        report_.expiry = real ? KeyTold::some : KeyTold::none;
        report_.expires = real ? expires : Timestamp{};
        return true;
    }

    bool read_time(const Object& result, std::string_view name, bool required, Timestamp& out)
    {
        Json value;
        std::string_view digits;
        if (!required && count(result, name) == 0) return true;
        if (!find(result, name, value)) return false;
        if (value.get(digits) != simdjson::SUCCESS) return fail(name, "is no text");
        if (digits.empty() && !required) return true;
        const std::optional<Timestamp> time = parse_utc(digits);
        out = time.value_or(Timestamp{});
        return time.has_value() || fail(name, "is no time");
    }

    bool spot_;
    bool read_only_ = false;
    bool spot_trade_ = false, order_ = false, position_ = false;
};

}  // namespace

KeyReport read_key_report(std::string_view body, bool spot, KeyTexts& texts)
{
    return KeyReader(spot, texts).run(body);
}

}  // namespace arb::bybit
