// What the folder offers.
#include "connectors/kraken/emulated_venue.hpp"
#include "connectors/kraken/emulator.hpp"
#include "connectors/kraken/instruments.hpp"
#include "connectors/kraken/kraken.hpp"
#include "connectors/kraken/signed_text.hpp"
#include "connectors/kraken/signer.hpp"

namespace arb::kraken {

const ConnectorType& type()
{
    static const ConnectorType connector{
        .exchange = "kraken",
        .markets = {"spot"},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<Kraken>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = [](std::string_view) { return std::string(kStreamUrl); },
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .make_emulator = [](std::string_view) -> std::unique_ptr<arb::Emulator> {
            return std::make_unique<Emulator>();
        },
        .hosts = [](std::string_view) -> std::vector<std::string_view> {
            return {"api.kraken.com", "ws.kraken.com", "ws-auth.kraken.com"};
        },
        .instrument_urls = [](std::string_view) -> std::vector<std::string> {
            return {"https://api.kraken.com/0/public/AssetPairs"};
        },
        .make_signer = make_signer,
        .read_signed_text = read_signed_text,
        .key_page = "https://www.kraken.com/c/account-settings/api",
        .replay_algorithm = KeyAlgorithm::hmac_sha512,
        .make_emulated_venue = make_emulated_venue,
        .make_emulated_keys = make_emulated_keys,
        .tardis_names = {{"kraken", "spot"}},
    };
    return connector;
}

}  // namespace arb::kraken
