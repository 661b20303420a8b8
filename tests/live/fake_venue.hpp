#pragma once
// An emulated venue with a protocol of one line a message, for tests of what serves venues: small enough that
// every byte on the wire is known. One thread.
//   REST        POST /order "place CLIENT buy|sell PRICE QUANTITY", GET /order?CLIENT, GET /time
//   websocket   /ws: the same words as frames, "query CLIENT", "flood N", "bye" (the venue closes)
// Events of the exchange are told to every session: "order CLIENT state filled", "book", "key LABEL".
#include <charconv>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/venue/venue.hpp"

namespace arb::test {

class FakeVenue final : public EmulatedVenue {
  public:
    explicit FakeVenue(const EmulatedVenueSetup& setup) : setup_(setup) {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox&) override
    {
        if (request.path() == "/time") return {200, {{"X-Remote", request.remote}}, std::to_string(now.ns)};
        if (request.path() != "/order") return {404, {}, "no such path"};
        if (request.method == "GET") return {200, {}, handle("query " + std::string(request.query()), now)};
        return {200, {}, handle(request.body, now)};
    }
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp, SessionOutbox& out) override
    {
        if (upgrade.path() != "/ws") return false;
        sessions.insert(session);
        out.send(session, "welcome");  // before the upgrade is answered
        return true;
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        if (text == "bye") {
            out.send(session, "goodbye");
            out.close(session, 4000, "as you wish");
            return;
        }
        if (text.starts_with("flood ")) {
            for (int i = std::stoi(std::string(text.substr(6))); i > 0; --i)
                out.send(session, std::string(10'000, 'x'));
            return;
        }
        out.send(session, handle(text, now));
    }
    void on_session_closed(SessionId session) override
    {
        sessions.erase(session);
        ++closed;
    }
    void on_book(ListingId, std::span<const Level>, std::span<const Level>, const EmulatedBook&, Timestamp,
                 SessionOutbox& out) override
    {
        if (tells_books) tell("book", out);
    }
    void on_public_trade(const Trade&, Timestamp, SessionOutbox&) override {}
    void on_order(const EmulatedOrder& order, const EmulatedTrade*, Timestamp, SessionOutbox& out) override
    {
        tell(line_of(order), out);
    }
    void on_balance(AccountId, const EmulatedBalance&, Timestamp, SessionOutbox&) override {}
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        ++ticks;
        ticked = now;
        if (tells_ticks) tell(fmt::format("tick {}", ticks), out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp, SessionOutbox& out) override
    {
        tell("key " + key.label, out);
    }
    ServerReply banned(Duration retry_after) const override
    {
        return {429, {{"Retry-After", std::to_string(retry_after.ns / seconds(1).ns)}}, "banned"};
    }
    ServerReply failed() const override { return {503, {}, "failed"}; }
    std::string failed_frame(std::string_view text) const override
    {
        return text.starts_with("place") ? "failed" : "";
    }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override
    {
        return {{"REST", fmt::format("https://{}/", host_port)},
                {"everything", fmt::format("wss://{}/ws", host_port)}};
    }

    std::set<SessionId> sessions;
    int closed = 0, ticks = 0;
    Timestamp ticked;
    bool tells_books = false, tells_ticks = false;

  private:
    void tell(const std::string& text, SessionOutbox& out)
    {
        for (const SessionId session : sessions) out.send(session, text);
    }
    static std::string line_of(const EmulatedOrder& order)
    {
        constexpr const char* kStates[] = {"open", "filled", "cancelled", "expired", "rejected"};
        return fmt::format("order {} {} {}", order.client_id, kStates[static_cast<std::size_t>(order.state)],
                           order.filled.units);
    }
    std::string handle(std::string_view text, Timestamp now)
    {
        std::vector<std::string> words;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(' '), text.size());
            words.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (words.size() == 2 && words[0] == "query") {
            const EmulatedOrder* order = setup_.exchange->find_client(AccountId{1}, words[1]);
            return order == nullptr ? "unknown " + words[1] : line_of(*order);
        }
        if (words.size() != 5 || words[0] != "place") return "what?";
        PlaceOrder order;
        order.account = AccountId{1};
        for (const Listing& listing : setup_.table->listings()) {
            if (listing.venue == setup_.id) order.listing = listing.id;
        }
        order.client_id = words[1];
        order.side = words[2] == "buy" ? Side::buy : Side::sell;
        order.price = {std::stoll(words[3])};
        order.quantity = {std::stoll(words[4])};
        const PlaceResult result = setup_.exchange->place(order, now);
        return result.error == PlaceError::none ? "taken " + words[1] : "refused " + words[1];
    }

    EmulatedVenueSetup setup_;
};

inline std::unique_ptr<EmulatedVenue> make_fake_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<FakeVenue>(setup);
}

inline std::vector<EmulatedKey> make_fake_keys(std::uint64_t seed, std::uint32_t account)
{
    std::vector<EmulatedKey> keys;
    for (const char* label : {"trade", "read", "withdraw"}) {
        EmulatedKey key;
        key.label = label;
        key.key_id = fmt::format("test-{}-{}", label, seed + account - 1);
        key.secret = "-----BEGIN \"test\" KEY-----\nline\\two\n";
        key.passphrase = key.label == "read" ? "" : "test phrase";
        key.account = static_cast<AccountId>(account);
        key.can_trade = key.label != "read";
        key.can_withdraw = key.label == "withdraw";
        keys.push_back(std::move(key));
    }
    return keys;
}

/// A connector with an emulated venue and nothing else: labels "fake" and "other".
inline const ConnectorType& fake_type(bool other = false)
{
    static const auto make = [](std::string_view exchange) {
        ConnectorType type;
        type.exchange = exchange;
        type.markets = {"spot"};
        type.guess_listing = [](std::string_view,
                                std::string_view symbol) -> std::optional<ListingDefinition> {
            const std::size_t dash = symbol.find('/');
            if (dash == std::string_view::npos) return std::nullopt;
            ListingDefinition d;
            d.market = "spot";
            d.symbol = symbol;
            d.base = symbol.substr(0, dash);
            d.quote = symbol.substr(dash + 1);
            return d;
        };
        type.make_emulated_venue = &make_fake_venue;
        type.make_emulated_keys = &make_fake_keys;
        return type;
    };
    static const ConnectorType kFake = make("fake");
    static const ConnectorType kOther = make("other");
    return other ? kOther : kFake;
}

}  // namespace arb::test
