#pragma once
// What a venue says about one of our keys: what it may do, from where and how long. Evidence only, judged by
// engine/keys/scope_policy. Plain values; texts point into the reply and are good only during the call. Core
// thread.
#include <cstdint>
#include <string_view>

#include "engine/base/time.hpp"

namespace arb {

/// A key that can spend has `trade`, streams and questions need `read`.
enum class KeyRole : unsigned char { read, trade };
const char* name(KeyRole role);

/// Rights of a key, one bit each.
enum class KeyRight : std::uint8_t {
    read = 1,
    trade = 2,          ///< place or cancel orders; also set when only a part of that is allowed
    withdraw = 4,       ///< money can leave the venue
    transfer = 8,       ///< money can leave the account
    sub_accounts = 16,  ///< sub-accounts or their keys can be administered
    address_book = 32,  ///< withdrawal addresses can be added or changed
    other = 64,         ///< anything else: KeyReport::foreign names it
};

struct KeyRights {
    std::uint8_t bits = 0;
    constexpr bool has(KeyRight right) const { return (bits & static_cast<std::uint8_t>(right)) != 0; }
    constexpr void add(KeyRight right)
    {
        bits = static_cast<std::uint8_t>(bits | static_cast<std::uint8_t>(right));
    }
    constexpr bool operator==(const KeyRights&) const = default;
};

/// How the question was answered.
enum class KeyAnswer : std::uint8_t {
    told,        ///< the fields below hold what the venue said
    refused,     ///< the venue does not take the key: revoked, expired, wrong address, bad signature
    absent,      ///< the venue has no such question (404 and its like)
    unreadable,  ///< an answer that is not what is documented
    none,        ///< no answer, a failing venue, or told to slow down
};
const char* name(KeyAnswer answer);

enum class KeyTold : std::uint8_t {
    silent,  ///< the venue does not tell
    none,    ///< told: there is none (no address list: any address; no expiry: never)
    some,    ///< told, see the field
};

struct KeyReport {
    std::string_view label;  ///< of the Credentials that asked
    KeyAnswer answer = KeyAnswer::none;
    std::string_view text;  ///< of an answer that is not `told`: the venue's words, hostile

    KeyRights rights;
    std::string_view
        foreign;  ///< with KeyRight::other: the rights that are none of ours, parted by commas, hostile
    std::string_view missing;  ///< with KeyRight::trade: what it lacks to trade wholly; empty: nothing
    KeyTold addresses = KeyTold::silent;
    std::string_view address_list;  ///< as told, parted by commas, hostile
    KeyTold expiry = KeyTold::silent;
    Timestamp expires;
    Timestamp created;  ///< 0: not told
};

}  // namespace arb
