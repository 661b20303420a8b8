#pragma once
// Drives packages to flat or flagged. It sends both legs together, listens to the venues' evidence, and when
// the legs end unequal it closes the difference at the venue whose book then offers most, with priced limit
// orders inside a band, a few times; what then remains is flagged with its amount and reason. Each finished
// package is told with its waterfall, which sums exactly. Core thread; a fixed number of packages may be
// open.
#include <array>
#include <string_view>
#include <vector>

#include "engine/trading/order_tracker.hpp"
#include "engine/trading/package.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// Where approved orders go: the simulated exchange, or OrderDesk and the signed connectors.
class OrderSender {
  public:
    virtual ~OrderSender() = default;
    virtual void send(const ApprovedOrder& order, Timestamp now) = 0;
    /// A simulated venue charges other fees from here on; real ones say so with each fill.
    virtual void set_fees(ListingId, Rate /*maker*/, Rate /*taker*/) {}
};

struct ExecutorLimits {
    Rate unwind_band{100 * kRatePerBasisPoint};  ///< how far from the best price an unwinding order may reach
    unsigned unwind_attempts = 3;
    Duration unwind_pause = milliseconds(100);  ///< between attempts
};

/// How one package ended.
struct PackageEnd {
    Package package;
    Quantity bought, sold;      ///< by the legs, market units
    Quantity unwound;           ///< closed afterwards
    std::int64_t residual = 0;  ///< bought - sold - unwound (signed), market units
    bool flagged = false;       ///< the residual is more than dust
    const char* detail = "";
    Waterfall waterfall;
    Duration unhedged;  ///< how long what was bought and what was sold differed
    Timestamp finished;
};

/// Hears what happens; may allocate (it is the report's side).
class PackageListener {
  public:
    virtual ~PackageListener() = default;
    /// Before the first order of the package leaves.
    virtual void on_package(const Package&, const std::array<ApprovedOrder, 2>&, Timestamp) {}
    /// Exposure is about to be closed by unwinding orders alone (PackageExecutor::close_exposure).
    virtual void on_exposure(const Package&, std::int64_t /*excess*/) {}
    virtual void on_order(const ApprovedOrder& order, bool unwind, Timestamp now) = 0;
    virtual void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, bool unwind,
                         Timestamp now) = 0;
    virtual void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                           Timestamp now) = 0;
    /// The venue refused one order after the other in this listing: nothing is opened there until then.
    virtual void on_refused_often(ListingId, Timestamp /*until*/, Timestamp) {}
    virtual void on_end(const PackageEnd& end) = 0;
};

class PackageExecutor {
  public:
    static constexpr std::size_t kOpenMax = 64;

    PackageExecutor(const Markets& markets, RiskGate& risk, Portfolio& portfolio,
                    const ExecutorLimits& limits, OrderSender& sender, PackageListener& listener);

    bool full() const { return open_count_ == kOpenMax; }
    bool in_flight(MarketId market, std::size_t a, std::size_t b) const;
    void start(const Package& package, const std::array<ApprovedOrder, 2>& orders, Timestamp now);
    void on_event(const OrderEvent& event, Timestamp now);
    /// Attempts that were waiting for their pause or for a book.
    void on_time(Timestamp now);
    /// The inputs are over: what is open ends as it stands.
    void finish(Timestamp now);
    std::size_t open_count() const { return open_count_; }

    // Recovery: packages of an earlier run that had not ended, as its state log tells them. Until
    // end_restore() events are that run's: applied without moving money (the portfolio is restored on its
    // own) and without a word to anybody. From then on they are the venues' answers of today, which count
    // like any other; but nothing is sent before resume().
    void begin_restore() { restoring_ = held_ = true; }
    void end_restore() { restoring_ = false; }
    void restore(const Package& package, const std::array<OrderId, 2>& orders);
    void restore_unwind(PackageId package, OrderId order, const OrderIntent& intent);
    /// False: it stays open, for an order of it is not over.
    bool restore_end(PackageId package);
    void resume(Timestamp now);
    /// Nothing more is sent: what orders in flight do is still counted, and finish() ends the rest.
    void hold() { held_ = true; }

    /// Closes exposure that no open package has (`excess` in market units, positive: too much was bought),
    /// like the leftover of a leg, valued at the package's `buy.best`.
    void close_exposure(const Package& package, std::int64_t excess, Timestamp now);

    struct View {
        const Package& package;
        std::int64_t excess = 0;  ///< bought - sold, market units
        bool unwinding = false;
    };
    template <class Visit>
    void for_each_open(Visit&& visit) const
    {
        for (const Open& open : open_) {
            if (open.used) visit(View{open.package, excess(open), open.unwinding});
        }
    }

  private:
    struct Open {
        bool used = false;
        Package package;
        OrderTracker buy, sell;
        OrderTracker unwind;
        OrderIntent unwind_intent;
        std::int64_t unwind_factor = 1;  ///< instrument quantity to market quantity of the unwinding order
        std::size_t unwind_member = 0;
        bool unwinding = false;  ///< an unwinding order is out
        // One bit a member of the market:
        std::uint32_t too_small = 0;  ///< refused what is left as below its lot or minimum
        std::uint32_t set_aside = 0;  ///< refused an order for another reason: the others come first
        unsigned attempts = 0;
        Timestamp next_attempt;
        std::int64_t unwound = 0;  ///< signed change of base by finished unwinding orders, market units
        Amount unwind_cash;        ///< quote received minus paid by them
        Amount unwind_fees;
        std::int64_t last_excess = 0;  ///< with what the unwinding order has filled so far
        Timestamp changed;             ///< when last_excess became what it is
        Duration unhedged;
    };

    struct Candidate {
        OrderIntent intent;
        Int128 net = 0;  ///< price after the taker fee
        std::size_t member = 0;
        std::int64_t factor = 1;
    };

    static std::int64_t in_market(Quantity quantity, std::int64_t factor);
    std::int64_t excess(const Open& open) const;
    void note_excess(Open& open, Timestamp now);
    /// Why members are no candidates.
    struct Unfit {
        bool below = false;     ///< too little for the member's lot or minimum as we know them
        bool notional = false;  ///< of these, by value alone
        bool refused = false;   ///< too little by the venue's own word
        bool unusable = false;  ///< no usable book, or the venue is stopped
    };
    std::size_t candidates(const Open& open, std::int64_t excess, std::array<Candidate, 32>& out,
                           Unfit& unfit) const;
    Open& take_slot(const Package& package);
    void advance(Open& open, Timestamp now);
    enum class Unwind : std::uint8_t { sent, dust, failed, later };
    OrderIntent unwind_intent(const MarketMember& member, Side side, std::int64_t size) const;
    Unwind try_unwind(Open& open, std::int64_t excess, Timestamp now, const char*& why);
    void settle_unwind(Open& open);
    void note_refusal(Open& open);
    void note_end(const Open& open, const OrderIntent& intent, const OrderTracker& tracker, Timestamp now);
    bool send_unwind(Open& open, const Candidate& candidate, Timestamp now, RiskReason& reason);
    void end(Open& open, bool flagged, const char* detail, Timestamp now);

    const Markets* markets_;
    RiskGate* risk_;
    Portfolio* portfolio_;
    ExecutorLimits limits_;
    OrderSender* sender_;
    PackageListener* listener_;
    std::vector<Open> open_;
    std::size_t open_count_ = 0;
    std::size_t waiting_ = 0;  ///< packages between two attempts
    bool restoring_ = false;
    bool held_ = false;  ///< recovering, or stopping at once: nothing is sent
};

}  // namespace arb
