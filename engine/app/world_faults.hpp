#pragma once
// The faults of the demo's world: a few in a hundred messages are delayed, told twice or out of order, lost,
// cut, failed after executing; now and then a venue bans for a few seconds. Seeded. Only the trading half is
// struck hard; market data are cut and delayed. World's thread.
#include <cstdint>

#include "engine/live/venue_host.hpp"
#include "engine/sim/random.hpp"

namespace arb {

class WorldFaults final : public HostFaults {
  public:
    explicit WorldFaults(std::uint64_t seed) : random_(seed) {}
    Ordeal on_request(const ServerRequest& request, Timestamp now) override;
    Ordeal on_frame_in(std::string_view text, Timestamp now) override;
    Ordeal on_frame_out(std::string_view text, Timestamp now) override;
    std::uint64_t played() const { return played_; }

  private:
    bool one_in(std::int64_t n) { return random_.one_in(n); }
    Ordeal play(Fate fate, Duration delay = {}, Duration ban = {});
    Random random_;
    Timestamp begun_;
    Timestamp banned_;
    std::uint64_t played_ = 0;
};

}  // namespace arb
