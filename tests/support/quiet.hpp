#pragma once
// For tests of what allocates: a sink that counts, and a venue that keeps what the gate approved, because
// only the gate makes an order or an amend. Tests only.
#include <optional>

#include "engine/venue/venue.hpp"

namespace arb::test {

struct QuietSink final : TradingSink {
    std::size_t orders = 0, fills = 0, balances = 0, ends = 0, troubles = 0;
    void on_undecoded(const Undecoded&) override { ++troubles; }
    void on_order_report(const OrderReport&) override { ++orders; }
    void on_fill_report(const FillReport&) override { ++fills; }
    void on_balance_report(const BalanceReport&) override { ++balances; }
    void on_request_end(const RequestEnd&) override { ++ends; }
};

/// Stands in the connector's place and keeps what it is to send.
struct OrderKeeper final : Venue {
    std::optional<ApprovedOrder> order;
    std::optional<ApprovedAmend> amend;
    SequenceRule sequence_rule(const Listing&) const override { return {}; }
    std::vector<ConnectionPlan> plan(std::span<const ListingId>) override { return {}; }
    void on_open(ConnectionId, std::string_view, Timestamp, FactSink&, Outbox&) override {}
    void on_frame(ConnectionId, PaddedText, Timestamp, FactSink&, Outbox&) override {}
    void on_http(const HttpReply&, Timestamp, FactSink&, Outbox&) override {}
    void on_close(ConnectionId, Timestamp, FactSink&, Outbox&) override {}
    void on_wake(Timestamp, FactSink&, Outbox&) override {}
    void resync(ListingId, Timestamp, Outbox&) override {}
    void send_order(const ApprovedOrder& sent, Timestamp, FactSink&, Outbox&) override { order = sent; }
    void amend_order(const OrderReference&, const ApprovedAmend& sent, Timestamp, FactSink&, Outbox&) override
    {
        amend = sent;
    }
};

}  // namespace arb::test
