#pragma once
// Small handles, passed by value. Each is an index into a table fixed before the first input, so a handle
// costs one array access and cannot be mixed with another kind. Used everywhere, on any thread.
#include <cstddef>
#include <cstdint>

namespace arb {

/// One connector instance, that is one exchange account domain: `binance`, `binance_usdm`, `okx`.
enum class VenueId : std::uint8_t {};
/// The canonical thing traded: BTC/USDT spot, BTC/USDT perpetual.
enum class InstrumentId : std::uint16_t {};
/// An instrument as one venue lists it, with that venue's symbol and rules.
enum class ListingId : std::uint16_t {};
/// One websocket of one venue, unique within a run or a recording.
enum class ConnectionId : std::uint16_t {};
/// One order of ours, unique within a run.
enum class OrderId : std::uint64_t {};
/// One package (the legs of one arbitrage), unique within a run.
enum class PackageId : std::uint64_t {};

inline constexpr ListingId kNoListing{0xffff};
inline constexpr InstrumentId kNoInstrument{0xffff};
inline constexpr VenueId kNoVenue{0xff};
/// Inputs that belong to no websocket: REST replies.
inline constexpr ConnectionId kNoConnection{0xffff};

/// Normalised books of a recording: no websocket carries them.
inline constexpr ConnectionId kLevelsConnection{0xfffe};

/// The handle's place in its table.
template <class Id>
constexpr std::size_t index(Id id)
{
    return static_cast<std::size_t>(id);
}

enum class Side : std::uint8_t { buy, sell };

constexpr Side opposite(Side side)
{
    return side == Side::buy ? Side::sell : Side::buy;
}
constexpr const char* name(Side side)
{
    return side == Side::buy ? "buy" : "sell";
}

}  // namespace arb
