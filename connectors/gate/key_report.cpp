#include "connectors/gate/key_report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb::gate {
namespace {

constexpr std::int64_t kNormal = 1;
constexpr std::string_view kSpot = "spot", kContracts = "futures";
/// Needed to ask which kind of account spot orders would pay from; to read is enough.
constexpr std::string_view kUnified = "unified";
/// A recording does not hold the id of the key that asked, and a replay stands in with this one.
constexpr std::string_view kReplayedKey = "replay";

class KeyReader final : public KeyReplyReader {
  public:
    KeyReader(std::string_view key_id, KeyUse use, std::span<const std::string> markets, bool trades,
              KeyTexts& texts)
        : KeyReplyReader(texts),
          key_id_(key_id),
          product_(use == KeyUse::spot ? kSpot : kContracts),
          markets_(markets),
          trades_(trades)
    {
    }

  private:
    bool read(const Object& root) override
    {
        Object entry;
        return find_ours(root, entry) && read_state(entry) && read_rights(entry) && read_limits(entry);
    }

    // The other keys of the list are none of our business, in whatever shape they are.
    bool find_ours(const Object& root, Object& out)
    {
        Array keys;
        if (!find_list(root, "keys", keys)) return false;
        if (key_id_ == kReplayedKey) return find_replayed(keys, out);
        std::size_t found = 0;
        for (const Json key : keys) {
            Object entry;
            std::string_view name;
            if (key.get(entry) != simdjson::SUCCESS || entry["key"].get(name) != simdjson::SUCCESS ||
                name != key_id_)
                continue;
            if (count(entry, "key") > 1) return fail("key", "is told twice");
            out = entry;
            ++found;
        }
        return found == 1 || fail("the list", found == 0 ? "does not hold this key" : "holds this key twice");
    }

    // The run went on with a key that may do what it was for, and cannot move money: the first such one.
    bool find_replayed(const Array& keys, Object& out)
    {
        for (const Json key : keys) {
            Array rights;
            if (key["perms"].get(rights) != simdjson::SUCCESS) continue;
            bool ours = false, writes = false, moves = false;
            for (const Json right : rights) {
                std::string_view name;
                bool read_only = false;
                if (right["name"].get(name) != simdjson::SUCCESS ||
                    right["read_only"].get(read_only) != simdjson::SUCCESS)
                    continue;
                ours = ours || name == product_;
                writes = writes || (name == product_ && !read_only);
                moves = moves || (!read_only && (name.starts_with("withdraw") || name == "wallet"));
            }
            if (ours && writes == trades_ && !moves && key.get(out) == simdjson::SUCCESS) return true;
        }
        return fail("the list", "does not hold such a key");
    }

    bool read_state(const Object& entry)
    {
        Json value;
        std::int64_t state = 0;
        if (!find(entry, "state", value)) return false;
        if (value.get(state) != simdjson::SUCCESS) return fail("state", "is no whole number");
        return state == kNormal || fail("state", "says that the key is locked or frozen");
    }

    bool read_rights(const Object& entry)
    {
        Array rights;
        if (!find_list(entry, "perms", rights)) return false;
        for (const Json right : rights) {
            Object object;
            if (right.get(object) != simdjson::SUCCESS) return fail("perms", "holds no object");
            if (!read_right(object)) return false;
        }
        if (!is_among(writes_, product_)) append_name(texts_.missing, product_);
        if (product_ == kSpot && !is_among(seen_, kUnified)) append_name(texts_.missing, kUnified);
        return true;
    }

    bool read_right(const Object& right)
    {
        Json value;
        std::string_view name;
        bool read_only = false;
        if (!find(right, "name", value)) return false;
        if (value.get(name) != simdjson::SUCCESS || !plain(name))
            return fail("perms", "holds what is no name");
        if (!find(right, "read_only", value)) return false;
        if (value.get(read_only) != simdjson::SUCCESS) return fail("read_only", "is neither true nor false");
        if (is_among(seen_, name)) return fail("perms", "names a right twice");
        seen_.push_back(name);
        // Who may trade a market may look at it, too. Other rights to read show what is none of our orders.
        if (name == product_) report_.rights.add(KeyRight::read);
        if (read_only) return true;
        writes_.push_back(name);
        if (name == kSpot || name == kContracts) {
            report_.rights.add(KeyRight::trade);
        } else if (name.starts_with("withdraw")) {
            report_.rights.add(KeyRight::withdraw);
        } else if (name == "wallet") {
            report_.rights.add(KeyRight::transfer);
        } else {
            report_.rights.add(KeyRight::other);
            append_name(texts_.foreign, name);
        }
        return true;
    }

    // A key may be bound to addresses, and to some markets; that it ends one day is not told.
    bool read_limits(const Object& entry)
    {
        std::vector<std::string_view> addresses, pairs;
        if (!find_names(entry, "ip_whitelist", addresses) || !find_names(entry, "currency_pairs", pairs))
            return false;
        tell_addresses(addresses);
        const auto shut = std::find_if(markets_.begin(), markets_.end(),
                                       [&](const std::string& market) { return !is_among(pairs, market); });
        if (!pairs.empty() && shut != markets_.end()) append_name(texts_.missing, *shut);
        report_.expiry = KeyTold::silent;
        return true;
    }

    static bool is_among(const std::vector<std::string_view>& names, std::string_view name)
    {
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    std::string_view key_id_, product_;
    std::span<const std::string> markets_;
    bool trades_;
    std::vector<std::string_view> seen_, writes_;
};

}  // namespace

KeyReport read_key_report(std::string_view body, std::string_view key_id, KeyUse use,
                          std::span<const std::string> markets, KeyTexts& texts, bool trades)
{
    // The answer is a list; the reader wants an object.
    const std::string named = fmt::format(R"({{"keys":{}}})", body);
    return KeyReader(key_id, use, markets, trades, texts).run(named);
}

}  // namespace arb::gate
