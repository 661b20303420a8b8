// What this folder offers to connectors/registry.hpp.
#include "connectors/coinbase/coinbase.hpp"
#include "connectors/coinbase/emulated_venue.hpp"
#include "connectors/coinbase/emulator.hpp"
#include "connectors/coinbase/environments.hpp"
#include "connectors/coinbase/instruments.hpp"
#include "connectors/coinbase/signed_text.hpp"
#include "connectors/coinbase/signer.hpp"
#include "connectors/coinbase/urls.hpp"

namespace arb::coinbase {
namespace {

std::unique_ptr<Venue> make(const VenueSetup& setup)
{
    return std::make_unique<Coinbase>(setup);
}
std::string stream_url(std::string_view)
{
    return std::string(kStreamUrl);
}
std::string snapshot_url(std::string_view, std::string_view)
{
    return {};
}
std::unique_ptr<arb::Emulator> make_emulator(std::string_view)
{
    return std::make_unique<Emulator>();
}
std::vector<std::string_view> hosts(std::string_view)
{
    return {kRestHost, kStreamHost, kUserHost};
}
std::vector<std::string> instrument_urls(std::string_view)
{
    return {std::string(kProductsUrl)};
}

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType = [] {
        ConnectorType type;
        type.exchange = "coinbase";
        type.markets = {"spot"};
        type.make = &make;
        type.market_of_url = &market_of_url;
        type.stream_url = &stream_url;
        type.snapshot_url = &snapshot_url;
        type.read_instruments = &read_instruments;
        type.guess_listing = &guess_listing;
        type.make_emulator = &make_emulator;
        type.hosts = &hosts;
        type.instrument_urls = &instrument_urls;
        type.environments = &environments;
        type.next_instrument_url = &next_page_url;
        type.make_signer = &make_signer;
        type.read_signed_text = &read_signed_text;
        type.key_page = "https://portal.cdp.coinbase.com/access/api";
        type.replay_algorithm = KeyAlgorithm::ecdsa_p256;
        type.make_emulated_venue = &make_emulated_venue;
        type.make_emulated_keys = &make_emulated_keys;
        type.tardis_names = {{"coinbase", "spot"}};
        return type;
    }();
    return kType;
}

}  // namespace arb::coinbase
