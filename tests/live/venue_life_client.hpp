#pragma once
// A connector of ours on real TLS sockets, turned by a test: what LiveDriver does for one venue, without the
// engine above it, so that a test sends single orders and looks at the facts one by one. Its clock may be
// moved on, so that deadlines of seconds take no time. Books are judged by the real Markets. Tests only, one
// thread; a test's mistake stops it with an ENSURE.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/emulate/emulated_venue.hpp"
#include "engine/live/clock.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "engine/net/client.hpp"
#include "engine/venue/venue.hpp"
#include "tests/live/venue_life_facts.hpp"

namespace arb::test {

/// The wall clock, moved on by hand, or held still.
class LifeClock {
  public:
    Timestamp now() const { return held.known() ? held : real.now() + skipped; }
    LiveClock real;
    Duration skipped;
    Timestamp held;  ///< unknown: time passes
};

class LifeClient final : public LifeFacts, public Outbox, private net::ClientHandler {
  public:
    struct Setup {
        const ConnectorType* type = nullptr;
        std::string market;
        std::vector<ListingDefinition> definitions;
        const EmulatedKey* key = nullptr;  ///< null: market data only
        std::string ca_file;
        std::string endpoint;  ///< host:port
    };
    LifeClient(net::Loop& loop, const LifeClock& clock, Setup setup)
        : table(std::move(InstrumentTable::build(
                              {{{std::string(setup.type->exchange), setup.market}, setup.definitions}}))
                    .take()),
          clock_(&clock),
          client_(loop, net::TlsTrust{setup.ca_file}, *this)
    {
        for (const std::string_view host : setup.type->hosts(setup.market)) way_.hosts.emplace_back(host);
        way_.endpoint = setup.endpoint;
        if (setup.type->dial_headers != nullptr) {
            for (const HttpHeader& header : setup.type->dial_headers(setup.market))
                dial_headers_.push_back({header.name, header.value});
        }
        VenueSetup venue_setup;
        venue_setup.table = &table;
        if (setup.key != nullptr) {
            std::string secret = setup.key->secret;
            std::string passphrase = setup.key->passphrase;
            credentials_.label = setup.key->label;
            credentials_.key_id = setup.key->key_id;
            credentials_.passphrase = Secret::take(passphrase);
            credentials_.signer = std::move(setup.type->make_signer(Secret::take(secret))).take();
            venue_setup.credentials = &credentials_;
        }
        venue_ = setup.type->make(venue_setup);
        std::vector<SequenceRule> rules;
        for (const Listing& listing : table.listings()) rules.push_back(venue_->sequence_rule(listing));
        books_ = books_of(table, rules);
        // Ids differ from run to run, as they do in a real one.
        gate_ = std::make_unique<LifeGate>(table,
                                           static_cast<std::uint32_t>(clock.real.now().ns / seconds(1).ns));
    }

    Venue& venue() { return *venue_; }
    Timestamp now() const { return clock_->now() + ahead; }
    /// Our clock against the venue's.
    Duration ahead;
    /// As the engine: every answer about the venue's time corrects what is signed.
    bool follow_clock = true;
    /// Messages beyond this end their connection.
    net::Limits limits;

    std::vector<ListingId> listings() const
    {
        std::vector<ListingId> ids;
        for (const Listing& listing : table.listings()) ids.push_back(listing.id);
        return ids;
    }
    void start(bool trading = true)
    {
        for (const ConnectionPlan& plan : venue_->plan(listings())) add_link(plan.url, true);
        if (trading) venue_->start_session(now(), *this, *this);
    }
    /// Everything that is due.
    void turn()
    {
        work_off_wishes();
        const Timestamp time = clock_->real.now();
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (links_[i].gone || !links_[i].due.known() || links_[i].due > time) continue;
            links_[i].due = {};
            const bool blocked = private_links_blocked && !links_[i].is_public;
            links_[i].id = client_.open(
                blocked ? "wss://127.0.0.1:1/" : target(links_[i].url.substr(0, links_[i].url.find('#'))),
                dial_headers_, limits);
        }
        if (wake_.known() && wake_ <= now()) {
            wake_ = {};
            venue_->on_wake(now(), *this, *this);
        }
        books_->take_resyncs(now(), [&](ListingId id) { venue_->resync(id, now(), *this); });
        books_->clear_changed();
        work_off_wishes();
    }

