#include "connectors/kraken/names.hpp"

#include <algorithm>
#include <array>

#include "connectors/kraken/symbols.hpp"

namespace arb::kraken {
namespace {

struct LegacyId {
    std::string_view id, altname;
};

constexpr std::array<LegacyId, 17> kLegacyIds{{{"XXBT", "XBT"},
                                               {"XETH", "ETH"},
                                               {"XXRP", "XRP"},
                                               {"XLTC", "LTC"},
                                               {"XXLM", "XLM"},
                                               {"XXDG", "XDG"},
                                               {"XETC", "ETC"},
                                               {"XZEC", "ZEC"},
                                               {"XXMR", "XMR"},
                                               {"XMLN", "MLN"},
                                               {"XREP", "REP"},
                                               {"ZUSD", "USD"},
                                               {"ZEUR", "EUR"},
                                               {"ZGBP", "GBP"},
                                               {"ZCAD", "CAD"},
                                               {"ZJPY", "JPY"},
                                               {"ZAUD", "AUD"}}};

/// Every spelling of an asset in a pair's name.
std::vector<std::string_view> spellings(std::string_view asset)
{
    std::vector<std::string_view> all{asset};
    const std::string_view old = old_name(asset);
    if (old != asset) all.push_back(old);
    if (const std::string_view id = legacy_id(old); !id.empty()) all.push_back(id);
    return all;
}

}  // namespace

std::string_view altname_of_legacy(std::string_view id)
{
    for (const LegacyId& row : kLegacyIds) {
        if (row.id == id) return row.altname;
    }
    return id;
}

std::string_view legacy_id(std::string_view altname)
{
    for (const LegacyId& row : kLegacyIds) {
        if (row.altname == altname) return row.id;
    }
    return {};
}

std::string_view old_name(std::string_view asset)
{
    if (asset == "BTC") return "XBT";
    return asset == "DOGE" ? "XDG" : asset;
}

void AssetNames::learn(std::string_view id, std::string_view altname)
{
    if (!id.empty() && !altname.empty())
        altnames_.insert_or_assign(std::string(id), std::string(modern_asset(altname)));
}

std::string_view AssetNames::name_of(std::string_view id) const
{
    if (id.ends_with(".F")) id.remove_suffix(2);
    if (const auto told = altnames_.find(id); told != altnames_.end()) return told->second;
    return modern_asset(altname_of_legacy(id));
}

PairNames::PairNames(const InstrumentTable& table, VenueId venue) : table_(&table), venue_(venue)
{
    // The venue's own key first: no spelling that we put together may stand before it.
    for (const Listing& listing : table.listings()) {
        if (listing.venue == venue && !listing.code.empty()) names_.emplace(listing.code, listing.id);
    }
    for (const Listing& listing : table.listings()) {
        if (listing.venue != venue) continue;
        const Instrument& instrument = table.instrument(listing.instrument);
        for (const std::string_view base : spellings(instrument.base)) {
            for (const std::string_view quote : spellings(instrument.quote)) {
                names_.emplace(std::string(base).append(quote), listing.id);
                names_.emplace(std::string(base).append("/").append(quote), listing.id);
            }
        }
        names_.emplace(listing.symbol, listing.id);
        requests_[listing.id] =
            listing.code.empty() ? std::string(old_name(instrument.base)).append(old_name(instrument.quote))
                                 : listing.code;
    }
}

const Listing* PairNames::find(std::string_view name) const
{
    const auto found = names_.find(name);
    return found == names_.end() || found->second == kNoListing ? nullptr : &table_->listing(found->second);
}

bool PairNames::is_elsewhere(std::string_view name) const
{
    const auto found = names_.find(name);
    return found != names_.end() && found->second == kNoListing;
}

void PairNames::learn(std::string_view name, std::string_view wsname)
{
    SymbolBuffer buffer;
    const Listing* listing = table_->find_symbol(venue_, modern_symbol(wsname, buffer));
    names_.emplace(std::string(name), listing == nullptr ? kNoListing : listing->id);
}

std::string_view PairNames::for_request(ListingId listing) const
{
    const auto found = requests_.find(listing);
    return found == requests_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace arb::kraken
