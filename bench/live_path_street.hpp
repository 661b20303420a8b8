#pragma once
// The rounds of live_path_bench: two emulated venues and an echo on one spinning loop, a gap opened on
// command, both orders waited for, everything put back, echoes in between. Main thread; the engine's thread
// is reached through Shared alone. Throws std::runtime_error: an order that does not come or is not filled.
// Times in ns.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/live_path_venue.hpp"
#include "engine/app/run/run_session.hpp"

namespace arb::bench {

inline constexpr std::size_t kWarmUp = 200;  ///< rounds
inline constexpr std::size_t kEchoBytes = 300;

struct Options {
    std::size_t rounds = 2000;
    std::int64_t period_ms = 100;  ///< within the connectors' own budgets: 13 new orders a second at Bybit
    std::string buy = "okx", sell = "bybit";
};

enum class Turn : int { session, echo, stop };

/// What the two threads tell each other.
struct Shared {
    std::atomic<Turn> wanted{Turn::session}, taken{Turn::session};
    std::atomic<bool> trading{false}, ended{false};
    std::atomic<int> thread{0};  ///< the engine's, as the system numbers it
    std::atomic<std::uint64_t> ping{0}, pong{0};
    // The engine thread's, read after `ended`:
    std::string trouble;
    RunFigures figures;
    LatencyHistogram inside;
    LiveCounts counts;
    RunOutcome outcome;
};

/// How often the two threads were put on a processor, from /proc/self/task/*/schedstat: whether either lost
/// its own in between.
class SchedReader {
  public:
    SchedReader() = default;
    ~SchedReader();
    SchedReader(const SchedReader&) = delete;
    SchedReader& operator=(const SchedReader&) = delete;
    void watch(int thread);
    std::uint64_t read() const;

  private:
    std::vector<int> files_;
};

struct Round {
    std::int64_t first = 0, second = 0;  ///< ns from the frame's write to each order's arrival
    std::size_t frame_bytes = 0;
    bool from_buy = false;  ///< which venue's frame opened the gap
    bool quiet = false;     ///< both threads kept their processors, also in the millisecond before
};

struct Echo {
    std::int64_t time = 0;  ///< ns from the write to the return
    bool quiet = false;
};

/// The venue side: two venues, the echo, the rounds.
class Street {
  public:
    Street(const Options& options, const std::string& directory);

    RunRequest request() const;
    std::uint16_t echo_port() const { return echo_->port(); }
    std::string ca_file() const { return directory_ + "/ca.pem"; }
    /// Everything; throws when an order does not come or is not filled.
    void run(Shared& shared);

    std::vector<Round> rounds;
    std::vector<Echo> echo_hot, echo_paced;
    std::size_t buy_bytes = 0, sell_bytes = 0;  ///< order frames

  private:
    struct Place {
        const ConnectorType* type = nullptr;
        std::string market, label;
        ListingId listing = kNoListing;
        std::int64_t news = 0;  ///< what the last ordinary frame said
        std::unique_ptr<StreetVenue> venue;
    };
    void make_table(const Options& options);
    Level level(std::int64_t ticks, std::int64_t thousandths) const;
    /// The book of the place where to buy (0) or to sell (1), at rest or with a gap worth taking.
    Departure set_book(std::size_t place, bool gap);
    /// Ordinary news, a frame every millisecond from either venue by turns.
    void feed(const Shared& shared, std::int64_t until);
    void wait(const Shared& shared, std::int64_t until);
    void turn_until(const Shared& shared, const char* what, const std::function<bool()>& done);
    void switch_to(Shared& shared, Turn turn);
    /// Makes sure that both threads are on their processors now.
    void settle(Shared& shared);
    /// Neither has left its processor since the frame or echo before.
    bool is_quiet() const { return sched_.read() == slices_; }
    void one_round(Shared& shared, std::size_t number);
    void echoes(Shared& shared, bool kept);
    std::string key_file(const Place& place) const { return directory_ + "/" + place.label + ".toml"; }

    Options options_;
    SchedReader sched_;
    std::uint64_t slices_ = 0;  ///< at the frame or echo before
    std::uint64_t fed_ = 0;
    std::string directory_;
    std::vector<InstrumentTable::VenueListings> listings_;
    std::unique_ptr<InstrumentTable> table_;
    LiveClock clock_;
    net::Loop loop_{net::Idle::spin};
    std::array<Place, 2> places_;  // where to buy, where to sell; like the echo they stand on the loop
    std::unique_ptr<EchoServer> echo_;
};

}  // namespace arb::bench
