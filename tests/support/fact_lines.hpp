#pragma once
// Every fact that a connector tells as one line of text with all its fields, in whole units of the
// instrument: what tables of messages expect. A field that is not there is not printed. Tests only.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::test {

class FactLines final : public FactSink {
  public:
    explicit FactLines(const InstrumentTable& table) : table_(&table) {}

    std::vector<std::string> lines;
    /// Orders that have a name are printed with it, and so is their client id.
    std::map<OrderId, std::string> names;

    void on_book(const BookUpdate&) override;
    void on_quote(const BestQuote&) override;
    void on_trade(const Trade&) override;
    void on_connection_sequence(ConnectionId, std::uint64_t) override;
    void on_acknowledged(ConnectionId, ListingId, bool subscribed) override;
    void on_venue_time(Timestamp, Timestamp) override;
    void on_undecoded(const Undecoded&) override;
    void on_listing_status(ListingId, ListingStatus) override;
    void on_order_report(const OrderReport&) override;
    void on_fill_report(const FillReport&) override;
    void on_balance_report(const BalanceReport&) override;
    void on_fee_report(const FeeReport&) override;
    void on_request_end(const RequestEnd&) override;
    void on_channel(Channel, bool ready) override;
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override;
    void on_key_report(const KeyReport&) override;

  private:
    std::string symbol(ListingId) const;
    std::string price(ListingId, Price) const;
    std::string quantity(ListingId, Quantity) const;
    std::string level(ListingId, const Level&) const;
    std::string order(OrderId) const;

    const InstrumentTable* table_;
};

/// `LISTING BTC-USDT BTC/USDT tick=0.1 ...`: a row of an instrument list.
std::string listing_line(const ListingDefinition&);

}  // namespace arb::test
