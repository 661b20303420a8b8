#pragma once
// What the tests of the emulated venue share: the venue by itself with its matching, and a client that signs
// as the exchange wants it. Tests only.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/bybit/emulated_venue.hpp"
#include "connectors/bybit/life_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::bybit::test {

inline constexpr AccountId kAccount{1};
inline constexpr SessionId kSession{1};
inline constexpr SessionId kOther{2};

struct Sent final : SessionOutbox {
    std::map<SessionId, std::vector<std::string>> frames;
    std::vector<SessionId> closed;
    void send(SessionId session, std::string text) override { frames[session].push_back(std::move(text)); }
    void close(SessionId session, int, std::string_view) override { closed.push_back(session); }
};

/// The emulated venue of one market and its matching; `Exchange` is engine/sim's.
template <class Exchange>
class Alone {
  protected:
    std::vector<ListingDefinition> definitions_;
    std::unique_ptr<InstrumentTable> table_;
    std::unique_ptr<Exchange> matching_;
    std::vector<EmulatedKey> keys_ = make_emulated_keys(3, 1);
    std::unique_ptr<EmulatedVenue> venue_;
    std::string market_;
    Sent sent_;
    Timestamp now_{1'700'000'000'000'000'000};
    simdjson::dom::parser parser_;
    std::string body_;

    template <class Rules>
    void begin(const char* market, const Rules& rules)
    {
        market_ = market;
        definitions_ = {link_definition(market)};
        table_ = std::make_unique<InstrumentTable>(
            std::move(InstrumentTable::build({{{"bybit", market_}, definitions_}})).take());
        matching_ = std::make_unique<Exchange>(*table_, VenueId{0}, rules);
        use_definitions();
        exchange().deposit(kAccount, "USDT", *amount_of(*Decimal::parse("10000")));
        exchange().deposit(kAccount, "LINK", *amount_of(*Decimal::parse("100")));
        street(2710, 2720);
    }
    /// The venue anew, with `definitions_` in its lists.
    void use_definitions(bool manners = false)
    {
        EmulatedVenueSetup setup;
        setup.table = table_.get();
        setup.market = market_;
        setup.definitions = definitions_;
        setup.exchange = matching_.get();
        setup.keys = &keys_;
        setup.manners = manners;
        venue_ = make_emulated_venue(setup);
    }
    Exchange& exchange() { return *matching_; }
    void street(std::int64_t bid, std::int64_t ask)
    {
        const Level bids[] = {{{bid}, {500}}};
        const Level asks[] = {{{ask}, {500}}};
        exchange().set_street(ListingId{0}, bids, asks, now_);
        exchange().deliver(*venue_, now_, sent_);
    }
    bool spot() const { return market_ == "spot"; }
    std::string category() const { return fmt::format("\"category\":\"{}\"", market_); }

    static std::string hmac(const std::string& secret, std::string_view message)
    {
        HmacSha256::Digest digest;
        HmacSha256(bytes_of(secret)).sign(message, digest);
        return hex_lower(digest);
    }
    ServerRequest request(std::string method, std::string target, std::string body = "")
    {
        ServerRequest r;
        r.method = std::move(method);
        r.target = std::move(target);
        r.body = std::move(body);
        r.remote = "127.0.0.1";
        return r;
    }
    ServerRequest signed_request(const std::string& method, const std::string& target,
                                 const std::string& body = "", std::size_t key = 0)
    {
        ServerRequest r = request(method, target, body);
        const std::string stamp = fmt::format("{}", now_.ns / 1'000'000);
        const std::string payload = method == "POST" ? body : std::string(r.query());
        r.headers = {{"x-bapi-api-key", keys_[key].key_id},
                     {"x-bapi-timestamp", stamp},
                     {"x-bapi-recv-window", "5000"},
                     {"x-bapi-sign", hmac(keys_[key].secret, stamp + keys_[key].key_id + "5000" + payload)}};
        return r;
    }
    /// retCode; the reply is in root().
    std::int64_t ask(const ServerRequest& r)
    {
        const ServerReply reply = venue_->on_request(r, now_, sent_);
        exchange().deliver(*venue_, now_, sent_);
        body_ = reply.body;
        std::int64_t code = -1;
        const bool readable = parser_.parse(body_)["retCode"].get(code) == simdjson::SUCCESS;
        now_ = now_ + milliseconds(200);
        return readable && reply.status == 200 ? code : -1;
    }
    std::string at(const std::string& pointer)
    {
        simdjson::dom::element value;
        if (parser_.parse(body_).at_pointer(pointer).get(value) != simdjson::SUCCESS) return "?";
        std::string_view text;
        return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
    }
    std::int64_t place(const std::string& rest)
    {
        return ask(signed_request("POST", "/v5/order/create",
                                  "{" + category() + R"(,"symbol":"LINKUSDT","side":"Buy",)" + rest + "}"));
    }
    bool open(SessionId id, const std::string& path)
    {
        return venue_->on_session(id, request("GET", path), now_, sent_);
    }
    void say(SessionId id, const std::string& text)
    {
        venue_->on_session_frame(id, text, now_, sent_);
        exchange().deliver(*venue_, now_, sent_);
    }
    void log_on(SessionId id, const std::string& path)
    {
        (void)open(id, path);
        const std::string expires = fmt::format("{}", now_.ns / 1'000'000 + 5000);
        say(id, fmt::format(R"({{"op":"auth","args":["{}","{}","{}"]}})", keys_[0].key_id, expires,
                            hmac(keys_[0].secret, "GET/realtime" + expires)));
    }
    std::size_t heard(SessionId id, std::string_view text)
    {
        const auto& frames = sent_.frames[id];
        return static_cast<std::size_t>(
            std::count_if(frames.begin(), frames.end(),
                          [&](const std::string& f) { return f.find(text) != std::string::npos; }));
    }
};

}  // namespace arb::bybit::test
