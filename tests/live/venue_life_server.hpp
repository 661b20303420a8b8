#pragma once
// The emulated venue of one connector behind a real TLS port on 127.0.0.1, with its matching, keys, one
// street and a desk of faults that a test scripts. Shares loop and clock with the client of the same test.
// Tests only, one thread.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/net/loop.hpp"
#include "engine/venue/venue.hpp"
#include "engine/world/emulated_exchange.hpp"
#include "engine/world/venue_server.hpp"
#include "tests/live/venue_life_client.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

/// What strikes orders, answers to orders and messages, until it is changed.
class LifeFaults final : public FaultSource {
  public:
    MishapChoice on_order(RequestRoute, Timestamp) override { return order; }
    MishapChoice on_answer(RequestRoute, RequestDeed deed, Timestamp) override
    {
        return deed == RequestDeed::order ? answer : MishapChoice{};
    }
    MishapChoice on_message(Timestamp) override { return message; }
    MishapChoice order, answer, message;
};

class LifeServer {
  public:
    static constexpr AccountId kAccount{1};
    static constexpr ListingId kListing{0};

    struct Setup {
        const ConnectorType* type = nullptr;
        std::string market;
        ListingDefinition definition;
        net::ServerIdentity identity;
        bool manners = false;
    };
    LifeServer(net::Loop& loop, const LifeClock& clock, const Setup& setup)
        : table(std::move(InstrumentTable::build(
                              {{{std::string(setup.type->exchange), setup.market}, {setup.definition}}}))
                    .take()),
          exchange(table, VenueId{0}, rules(*setup.type)),
          keys(setup.type->make_emulated_keys(7, static_cast<std::uint32_t>(kAccount))),
          clock_(&clock)
    {
        EmulatedVenueSetup venue_setup;
        venue_setup.table = &table;
        venue_setup.market = setup.market;
        venue_setup.definitions = {setup.definition};
        venue_setup.exchange = &market_;
        venue_setup.keys = &keys;
        venue_setup.seed = 7;
        venue_setup.manners = setup.manners;
        venue_ = setup.type->make_emulated_venue(venue_setup);
        VenueServerSetup server_setup;
        server_setup.identity = setup.identity;
        server_setup.venue = venue_.get();
        server_setup.market = &market_;
        server_setup.faults = &desk;
        server_setup.deliver = [this](Timestamp now, SessionOutbox& out) { deliver(now, out); };
        server_setup.on_time = [this](Timestamp now) { exchange.on_time(now); };
        server_ = std::make_unique<VenueServer>(loop, clock.real, std::move(server_setup));
        turn();
        exchange.deposit(kAccount, "USDT", money("100000"));
        if (setup.definition.kind == InstrumentKind::spot) exchange.deposit(kAccount, "LINK", money("1000"));
        street("27.10", "27.20");
    }

    VenueServer& server() { return *server_; }
    const VenueServerCounts& counts() const { return server_->counts(); }
    std::string endpoint() const { return fmt::format("127.0.0.1:{}", server_->port()); }
    /// The venue's clock against the world's.
    Duration ahead;

    void turn()
    {
        server_->set_skew({(clock_->now() - clock_->real.now()).ns + ahead.ns});
        server_->turn();
    }
    /// One level a side.
    void street(std::string_view bid, std::string_view ask, std::string_view size = "1000")
    {
        const Instrument& instrument = table.instrument_of(kListing);
        const auto level = [&](std::string_view price) {
            return Level{{*decimal(price).scaled(instrument.price_decimals)},
                         {*decimal(size).scaled(instrument.quantity_decimals)}};
        };
        const Level bids[] = {level(bid)};
        const Level asks[] = {level(ask)};
        exchange.set_street(kListing, bids, asks, server_->venue_now());
        server_->deliver();
    }
    /// Every session gets a message of that many bytes.
    void send_to_all(std::size_t bytes)
    {
        big_message_ = bytes;
        server_->deliver();
    }
    void cut_all()
    {
        while (server_->session_count() > 0) server_->cut_session(0);
    }
    void freeze_all(Duration lasts)
    {
        for (std::size_t i = 0; i < server_->session_count(); ++i) server_->freeze_session(i, lasts);
    }
    const EmulatedKey* key(std::string_view label) const
    {
        for (const EmulatedKey& key : keys) {
            if (key.label == label) return &key;
        }
        return nullptr;
    }
    /// Changes every key of the account, and the venue knows.
    template <class Change>
    void change_keys(Change change)
    {
        for (EmulatedKey& key : keys) {
            change(key);
            server_->key_changed(key);
        }
    }
    std::size_t open_orders() const { return exchange.orders(kAccount, kNoListing, true).size(); }

    LifeFaults desk;
    InstrumentTable table;
    EmulatedExchange exchange;
    std::vector<EmulatedKey> keys;

  private:
    static ExchangeRules rules(const ConnectorType& type)
    {
        ExchangeRules rules;
        rules.fee_taking = type.fees_from_received ? FeeTaking::received : FeeTaking::quote;
        return rules;
    }
    void deliver(Timestamp now, SessionOutbox& out)
    {
        exchange.deliver(*venue_, now, out);
        if (big_message_ == 0) return;
        const std::string text(std::exchange(big_message_, 0), ' ');
        // Sessions are numbered as they come; nobody has more than a few.
        for (std::uint64_t i = 0; i < 100; ++i) out.send(static_cast<SessionId>(i), text);
    }

    const LifeClock* clock_;
    WatchedMarket market_{exchange};
    std::unique_ptr<EmulatedVenue> venue_;
    std::size_t big_message_ = 0;
    std::unique_ptr<VenueServer> server_;  // last: it speaks to all of the above
};

}  // namespace arb::test
