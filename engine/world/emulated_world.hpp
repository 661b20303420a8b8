#pragma once
// Emulated venues one can connect to, in this process: a street, one matching engine, protocol side and TLS
// server a venue, thrown-away keys, an authority of their own. Either the caller turns it (`arbiter venues`)
// or it runs on a thread of its own between start() and stop() (a demonstration, tests), and then only the
// functions marked "any thread" may be called. After stop() it tells the truth. The constructor throws
// StartError (ExitCode::usage): no such venue, a port in use, a directory that cannot be written.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/net/certificates.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/world/common_market.hpp"
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

struct EmulatedPairConfig {
    std::string base, quote;
    Decimal price;  ///< at the start
    Decimal tick, lot, quantity_min, notional_min;
};

struct EmulatedWorldConfig {
    std::string address = "127.0.0.1";
    std::uint64_t seed = 1;
    net::Idle idle = net::Idle::sleep;
    std::vector<EmulatedVenueConfig> venues;
    std::vector<EmulatedPairConfig> pairs;
    std::vector<std::pair<std::string, Amount>> balances;  ///< of the client's account at every venue
    MarketHabits street;
    FaultPlan faults;
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

/// What one account of one venue really has and did.
struct EmulatedTruth {
    std::string venue;
    AccountId account{};
    std::vector<EmulatedBalance> balances;
    std::vector<EmulatedOrder> orders;
    std::vector<EmulatedTrade> trades;
};

class EmulatedWorld {
  public:
    static constexpr AccountId kClient{1};    ///< the first account of a venue
    static constexpr AccountId kStranger{2};  ///< somebody else with plenty of everything
    static constexpr unsigned kAccountsMax = 16;
    /// The client's accounts from 1: kClient, and those behind the stranger. The keys of the others have
    /// their number behind the label: "trade_2".
    static constexpr AccountId client(unsigned number)
    {
        return number == 1 ? kClient : static_cast<AccountId>(number + 1);
    }

    /// Makes everything and opens the ports. `directory` gets ca.pem and keys/VENUE_LABEL.toml (mode 0600);
    /// it is made with mode 0700 when it is absent, `keys` always has that mode.
    EmulatedWorld(EmulatedWorldConfig config, const Plugins& plugins, const std::string& directory);
    ~EmulatedWorld();
    EmulatedWorld(const EmulatedWorld&) = delete;
    EmulatedWorld& operator=(const EmulatedWorld&) = delete;

    const std::string& ca_file() const { return ca_file_; }               ///< any thread
    const std::vector<EmulatedPlace>& places() const { return places_; }  ///< any thread
    const InstrumentTable& table() const { return *table_; }              ///< any thread

    /// One turn: street, faults, messages; waits at most so long when there is nothing to do.
    void turn(Duration max_wait);
    void start();
    void stop();  ///< also by the destructor; the thread has ended when it returns

    // Any thread: done by the world soon, in this order. An unknown venue or label is a broken promise.
    void revoke_key(const std::string& venue, const std::string& label);
    void set_halted(const std::string& venue, const std::string& instrument, bool halted);
    void set_cancel_only(const std::string& venue, const std::string& instrument, bool only);
    void set_clock_skew(const std::string& venue, Duration ahead);
    void ban(const std::string& venue, Duration lasts);
    void cut_connections(const std::string& venue);
    void freeze_connections(const std::string& venue, Duration lasts);
    void place_stranger(const std::string& venue, const std::string& instrument, Side side, Decimal price,
                        Decimal quantity, TimeInForce time_in_force, AccountId account = kStranger);

    // While no thread runs: before start() and after stop().
    std::vector<EmulatedTruth> truth() const;
    EmulatedExchange& exchange(const std::string& venue);
    std::uint64_t faults_struck() const;
    const VenueServerCounts& counts(const std::string& venue) const;

  private:
    struct Member;
    class PlannedFaults;
    void make_table(const Plugins& plugins);
    void make_members(const Plugins& plugins, const std::string& directory);
    void open_server(Member& member, const net::ServerIdentity& identity);
    void write_keys(const Member& member, EmulatedPlace& place, const std::string& directory);
    void deposit(Member& member);
    void check_faults() const;
    void move_street();
    void run_faults();
    void run_operation(Member& member, const FaultRule& rule);
    void run_posted();
    void post(std::function<void()> action);
    void at(Timestamp time, std::function<void()> action);
    void set_status(Member& member, const FaultRule& rule, bool on, ListingId listing);
    Member& member(const std::string& venue) const;
    ListingId listing(const Member& member, const std::string& instrument) const;

    EmulatedWorldConfig config_;
    std::string ca_file_;
    std::vector<InstrumentTable::VenueListings> listings_;
    std::unique_ptr<InstrumentTable> table_;
    std::vector<EmulatedPlace> places_;
    LiveClock clock_;
    net::Loop loop_;
    std::vector<std::unique_ptr<Member>> members_;  // by venue of the table
    std::vector<EmulatedExchange*> exchanges_;      // the same
    std::unique_ptr<CommonMarket> street_;
    std::multimap<Timestamp, std::function<void()>> later_;
    Timestamp begun_;

    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace arb