    // Orders.
    Price price(std::string_view text) const
    {
        return {*decimal(text).scaled(table.instrument_of(kListing).price_decimals)};
    }
    Quantity quantity(std::string_view text) const
    {
        return {*decimal(text).scaled(table.instrument_of(kListing).quantity_decimals)};
    }
    ApprovedOrder approve(Side side, std::string_view quantity_text, std::string_view price_text,
                          TimeInForce tif)
    {
        OrderIntent intent;
        intent.listing = kListing;
        intent.side = side;
        intent.time_in_force = tif;
        intent.price = price(price_text);
        intent.quantity = quantity(quantity_text);
        return gate_->approve(intent, now());
    }
    OrderId place(Side side, std::string_view quantity_text, std::string_view price_text, TimeInForce tif)
    {
        const ApprovedOrder order = approve(side, quantity_text, price_text, tif);
        send(order);
        return order.id();
    }
    void send(const ApprovedOrder& order)
    {
        sent_[order.id()] = now();
        venue_->send_order(order, now(), *this, *this);
    }
    OrderReference reference(OrderId id) const
    {
        OrderReference reference;
        reference.order = id;
        reference.listing = kListing;
        const auto sent = sent_.find(id);
        if (sent != sent_.end()) reference.sent = sent->second;
        for (const LinkOrder& order : orders) {
            if (order.report.order == id && !order.venue_id.empty()) reference.venue_id = order.venue_id;
        }
        return reference;
    }
    void cancel(OrderId id) { venue_->cancel_order(reference(id), now(), *this, *this); }
    void query(OrderId id) { venue_->query_order(reference(id), now(), *this, *this); }

