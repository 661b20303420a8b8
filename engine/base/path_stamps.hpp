#pragma once
// When a frame passed each stage on its way to an order, for whoever measures that: a thread that wants to
// know points `path_stamps` at a record of its own, and everybody else pays one load and one branch a stage.
// C++17, for engine/net includes it. A record belongs to its thread; nothing here throws, allocates or waits.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace arb {

/// A stage is stamped when it is over; `readable` is where the first begins.
enum class PathStage : std::uint8_t {
    readable,   ///< the socket is asked for bytes
    received,   ///< the kernel has given them
    decrypted,  ///< TLS has given the record's text
    unframed,   ///< the websocket's message is whole and handed to the driver
    journaled,  ///< it is in the journal's ring
    decoded,    ///< the connector tells the first fact about a book
    booked,     ///< books and what hangs on them are up to date, the frame is done with
    proposed,   ///< a strategy has proposed a package
    approved,   ///< the risk gate has let it pass
    recorded,   ///< the first order's line is in the state log
    encoded,    ///< the first order is text, signed where its venue wants that
    written,    ///< the kernel has taken its bytes
    finished,   ///< nothing is left to decide about the frame
};
inline constexpr std::size_t kPathStages = 13;

/// Ticks of the processor's steady counter; their length is found out by comparison with the clock.
inline std::uint64_t path_ticks()
{
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    std::uint64_t ticks = 0;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// Zero: the stage was not reached.
struct PathStamps {
    std::array<std::uint64_t, kPathStages> at{};
    /// Told of each frame when it is finished; null: nobody.
    void (*on_finished)(void* who, const PathStamps& stamps) = nullptr;
    void* who = nullptr;

    std::uint64_t of(PathStage stage) const { return at[static_cast<std::size_t>(stage)]; }
    void mark(PathStage stage) { at[static_cast<std::size_t>(stage)] = path_ticks(); }
    /// A frame begins: what comes after `unframed` is told anew.
    void begin_frame()
    {
        mark(PathStage::unframed);
        for (std::size_t i = static_cast<std::size_t>(PathStage::unframed) + 1; i < kPathStages; ++i)
            at[i] = 0;
    }
    void end_frame()
    {
        mark(PathStage::finished);
        if (on_finished != nullptr) on_finished(who, *this);
    }
};

inline thread_local PathStamps* path_stamps = nullptr;

/// Of reading: the last one before the frame counts.
inline void stamp_reading(PathStage stage)
{
    if (path_stamps != nullptr) path_stamps->mark(stage);
}

/// Of what follows: the first one after the frame counts.
inline void stamp_path(PathStage stage)
{
    if (path_stamps != nullptr && path_stamps->of(stage) == 0) path_stamps->mark(stage);
}

}  // namespace arb
