#pragma once
// A venue rehearsed in memory: the rehearsal on one end of a VenueLink, the emulated venue (as it should be,
// or deviating) on the other, and a street that moves a little, so that books live. Tests only, one thread.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/rehearsal/rehearsal.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {

/// Stands in the link where a connector stands, and hands every input to the rehearsal.
class RehearsalBridge final : public Venue {
  public:
    Rehearsal* rehearsal = nullptr;

    SequenceRule sequence_rule(const Listing&) const override { return {}; }
    std::vector<ConnectionPlan> plan(std::span<const ListingId>) override
    {
        return rehearsal->plans(VenueId{0});
    }
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&, Outbox&) override
    {
        rehearsal->on_open(VenueId{0}, connection, url, now);
        rehearsal->decide(now);
    }
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink&, Outbox&) override
    {
        rehearsal->on_frame(VenueId{0}, connection, frame, now);
        rehearsal->decide(now);
    }
    void on_http(const HttpReply& reply, Timestamp now, FactSink&, Outbox&) override
    {
        rehearsal->on_http(VenueId{0}, reply, now);
        rehearsal->decide(now);
    }
    void on_close(ConnectionId connection, Timestamp now, FactSink&, Outbox&) override
    {
        rehearsal->on_close(VenueId{0}, connection, now, false);
        rehearsal->decide(now);
    }
    void on_wake(Timestamp now, FactSink&, Outbox&) override
    {
        rehearsal->on_wake(VenueId{0}, now);
        rehearsal->decide(now);
    }
    void resync(ListingId, Timestamp, Outbox&) override {}
};

class RehearsedLink {
  public:
    struct Wish {
        Deviations deviations{};
        std::vector<std::string> keys = {"trade"};  ///< labels; "read" is for reading
        bool orders = true, fill = true;
        Duration watch = seconds(60);
        bool money = true;
        std::string least;  ///< the least quantity that the rehearsal knows of; empty: the venue's
    };
    RehearsedLink(const VenueCase& venue, Wish wish)
        : type_(&type_of(venue)),
          link(*type_, venue.market, {definition_of(venue)},
               type_->fees_from_received ? FeeTaking::received : FeeTaking::quote, "", 7, true, false,
               wish.deviations),
          table_(std::move(InstrumentTable::build({{{std::string(type_->exchange), std::string(venue.market)},
                                                    deviant(wish.deviations, {known(venue, wish)})}}))
                     .take())
    {
        RehearsalSetup setup;
        setup.type = type_;
        setup.table = &table_;
        setup.listing = ListingId{0};
        setup.risk = wide_limits();
        setup.watch = wish.watch;
        setup.orders = wish.orders;
        setup.fill = wish.fill;
        setup.epoch = 1'700'000'000;
        for (const std::string& label : wish.keys) {
            credentials_.push_back(std::make_unique<Credentials>(link.credentials(label)));
            RehearsalKey key;
            key.credentials = credentials_.back().get();
            key.facts.venue = venue.label;
            key.facts.label = label;
            key.facts.role = label == "read" ? KeyRole::read : KeyRole::trade;
            // What a venue does not tell is vouched for, as an operator has to.
            for (const std::string_view what : {kAttestAddresses, kAttestExpiry})
                key.facts.attestations.push_back(
                    {std::string(what), "test", Timestamp{1}, link.now() + seconds(86'400 * 30)});
            setup.keys.push_back(std::move(key));
        }
        rehearsal = std::make_unique<Rehearsal>(setup, link);
        link.use_venue(std::make_unique<RehearsalBridge>()).rehearsal = rehearsal.get();
        if (wish.money) {
            link.deposit("USDT", "100000");
            if (definition_of(venue).kind == InstrumentKind::spot) link.deposit("LINK", "1000");
        }
        move_street();
        link.start(false);
    }

    /// Until the walk is over; false: it is not after ten minutes of its own time.
    bool run(Duration most = seconds(600))
    {
        const Timestamp end = link.now() + most;
        while (!rehearsal->over() && link.now() < end) turn();
        return rehearsal->over();
    }
    template <class Done>
    bool run_until(Done done)
    {
        const Timestamp end = link.now() + seconds(600);
        while (!done() && link.now() < end) turn();
        return done();
    }
    void turn()
    {
        link.run(milliseconds(10));
        if (link.now() - moved_ >= milliseconds(250)) move_street();
        rehearsal->on_wake(kNoVenue, link.now() + link.client_ahead);
        rehearsal->decide(link.now() + link.client_ahead);
    }
    /// The first row whose name begins so; an empty one, and a failure, when there is none.
    RehearsalCheck row(std::string_view name) const
    {
        for (const RehearsalCheck& check : rehearsal->checks().rows()) {
            if (check.name.starts_with(name)) return check;
        }
        ADD_FAILURE() << "there is no row " << name << " in\n" << text();
        return {};
    }
    /// By the exchange's own truth: no order is open, and of the base asset there is what was there before.
    bool nothing_left()
    {
        if (!link.exchange().orders(VenueLink::kAccount, kNoListing, true).empty()) return false;
        for (const EmulatedBalance& balance : link.exchange().balances(VenueLink::kAccount)) {
            const bool base = balance.position || balance.asset == "LINK";
            const Amount off = balance.total - (balance.position ? Amount{} : money("1000"));
            if (base &&
                absolute(off) >= table_.instruments().front().amount(table_.listing(ListingId{0}).lot))
                return false;
        }
        return true;
    }
    /// Every row, one a line.
    std::string text() const
    {
        std::string text;
        for (const RehearsalCheck& check : rehearsal->checks().rows())
            text += fmt::format("{:<12} {}: {} | {}\n", name(check.result), check.name, check.expected,
                                check.found);
        for (const std::string& flag : rehearsal->flags()) text += "FLAGGED " + flag + "\n";
        if (!rehearsal->over()) text += "at: " + rehearsal->doing() + "\n";
        return text;
    }

  private:
    static ListingDefinition known(const VenueCase& venue, const Wish& wish)
    {
        ListingDefinition d = definition_of(venue);
        if (wish.least.empty()) return d;
        d.quantity_min = decimal(wish.least);
        d.notional_min = decimal("0");
        return d;
    }
    void move_street()
    {
        moved_ = link.now();
        ++moves_;
        link.street(moves_ % 2 == 0 ? "27.11" : "27.13", "27.20", moves_ % 3 == 0 ? "900" : "1000");
    }

    const ConnectorType* type_;

  public:
    VenueLink link;
    std::unique_ptr<Rehearsal> rehearsal;

  private:
    InstrumentTable table_;
    std::vector<std::unique_ptr<Credentials>> credentials_;
    Timestamp moved_;
    std::uint64_t moves_ = 0;
};

}  // namespace arb::test
