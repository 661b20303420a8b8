#pragma once
// One request to the emulated Bybit and what it is answered, by REST and on the trade socket alike. Read and
// written by every part of the venue; any thread, no state. Errors are Bybit's codes in answers.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/emulate/params.hpp"
#include "engine/emulate/rate_counts.hpp"

namespace arb::bybit {

/// The most orders of any batch.
inline constexpr std::size_t kBatchMost = 20;

/// What a call says: a result, or Bybit's code and text.
struct Answer {
    std::string result = "{}";
    int code = 0;
    std::string text = "OK";
    std::string extra = "{}";  ///< retExtInfo
};

struct EmulatedCall {
    Params params;
    std::vector<Params> batch;  ///< of a request about several orders
    RateLeft* limit = nullptr;  ///< where it is told how many more there may be
    const EmulatedKey* key = nullptr;
    Timestamp now;
    std::string_view get(std::string_view name) const { return value_of(params, name); }
    AccountId account() const { return key->account; }
    /// One order is meant, by either of its names.
    bool names_order() const { return !get("orderId").empty() || !get("orderLinkId").empty(); }
};

Answer good(std::string result);
Answer refuse(int code, std::string text);
/// The members of a JSON object that are texts, numbers or truth values; false: not an object.
bool read_params(std::string_view json, Params& out);
/// The entries of `request`, up to one more than any batch may have; false: there are none, or one is no
/// object.
bool read_batch(std::string_view json, std::vector<Params>& out);
/// The digits a cursor begins with, as the id of the last entry that was told; the greatest number without
/// one.
std::uint64_t cursor_id(std::string_view cursor);

}  // namespace arb::bybit
