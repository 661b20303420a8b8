#include "connectors/gate/gate.hpp"

#include <fmt/format.h>

#include "connectors/gate/account.hpp"
#include "connectors/gate/emulated_venue.hpp"
#include "connectors/gate/emulator.hpp"
#include "connectors/gate/environments.hpp"
#include "connectors/gate/instruments.hpp"
#include "connectors/gate/signed_text.hpp"
#include "connectors/gate/signer.hpp"
#include "connectors/gate/subscriptions.hpp"
#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/trading_venue.hpp"

namespace arb::gate {
namespace {

// A ping every 15 s, which is answered: a living connection is never silent for much longer.
constexpr FeedRules kFeedRules{seconds(45), "nothing heard for 45 s", seconds(15), false};
constexpr std::size_t kListingsPerConnection = 100;

class GateVenue final : public TradingVenue<Account> {
  public:
    explicit GateVenue(const VenueSetup& setup)
        : TradingVenue(setup),
          words_(&words_of(setup)),
          url_(gate::stream_url(setup.table->venue(setup.id).market)),
          decoder_(setup.id, *setup.table),
          subscriptions_(setup.id, *setup.table, setup.depth),
          feeds_(setup.id, kFeedRules)
    {
        if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
    }

    // A change tells its numbers U to u, and U must be the one behind the last applied: the same as a link to
    // U - 1.
    SequenceRule sequence_rule(const Listing&) const override { return {.kind = SequenceKind::chained}; }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        return feeds_.set_plans(plans_of(url_, listings, kListingsPerConnection));
    }

    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override
    {
        if (account_ && account_->on_open(connection, url, now, sink, outbox)) return;
        const ConnectionPlan* const plan = feeds_.on_open(connection, url, now, outbox).plan;
        if (plan != nullptr) subscriptions_.subscribe(connection, plan->listings, now, outbox);
    }

    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override
    {
        if (account_ && account_->on_frame(connection, frame, now, sink, outbox)) return;
        feeds_.heard(connection, now);
        const Decoder::News news = decoder_.decode(connection, frame, now, sink);
        if (news == Decoder::News::upgrade)
            feeds_.leave(connection, "the venue announces that it closes the connection", outbox);
        else if (news == Decoder::News::refused && feeds_.plan_of(connection) != nullptr)
            subscriptions_.on_refused(connection, decoder_.refusal(), now, outbox);
    }

    // Books come by websocket alone; instrument replies are read before the start.
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->on_http(reply, now, sink, outbox);
    }

    void on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ && account_->on_close(connection, now, sink, outbox)) return;
        const bool feed = feeds_.on_close(connection).is_ours;
        if (account_ && !feed) account_->on_lost_dial(now, outbox);
        subscriptions_.on_close(connection);
    }

    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->on_wake(now, sink, outbox);
        subscriptions_.on_wake(now, outbox);
        for (const ConnectionId connection : feeds_.on_wake(now, outbox))
            subscriptions_.ping(connection, now, outbox);
    }

    void resync(ListingId listing, Timestamp now, Outbox& outbox) override
    {
        const std::optional<ConnectionId> connection = feeds_.serving(listing);
        if (connection) subscriptions_.renew_book(*connection, listing, now, outbox);
    }

    TradingFeatures trading_features() const override { return gate::trading_features(*words_); }

  private:
    const MarketNames* words_;
    std::string url_;
    Decoder decoder_;
    Subscriptions subscriptions_;
    FeedSockets feeds_;
};

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType{
        .exchange = "gate",
        .markets = {"spot", "usdt"},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<GateVenue>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = stream_url,
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .make_emulator = make_emulator,
        .hosts = [](std::string_view market) -> std::vector<std::string_view> {
            if (market == "spot") return {"api.gateio.ws"};
            return {"api.gateio.ws", "fx-ws.gateio.ws"};
        },
        .instrument_urls = [](std::string_view market) -> std::vector<std::string> {
            return {fmt::format("{}{}", kRestUrl,
                                market == "spot" ? "/spot/currency_pairs" : "/futures/usdt/contracts")};
        },
        .environments = environments,
        // Without it the sizes of contracts are whole numbers, rounded down.
        .dial_headers = [](std::string_view market) -> std::vector<HttpHeader> {
            if (market == "spot") return {};
            return {{"X-Gate-Size-Decimal", "1"}};
        },
        .make_signer = make_signer,
        .read_signed_text = read_signed_text,
        .key_page = "https://www.gate.com/myaccount/api_key_manage",
        .fees_from_received = true,
        .contract_markets = {"usdt"},
        .replay_algorithm = KeyAlgorithm::hmac_sha512,
        .make_emulated_venue = make_emulated_venue,
        .make_emulated_keys = make_emulated_keys,
    };
    return kType;
}

}  // namespace arb::gate
