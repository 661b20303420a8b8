#include "connectors/bybit/key_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

namespace arb::bybit {
namespace {

using Json = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

constexpr std::size_t kBodyMax = std::size_t{1} << 16;
constexpr std::size_t kEntriesMax = 200;
constexpr std::size_t kNameMax = 64;
// A key that is bound to addresses has no last day; Bybit then writes one long before its own first.
constexpr Timestamp kFirstDay{1'514'764'800'000'000'000};

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
    KeyReader(bool spot, KeyTexts& texts) : spot_(spot), texts_(texts) {}

    KeyReport run(std::string_view body)
    {
        texts_ = {};
        simdjson::dom::parser parser;
        Object root, result;
        if (body.size() > kBodyMax)
            (void)fail("the reply", "is too long");
        else if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
            (void)fail("the reply", "is no JSON object");
        else if (find_object(root, "result", result))
            (void)(read_rights(result) && read_addresses(result) && read_times(result));
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
    static std::size_t count(const Object& object, std::string_view name)
    {
        std::size_t found = 0;
        for (const auto& [key, value] : object) found += key == name ? 1 : 0;
        return found;
    }
    bool find(const Object& object, std::string_view name, Json& out)
    {
        const std::size_t times = count(object, name);
        if (times == 0) return fail(name, "is not there");
        if (times > 1) return fail(name, "is told twice");
        return object.at_key(name).get(out) == simdjson::SUCCESS || fail(name, "cannot be read");
    }
    bool find_object(const Object& object, std::string_view name, Object& out)
    {
        Json value;
        return find(object, name, value) &&
               (value.get(out) == simdjson::SUCCESS || fail(name, "is no object"));
    }
    bool find_list(const Object& object, std::string_view name, Array& out)
    {
        Json value;
        if (!find(object, name, value)) return false;
        if (value.get(out) != simdjson::SUCCESS) return fail(name, "is no list");
        return out.size() <= kEntriesMax || fail(name, "is too long");
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
        for (const auto& [name, list] : groups) {
            Array unused;
            if (!plain(name)) return fail("permissions", "holds a group without a proper name");
            if (!find_list(groups, name, unused) || !read_group(name, list)) return false;
        }
        if (spot_ && !spot_trade_) append(texts_.missing, "SpotTrade");
        if (!spot_ && !order_) append(texts_.missing, "Order");
        if (!spot_ && !position_) append(texts_.missing, "Position");
        return true;
    }

    bool read_group(std::string_view group, Json list)
    {
        Array items;
        if (list.get(items) != simdjson::SUCCESS) return fail(group, "is no list");
        for (const Json entry : items) {
            std::string_view item;
            if (entry.get(item) != simdjson::SUCCESS || !plain(item))
                return fail(group, "holds what is no name");
            add_right(group, item);
        }
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
        append(texts_.foreign, name);
    }

    bool read_addresses(const Object& result)
    {
        Array list;
        if (!find_list(result, "ips", list)) return false;
        report_.addresses = list.size() == 0 ? KeyTold::none : KeyTold::some;
        for (const Json entry : list) {
            std::string_view address;
            if (entry.get(address) != simdjson::SUCCESS || !plain(address))
                return fail("ips", "holds what is no address");
            if (any_address(address)) report_.addresses = KeyTold::none;
            append(texts_.address_list, address);
        }
        if (report_.addresses == KeyTold::none) texts_.address_list.clear();
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
    KeyTexts& texts_;
    KeyReport report_;
    bool ok_ = true;
    bool read_only_ = false;
    bool spot_trade_ = false, order_ = false, position_ = false;
};

}  // namespace

KeyReport read_key_report(std::string_view body, bool spot, KeyTexts& texts)
{
    return KeyReader(spot, texts).run(body);
}

}  // namespace arb::bybit
