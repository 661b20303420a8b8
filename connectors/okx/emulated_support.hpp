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

#include "connectors/okx/emulated_venue.hpp"
#include "connectors/okx/life_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::okx::test {

inline constexpr AccountId kAccount{1};
inline constexpr SessionId kSession{1};
inline constexpr SessionId kOther{2};

struct Sent final : SessionOutbox {
    std::map<SessionId, std::vector<std::string>> frames;
    std::vector<SessionId> closed;
    void send(SessionId session, std::string text) override { frames[session].push_back(std::move(text)); }
    void close(SessionId session, int, std::string_view) override { closed.push_back(session); }
};

/// The emulated venue and its matching; `Exchange` is engine/sim's.
template <class Exchange, class Rules>
class Alone {
  protected:
    using Settings = decltype(EmulatedVenueSetup::settings);
    explicit Alone(bool manners = false, Settings settings = {})
        : table_(std::move(InstrumentTable::build({{{"okx", ""}, definitions_}})).take()),
          exchange_(table_, VenueId{0}, Rules{})
    {
        EmulatedVenueSetup setup;
        setup.table = &table_;
        setup.definitions = definitions_;
        setup.exchange = &exchange_;
        setup.keys = &keys_;
        setup.manners = manners;
        setup.settings = std::move(settings);
        venue_ = make_emulated_venue(setup);
        exchange_.deposit(kAccount, "USDT", *amount_of(*Decimal::parse("10000")));
        exchange_.deposit(kAccount, "LINK", *amount_of(*Decimal::parse("100")));
        street(2710, 2720);
    }
    void street(std::int64_t bid, std::int64_t ask)
    {
        const Level bids[] = {{{bid}, {500}}, {{bid - 1}, {500}}};
        const Level asks[] = {{{ask}, {500}}, {{ask + 1}, {500}}};
        exchange_.set_street(kLink, bids, asks, now_);
        exchange_.deliver(*venue_, now_, sent_);
    }
    static std::string iso(Timestamp time) { return format_utc(time).substr(0, 23) + "Z"; }
    static std::string hmac(const std::string& secret, std::string_view message)
    {
        HmacSha256::Digest digest;
        HmacSha256(bytes_of(secret)).sign(message, digest);
        return base64(digest);
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
                                 const std::string& body = "", std::size_t key = 0, Duration ahead = {})
    {
        ServerRequest r = request(method, target, body);
        const std::string time = iso(now_ + ahead);
        r.headers = {{"ok-access-key", keys_[key].key_id},  // names of headers have no case
                     {"OK-ACCESS-SIGN", hmac(keys_[key].secret, time + method + target + body)},
                     {"OK-ACCESS-TIMESTAMP", time},
                     {"OK-ACCESS-PASSPHRASE", keys_[key].passphrase}};
        return r;
    }
    /// The code of the reply; its body is in at().
    std::string ask(const ServerRequest& r)
    {
        const ServerReply reply = venue_->on_request(r, now_, sent_);
        exchange_.deliver(*venue_, now_, sent_);
        body_ = reply.body;
        status_ = reply.status;
        now_ = now_ + milliseconds(150);
        return at("/code");
    }
    std::string get(const std::string& target) { return ask(signed_request("GET", target)); }
    std::string post(const std::string& target, const std::string& body)
    {
        return ask(signed_request("POST", target, body));
    }
    /// sCode of the first item.
    std::string place(const std::string& rest)
    {
        (void)post("/api/v5/trade/order",
                   R"({"instId":"LINK-USDT","tdMode":"cash","side":"buy","ordType":"limit",)" + rest + "}");
        return at("/data/0/sCode");
    }
    std::string at(const std::string& pointer)
    {
        simdjson::dom::element value;
        if (parser_.parse(body_).at_pointer(pointer).get(value) != simdjson::SUCCESS) return "?";
        std::string_view text;
        return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
    }
    void tick(Duration later)
    {
        now_ = now_ + later;
        venue_->on_tick(now_, sent_);
        exchange_.deliver(*venue_, now_, sent_);
    }
    void say(SessionId id, const std::string& text)
    {
        venue_->on_session_frame(id, text, now_, sent_);
        exchange_.deliver(*venue_, now_, sent_);
    }
    bool open(SessionId id, const std::string& path)
    {
        return venue_->on_session(id, request("GET", path), now_, sent_);
    }
    std::string login(std::size_t key, Duration ahead = {}, std::string_view spoil = {})
    {
        const std::string time = fmt::format("{}", (now_ + ahead).ns / 1'000'000'000);
        return fmt::format(
            R"({{"op":"login","args":[{{"apiKey":"{}","passphrase":"{}","timestamp":"{}","sign":"{}{}"}}]}})",
            keys_[key].key_id, keys_[key].passphrase, time,
            hmac(keys_[key].secret, time + "GET/users/self/verify"), spoil);
    }
    const std::string& last(SessionId id)
    {
        static const std::string kNothing = "(nothing)";
        return sent_.frames[id].empty() ? kNothing : sent_.frames[id].back();
    }
    std::size_t heard(SessionId id, std::string_view text)
    {
        const auto& frames = sent_.frames[id];
        return static_cast<std::size_t>(
            std::count_if(frames.begin(), frames.end(),
                          [&](const std::string& f) { return f.find(text) != std::string::npos; }));
    }

    std::vector<ListingDefinition> definitions_ = link_definitions();
    InstrumentTable table_;
    Exchange exchange_;
    std::vector<EmulatedKey> keys_ = make_emulated_keys(3, 1);
    std::unique_ptr<EmulatedVenue> venue_;
    Sent sent_;
    Timestamp now_{1'700'000'000'000'000'000};
    simdjson::dom::parser parser_;
    std::string body_;
    int status_ = 0;
};

}  // namespace arb::okx::test
