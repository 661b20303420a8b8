#pragma once
// Drives packages to flat. It sends all legs together, listens to the venues' evidence, and has what they
// leave of an asset closed (closer.hpp). An order whose fate stays unknown holds nothing up for longer than
// `cover`: from then on the known difference is closed as if the silent order had done nothing; what it turns
// out to have done is closed in turn. A leg that rests may stand for as long as it likes, and each fill of it
// is hedged at once. Each finished package is told with its waterfall, which sums exactly; what is left of it
// goes to the exposure book. Core thread; a fixed number of packages may be open.
#include <array>
#include <string_view>
#include <vector>

#include "engine/trading/closer.hpp"
#include "engine/trading/exposure_book.hpp"
#include "engine/trading/package_restore.hpp"
#include "engine/trading/resting_legs.hpp"
#include "engine/trading/risk_gate.hpp"

namespace arb {

class PackageExecutor {
  public:
    PackageExecutor(const Markets& markets, RiskGate& risk, Portfolio& portfolio, ExposureBook& exposure,
                    HeldPositions& held, const ExecutorLimits& limits, OrderSender& sender,
                    PackageListener& listener);

    bool full() const { return packages_.full(); }
    /// Why it may not be started: what it would hold has no room, or what it releases is not held. Empty: it
    /// may. The gate judges the rest.
    const char* refuses(const Package& package) const;
    bool in_flight(MarketId market, std::size_t a, std::size_t b) const;
    void start(const Package& package, const LegOrders& orders, Timestamp now);
    RestingState state(PackageId package, std::size_t leg) const { return resting_.state(package, leg); }
    /// A resting leg's order shall have another price: its venue changes it where it can, else it is
    /// cancelled, and what is left of it is sent anew when the venue has said so. False: there is none, or
    /// the venue's order budget is used up.
    bool reprice(PackageId package, std::size_t leg, Price price, Timestamp now)
    {
        return !muted_ && resting_.reprice(package, leg, price, now);
    }
    /// Orders that rest are cancelled; what they filled is hedged, and the package ends.
    void withdraw(PackageId package, Timestamp now) { resting_.withdraw(package, now); }
    void on_event(const OrderEvent& event, Timestamp now);
    /// Attempts that were waiting for their pause, for a book, or for a silent order.
    void on_time(Timestamp now);
    /// The inputs are over: what is open ends as it stands.
    void finish(Timestamp now);
    std::size_t open_count() const { return packages_.count(); }
    const OpenPackages& packages() const { return packages_; }

    // Recovery: packages of an earlier run that had not ended, as its state log tells them. Until
    // end_restore() events are that run's: applied without moving money (the portfolio is restored on its
    // own) and without a word to anybody. From then on they are the venues' answers of today, which count
    // like any other; but nothing is sent before resume().
    void begin_restore() { restoring_ = muted_ = true; }
    void end_restore() { restoring_ = false; }
    PackageRestore& restore() { return restore_; }
    /// What one of the quote currency of a closing order that is out is worth in its package's, where it is
    /// in another market than the asset's. Empty: it is not.
    std::optional<Amount> rate_elsewhere(OrderId order) const;
    /// False: it stays open, for an order of it is not over.
    bool restore_end(PackageId package, bool flagged, Timestamp finished);
    /// `join`: what a package has too much of becomes one line with late fills of its market, which the
    /// caller has closed: one of them may be the hedge that the log lost.
    void resume(bool join, Timestamp now);
    /// Nothing more is sent: what orders in flight do is still counted, and finish() ends the rest.
    void mute() { muted_ = true; }

    /// Closes exposure that no open package has, taken from the exposure book, like the leftover of a leg
    /// that cost what the line cost. `package` needs its id, market and time.
    void close_exposure(Package package, const ExposureLine& line, Timestamp now);

    struct View {
        const Package& package;
        MarketId market{};        ///< of the asset that is spoken of
        std::int64_t excess = 0;  ///< bought - sold, units of that market
        Amount value;             ///< its quote currency, at the best price of the leg that brought it
        bool unwinding = false;
    };
    /// Each open package's assets, one after the other.
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        packages_.for_each([&](const Open& open) {
            for (std::size_t a = 0; a < open.asset_count; ++a) {
                const std::int64_t excess = open.excess(a);
                visit(View{open.package, open.assets[a].market, excess, open.assets[a].worth(excess),
                           open.closing.any()});
            }
        });
    }

  private:
    using Open = OpenPackage;

    void release(Open& open);
    /// Whose order news is about: a leg of a package, or one that hedges or closes.
    struct Place {
        std::size_t leg = Open::kNone;
        ClosingState* closing = nullptr;
    };
    OrderTracker& tracker(Open& open, const Place& place) const
    {
        return place.closing != nullptr ? place.closing->tracker : open.legs[place.leg].order;
    }
    const OrderIntent& intent(const Open& open, const Place& place) const
    {
        return place.closing != nullptr ? place.closing->intent : open.package.legs[place.leg].intent;
    }
    Timestamp sent(const Open& open, const Place& place) const
    {
        return place.closing != nullptr ? place.closing->sent : open.legs[place.leg].sent;
    }
    static bool rests(const Open& open, const Place& place)
    {
        return place.closing == nullptr && open.package.legs[place.leg].part == Part::rest;
    }
    void apply(Open& open, const Place& place, const OrderEvent& event, Timestamp now);
    void apply_fill(Open& open, const Place& place, const OrderEvent& event, Timestamp now);
    void advance(Open& open, Timestamp now);
    void end(Open& open, bool flagged, const char* detail, Timestamp now);
    void leave_residual(const Open& open, bool flagged, Timestamp now);
    Amount keep_or_release(const Open& open, const PackageEnd& end, Timestamp now);
    void note_end(const Open& open, const Place& place, bool was_silent, Timestamp now);

    const Markets* markets_;
    RiskGate* risk_;
    Portfolio* portfolio_;
    ExposureBook* exposure_;
    HeldPositions* held_positions_;
    ExecutorLimits limits_;
    OrderSender* sender_;
    PackageListener* listener_;
    Closer closer_;
    OpenPackages packages_;
    RestingLegs resting_;
    PackageRestore restore_;
    bool restoring_ = false;
    bool muted_ = false;  ///< recovering, or stopping at once: nothing is sent
};

}  // namespace arb
