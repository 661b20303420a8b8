#pragma once
// Everything that the venue of a rehearsal said so far, each fact kept as a copy with the time at which it
// was heard: steps look at what came since they asked. One thread.
#include <map>
#include <string>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb {

/// Owned copies of facts, with the time at which they were heard; their texts beside them.
struct HeardOrder {
    OrderReport report;
    std::string venue_id;
    Timestamp at;
};
struct HeardFill {
    FillReport report;
    std::string fee_asset, trade_id;
    Timestamp at;
};
struct HeardBalance {
    BalanceReport report;
    std::string asset;
};
struct HeardEnd {
    RequestEnd end;
    std::string code, text;
    Timestamp at;
};
struct HeardKey {
    KeyReport report;
    std::string label, text, foreign, missing, address_list;
    KeyReport whole() const;
};

/// What a venue told of the account's money in one answer, by asset.
using HeardMoney = std::map<std::string, BalanceReport, std::less<>>;

/// How much was heard until now: what comes behind it is news.
struct HeardMark {
    std::size_t orders = 0, fills = 0, balances = 0, ends = 0;
};

class HeardFacts {
  public:
    HeardMark mark() const;
    const HeardEnd* end_since(const HeardMark& mark, RequestKind kind, OrderId order = kForeignOrder) const;
    /// Of this order by that source, the last one.
    const HeardOrder* order_since(const HeardMark& mark, OrderId order, ReportSource source) const;
    /// What answers about balances told since.
    HeardMoney money_since(const HeardMark& mark) const;
    const FeeReport* fee_of(ListingId listing) const;
    const std::vector<HeardOrder>& orders() const { return orders_; }
    const std::vector<HeardFill>& fills() const { return fills_; }
    const std::vector<HeardKey>& key_reports() const { return key_reports_; }
    /// The most that a report about the order tells as filled.
    Quantity most_filled(OrderId order) const;
    /// It was told as working, and of its end nothing was told.
    bool works_still(OrderId order) const;
    /// An order that was told as over, and by a later answer to a question works.
    bool revived(OrderId order) const;

    void add(const OrderReport& report, Timestamp now);
    void add(const FillReport& report, Timestamp now);
    void add(const BalanceReport& report);
    void add(const FeeReport& report) { fees_.push_back(report); }
    void add(const RequestEnd& end, Timestamp now);
    void add(const KeyReport& report);

  private:
    std::vector<HeardOrder> orders_;
    std::vector<HeardFill> fills_;
    std::vector<HeardBalance> balances_;
    std::vector<HeardEnd> ends_;
    std::vector<FeeReport> fees_;
    std::vector<HeardKey> key_reports_;
};

}  // namespace arb
