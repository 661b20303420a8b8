#pragma once
// The emulated venue as a stranger's client meets it: raw requests, signed by hand, and what the venue sent
// on its own. For the tests of this folder; one thread.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "connectors/binance/life_support.hpp"
#include "engine/emulate/emulated_venue.hpp"
#include "engine/venue/crypto.hpp"
#include "engine/venue/encoding.hpp"

namespace arb::binance::test {

template <class Exchange, class Rules>
class RawClient : public SessionOutbox {
  protected:
    /// A venue with one listing, 1,000 USDT, and 100 at 27.10 and at 27.20.
    void begin(std::string_view market, Timestamp now)
    {
        market_ = market;
        now_ = now;
        definitions_ = {link_listing(market)};
        table_ = InstrumentTable::build({{{"binance", market_}, definitions_}}).value();
        keys_ = type().make_emulated_keys(3, 1);
        exchange_ = std::make_unique<Exchange>(table_, VenueId{0}, Rules{});
        exchange_->deposit(AccountId{1}, "USDT", *amount_rounded_down("1000"));
        EmulatedVenueSetup setup;
        setup.table = &table_;
        setup.market = market_;
        setup.definitions = definitions_;
        setup.exchange = exchange_.get();
        setup.keys = &keys_;
        venue_ = type().make_emulated_venue(setup);
        const Level bids[] = {{{2'710}, {1'000}}};
        const Level asks[] = {{{2'720}, {1'000}}};
        exchange_->set_street(ListingId{0}, bids, asks, now_);
        exchange_->deliver(*venue_, now_, *this);
    }
    void send(SessionId, std::string text) override { said_.push_back(std::move(text)); }
    void close(SessionId, int code, std::string_view) override { closed_ = code; }
    bool spot() const { return market_ == "spot"; }
    std::string base() const { return spot() ? "/api/v3" : "/fapi/v1"; }
    std::int64_t ms() const { return now_.ns / 1'000'000; }

    ServerReply ask(std::string method, std::string target, std::string_view key = {}, std::string body = {})
    {
        ServerRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.body = std::move(body);
        request.remote = "127.0.0.1";
        if (!key.empty()) request.headers.emplace_back("x-mbx-apikey", key);
        return venue_->on_request(request, now_, *this);
    }
    std::string signature(std::string_view payload, const EmulatedKey& key) const
    {
        HmacSha256::Digest digest;
        HmacSha256(bytes_of(key.secret)).sign(payload, digest);
        return hex_lower(digest);
    }
    /// Parameters in the body, as some clients send them.
    ServerReply order(std::string fields, const char* method = "POST", std::size_t key = 0)
    {
        fields += fmt::format("&symbol=LINKUSDT&timestamp={}", ms());
        return ask(method, base() + "/order", keys_[key].key_id,
                   fields + "&signature=" + signature(fields, keys_[key]));
    }
    /// A signed call of any path, parameters in the query.
    ServerReply call(const char* method, const std::string& path, std::string fields = {},
                     std::size_t key = 0)
    {
        fields += fmt::format("{}timestamp={}", fields.empty() ? "" : "&", ms());
        return ask(method, path + "?" + fields + "&signature=" + signature(fields, keys_[key]),
                   keys_[key].key_id);
    }
    /// A websocket at that path.
    bool open_session(std::uint64_t id, std::string path)
    {
        ServerRequest upgrade;
        upgrade.method = "GET";
        upgrade.target = std::move(path);
        upgrade.remote = "127.0.0.1";
        return venue_->on_session(SessionId{id}, upgrade, now_, *this);
    }
    /// What the venue says to a frame, the last text; empty: nothing.
    std::string say(std::uint64_t id, const std::string& frame)
    {
        said_.clear();
        venue_->on_session_frame(SessionId{id}, frame, now_, *this);
        return said_.empty() ? std::string() : said_.back();
    }
    static std::string header(const ServerReply& reply, std::string_view name)
    {
        for (const auto& [key, value] : reply.headers) {
            if (key == name) return value;
        }
        return {};
    }
    /// It is a refusal of that code.
    static bool has_code(const ServerReply& reply, int code)
    {
        return reply.status != 200 && reply.body.starts_with(fmt::format("{{\"code\":{},", code));
    }

    std::string market_;
    std::vector<ListingDefinition> definitions_;
    InstrumentTable table_;
    std::vector<EmulatedKey> keys_;
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<EmulatedVenue> venue_;
    std::vector<std::string> said_;
    int closed_ = 0;
    Timestamp now_;
};

}  // namespace arb::binance::test
