#include "connectors/okx/okx.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/account.hpp"
#include "connectors/okx/book_start.hpp"
#include "connectors/okx/decoder.hpp"
#include "connectors/okx/emulated_venue.hpp"
#include "connectors/okx/emulator.hpp"
#include "connectors/okx/environments.hpp"
#include "connectors/okx/instruments.hpp"
#include "connectors/okx/signed_text.hpp"
#include "connectors/okx/signer.hpp"
#include "engine/connect/feed_sockets.hpp"
#include "engine/connect/trading_venue.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kRestHost = "www.okx.com";
constexpr std::string_view kSocketHost = "ws.okx.com";
// Without a port: 8443 is refused since 2026-10-31.
constexpr std::string_view kStreamUrl = "wss://ws.okx.com/ws/v5/public";
// "Connection": data must flow within 30 s; ask with a text ping before that, expect the text pong.
constexpr FeedRules kFeedRules{seconds(30), "nothing heard for 30 s", seconds(20), true};
// Fewer than 30 book channels a connection are advised.
constexpr std::size_t kListingsPerConnection = 25;
/// Markets of listings and the names that OKX has for them.
constexpr std::pair<std::string_view, std::string_view> kInstrumentKinds[] = {
    {"spot", "SPOT"}, {"swap", "SWAP"}, {"futures", "FUTURES"}};

class OkxVenue final : public TradingVenue<Account> {
  public:
    explicit OkxVenue(const VenueSetup& setup)
        : TradingVenue(setup),
          table_(setup.table),
          channel_(channel_of(setup.depth)),
          decoder_(setup.id, *setup.table),
          start_(setup.id, *setup.table),
          feeds_(setup.id, kFeedRules)
    {
        if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
    }

