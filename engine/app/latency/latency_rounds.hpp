#pragma once
// Rounds of `arbiter latency`: two emulated venues and an echo on one spinning loop, a gap opened on command,
// both orders waited for, everything put back, echoes in between. The venues' thread; the engine's thread is
// reached through LatencyThreads alone. Throws std::runtime_error: an order that does not come or is not
// filled. Times in ns.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/app/latency/sched_reader.hpp"
#include "engine/app/latency/stamped_venue.hpp"
#include "engine/app/run/run_session.hpp"
#include "engine/base/path_stamps.hpp"

namespace arb {

struct LatencyOptions {
    std::size_t warm_up = 200;  ///< rounds that are not counted; the first of them are the first pass
    std::size_t rounds = 300;
    std::size_t cold_rounds = 100;  ///< each after the caches were walked through
    std::int64_t period_ms = 100;   ///< within the connectors' own budgets of new orders
    std::string buy, sell;          ///< labels of two emulated spot venues whose orders go by websocket
    int engine_core = -1, venue_core = -1;  ///< -1: wherever the system puts the thread
};

/// The last of the warm-up, where it is one that counts as the first pass.
inline constexpr std::size_t kFirstPass = 10;
inline constexpr std::size_t kLatencyEchoBytes = 300;

enum class LatencyTurn : int { session, echo, stop };

/// What the two threads tell each other.
struct LatencyThreads {
    std::atomic<LatencyTurn> wanted{LatencyTurn::session}, taken{LatencyTurn::session};
    std::atomic<bool> trading{false}, ended{false};
    std::atomic<int> thread{0};                     ///< the engine's, as the system numbers it
    std::atomic<std::uint64_t> ping{0}, pong{0};    ///< the engine's thread is on its processor
    std::atomic<std::uint64_t> sweep{0}, swept{0};  ///< it has walked through its caches
    // The engine thread's, read after `ended`:
    std::string trouble;
    RunFigures figures;
    RunOutcome outcome;
    std::vector<PathStamps> orders;  ///< of each frame that made a package, in order: one a round
    std::vector<PathStamps> frames;  ///< of feed frames, as many as were reserved
    std::vector<long> faults;  ///< pages that this thread had to wait for until then, with each of `orders`
};

/// `late`: its frame was not acted on at once, so it is no measurement.
enum class RoundKind : std::uint8_t { first_pass, warm_up, hot, cold, late };

struct LatencyRound {
    RoundKind kind = RoundKind::hot;
    std::int64_t first = 0, second = 0;  ///< ns from the frame's write to each order's arrival
    std::size_t frame_bytes = 0;
    bool from_buy = false;  ///< which venue's frame opened the gap
    bool quiet = false;     ///< both threads kept their processors, also in the millisecond before
};

struct LatencyEcho {
    std::int64_t time = 0;  ///< ns from the write to the return
    bool quiet = false;
};

class LatencyRounds {
  public:
    LatencyRounds(const LatencyOptions& options, const std::string& directory);

    RunRequest request() const;
    std::uint16_t echo_port() const { return echo_->port(); }
    std::string ca_file() const { return directory_ + "/ca.pem"; }
    /// Everything; throws when an order does not come or is not filled. `progress`: rounds done, of so many.
    void run(LatencyThreads& threads, const std::function<void(std::size_t, std::size_t)>& progress);
    /// After run() has thrown: serves the engine until it has stopped. False: it does not.
    bool let_go(LatencyThreads& threads);

    std::vector<LatencyRound> rounds;
    std::vector<LatencyEcho> echo_hot, echo_paced;
    std::size_t buy_bytes = 0, sell_bytes = 0;  ///< order frames

  private:
    struct Place {
        const ConnectorType* type = nullptr;
        std::string market, label;
        ListingId listing = kNoListing;
        std::int64_t news = 0;  ///< what the last ordinary frame said
        std::unique_ptr<StampedVenue> venue;
    };
    void make_table(const LatencyOptions& options);
    Level level(std::int64_t ticks, std::int64_t thousandths) const;
    /// The book of the place where to buy (0) or to sell (1), at rest or with a gap worth taking.
    Departure set_book(std::size_t place, bool gap);
    /// Ordinary news, a frame every millisecond from either venue by turns.
    void feed(const LatencyThreads& threads, std::int64_t until);
    void wait(const LatencyThreads& threads, std::int64_t until);
    void turn_until(const LatencyThreads& threads, const char* what, const std::function<bool()>& done);
    void switch_to(LatencyThreads& threads, LatencyTurn turn);
    /// Makes sure that both threads are on their processors now.
    void settle(LatencyThreads& threads);
    /// Both threads walk through more memory than the caches hold.
    void sweep(LatencyThreads& threads);
    /// Neither has left its processor since the frame or echo before.
    bool is_quiet() const { return sched_.read() == slices_; }
    RoundKind kind_of(std::size_t number) const;
    void begin(LatencyThreads& threads);
    void one_round(LatencyThreads& threads, std::size_t number);
    void await_orders(LatencyThreads& threads, LatencyRound& round);
    void echoes(LatencyThreads& threads, bool kept);
    std::string key_file(const Place& place) const { return directory_ + "/" + place.label + ".toml"; }

    LatencyOptions options_;
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

[[noreturn]] inline void fail_latency(const std::string& why)
{
    throw std::runtime_error(why);
}

/// Reads and writes every line of a block larger than the caches of this machine.
void walk_caches();

}  // namespace arb
