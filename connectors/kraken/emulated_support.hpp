#pragma once
// A stranger at the emulated venue: a client that knows nothing of the connector and signs by hand, and the
// matching behind the venue. Tests only.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "connectors/kraken/emulated_venue.hpp"
#include "connectors/kraken/life_support.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::kraken::test {

inline constexpr SessionId kOne{1}, kTwo{2};
inline constexpr const char* kForm = "application/x-www-form-urlencoded";
inline constexpr const char* kJson = "application/json";

/// `Exchange` and `Rules` are engine/sim's.
template <class Exchange, class Rules>
class Stranger : private SessionOutbox {
  protected:
    static constexpr AccountId kUser{1};

    explicit Stranger(std::map<std::string, std::string, std::less<>> settings = {})
        : table_(std::move(InstrumentTable::build({{{"kraken", "spot"}, {link_definition()}}})).take()),
          exchange_(table_, VenueId{0}, Rules{})
    {
        exchange_.deposit(kUser, "USDT", *amount_of(Decimal(100'000, 0)));
        exchange_.deposit(kUser, "LINK", *amount_of(Decimal(1'000, 0)));
        EmulatedVenueSetup setup;
        setup.table = &table_;
        setup.market = "spot";
        setup.definitions = {link_definition()};
        setup.exchange = &exchange_;
        setup.keys = &keys_;
        setup.settings = std::move(settings);
        venue_ = make_emulated_venue(setup);
        street(30);
    }
    /// So many levels a side, one tick apart, 5.0 each; the best at 27.10 and 27.20 and that much higher.
    void street(int levels, std::int64_t up = 0)
    {
        std::vector<Level> bids, asks;
        for (std::int64_t i = 0; i < levels; ++i) {
            bids.push_back({{2710 + up - i}, {50}});
            asks.push_back({{2720 + up + i}, {50}});
        }
        exchange_.set_street(ListingId{0}, bids, asks, now_);
        exchange_.deliver(*venue_, now_, *this);
    }
    /// A trade among others.
    void trade(std::int64_t price, std::int64_t quantity, Side side = Side::buy)
    {
        venue_->on_public_trade({ListingId{0}, {price}, {quantity}, side, now_, {}}, now_, *this);
    }
    std::string get(const std::string& target)
    {
        ServerRequest request;
        request.method = "GET";
        request.target = "/0/public/" + target;
        return venue_->on_request(request, now_, *this).body;
    }
    /// `body` follows the nonce: "pair=.." or, as JSON, "\"pair\":..".
    std::string post(const std::string& name, const std::string& body, const char* kind = kForm)
    {
        const std::string nonce = std::to_string(++nonce_);
        ServerRequest request;
        request.method = "POST";
        request.target = "/0/private/" + name;
        if (kind == kForm)
            request.body = "nonce=" + nonce + (body.empty() ? "" : "&" + body);
        else
            request.body = "{\"nonce\":" + nonce + (body.empty() ? "" : "," + body) + "}";
        const Digest256 digest = sha256({nonce, request.body});
        HmacSha512::Digest signature;
        const std::string secret = base64_decode(keys_[0].secret).value_or("");
        HmacSha512(bytes_of(secret)).sign({request.target, text_of(digest)}, signature);
        request.headers = {
            {"API-Key", keys_[0].key_id}, {"API-Sign", base64(signature)}, {"Content-Type", kind}};
        request.remote = "127.0.0.1";
        const std::string text = venue_->on_request(request, now_, *this).body;
        exchange_.deliver(*venue_, now_, *this);
        return text;
    }
    std::string place(const std::string& terms)
    {
        return post("AddOrder", "pair=LINKUSDT&type=buy&" + terms);
    }
    void open(SessionId id, const std::string& path = "/v2")
    {
        ServerRequest request;
        request.method = "GET";
        request.target = path;
        ASSERT_TRUE(venue_->on_session(id, request, now_, *this));
        frames_[id].clear();
    }
    void say(SessionId id, const std::string& text)
    {
        venue_->on_session_frame(id, text, now_, *this);
        exchange_.deliver(*venue_, now_, *this);
    }
    /// A request with a token; `params` without braces. The answer, without its times.
    std::string ask(SessionId id, const std::string& method, const std::string& params)
    {
        if (token_.empty()) {
            const std::string reply = post("GetWebSocketsToken", "");
            const std::size_t begin = reply.find("\"token\":\"") + 9;
            token_ = reply.substr(begin, reply.find('"', begin) - begin);
        }
        frames_[id].clear();
        say(id, fmt::format(R"({{"method":"{}","params":{{{},"token":"{}"}},"req_id":9}})", method, params,
                            token_));
        const std::string answer = frames_[id].empty() ? "" : frames_[id].front();
        return answer.substr(0, answer.find(",\"req_id\""));
    }
    SessionOutbox* outbox() { return this; }
    std::vector<std::string> taken(SessionId id) { return std::exchange(frames_[id], {}); }
    std::size_t open_orders() const { return exchange_.orders(kUser, kNoListing, true).size(); }

    InstrumentTable table_;
    Exchange exchange_;
    std::vector<EmulatedKey> keys_ = make_emulated_keys(3, 1);
    std::unique_ptr<EmulatedVenue> venue_;
    Timestamp now_{1'700'000'000'000'000'000};
    std::map<SessionId, std::vector<std::string>> frames_;

  private:
    void send(SessionId session, std::string text) override { frames_[session].push_back(std::move(text)); }
    void close(SessionId, int, std::string_view) override {}

    std::uint64_t nonce_ = 1'700'000'000'000;
    std::string token_;
};

}  // namespace arb::kraken::test