    SequenceRule sequence_rule(const Listing&) const override
    {
        return {.kind = SequenceKind::chained, .checksum = ChecksumKind::okx};
    }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        return feeds_.set_plans(plans_of(kStreamUrl, listings, kListingsPerConnection));
    }

    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_open(connection, url, now, sink, outbox)) return;
        const FeedSockets::Socket socket = feeds_.on_open(connection, url, now, outbox);
        if (socket.plan == nullptr) return;
        std::string args;
        for (const ListingId listing : socket.plan->listings) {
            if (channel_ == kBooks) start_.expect(listing);
            const std::string& symbol = table_->listing(listing).symbol;
            fmt::format_to(std::back_inserter(args), R"({}{{"channel":"{}","instId":"{}"}},)",
                           args.empty() ? "" : ",", channel_, symbol);
            fmt::format_to(std::back_inserter(args), R"({{"channel":"trades","instId":"{}"}})", symbol);
        }
        outbox.send(connection, fmt::format(R"({{"op":"subscribe","args":[{}]}})", args));
        if (!socket.is_first) return;
        decoder_.forget_states(sink);
        subscribe_states(connection, outbox);
    }

    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_frame(connection, frame, now, sink, outbox)) return;
        feeds_.heard(connection, now);
        FactSink& facts = start_.idle() ? sink : start_.between(sink, outbox, now, false);
        // "notice" 64008 comes 60 s before the upgrade of the server behind this connection.
        if (decoder_.decode(connection, frame, now, facts))
            feeds_.leave(connection, "the venue announces that it closes the connection", outbox);
    }

    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_http(reply, now, sink, outbox)) return;
        const std::string_view path = reply.url.substr(0, reply.url.find('?'));
        if (path.size() < kBooksPath.size() || path.substr(path.size() - kBooksPath.size()) != kBooksPath)
            return;
        if (reply.status >= 400) {
            sink.on_undecoded(
                {UndecodedReason::venue_error, kNoListing, {}, reply.body.view().substr(0, 200)});
            return;
        }
        FactSink& facts = start_.idle() ? sink : start_.between(sink, outbox, now, true);
        decoder_.decode_book_reply(query_value(reply.url, "instId"), reply.body, now, facts);
    }

    void on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_close(connection, now, sink, outbox)) return;
        const FeedSockets::Socket socket = feeds_.on_close(connection);
        if (!socket.is_ours && account_ != nullptr) account_->on_lost_dial(now, outbox);
        if (socket.plan == nullptr) return;
        for (const ListingId listing : socket.plan->listings) start_.forget(listing);
    }

    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->on_wake(now, sink, outbox);
        if (!start_.idle()) start_.on_wake(now, outbox);
        for (const ConnectionId connection : feeds_.on_wake(now, outbox)) outbox.send(connection, "ping");
    }

    void resync(ListingId listing, Timestamp, Outbox& outbox) override
    {
        const std::optional<ConnectionId> connection = feeds_.serving(listing);
        if (!connection) return;
        if (channel_ == kBooks) start_.expect(listing);
        for (const std::string_view op : {"unsubscribe", "subscribe"}) {
            outbox.send(*connection, fmt::format(R"({{"op":"{}","args":[{{"channel":"{}","instId":"{}"}}]}})",
                                                 op, channel_, table_->listing(listing).symbol));
        }
    }

    TradingFeatures trading_features() const override { return okx::trading_features(); }

  private:
    static constexpr std::string_view kBooksPath = "/api/v5/market/books";
    static constexpr std::string_view kBooks = "books";

    // bbo-tbt is one level every 10 ms, books5 five levels, books 400 levels with deltas every 100 ms. The
    // faster tick-by-tick books need a login and a high fee tier.
    static std::string_view channel_of(std::uint32_t depth)
    {
        if (depth == 1) return "bbo-tbt";
        return depth != 0 && depth <= 5 ? "books5" : kBooks;
    }

    /// Whether instruments and the service trade is told by kind of instrument, each list with all of them:
    /// one connection hears it for all.
    void subscribe_states(ConnectionId connection, Outbox& outbox) const
    {
        std::string args = R"({"channel":"status"})";
        for (const auto& [market, kind] : kInstrumentKinds) {
            const bool any = std::any_of(
                feeds_.plans().begin(), feeds_.plans().end(),
                [&, market = market](const ConnectionPlan& plan) {
                    return std::any_of(plan.listings.begin(), plan.listings.end(),
                                       [&](ListingId id) { return table_->listing(id).market == market; });
                });
            if (any) args += fmt::format(R"(,{{"channel":"instruments","instType":"{}"}})", kind);
        }
        outbox.send(connection, fmt::format(R"({{"op":"subscribe","args":[{}]}})", args));
    }

    const InstrumentTable* table_;
    std::string_view channel_;
    Decoder decoder_;
    BookStart start_;
    FeedSockets feeds_;
};

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType{
        .exchange = "okx",
        .markets = {""},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<OkxVenue>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = [](std::string_view) { return std::string(kStreamUrl); },
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .make_emulator = make_emulator,
        .hosts = [](std::string_view) -> std::vector<std::string_view> {
            return {kRestHost, kSocketHost};
        },
        .instrument_urls = [](std::string_view) -> std::vector<std::string> {
            return {"https://www.okx.com/api/v5/public/instruments?instType=SPOT",
                    "https://www.okx.com/api/v5/public/instruments?instType=SWAP"};
        },
        .environments = environments,
        .make_signer = make_signer,
        .read_signed_text = read_signed_text,
        .key_page = "https://www.okx.com/account/my-api",
        .needs_passphrase = true,
        .fees_from_received = true,
        .replay_algorithm = KeyAlgorithm::hmac_sha256,
        .make_emulated_venue = make_emulated_venue,
        .make_emulated_keys = make_emulated_keys,
        .tardis_names = {{"okex", ""}, {"okex-swap", ""}, {"okex-futures", ""}},
    };
    return kType;
}

}  // namespace arb::okx
