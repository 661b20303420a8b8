#pragma once
// Emulated venues one can connect to, in this process: a street, one matching engine, protocol side and TLS
// server a venue, thrown-away keys, an authority of their own. Either the caller turns it (`arbiter venues`)
// or it runs on a thread of its own between start() and stop() (a demonstration, tests), and then only the
// functions marked "any thread" may be called. After stop() it tells the truth. The constructor throws
// StartError (ExitCode::usage): no such venue, a port in use, a directory that cannot be written.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/world/emulated_world_config.hpp"

namespace arb {

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
    const InstrumentTable& table() const { return table_; }               ///< any thread

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
    void make_venues(const Plugins& plugins, const std::string& directory);
    void move_street();
    void run_faults();
    void run_posted();
    void post(std::function<void()> action);
    ServedVenue& served(const std::string& venue) const;

    EmulatedWorldConfig config_;
    std::string ca_file_;
    std::vector<InstrumentTable::VenueListings> listings_;
    InstrumentTable table_;
    std::vector<EmulatedPlace> places_;
    LiveClock clock_;
    net::Loop loop_;
    std::vector<std::unique_ptr<ServedVenue>> venues_;  // by venue of the table
    std::vector<EmulatedExchange*> exchanges_;          // the same
    CommonMarket street_;
    TimedActions later_;  // ends of faults

    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace arb
