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

namespace arb::okx {
namespace {

constexpr std::string_view kRestHost = "www.okx.com";
constexpr std::string_view kSocketHost = "ws.okx.com";
// Without a port: 8443 is refused since 2026-10-31.
constexpr std::string_view kStreamUrl = "wss://ws.okx.com/ws/v5/public";
// "Connection": data must flow within 30 s; ask with a text ping before that, expect the text pong.
constexpr Duration kPingAfter = seconds(20);
constexpr Duration kSilenceMax = seconds(30);
// Fewer than 30 book channels a connection are advised.
constexpr std::size_t kListingsPerConnection = 25;
/// Markets of listings and the names that OKX has for them.
constexpr std::pair<std::string_view, std::string_view> kInstrumentKinds[] = {
    {"spot", "SPOT"}, {"swap", "SWAP"}, {"futures", "FUTURES"}};
constexpr std::size_t kNoPlan = static_cast<std::size_t>(-1);

class OkxVenue final : public Venue {
  public:
    explicit OkxVenue(const VenueSetup& setup)
        : id_(setup.id),
          table_(setup.table),
          channel_(channel_of(setup.depth)),
          decoder_(setup.id, *setup.table),
          start_(setup.id, *setup.table)
    {
        if (setup.credentials != nullptr) account_ = std::make_unique<Account>(setup);
    }

