#pragma once
// What the keystore knows about a key beside its secret: where it is used, for what, how long, and what the
// operator vouches for. Plain values; check_entry says what a keystore takes. Nothing here is secret enough
// to be refused on a screen, but the file keeps it encrypted. Dates are UTC days, held as their midnight.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/key_report.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"

namespace arb {

/// A retiring key still works but is not taken up again; a retired one is kept for the record.
enum class KeyState : unsigned char { active, retiring, retired };

const char* name(KeyState state);
std::optional<KeyRole> key_role_of(std::string_view text);

/// What the venue cannot be asked, or does not answer, and a person answers for.
struct KeyAttestation {
    std::string what;
    std::string by;
    Timestamp date;   ///< when it was said
    Timestamp until;  ///< the first day on which it counts no more
    bool operator==(const KeyAttestation&) const = default;
};

struct KeyEntry {
    std::string venue;  ///< the exchange's name, e.g. "okx"
    std::string label;  ///< what people call it; unique at its venue
    KeyRole role = KeyRole::read;
    KeyState state = KeyState::active;
    std::string key_id;  ///< the key's name at the venue
    Timestamp created;
    Timestamp expires;             ///< the first day on which it works no more; unknown: never
    std::vector<std::string> ips;  ///< addresses or networks the venue takes it from, as we set them there
    std::vector<KeyAttestation> attestations;
    /// Where it works: live, testnet, demo, or emulated (thrown away). A key is used nowhere else.
    std::string environment = "live";
    bool operator==(const KeyEntry&) const = default;
};

/// The parts that nobody may see.
struct KeySecret {
    Secret secret;      ///< text exactly as the venue hands it out: HMAC text, base64 or PEM
    Secret passphrase;  ///< where the venue has one
};

constexpr std::size_t kKeySecretMax = 16U << 10;
constexpr std::size_t kKeyPassphraseMax = 1024;
constexpr std::size_t kKeyIpsMax = 64;
constexpr std::size_t kKeyAttestationsMax = 32;

/// What is wrong with it, in one sentence; names are letters, digits, points, dashes and underscores.
std::optional<Error> check_entry(const KeyEntry& entry);
/// Sizes and characters; the error holds no part of it.
std::optional<Error> check_secret(const KeySecret& secret);

/// "YYYY-MM-DD" to the midnight it begins with.
std::optional<Timestamp> parse_day(std::string_view text);
std::string format_day(Timestamp time);
/// Whole days from `now` to `then`, rounded down: 0 on the last day, negative after it.
std::int64_t days_until(Timestamp then, Timestamp now);

}  // namespace arb
