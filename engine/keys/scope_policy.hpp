#pragma once
// Whether a key may be used: an allow list. A trade key must be able to read and trade and nothing else, a
// read key must not trade; each must be bound to addresses and must not expire within a day. What a venue
// does not tell, or cannot be asked, is refused unless the operator attests it. Pure functions; cold path,
// may allocate; any thread.
//
// What an attestation can say (KeyAttestation::what):
//   rights      the venue has no question about rights, or its answer cannot be read
//   ip          the venue does not tell the address list
//   expiry      the venue does not tell when the key expires
//   right:NAME  the venue names a right we do not know, and it is harmless
// A right to move money that the venue does tell is never excused.
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/key_report.hpp"
#include "engine/keys/keystore_entry.hpp"

namespace arb {

inline constexpr std::string_view kAttestRights = "rights";
inline constexpr std::string_view kAttestAddresses = "ip";
inline constexpr std::string_view kAttestExpiry = "expiry";
inline constexpr std::string_view kAttestRight = "right:";
/// It is one of the words above.
bool attestable(std::string_view what);

/// What we know of a key ourselves.
struct KeyFacts {
    std::string venue;  ///< the venue's label, for texts
    std::string label;
    KeyRole role = KeyRole::trade;
    Timestamp expires;  ///< by the keystore; 0: not noted
    std::vector<KeyAttestation> attestations;
    std::string environment = "live";  ///< where it works
};

/// Expiry, the environment where it is not live, and the attestations that count on that day as one line of
/// fields parted by tabs, for a command or the signer's answer; read_notes fills them in and is false for
/// anything else.
std::string key_notes(Timestamp expires, const std::vector<KeyAttestation>& attestations, Timestamp now,
                      std::string_view environment = "live");
bool read_key_notes(std::string_view text, KeyFacts& facts);

enum class KeyFault : std::uint8_t {
    none,
    withdraw,
    transfer,
    sub_accounts,
    address_book,
    foreign_right,
    may_trade,     ///< a read key that can trade
    cannot_trade,  ///< a trade key that cannot, or not wholly
    cannot_read,
    any_address,
    addresses_untold,
    expired,
    expires_soon,
    expiry_untold,
    refused,  ///< the venue does not take the key
    absent,
    unreadable,
    no_answer,
    changed,  ///< since the first answer of this run
};
const char* name(KeyFault fault);

struct KeyVerdict {
    KeyFault fault = KeyFault::none;
    /// One sentence: what is wrong and what to do. Printable: texts of venues are cleaned. Empty: accepted.
    std::string text;
    /// Sentences to show even though the key is accepted: attestations in force, an expiry within 14 days.
    std::vector<std::string> warnings;
    /// What it was accepted on somebody's word for: "ip until 2027-01-31, by ann".
    std::vector<std::string> attested;
    bool accepted() const { return fault == KeyFault::none; }
};

KeyVerdict judge_key(const KeyReport& report, const KeyFacts& facts, Timestamp now);

/// What a venue first said about a key: a later answer must say the same.
struct KeyBaseline {
    KeyRights rights;
    KeyTold addresses = KeyTold::silent;
    std::string address_list;
    static KeyBaseline of(const KeyReport& report);
};
/// The verdict on the report alone, or KeyFault::changed when it differs from the first answer. An answer
/// that was not told is judged by judge_key alone.
KeyVerdict judge_again(const KeyBaseline& first, const KeyReport& report, const KeyFacts& facts,
                       Timestamp now);

}  // namespace arb
