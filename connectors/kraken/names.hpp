#pragma once
// What Kraken's REST replies call pairs and assets. A pair has up to four names there: the key of AssetPairs
// (XXBTZUSD), its altname (XBTUSD), its wsname (XBT/USD) and today's symbol (BTC/USD); an asset has an id
// that may have a letter more than its name (XXBT). Nothing is taken off by rule: ZEUS and XION are whole
// names. Core thread, may allocate, never throws.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"

namespace arb::kraken {

/// ZUSD -> USD, XXBT -> XBT, anything else as it is: the seventeen ids of the venue's early years, which
/// differ from the asset's altname.
std::string_view altname_of_legacy(std::string_view id);
/// The other way round: XBT -> XXBT; empty when the asset has no such id.
std::string_view legacy_id(std::string_view altname);
/// The venue's older names: BTC -> XBT, DOGE -> XDG.
std::string_view old_name(std::string_view asset);

class AssetNames {
  public:
    bool known() const { return !altnames_.empty(); }
    /// A row of GET /0/public/Assets.
    void learn(std::string_view id, std::string_view altname);
    /// The asset that a row of BalanceEx counts: XXBT and XBT.F (rewards, usable like the asset itself) ->
    /// BTC. Other holdings (XBT.B, SOL.S, AAPLx.T) are assets of their own.
    std::string_view name_of(std::string_view id) const;

  private:
    std::map<std::string, std::string, std::less<>> altnames_;  ///< by id, in today's form
};

class PairNames {
  public:
    PairNames(const InstrumentTable& table, VenueId venue);

    /// The listing under any of its names; nullptr: none of ours, as far as we know.
    const Listing* find(std::string_view name) const;
    /// The venue listed the name as a pair that is none of ours.
    bool is_elsewhere(std::string_view name) const;
    /// The venue's word on a name that find did not know: its wsname.
    void learn(std::string_view name, std::string_view wsname);
    /// What a request calls the listing: the key where the pair list told it, else the altname.
    std::string_view for_request(ListingId listing) const;

  private:
    const InstrumentTable* table_;
    VenueId venue_;
    std::map<std::string, ListingId, std::less<>> names_;  ///< kNoListing: a pair that is none of ours
    std::map<ListingId, std::string> requests_;
};

}  // namespace arb::kraken
