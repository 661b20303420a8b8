#pragma once
// Emulated venues one can connect to, on loopback over TLS, with a street that moves and faults that strike:
// what `arbiter demo` trades against and `arbiter venues` serves. Runs on a thread of its own between start()
// and stop(); nothing is shared with it but the orders of `tell`. After stop() the truth of every account can
// be read. Start-up throws StartError.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/live/clock.hpp"
#include "engine/live/venue_host.hpp"
#include "engine/net/certificates.hpp"
#include "engine/net/loop.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/sim/emulated_exchange.hpp"
#include "engine/sim/market_street.hpp"

namespace arb {

struct WorldVenue {
    std::string label;
    std::uint16_t port = 0;  ///< 0: any
    Rate maker_fee{2 * kRatePerBasisPoint}, taker_fee{5 * kRatePerBasisPoint};
    Duration clock_skew;
};

struct WorldConfig {
    std::vector<WorldVenue> venues;
    std::vector<StreetInstrument> instruments = street_instruments();
    std::vector<std::pair<std::string, Amount>> balances;  ///< at every venue
    std::uint64_t seed = 1;
    bool faults = false;
    std::string directory;  ///< CA file and key files; made with mode 0700
};

struct WorldKey {
    std::string label, key_id, secret, passphrase, file;
    std::vector<std::string> scopes;
};

struct WorldPlace {
    std::string label;
    std::string endpoint;  ///< host:port
    std::vector<std::pair<std::string, std::string>> addresses;
    std::vector<WorldKey> keys;
};

class VenueWorld {
  public:
    VenueWorld(WorldConfig config, const Plugins& plugins);
    ~VenueWorld();
    VenueWorld(const VenueWorld&) = delete;
    VenueWorld& operator=(const VenueWorld&) = delete;

    void start();
    void stop();
    const std::string& ca_file() const { return ca_file_; }
    const std::vector<WorldPlace>& places() const { return places_; }
    const WorldConfig& config() const { return config_; }

    /// Run on the world's thread, soon: halt a listing, revoke a key, place a stranger's order.
    void tell(std::function<void(VenueWorld&)> order);

    // On the world's thread, or after stop().
    static constexpr AccountId kAccount{1};
    EmulatedExchange& exchange(std::size_t venue);
    const InstrumentTable& table() const { return *table_; }
    /// Revokes the key of that label and tells the venue.
    void revoke(std::size_t venue, std::string_view label);
    std::uint64_t faults_played() const;

  private:
    struct Served;
    void make_table(const Plugins& plugins);
    void write_keys(Served& venue, WorldPlace& place, const ConnectorType& type);
    void run();
    void turn();
    Timestamp now(const Served& venue) const;

    WorldConfig config_;
    std::string ca_file_;
    std::unique_ptr<InstrumentTable> table_;
    std::vector<InstrumentTable::VenueListings> listings_;
    std::unique_ptr<MarketStreet> street_;
    std::unique_ptr<net::Loop> loop_;
    LiveClock clock_;
    std::vector<std::unique_ptr<Served>> venues_;
    std::vector<WorldPlace> places_;
    Timestamp stepped_;
    std::thread thread_;
    std::atomic<bool> stop_{false};
    std::mutex orders_mutex_;
    std::vector<std::function<void(VenueWorld&)>> orders_;
};

}  // namespace arb
