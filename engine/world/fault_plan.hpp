#pragma once
// A plan of troubles for emulated venues, as plain data, and the chooser that draws from it with a seed: what
// happens to this order, this answer, this message; and which operations (a ban, a halt, a revoked key) are
// due by now. Knows no socket and no protocol; whoever serves a venue asks it. Equal questions in equal order
// get equal answers. One thread, no clock, no errors.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace arb {

enum class FaultKind : std::uint8_t {
    // Of an order on its way in; it is not executed.
    swallow_order,  ///< no answer either
    fail_before,    ///< the venue's 5xx (or its words for it on a websocket)
    cut_before,     ///< the connection is reset
    // Of an answer to a request; the request has been executed.
    drop_reply,
    lose_ack,  ///< the same for websocket orders alone
    fail_after,
    cut_after,
    delay,
    // Of a message that the venue sends by itself (also `delay`).
    drop_message,
    duplicate,
    reorder,  ///< it is sent after the message behind it
    // At a time.
    ban,
    halt,
    cancel_only,
    revoke_key,
    clock_skew,
    cut_connection,
    freeze,  ///< a connection stays half open
    count_,
};
/// As in configuration files: "swallow_order".
const char* name(FaultKind kind);
std::optional<FaultKind> fault_kind(std::string_view name);
/// Happens at a time, not to a message.
bool is_timed(FaultKind kind);

enum class FaultRoute : std::uint8_t { any, rest, websocket };
/// What a request was about, as its effect on the market tells.
enum class FaultDeed : std::uint8_t { any, order, cancel, query, other };

inline constexpr std::int64_t kChanceOne = 1'000'000;

struct FaultRule {
    FaultKind kind{};
    std::string venue;  ///< label; empty: every venue
    FaultRoute route = FaultRoute::any;
    FaultDeed deed = FaultDeed::any;   ///< for kinds that touch answers
    std::int64_t chance = kChanceOne;  ///< of kChanceOne; not for timed kinds
    std::uint64_t count_max = 0;       ///< at each venue; 0: no limit
    Duration from, until;              ///< since the start; until 0: for ever
    Duration every;                    ///< timed kinds: again after so long; 0: once
    Duration lasts;                    ///< ban, halt, ...: how long; delay: how much; clock_skew: how long
    Duration skew;                     ///< clock_skew: the venue's clock is ahead by (may be negative)
    std::string instrument;            ///< halt, cancel_only; empty: one by chance
    std::string key;                   ///< revoke_key: label; empty: "trade"
    std::string place;                 ///< file:line:col, for error texts
};

struct FaultPlan {
    std::vector<FaultRule> rules;
};

/// The draws of one venue.
class FaultChooser {
  public:
    FaultChooser(const FaultPlan& plan, std::string_view venue, std::uint64_t seed, Timestamp start);

    /// What strikes an order on its way in; nullptr: nothing. The rule lives as long as the chooser.
    const FaultRule* on_order(FaultRoute route, Timestamp now);
    /// What strikes the answer to a request that was executed.
    const FaultRule* on_answer(FaultRoute route, FaultDeed deed, Timestamp now);
    /// What strikes a message that the venue sends by itself.
    const FaultRule* on_message(Timestamp now);
    /// Operations that have become due since the last call, each once.
    std::vector<const FaultRule*> due(Timestamp now);
    /// For choices that a rule leaves open (which listing is halted): 0 to n - 1.
    std::size_t pick(std::size_t n);
    std::uint64_t struck() const { return struck_; }

  private:
    struct Entry {
        FaultRule rule;
        std::uint64_t count = 0;
        Timestamp next;  ///< timed kinds; 0: never again
    };
    const FaultRule* draw(std::uint32_t kinds, FaultRoute route, FaultDeed deed, Timestamp now);

    std::vector<Entry> entries_;
    Random random_;
    Timestamp start_;
    std::uint64_t struck_ = 0;
};

}  // namespace arb
