#pragma once
// What happened, kept until the orders of the instant have left: rows, logs and figures are made afterwards,
// in the same order. What a decision brings (packages, orders, their states, fills, ends) waits in memory
// that is taken once; anything else is rare, and is told at once behind what waits. Core thread.
#include <variant>
#include <vector>

#include "engine/pipeline/trading_listener.hpp"
#include "engine/trading/package_executor.hpp"

namespace arb {

class ReportQueue final : public PackageListener, public TradingListener {
  public:
    /// Either may be null: nobody hears it.
    ReportQueue(PackageListener* packages, TradingListener* trading);

    /// Tells what waits.
    void tell();

    void on_package(const Package& package, const LegOrders& orders, Timestamp now) override;
    void on_exposure(const Package& package, const ExposureLine& line) override;
    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) override;
    void on_amended(OrderId order, Price price, Timestamp now) override;
    void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, OrderPurpose purpose,
                 Timestamp now) override;
    void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                   Timestamp now) override;
    void on_stuck(const Package& package, const Residual& excess, const char* why, Timestamp now) override;
    void on_end(const PackageEnd& end) override;

    void on_order_state(const OrderChange& change, Timestamp now) override;
    void on_phase(Phase phase, Timestamp now) override;
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now) override;
    void on_request_end(VenueId venue, const RequestEnd& end, Timestamp now) override;
    void on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                    Timestamp now) override;
    void on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now) override;
    void on_flag_cleared(MarketId market, Timestamp now) override;
    void on_note(std::string_view text, Timestamp now) override;
    void on_halt(VenueId venue, std::string_view why, Timestamp now) override;
    void on_halt_over(VenueId venue, Timestamp now) override;
    void on_key(const KeyNews& news, Timestamp now) override;
    void on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now) override;

  private:
    struct Begun {
        Package package;
        LegOrders orders;
        Timestamp time;
    };
    struct Closing {
        Package package;
        ExposureLine line;
    };
    struct Ordered {
        ApprovedOrder order;
        OrderPurpose purpose;
        Timestamp time;
    };
    struct Amended {
        OrderId order;
        Price price;
        Timestamp time;
    };
    struct Filled {
        Package package;
        OrderIntent intent;
        Fill fill;
        OrderPurpose purpose;
        Timestamp time;
    };
    struct Rejected {
        Package package;
        OrderIntent intent;
        RejectReason reason;
        Timestamp time;
    };
    struct Stuck {
        Package package;
        Residual excess;
        const char* why;
        Timestamp time;
    };
    struct Changed {
        OrderChange change;
        Timestamp time;
    };
    using Told = std::variant<Begun, Closing, Ordered, Amended, Filled, Rejected, Stuck, PackageEnd, Changed>;

    void tell_one(const Told& told);
    /// Who hears what is not kept waiting; null: nobody.
    TradingListener* now_listening();

    PackageListener* packages_;
    TradingListener* trading_;
    std::vector<Told> waiting_;
};

}  // namespace arb
