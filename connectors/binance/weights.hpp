#pragma once
// What each request costs of the weight that Binance gives an address in a minute, and who may spend how much
// of it. Spot has a pool of its own; USD-M and COIN-M share one since their integration in 2026-06. Pure
// functions and constants; core thread where a pool is changed. No errors.
#include <cstdint>
#include <memory>
#include <string_view>

#include "connectors/binance/decoder.hpp"
#include "engine/venue/venue.hpp"

namespace arb::binance {

/// The header in which each reply tells what its address has spent in this minute.
inline constexpr std::string_view kUsedWeight = "X-MBX-USED-WEIGHT-1M";

/// `path` as in the address; `all` when no symbol is named.
std::uint32_t request_weight(Market market, std::string_view method, std::string_view path, bool all);
/// A depth snapshot of that many levels (as snapshot_url asks for them).
std::uint32_t snapshot_weight(Market market, std::uint32_t limit);

/// The pool that a market's requests draw on.
RequestPool& pool_of(RequestPools& pools, Market market);
/// The setup with pools of its own where the caller shares none.
VenueSetup with_pools(const VenueSetup& setup);
/// Counts what the venue told in a reply, and waits where it refused to look at the request.
void heed(RequestPool& pool, const HttpReply& reply, Timestamp now);

// How far each may fill a pool, so that the more urgent always finds room: snapshots, questions about many
// listings, dead-man timers. Single questions and cancelling are never held back.
inline std::uint32_t books_most(const RequestPool& pool)
{
    return pool.limit() / 8 * 5;
}
inline std::uint32_t lists_most(const RequestPool& pool)
{
    return pool.limit() / 8 * 7;
}
inline std::uint32_t timers_most(const RequestPool& pool)
{
    return pool.limit() / 16 * 15;
}

}  // namespace arb::binance