    SequenceRule sequence_rule(const Listing&) const override
    {
        return {.kind = SequenceKind::chained, .checksum = ChecksumKind::okx};
    }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        plans_.clear();
        for (Link& link : links_) link.plan = kNoPlan;
        for (const ListingId listing : listings) {
            if (plans_.empty() || plans_.back().listings.size() == kListingsPerConnection) {
                plans_.push_back({std::string(kStreamUrl), {}});
            }
            plans_.back().listings.push_back(listing);
        }
        return plans_;
    }

    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                 Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_open(connection, url, now, sink, outbox)) return;
        Link& link = link_of(connection);
        link.open = true;
        link.heard = now;
        link.pinged = false;
        link.plan = choose_plan(link, url);
        outbox.wake_at(id_, now + kPingAfter);
        if (link.plan == kNoPlan) return;
        std::string args;
        for (const ListingId listing : plans_[link.plan].listings) {
            if (channel_ == kBooks) start_.expect(listing);
            const std::string& symbol = table_->listing(listing).symbol;
            fmt::format_to(std::back_inserter(args), R"({}{{"channel":"{}","instId":"{}"}},)",
                           args.empty() ? "" : ",", channel_, symbol);
            fmt::format_to(std::back_inserter(args), R"({{"channel":"trades","instId":"{}"}})", symbol);
        }
        outbox.send(connection, fmt::format(R"({{"op":"subscribe","args":[{}]}})", args));
        if (link.plan != 0) return;
        decoder_.forget_states(sink);
        subscribe_states(connection, outbox);
    }

    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                  Outbox& outbox) override
    {
        if (account_ != nullptr && account_->on_frame(connection, frame, now, sink, outbox)) return;
        Link* link = find(connection);
        if (link != nullptr) {
            link->heard = now;
            link->pinged = false;
        }
        FactSink& facts = start_.idle() ? sink : start_.between(sink, outbox, now, false);
        if (decoder_.decode(connection, frame, now, facts) && link != nullptr && link->open) {
            // "notice" 64008 comes 60 s before the upgrade of the server behind this connection.
            link->open = false;
            outbox.reconnect(connection, "the venue announces that it closes the connection");
        }
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
        if (Link* link = find(connection)) {
            link->open = false;  // the plan stays with it for the next on_open
            if (link->plan == kNoPlan) return;
            for (const ListingId listing : plans_[link->plan].listings) start_.forget(listing);
        } else if (account_ != nullptr) {
            account_->on_lost_dial(outbox);
        }
    }

    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->on_wake(now, sink, outbox);
        if (!start_.idle()) start_.on_wake(now, outbox);
        for (Link& link : links_) {
            if (!link.open) continue;
            if (now - link.heard >= kSilenceMax) {
                link.open = false;
                outbox.reconnect(link.connection, "nothing heard for 30 s");
                continue;
            }
            if (now - link.heard >= kPingAfter && !link.pinged) {
                link.pinged = true;
                outbox.send(link.connection, "ping");
            }
            outbox.wake_at(id_, link.heard + (link.pinged ? kSilenceMax : kPingAfter));
        }
    }

    void resync(ListingId listing, Timestamp, Outbox& outbox) override
    {
        for (const Link& link : links_) {
            if (!link.open || link.plan == kNoPlan) continue;
            const std::vector<ListingId>& served = plans_[link.plan].listings;
            if (std::find(served.begin(), served.end(), listing) == served.end()) continue;
            const std::string& symbol = table_->listing(listing).symbol;
            if (channel_ == kBooks) start_.expect(listing);
            for (const std::string_view op : {"unsubscribe", "subscribe"}) {
                outbox.send(link.connection,
                            fmt::format(R"({{"op":"{}","args":[{{"channel":"{}","instId":"{}"}}]}})", op,
                                        channel_, symbol));
            }
            return;
        }
    }

    TradingFeatures trading_features() const override { return okx::trading_features(); }
    void start_session(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->start(now, sink, outbox);
    }
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->send_order(order, now, sink, outbox);
    }
    void amend_order(const OrderReference&, const ApprovedAmend& amend, Timestamp now, FactSink& sink,
                     Outbox& outbox) override
    {
        if (account_ != nullptr) account_->amend_order(amend, now, sink, outbox);
    }
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->cancel_order(order, now, sink, outbox);
    }
    void cancel_all(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override
    {
        if (account_ != nullptr) account_->cancel_all(listings, now, sink, outbox);
    }
    void query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query_order(order, now, sink, outbox);
    }
    void query_open_orders(std::span<const ListingId>, Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query(RequestKind::open_orders, now, sink, outbox);
    }
    void query_fills(std::span<const ListingId>, Timestamp since, Timestamp now, FactSink& sink,
                     Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query_fills(since, now, sink, outbox);
    }
    void query_balances(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query(RequestKind::balances, now, sink, outbox);
    }
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink,
                    Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query_fees(listings, now, sink, outbox);
    }
    void query_time(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query(RequestKind::time, now, sink, outbox);
    }
    void query_key(Timestamp now, FactSink& sink, Outbox& outbox) override
    {
        if (account_ != nullptr) account_->query(RequestKind::key_info, now, sink, outbox);
    }
    void set_clock_offset(Duration offset) override
    {
        if (account_ != nullptr) account_->set_clock_offset(offset);
    }

  private:
    static constexpr std::string_view kBooksPath = "/api/v5/market/books";
    static constexpr std::string_view kBooks = "books";

    /// One websocket of ours. It keeps its plan over a reconnect.
    struct Link {
        ConnectionId connection{};
        std::size_t plan = kNoPlan;
        bool open = false;
        bool pinged = false;
        Timestamp heard;
    };

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
            const bool any =
                std::any_of(plans_.begin(), plans_.end(), [&, market = market](const ConnectionPlan& plan) {
                    return std::any_of(plan.listings.begin(), plan.listings.end(),
                                       [&](ListingId id) { return table_->listing(id).market == market; });
                });
            if (any) args += fmt::format(R"(,{{"channel":"instruments","instType":"{}"}})", kind);
        }
        outbox.send(connection, fmt::format(R"({{"op":"subscribe","args":[{}]}})", args));
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
    std::string_view channel_;
    Decoder decoder_;
    BookStart start_;
    std::vector<ConnectionPlan> plans_;
    std::vector<Link> links_;
    std::unique_ptr<Account> account_;
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
