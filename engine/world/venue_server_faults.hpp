#pragma once
// What may go wrong between an emulated venue and its clients, asked message by message: VenueServer asks,
// ServedVenue answers from a plan. Loop thread; times are real ones, not the venue's skewed clock.
#include <cstdint>

#include "engine/base/time.hpp"

namespace arb {

enum class RequestRoute : std::uint8_t { rest, websocket };

/// What a request was about, as its effect on the market tells: no protocol is read.
enum class RequestDeed : std::uint8_t { other, query, cancel, order };

enum class Mishap : std::uint8_t {
    none,
    silence,  ///< no answer; the message is lost
    failure,  ///< the venue's words for a failing server
    cut,      ///< the connection is reset
    delay,    ///< everything behind it on that connection waits too
    duplicate,
    reorder,  ///< sent after the message behind it
};

struct MishapChoice {
    Mishap what = Mishap::none;
    Duration lasts;  ///< delay
};

class FaultSource {
  public:
    virtual ~FaultSource() = default;
    /// An order is about to reach the matching: anything but `none` keeps it from there. none, silence,
    /// failure, cut.
    virtual MishapChoice on_order(RequestRoute route, Timestamp now) = 0;
    /// A request was executed. none, silence, failure, cut, delay.
    virtual MishapChoice on_answer(RequestRoute route, RequestDeed deed, Timestamp now) = 0;
    /// The venue says something by itself. none, silence, delay, duplicate, reorder.
    virtual MishapChoice on_message(Timestamp now) = 0;
};

}  // namespace arb
