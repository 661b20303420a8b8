#pragma once
// What the log of a long life is shortened to: money, the trades that could still be told again, the day's
// result, flags, lines of exposure, held positions, and the lines of packages that are open; and how far
// each venue's fills are known. Means the same as the log it takes the place of, at any moment between two
// inputs. Core thread.
#include <functional>

#include "engine/pipeline/owners_money.hpp"
#include "engine/pipeline/stranger_watch.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

struct CheckpointParts {
    const LiveContext& context;
    const VenueStates& venues;
    const MarketFlags& flags;
    const StrangerWatch& strangers;
    const OrderDesk& desk;
    const Watermarks& watermarks;
    const OwnersMoney& owners;
    const StateRecords& records;
    const PackageExecutor& executor;
};

/// `log` shows the lines of the old log to whoever visits them; `write` takes the new one's.
void write_checkpoint(const CheckpointParts& parts, const std::function<void(const LineVisit&)>& log,
                      const LineVisit& write);

}  // namespace arb
