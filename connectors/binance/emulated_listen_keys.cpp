#include "connectors/binance/emulated_listen_keys.hpp"

#include <fmt/format.h>

#include "connectors/binance/emulated_parts.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance {
namespace {

constexpr Duration kListenKeyLife = seconds(3'600);

}  // namespace

Answer EmulatedListenKeys::start(const Call& call)
{
    if (Answer known = extend(call); known.code == 0) return known;
    const std::string from =
        fmt::format("listen {} {} {}", setup_.seed, call.key->key_id, parts_.invented.next());
    const std::string text = ("emulated" + hex_lower(sha256(from))).substr(0, 64);
    keys_[text] = {call.key->account, call.key->key_id, call.now + kListenKeyLife};
    return good(fmt::format(R"({{"listenKey":"{}"}})", text));
}

Answer EmulatedListenKeys::extend(const Call& call)
{
    for (auto& [text, key] : keys_) {
        if (key.key_id != call.key->key_id) continue;
        key.expires = call.now + kListenKeyLife;
        return good(fmt::format(R"({{"listenKey":"{}"}})", text));
    }
    return refuse(-1125, "This listenKey does not exist.");
}

Answer EmulatedListenKeys::close(const Call& call)
{
    std::erase_if(keys_, [&](const auto& entry) { return entry.second.key_id == call.key->key_id; });
    return good("{}");
}

bool EmulatedListenKeys::is_of(const std::string& listen_key, AccountId account) const
{
    const auto found = keys_.find(listen_key);
    return found != keys_.end() && found->second.account == account;
}

void EmulatedListenKeys::revoke(std::string_view key_id, Timestamp now)
{
    for (auto& [text, key] : keys_) {
        if (key.key_id == key_id) key.expires = now;
    }
}

std::vector<std::string> EmulatedListenKeys::take_expired(Timestamp now)
{
    std::vector<std::string> expired;
    for (const auto& [text, key] : keys_) {
        if (now >= key.expires) expired.push_back(text);
    }
    for (const std::string& text : expired) keys_.erase(text);
    return expired;
}

}  // namespace arb::binance
