#pragma once
// One emulated venue of a world with everything that belongs to it: its matching, the protocol side, the keys
// of its accounts, its server, and the troubles planned for it. World's thread; open() and write_keys() throw
// StartError or std::runtime_error (a port in use, a file that cannot be written).
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/net/certificates.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/world/deviations.hpp"
#include "engine/world/fault_plan.hpp"
#include "engine/world/venue_server.hpp"

namespace arb {

struct EmulatedVenueConfig {
    std::string label;       ///< "okx", "bybit_linear"
    std::uint16_t port = 0;  ///< 0: any
    Rate maker_fee{10 * kRatePerBasisPoint}, taker_fee{10 * kRatePerBasisPoint};
    FeeTaking fee_taking = FeeTaking::quote;
    Duration latency;  ///< each way
    bool rate_limits = true;
    bool manners = false;   ///< the exchange's documented ways of a bad day; see EmulatedVenueSetup
    Deviations deviations;  ///< what it does on purpose that the exchange does not
    unsigned accounts = 1;  ///< of clients, each with the same balances and with keys of its own
    std::vector<std::string> instruments;                      ///< "BTC/USDT"; empty: all
    std::vector<std::pair<std::string, Amount>> balances;      ///< instead of the world's, asset by asset
    std::map<std::string, std::string, std::less<>> settings;  ///< of its accounts; see EmulatedVenueSetup
    std::string place;                                         ///< file:line:col
};

/// What a client needs to know of one key.
struct EmulatedKeyFile {
    std::string label, key_id, secret, passphrase;
    std::vector<std::string> scopes;  ///< read, trade, withdraw, transfer
    std::string file;
};

struct EmulatedPlace {
    std::string venue;
    std::string host_port;  ///< what goes into [venue.*] endpoint
    /// As the venue names them: ("REST", "https://..."), ("market streams", "wss://...").
    std::vector<std::pair<std::string, std::string>> addresses;
    std::vector<EmulatedKeyFile> keys;
};

class ServedVenue {
  public:
    /// `setup` tells what `config` does not: id, table, market, definitions, seed, windows.
    ServedVenue(const EmulatedVenueConfig& config, const ConnectorType& type, EmulatedVenueSetup setup,
                std::vector<EmulatedKey> keys);
    ServedVenue(const ServedVenue&) = delete;
    ServedVenue& operator=(const ServedVenue&) = delete;

    /// Before open().
    void plan_faults(const FaultPlan& plan, std::uint64_t seed, Timestamp begun);
    /// Its port, from here on: what clients need to know, but for the keys.
    EmulatedPlace open(net::Loop& loop, const LiveClock& clock, const net::ServerIdentity& identity,
                       const std::string& address);
    /// A file a key below `directory`, as the keys are meant to be; then they deviate.
    std::vector<EmulatedKeyFile> write_keys(const std::string& directory);

    const EmulatedVenueConfig& config() const { return config_; }
    EmulatedExchange& exchange() { return exchange_; }
    VenueServer& server() { return *server_; }
    const VenueServer& server() const { return *server_; }
    /// The venue's clock, as the exchange hears of it.
    Timestamp now() const { return server_->venue_now() + config_.deviations.clock_ahead(); }
    /// kNoListing: it does not list that instrument.
    ListingId listing(const std::string& instrument) const;
    void revoke_key(const std::string& label);
    /// The planned operations that are due; those that end do so by `later`.
    void run_faults(Timestamp now, TimedActions& later);
    std::uint64_t faults_struck() const { return chooser_ ? chooser_->struck() : 0; }

  private:
    void run_fault(const FaultRule& rule, Timestamp now, TimedActions& later);

    EmulatedVenueConfig config_;
    VenueId id_;
    EmulatedExchange exchange_;
    DeviantMarket deviant_market_;
    WatchedMarket market_;
    std::vector<ListingId> listings_;  // in the order they were given
    std::vector<EmulatedKey> keys_;
    std::unique_ptr<EmulatedVenue> venue_;
    std::optional<FaultChooser> chooser_;  // none: no faults
    std::unique_ptr<FaultSource> faults_;  // asks it; null: none
    std::unique_ptr<VenueServer> server_;  // last: it speaks to all of the above
};

}  // namespace arb
