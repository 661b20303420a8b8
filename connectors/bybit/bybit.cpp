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
#include "engine/venue/emulated_venue.hpp"

namespace arb::bybit {
namespace {

// "Connect": a ping every 20 s. Each is answered, so a living connection is never silent for much longer.
constexpr Duration kPingEvery = seconds(20);
constexpr Duration kSilenceMax = seconds(45);
// Spot takes at most ten topics in one request, and a connection at most 21,000 characters of topics.
constexpr std::size_t kTopicsPerRequest = 10;
constexpr std::size_t kListingsPerConnection = 200;
constexpr std::size_t kNoPlan = static_cast<std::size_t>(-1);

std::string stream_url(std::string_view market)
{
    return fmt::format("wss://stream.bybit.com/v5/public/{}", market);
}

class BybitVenue final : public Venue {
  public:
    explicit BybitVenue(const VenueSetup& setup)
        : id_(setup.id),
          table_(setup.table),
          depth_(depth_of(setup.depth)),
          url_(stream_url(setup.table->venue(setup.id).market)),
          decoder_(setup.id, *setup.table),
          account_(setup.credentials != nullptr ? std::make_unique<Account>(setup) : nullptr)
    {
    }

    SequenceRule sequence_rule(const Listing&) const override
    {
        return {.kind = SequenceKind::increment, .one_is_restart = true};
    }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        plans_.clear();
        for (Link& link : links_) link.plan = kNoPlan;
        for (const ListingId listing : listings) {
            if (plans_.empty() || plans_.back().listings.size() == kListingsPerConnection) {
                plans_.push_back({url_, {}});
            }
            plans_.back().listings.push_back(listing);
        }
        return plans_;
    }

    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override
    {
        if (account_ && account_->on_open(connection, url, now, sink, outbox)) return;
        Link& link = link_of(connection);
        link.open = true;
        link.heard = now;
        link.ping_due = now + kPingEvery;
        link.plan = choose_plan(link, url);
        outbox.wake_at(id_, link.ping_due);
        if (link.plan == kNoPlan) return;
        std::string topics;
        std::size_t count = 0;
        const auto flush = [&] {
            if (count != 0) send(connection, "subscribe", topics, outbox);
            topics.clear();
            count = 0;
        };
        for (const ListingId listing : plans_[link.plan].listings) {
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
        if (Link* link = find(connection)) link->heard = now;
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
        if (Link* link = find(connection))
            link->open = false;  // the plan stays with it for the next on_open
        else if (account_)
            account_->on_lost_dial(now, outbox);
    }

    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->on_wake(now, sink, outbox);
        for (Link& link : links_) {
            if (!link.open) continue;
            if (now - link.heard >= kSilenceMax) {
                link.open = false;
                outbox.reconnect(link.connection, "nothing heard for 45 s");
                continue;
            }
            if (now >= link.ping_due) {
                outbox.send(link.connection, fmt::format(R"({{"req_id":"{}","op":"ping"}})", ++requests_));
                link.ping_due = now + kPingEvery;
            }
            outbox.wake_at(id_, std::min(link.ping_due, link.heard + kSilenceMax));
        }
    }

    void resync(ListingId listing, Timestamp, Outbox& outbox) override
    {
        for (const Link& link : links_) {
            if (!link.open || link.plan == kNoPlan) continue;
            const std::vector<ListingId>& served = plans_[link.plan].listings;
            if (std::find(served.begin(), served.end(), listing) == served.end()) continue;
            const std::string topic = fmt::format("\"{}\"", book_topic(listing));
            send(link.connection, "unsubscribe", topic, outbox);
            send(link.connection, "subscribe", topic, outbox);
            return;
        }
    }

    TradingFeatures trading_features() const override
    {
        return bybit::trading_features(table_->venue(id_).market == "spot");
    }
    void start_session(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->start(now, sink, outbox);
    }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->send_order(order, now, sink, outbox);
    }
    void amend_order(const OrderReference&, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox) override
    {
        if (account_) account_->amend_order(amend, now, sink, outbox);
    }
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->cancel_order(order, now, sink, outbox);
    }
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override
    {
        if (account_) account_->cancel_all(listings, now, sink, outbox);
    }
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->query_order(order, now, sink, outbox);
    }
    void query_open_orders(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                           Outbox& outbox) override
    {
        query(RequestKind::open_orders, listings, {}, now, sink, outbox);
    }
    void query_fills(std::span<const ListingId> listings, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox& outbox) override
    {
        query(RequestKind::fills, listings, since, now, sink, outbox);
    }
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        query(RequestKind::balances, {}, {}, now, sink, outbox);
    }
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override
    {
        query(RequestKind::fees, listings, {}, now, sink, outbox);
    }
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->query(RequestKind::time, {}, {}, now, sink, outbox);
    }
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_) account_->query(RequestKind::key_info, {}, {}, now, sink, outbox);
    }
    void set_clock_offset(Duration offset) override
    {
        if (account_) account_->set_clock_offset(offset);
    }

  private:
    void query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
               FactSink& sink, Outbox& outbox)
    {
        if (account_) account_->query(kind, listings, since, now, sink, outbox);
    }

    /// One websocket of ours. It keeps its plan over a reconnect.
    struct Link {
        ConnectionId connection{};
        std::size_t plan = kNoPlan;
        bool open = false;
        Timestamp heard;
        Timestamp ping_due;
    };

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

    Link* find(ConnectionId connection)
    {
        for (Link& link : links_) {
            if (link.connection == connection) return &link;
        }
        return nullptr;
    }

    Link& link_of(ConnectionId connection)
    {
        if (Link* link = find(connection)) return *link;
        Link& link = links_.emplace_back();
        link.connection = connection;
        return link;
    }

    /// Its own plan when the connection comes back, else the first one with this url that nobody holds.
    std::size_t choose_plan(const Link& link, std::string_view url) const
    {
        if (link.plan != kNoPlan && plans_[link.plan].url == url) return link.plan;
        for (std::size_t i = 0; i < plans_.size(); ++i) {
            const bool held = std::any_of(links_.begin(), links_.end(), [&](const Link& other) {
                return &other != &link && other.open && other.plan == i;
            });
            if (!held && plans_[i].url == url) return i;
        }
        return kNoPlan;
    }

    VenueId id_;
    const InstrumentTable* table_;
    std::uint32_t depth_;
    std::string url_;
    Decoder decoder_;
    std::unique_ptr<Account> account_;
    std::vector<ConnectionPlan> plans_;
    std::vector<Link> links_;
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
