#include "engine/keys/pkcs11_key.hpp"

#include "engine/base/digit.hpp"

#include <fmt/format.h>

namespace arb {
namespace {

Error usage(const Pkcs11Key& key, std::string_view sentence)
{
    return {ExitCode::usage, fmt::format("{}: {}", place_of(key), sentence)};
}

}  // namespace

std::string place_of(const Pkcs11Key& key)
{
    return fmt::format("{}, token '{}', key '{}'", key.module,
                       key.token_label.empty() ? key.token_serial : key.token_label,
                       key.object_label.empty() ? key.object_id : key.object_label);
}

std::optional<std::vector<unsigned char>> object_id_of(const Pkcs11Key& key)
{
    const std::string& text = key.object_id;
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<unsigned char> bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<unsigned char>(high * 16 + low));
    }
    return bytes;
}

std::optional<Error> check_named(const Pkcs11Key& key, const Secret& pin)
{
    if (key.module.empty() || key.module.front() != '/')
        return usage(key, "give the module by its absolute path");
    if (key.token_label.empty() && key.token_serial.empty())
        return usage(key, "name the token by its label or its serial number");
    if (key.object_label.empty() && key.object_id.empty())
        return usage(key, "name the key in the token by its label or its id");
    if (!object_id_of(key)) return usage(key, "the key's id is to be hex digits, two for each byte");
    if (pin.empty())
        return Error{ExitCode::refused, place_of(key) + ": the token wants a PIN and none was given"};
    return std::nullopt;
}

std::string_view pin_refusal(const Pkcs11PinState& state)
{
    if (state.locked) return "the PIN is locked; unlock it as the token's security officer";
    if (!state.set) return "the token has no user PIN yet; set one with the token's own tool";
    if (state.last_try) {
        return "one wrong PIN more would lock the token, so none is sent; log in once with the token's own "
               "tool";
    }
    return {};
}

std::string_view tries_left(const Pkcs11PinState& state)
{
    if (state.locked) return "the token has locked it now: unlock it as the token's security officer";
    if (state.last_try) return "one try is left before the token locks it";
    if (state.mistaken) return "the token counts wrong PINs and does not say how many tries are left";
    return "the token does not say how many tries are left";
}

}  // namespace arb
