#pragma once
// A stranger at the emulated venue: a client that knows nothing of the connector and signs by hand, and the
// matching behind the venue. Tests only.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/gate/emulated_venue.hpp"
#include "connectors/gate/life_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::gate::test {

inline constexpr SessionId kFirst{1}, kSecond{2};

/// `Exchange` and `Rules` are engine/sim's.
template <class Exchange, class Rules>
class Stranger : private SessionOutbox {
  protected:
    static constexpr AccountId kUser{1};
    static constexpr std::string_view kUserText = "10000001";

    void open_venue(std::string market, bool manners = false,
                    std::map<std::string, std::string, std::less<>> settings = {})
    {
        market_ = std::move(market);
        if (exchange_ == nullptr) {
            table_ = std::make_unique<InstrumentTable>(
                std::move(InstrumentTable::build({{{"gate", market_}, {link_of(market_)}}})).take());
            Rules rules;
            if (spot()) rules.fee_taking = decltype(rules.fee_taking)::received;
            exchange_ = std::make_unique<Exchange>(*table_, VenueId{0}, rules);
            exchange_->deposit(kUser, "USDT", *amount_of(Decimal(10'000, 0)));
            if (spot()) exchange_->deposit(kUser, "LINK", *amount_of(Decimal(100, 0)));
        }
        EmulatedVenueSetup setup;
        setup.table = table_.get();
        setup.market = market_;
        setup.definitions = {link_of(market_)};
        setup.exchange = exchange_.get();
        setup.keys = &keys_;
        setup.manners = manners;
        setup.settings = std::move(settings);
        venue_ = make_emulated_venue(setup);
        street(2710, 2720);
    }
    bool spot() const { return market_ == "spot"; }
    const char* prefix() const { return spot() ? "spot" : "futures"; }
    std::string orders_path() const { return spot() ? "/api/v4/spot/orders" : "/api/v4/futures/usdt/orders"; }
    std::string market_name() const
    {
        return spot() ? R"("currency_pair":"LINK_USDT")" : R"("contract":"LINK_USDT")";
    }
    void deliver() { exchange_->deliver(*venue_, now_, *this); }
    void street(std::int64_t bid, std::int64_t ask, std::int64_t size = 500)
    {
        const Level bids[] = {{{bid}, {size}}}, asks[] = {{{ask}, {size}}};
        exchange_->set_street(ListingId{0}, bids, asks, now_);
        deliver();
    }

    SessionOutbox* outbox() { return this; }

    // REST
    std::string sign(const std::string& text, std::size_t key) const
    {
        HmacSha512::Digest digest;
        HmacSha512(bytes_of(keys_[key].secret)).sign(text, digest);
        return hex_lower(digest);
    }
    std::string stamp() const { return fmt::format("{}", now_.ns / seconds(1).ns); }
    ServerRequest bare(std::string method, std::string target, std::string body = "") const
    {
        ServerRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.body = std::move(body);
        request.remote = "127.0.0.1";
        return request;
    }
    ServerRequest signed_by_hand(const std::string& method, const std::string& target,
                                 const std::string& body = "", std::size_t key = 0) const
    {
        ServerRequest request = bare(method, target, body);
        const std::string text = method + "\n" + std::string(request.path()) + "\n" +
                                 std::string(request.query()) + "\n" + hex_lower(sha512(body)) + "\n" +
                                 stamp();
        request.headers = {{"key", keys_[key].key_id}, {"timestamp", stamp()}, {"sign", sign(text, key)}};
        return request;
    }
    /// "200", or the status with the venue's label: "400 BALANCE_NOT_ENOUGH". The body is kept.
    std::string ask(const ServerRequest& request)
    {
        reply_ = venue_->on_request(request, now_, *this);
        deliver();
        const std::string label = at("/label");
        return fmt::format("{}{}{}", reply_.status, label.empty() ? "" : " ", label);
    }
    std::string get(const std::string& target, std::size_t key = 0)
    {
        return ask(signed_by_hand("GET", "/api/v4" + target, "", key));
    }
    /// A member of the last body; empty: it has none.
    std::string at(const std::string& pointer) { return member_at(reply_.body, pointer); }
    std::string member_at(const std::string& text, const std::string& pointer)
    {
        simdjson::dom::element value;
        std::string_view word;
        if (parser_.parse(text).at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
        return value.get(word) == simdjson::SUCCESS ? std::string(word) : simdjson::minify(value);
    }
    /// A limit order: spot "buy 1", contracts "size 10".
    std::string order_body(const std::string& terms) const { return "{" + market_name() + "," + terms + "}"; }
    std::string place(const std::string& terms, std::size_t key = 0)
    {
        const std::string result = ask(signed_by_hand("POST", orders_path(), order_body(terms), key));
        now_ = now_ + milliseconds(110);  // ten a second are allowed
        return result;
    }

    // Websocket
    bool connect(SessionId id, std::string path = "")
    {
        if (path.empty()) path = spot() ? "/ws/v4/" : "/v4/ws/usdt";
        return venue_->on_session(id, bare("GET", path), now_, *this);
    }
    void say(SessionId id, const std::string& text)
    {
        venue_->on_session_frame(id, text, now_, *this);
        deliver();
    }
    /// The last part of a frame: event and payload; with a key it is signed.
    void subscribe(SessionId id, const std::string& topic, const std::string& payload, int key = -1,
                   const std::string& event = "subscribe")
    {
        const std::string channel = fmt::format("{}.{}", prefix(), topic);
        std::string auth;
        if (key >= 0) {
            const auto place = static_cast<std::size_t>(key);
            auth =
                fmt::format(R"(,"auth":{{"method":"api_key","KEY":"{}","SIGN":"{}"}})", keys_[place].key_id,
                            sign(fmt::format("channel={}&event={}&time={}", channel, event, stamp()), place));
        }
        say(id, fmt::format(R"({{"time":{},"id":7,"channel":"{}","event":"{}","payload":[{}]{}}})", stamp(),
                            channel, event, payload, auth));
    }
    void log_on(SessionId id, std::size_t key = 0)
    {
        const std::string channel = fmt::format("{}.login", prefix());
        say(id, fmt::format(R"({{"time":{0},"channel":"{1}","event":"api","payload":{{"req_id":"in",)"
                            R"("api_key":"{2}","signature":"{3}","timestamp":"{0}"}}}})",
                            stamp(), channel, keys_[key].key_id,
                            sign("api\n" + channel + "\n\n" + stamp(), key)));
    }
    void call(SessionId id, const std::string& topic, const std::string& number, const std::string& parameter,
              const std::string& more = "")
    {
        say(id, fmt::format(R"({{"time":{},"channel":"{}.{}","event":"api","payload":{{"req_id":"{}",)"
                            R"("req_param":{}{}}}}})",
                            stamp(), prefix(), topic, number, parameter, more));
        now_ = now_ + milliseconds(110);
    }
    std::size_t heard(SessionId id, std::string_view text)
    {
        std::size_t count = 0;
        for (const std::string& frame : frames_[id]) count += frame.find(text) != std::string::npos ? 1U : 0U;
        return count;
    }
    /// A member of the last frame that holds `text`.
    std::string last(SessionId id, std::string_view text, const std::string& pointer)
    {
        const std::vector<std::string>& all = frames_[id];
        for (auto frame = all.rbegin(); frame != all.rend(); ++frame) {
            if (frame->find(text) != std::string::npos) return member_at(*frame, pointer);
        }
        return "no such frame";
    }

    std::string market_;
    std::unique_ptr<InstrumentTable> table_;
    std::unique_ptr<Exchange> exchange_;
    std::vector<EmulatedKey> keys_ = make_emulated_keys(3, 1);
    std::unique_ptr<EmulatedVenue> venue_;
    Timestamp now_{1'700'000'000'000'000'000};
    ServerReply reply_;
    std::map<SessionId, std::vector<std::string>> frames_;
    std::vector<SessionId> closed_;

  private:
    void send(SessionId session, std::string text) override { frames_[session].push_back(std::move(text)); }
    void close(SessionId session, int, std::string_view) override { closed_.push_back(session); }

    simdjson::dom::parser parser_;
};

}  // namespace arb::gate::test
