#pragma once
// One life on every venue: the table of venues with what is special about each, and the fixture that puts
// the emulated venue and our connector on one loop, over real TLS on 127.0.0.1, and turns both until
// something is true. Tests only, one thread; nothing sleeps, seconds of waiting are skipped on the clocks of
// both sides.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/live/venue_life_client.hpp"
#include "tests/live/venue_life_server.hpp"
#include "tests/net/support.hpp"
#include "tests/support/venue_cases.hpp"

namespace arb::test {

/// The row of a venue in a table of the tests; every venue has one.
template <class Row, std::size_t kRows>
const Row& row_of(const Row (&rows)[kRows], std::string_view label)
{
    for (const Row& row : rows) {
        if (row.label == label) return row;
    }
    ENSURE(false, "the table has a row for each venue");
    return rows[0];
}

class VenueLife : public testing::TestWithParam<VenueCase> {
  protected:
    /// A test that wants another server or key says so before start().
    void SetUp() override
    {
        type = &type_of(GetParam());
        open(net::test::loopback_identity());
    }
    std::string label() const { return GetParam().label; }
    ListingDefinition definition() const { return definition_of(GetParam()); }
    bool spot() const { return definition().kind == InstrumentKind::spot; }
    /// What we know of the listing; by default what the venue says.
    void open(const net::ServerIdentity& identity, std::string_view key = "trade",
              std::optional<ListingDefinition> known = std::nullopt)
    {
        link.reset();
        venue.reset();
        venue = std::make_unique<LifeServer>(
            loop, clock,
            LifeServer::Setup{type, GetParam().market, definition(), identity, GetParam().manners});
        connect(key, known.value_or(definition()));
    }
    /// Our side anew, as after a restart of the program.
    void connect(std::string_view key, const ListingDefinition& known)
    {
        link = std::make_unique<LifeClient>(
            loop, clock,
            LifeClient::Setup{
                type, GetParam().market, {known}, venue->key(key), net::test::ca_file(), venue->endpoint()});
    }
    void turn()
    {
        venue->turn();
        loop.run_once(std::chrono::milliseconds(1));
        link->turn();
    }
    /// Both sides turn until it is true. The limit is for hangs: a slow machine only takes longer.
    template <class Done>
    bool until(const char* what, Done done)
    {
        const Timestamp end = clock.real.now() + seconds(300);
        while (!done()) {
            if (clock.real.now() > end) {
                ADD_FAILURE() << label() << ": it does not come: " << what << state_text();
                return false;
            }
            turn();
        }
        return true;
    }
    /// As until(), and time passes faster, for what connectors do after a pause.
    template <class Done>
    bool until_later(const char* what, Done done)
    {
        Timestamp next = clock.real.now() + milliseconds(60);
        return until(what, [&] {
            if (!done() && clock.real.now() > next) {
                clock.skipped.ns += seconds(3).ns;
                next = clock.real.now() + milliseconds(60);
            }
            return done();
        });
    }
    /// Lets what is under way arrive, where the test expects that nothing follows from it.
    void settle(Duration time = milliseconds(40))
    {
        const Timestamp end = clock.real.now() + time;
        while (clock.real.now() < end) turn();
    }
    /// That much time passes on both sides at once.
    void skip(Duration time)
    {
        clock.skipped.ns += time.ns;
        turn();
    }
    /// It passes in steps small enough that neither side takes the other for dead.
    void live_through(Duration time, Duration step = seconds(4))
    {
        for (std::int64_t passed = 0; passed < time.ns; passed += step.ns) {
            skip(step);
            settle(milliseconds(110));  // the venue's tick
        }
    }
    void begin()
    {
        link->start();
        ASSERT_TRUE(until("logged on", [&] { return link->ready(); }));
        ASSERT_TRUE(until("the book is valid", [&] { return link->book().valid(); }));
    }
    OrderStatus status(OrderId id) const
    {
        const LinkOrder* order = link->last(id);
        return order == nullptr ? OrderStatus::pending : order->report.status;
    }
    bool until_status(OrderId id, OrderStatus wanted)
    {
        return until(name(wanted), [&] { return status(id) == wanted; });
    }
    bool until_filled(OrderId id, std::string_view quantity)
    {
        return until("its fills are told", [&] { return link->filled(id) == link->quantity(quantity); });
    }
    /// Asked, and answered: how it ended.
    template <class Ask>
    std::string ask(RequestKind kind, Ask question)
    {
        const std::size_t before = link->end_count(kind);
        question();
        until(name(kind), [&] { return link->end_count(kind) > before; });
        return end_text(kind);
    }
    std::string ask_order(OrderId id)
    {
        return ask(RequestKind::query_order, [&] { link->query(id); });
    }
    std::string ask_fills()
    {
        return ask(RequestKind::fills, [&] {
            link->venue().query_fills(link->listings(), link->now() - seconds(3600), link->now(), *link,
                                      *link);
        });
    }
    std::string ask_balances()
    {
        return ask(RequestKind::balances, [&] { link->venue().query_balances(link->now(), *link, *link); });
    }
    /// "refused/balance"; "none": no such request has ended.
    std::string end_text(RequestKind kind, OrderId id = kForeignOrder) const
    {
        const LinkEnd* end = link->last_end(kind, id);
        return end == nullptr ? "none" : std::string(name(end->end.outcome)) + "/" + name(end->end.reason);
    }
    OrderId rest(std::string_view price = "27.15", std::string_view quantity = "1")
    {
        const OrderId id = link->place(Side::buy, quantity, price, TimeInForce::gtc);
        until_status(id, OrderStatus::working);
        return id;
    }
    OrderId take(std::string_view quantity = "1")
    {
        return link->place(Side::buy, quantity, "27.20", TimeInForce::ioc);
    }
    /// Everything was read, but levels finer than the listing's unit: orders of old that rest in a book of a
    /// venue with its manners.
    bool decoded() const
    {
        return std::all_of(link->undecoded.begin(), link->undecoded.end(), [](const std::string& reason) {
            return GetParam().manners && reason == "too_precise";
        });
    }
    std::string state_text() const
    {
        std::string text;
        for (const LinkEnd& end : link->ends) {
            text += fmt::format("\n  {} {}/{} {} {}", name(end.end.kind), name(end.end.outcome),
                                name(end.end.reason), end.code, end.text);
        }
        for (const LinkOrder& order : link->orders)
            text += fmt::format("\n  order {} {}", name(order.report.status), name(order.report.reason));
        for (const net::CloseInfo& info : link->closed) text += "\n  " + info.text;
        for (const std::string& reason : link->undecoded) text += "\n  undecoded " + reason;
        return text + fmt::format("\n  book {}, order entry {}, private stream {}",
                                  arb::name(link->book().state()), link->ready(Channel::order_entry),
                                  link->ready(Channel::private_stream));
    }

    const ConnectorType* type = nullptr;
    LifeClock clock;
    net::Loop loop;
    std::unique_ptr<LifeServer> venue;
    std::unique_ptr<LifeClient> link;
};

}  // namespace arb::test