    // What was heard.
    const BookBuilder& book() const { return books_->builder(kListing); }
    std::set<ConnectionId> open_links() const
    {
        std::set<ConnectionId> open;
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (links_[i].up) open.insert(static_cast<ConnectionId>(i));
        }
        return open;
    }

    /// False: the request never leaves, as on a route that is blocked.
    std::function<bool(const HttpRequest&)> on_request;
    /// Nobody listens where private websockets are dialled.
    bool private_links_blocked = false;
    std::size_t given_up = 0;  ///< dials that their venue was told of after too many failures
    /// False: the websocket is not dialled until let_go().
    bool hold_private = false;
    std::size_t held() const { return held_.size(); }
    void let_go()
    {
        hold_private = false;
        for (const std::string& url : std::exchange(held_, {})) add_link(url, false);
    }

    std::vector<net::CloseInfo> closed;  ///< every link that ended or never stood
    std::vector<net::HttpOutcome> failed_requests;
    std::set<ConnectionId> left;  ///< ended because the connector wished it
    InstrumentTable table;

    // Outbox
    void send(ConnectionId connection, std::string_view text) override
    {
        const Link& link = links_[index(connection)];
        if (link.up) (void)client_.send(link.id, text);
    }
    void request(const HttpRequest& request) override
    {
        if (on_request && !on_request(request)) return;
        net::HttpCall call;
        call.url = target(request.url);
        call.method = request.method;
        call.body = request.body;
        for (const HttpHeader& header : request.headers) call.headers.push_back({header.name, header.value});
        const std::string url =
            request.is_signed ? request.url.substr(0, request.url.find('?')) : request.url;
        waiting_[client_.request(std::move(call))] = {request.tag, url};
    }
    void wake_at(VenueId, Timestamp time) override
    {
        if (!wake_.known() || time < wake_) wake_ = time;
    }
    void reconnect(ConnectionId connection, std::string_view) override { to_close_.push_back(connection); }
    void connect(VenueId, std::string_view url) override
    {
        if (hold_private)
            held_.emplace_back(url);
        else
            add_link(std::string(url), false);
    }
    void used_key(VenueId, std::string_view endpoint) override { key_uses.emplace_back(endpoint); }

    // FactSink
    void on_book(const BookUpdate& update) override
    {
        if (!in_past_) books_->on_update(connection_, update);
    }
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override
    {
        in_past_ = !books_->on_connection_sequence(connection, sequence, now());
    }
    void on_undecoded(const Undecoded& u) override
    {
        undecoded.emplace_back(name(u.reason));
        if (u.listing != kNoListing) books_->on_unreadable(u.listing, now());
    }
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override
    {
        clock_offsets.push_back({venue_time.ns - sent.ns - (received - sent).ns / 2});
        if (follow_clock) venue_->set_clock_offset(clock_offsets.back());
    }

  private:
    static constexpr ListingId kListing{0};
    static constexpr unsigned kFailuresMax = 5;
    static constexpr Duration kRedial = milliseconds(40);
    struct Link {
        std::string url;
        bool is_public = false;
        bool up = false, gone = false;
        net::LinkId id{};
        Timestamp due;  ///< real clock; 0: not waiting
        unsigned failures = 0;
    };
    struct Waiting {
        std::uint64_t tag = 0;
        std::string url;
    };

    std::string target(const std::string& url) const
    {
        LiveVenue real = way_;
        real.endpoint.clear();
        ENSURE(!address_of(real, url).empty(),
               "a connector speaks to the hosts that it names, and no others");
        return address_of(way_, url);
    }
    void add_link(std::string url, bool is_public)
    {
        Link link;
        link.url = std::move(url);
        link.is_public = is_public;
        link.due = clock_->real.now();
        links_.push_back(std::move(link));
    }
    std::optional<ConnectionId> find(net::LinkId id) const
    {
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (links_[i].id == id && !links_[i].gone) return static_cast<ConnectionId>(i);
        }
        return std::nullopt;
    }
    void on_open(net::LinkId id) override
    {
        const auto connection = find(id);
        if (!connection) return;
        Link& link = links_[index(*connection)];
        link.up = true;
        link.failures = 0;
        connection_ = *connection;
        const std::string url = link.url;
        venue_->on_open(*connection, url.substr(0, link.is_public ? std::string::npos : url.find('?')), now(),
                        *this, *this);
    }
    void on_frame(net::LinkId id, char* data, std::size_t size) override
    {
        const auto connection = find(id);
        if (!connection || !links_[index(*connection)].up) return;
        connection_ = *connection;
        in_past_ = false;
        venue_->on_frame(*connection, {data, size}, now(), *this, *this);
    }
    void on_closed(net::LinkId id, const net::CloseInfo& info) override
    {
        closed.push_back(info);
        const auto connection = find(id);
        if (!connection) return;
        Link& link = links_[index(*connection)];
        link.id = {};
        const bool was_up = std::exchange(link.up, false);
        if (link.is_public || (!was_up && ++link.failures < kFailuresMax))
            link.due = clock_->real.now() + kRedial;
        else
            link.gone = true;
        given_up += link.gone && !was_up;
        if (was_up || link.gone) tell_close(*connection);
    }
    void tell_close(ConnectionId connection)
    {
        venue_->on_close(connection, now(), *this, *this);
        books_->on_close(connection, now());
    }
    void on_reply(net::RequestId id, net::HttpOutcome& outcome) override
    {
        const auto found = waiting_.find(id);
        if (found == waiting_.end()) return;
        const Waiting waited = found->second;
        waiting_.erase(found);
        if (outcome.status == 0) failed_requests.push_back(outcome);
        HttpReply reply;
        reply.url = waited.url;
        reply.status = outcome.status;
        reply.body = {outcome.body.data(), outcome.body.size()};
        reply.tag = waited.tag;
        reply.sent = outcome.status != 0 || outcome.sent;
        const std::string_view after = net::find_header(outcome.headers, "Retry-After");
        if (!after.empty()) reply.retry_after = seconds(std::stoll(std::string(after)));
        venue_->on_http(reply, now(), *this, *this);
    }
    void work_off_wishes()
    {
        while (!to_close_.empty()) {
            const ConnectionId connection = to_close_.back();
            to_close_.pop_back();
            Link& link = links_[index(connection)];
            if (!link.up) continue;
            left.insert(connection);
            client_.abandon(link.id);
            link.up = false;
            link.id = {};
            if (link.is_public)
                link.due = clock_->real.now() + kRedial;
            else
                link.gone = true;
            tell_close(connection);
        }
    }

    const LifeClock* clock_;
    LiveVenue way_;
    net::Headers dial_headers_;
    Credentials credentials_;
    std::unique_ptr<Venue> venue_;
    std::unique_ptr<Markets> books_;
    std::unique_ptr<LifeGate> gate_;
    std::vector<Link> links_;
    std::vector<std::string> held_;
    std::vector<ConnectionId> to_close_;
    std::map<net::RequestId, Waiting> waiting_;
    std::map<OrderId, Timestamp> sent_;
    Timestamp wake_;
    ConnectionId connection_{};
    bool in_past_ = false;
    net::Client client_;  // last: its end calls nobody
};

}  // namespace arb::test
