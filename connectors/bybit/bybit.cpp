#include "connectors/bybit/bybit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/bybit/account.hpp"
#include "connectors/bybit/decoder.hpp"
#include "connectors/bybit/emulated_venue.hpp"
#include "connectors/bybit/emulator.hpp"
#include "connectors/bybit/environments.hpp"
#include "connectors/bybit/instruments.hpp"
#include "connectors/bybit/signed_text.hpp"
#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/trading_venue.hpp"
#include "engine/emulate/emulated_venue.hpp"

namespace arb::bybit {
namespace {

// "Connect": a ping every 20 s. Each is answered, so a living connection is never silent for much longer.
constexpr FeedRules kFeedRules{seconds(45), "nothing heard for 45 s", seconds(20), false};
// Spot takes at most ten topics in one request, and a connection at most 21,000 characters of topics.
constexpr std::size_t kTopicsPerRequest = 10;
constexpr std::size_t kListingsPerConnection = 200;

std::string stream_url(std::string_view market)
{
    return fmt::format("wss://stream.bybit.com/v5/public/{}", market);
}

class BybitVenue final : public TradingVenue<Account> {
  public:
    explicit BybitVenue(const VenueSetup& setup)
        : TradingVenue(setup),
          id_(setup.id),
          table_(setup.table),
          depth_(depth_of(setup.depth)),
          url_(stream_url(setup.table->venue(setup.id).market)),
          decoder_(setup.id, *setup.table),
          feeds_(setup.id, kFeedRules)
    {
        if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
    }

    SequenceRule sequence_rule(const Listing&) const override
    {
        return {.kind = SequenceKind::increment, .one_is_restart = true};
    }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        return feeds_.set_plans(plans_of(url_, listings, kListingsPerConnection));
    }

    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override
    {
        if (account_ && account_->on_open(connection, url, now, sink, outbox)) return;
        const ConnectionPlan* const plan = feeds_.on_open(connection, url, now, outbox).plan;
        if (plan == nullptr) return;
        std::string topics;
        std::size_t count = 0;
        const auto flush = [&] {
            if (count != 0) send(connection, "subscribe", topics, outbox);
            topics.clear();
            count = 0;
        };
        for (const ListingId listing : plan->listings) {
            for (const std::string& topic :
                 {book_topic(listing), "publicTrade." + table_->listing(listing).symbol}) {
                fmt::format_to(std::back_inserter(topics), R"({}"{}")", count == 0 ? "" : ",", topic);
                if (++count == kTopicsPerRequest) flush();
            }
        }
        flush();
    }

    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override
    {
        if (account_ && account_->on_frame(connection, frame, now, sink, outbox)) return;
        feeds_.heard(connection, now);
        decoder_.decode(connection, frame, now, sink);
    }

    // Books come by websocket alone; instrument replies are read before the start.
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->on_http(reply, now, sink, outbox);
    }

    void on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ && account_->on_close(connection, now, sink, outbox)) return;
        const bool lost_dial = !feeds_.on_close(connection).is_ours;
        if (lost_dial && account_) account_->on_lost_dial(now, outbox);
    }

    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->on_wake(now, sink, outbox);
        for (const ConnectionId connection : feeds_.on_wake(now, outbox))
            outbox.send(connection, fmt::format(R"({{"req_id":"{}","op":"ping"}})", ++requests_));
    }

    void resync(ListingId listing, Timestamp, Outbox& outbox) override
    {
        const std::optional<ConnectionId> connection = feeds_.serving(listing);
        if (!connection) return;
        const std::string topic = fmt::format("\"{}\"", book_topic(listing));
        send(*connection, "unsubscribe", topic, outbox);
        send(*connection, "subscribe", topic, outbox);
    }

    TradingFeatures trading_features() const override
    {
        return bybit::trading_features(table_->venue(id_).market == "spot");
    }

  private:
    // 1 level every 10 ms, 50 every 20 ms, 200 every 100 ms, 1000 every 200 ms.
    static std::uint32_t depth_of(std::uint32_t wanted)
    {
        if (wanted == 0) return 50;
        for (const std::uint32_t depth : {1U, 50U, 200U}) {
            if (wanted <= depth) return depth;
        }
        return 1000;
    }

    std::string book_topic(ListingId listing) const
    {
        return fmt::format("orderbook.{}.{}", depth_, table_->listing(listing).symbol);
    }

    void send(ConnectionId connection, std::string_view operation, std::string_view topics, Outbox& outbox)
    {
        outbox.send(connection, fmt::format(R"({{"req_id":"{}","op":"{}","args":[{}]}})", ++requests_,
                                            operation, topics));
    }

    VenueId id_;
    const InstrumentTable* table_;
    std::uint32_t depth_;
    std::string url_;
    Decoder decoder_;
    FeedSockets feeds_;
    std::uint64_t requests_ = 0;
};

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType{
        .exchange = "bybit",
        .markets = {"linear", "spot"},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<BybitVenue>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = stream_url,
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .make_emulator = make_emulator,
        .hosts = [](std::string_view) -> std::vector<std::string_view> {
            return {"api.bybit.com", "stream.bybit.com"};
        },
        .instrument_urls = [](std::string_view market) -> std::vector<std::string> {
            // A page holds a thousand; contracts may be more (spot has one page).
            return {fmt::format("{}/v5/market/instruments-info?category={}&limit=1000", kRestBase, market)};
        },
        .environments = environments,
        .next_instrument_url = next_instrument_url,
        .make_signer = make_signer,
        .read_signed_text = read_signed_text,
        .key_page = "https://www.bybit.com/app/user/api-management",
        .fees_from_received = true,
        .replay_algorithm = KeyAlgorithm::hmac_sha256,
        .make_emulated_venue = make_emulated_venue,
        .make_emulated_keys = make_emulated_keys,
        .tardis_names = {{"bybit", "linear"}, {"bybit-spot", "spot"}},
    };
    return kType;
}

}  // namespace arb::bybit
