// What this folder offers to connectors/registry.hpp.
#include "connectors/binance/binance.hpp"
#include "connectors/binance/emulated_keys.hpp"
#include "connectors/binance/emulated_venue.hpp"
#include "connectors/binance/emulator.hpp"
#include "connectors/binance/environments.hpp"
#include "connectors/binance/instruments.hpp"
#include "connectors/binance/signed_text.hpp"
#include "connectors/binance/signer.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {

namespace {

std::unique_ptr<Venue> make(const VenueSetup& setup)
{
    return std::make_unique<BinanceVenue>(setup);
}

std::string stream_url_of(std::string_view market)
{
    return stream_url(market_of(market));
}

std::string snapshot_url_of(std::string_view market, std::string_view symbol)
{
    return snapshot_url(market_of(market), symbol, 0);
}

Result<std::vector<ListingDefinition>> instruments_of(std::string_view market, std::string_view url,
                                                      std::string_view body)
{
    return read_instruments(market_of(market), url, body);
}

std::vector<std::string> instrument_urls(std::string_view market)
{
    return {instruments_url(market_of(market))};
}

std::optional<ListingDefinition> guess(std::string_view market, std::string_view symbol)
{
    return guess_listing(market_of(market), symbol);
}

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType = [] {
        ConnectorType type;
        type.exchange = "binance";
        type.markets = {"spot", "usdm", "coinm"};
        type.make = &make;
        type.market_of_url = &market_of_url;
        type.stream_url = &stream_url_of;
        type.snapshot_url = &snapshot_url_of;
        type.read_instruments = &instruments_of;
        type.guess_listing = &guess;
        type.make_emulator = &make_emulator;
        type.hosts = &hosts;
        type.instrument_urls = &instrument_urls;
        type.environments = &environments;
        type.make_signer = &make_signer;
        type.read_signed_text = &read_signed_text;
        type.key_page = "https://www.binance.com/en/my/settings/api-management";
        type.fees_from_received = true;
        type.replay_algorithm = KeyAlgorithm::hmac_sha256;
        type.make_emulated_venue = &make_emulated_venue;
        type.make_emulated_keys = &make_emulated_keys;
        type.tardis_names = {{"binance", "spot"}, {"binance-futures", "usdm"}, {"binance-delivery", "coinm"}};
        return type;
    }();
    return kType;
}

}  // namespace arb::binance
