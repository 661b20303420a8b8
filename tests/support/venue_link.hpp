#pragma once
// A connector and the emulated venue of its exchange on one in-memory wire with a virtual clock: what the
// tests of a connector's trading side turn. Messages take kWireDelay each way and arrive in order of time;
// every fact of the connector is kept as a copy. Header only. One thread, no socket, no sleep.
//
//   VenueLink link(type(), "spot", {definition}, FeeTaking::received);
//   link.street("27.10", "27.20");            // a book with one big level a side (more:
//   link.exchange().set_street) link.start();                             // public and private connections,
//   log-on link.run(seconds(1)); const OrderId id = link.place(Side::buy, "1", "27.20", TimeInForce::ioc);
//   link.run(milliseconds(50));
//   link.fills ...
//
// Faults: on_to_venue / on_to_client see every message and may change or drop it (return false).
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/market/markets.hpp"
#include "engine/trading/risk_gate.hpp"
#include "engine/venue/venue.hpp"
#include "engine/world/deviations.hpp"
#include "tests/support/trading_world.hpp"

namespace arb::test {

inline constexpr Duration kWireDelay = milliseconds(2);

/// Owned copies of the facts.
struct LinkOrder {
    OrderReport report;
    std::string venue_id, client_id;
};
struct LinkFill {
    FillReport report;
    std::string trade_id, fee_asset, venue_id;
};
struct LinkBalance {
    std::string asset;
    BalanceReport report;
};
struct LinkEnd {
    RequestEnd end;
    std::string code, text;
};
/// `report` holds no texts: they are beside it.
struct LinkKeyReport {
    KeyReport report;
    std::string label, text, foreign, missing, address_list;
};
struct LinkChannel {
    Channel channel{};
    bool ready = false;
    Timestamp time;
};

class VenueLink final : public FactSink, public Outbox, public SessionOutbox {
  public:
    static constexpr AccountId kAccount{1};
    /// What one message on the wire is; a hook may change `text` (or the reply) or drop it by returning
    /// false.
    struct Message {
        enum class Kind : std::uint8_t { upgrade, frame, close, request, reply } kind{};
        bool to_venue = false;
        Timestamp due;
        std::uint64_t sequence = 0;
        ConnectionId connection{};
        std::string text;  ///< frame; upgrade: url
        HttpRequest request;
        ServerReply reply;
    };

    VenueLink(const ConnectorType& type, std::string_view market, std::vector<ListingDefinition> definitions,
              FeeTaking fee_taking = FeeTaking::quote, std::string_view key_label = "trade",
              std::uint64_t seed = 7, bool rate_limits = true, bool manners = false,
              const Deviations& deviations = {})
        : type_(&type),
          table(std::move(InstrumentTable::build(
                              {{{std::string(type.exchange), std::string(market)}, definitions}}))
                    .take()),
          exchange_(table, VenueId{0}, deviant(deviations, rules(fee_taking))),
          market_(exchange_, deviations),
          keys(type.make_emulated_keys(seed, static_cast<std::uint32_t>(kAccount)))
    {
        EmulatedVenueSetup setup;
        setup.table = &table;
        setup.market = std::string(market);
        setup.definitions = deviant(deviations, std::move(definitions));
        setup.exchange = &exchange_;
        if (deviations.any()) setup.exchange = &market_;
        setup.keys = &keys;
        setup.seed = seed;
        setup.rate_limits = rate_limits;
        setup.manners = manners;
        emulated_ = type.make_emulated_venue(setup);
        if (deviations.any()) emulated_ = std::make_unique<DeviantVenue>(std::move(emulated_), market_);
        deviate(deviations, keys);
        use_key(key_label);
    }

    /// Before start(): the key of that label, and a fresh connector that uses it for this scope. Empty:
    /// market data only.
    void use_key(std::string_view label, SessionScope scope = SessionScope::both)
    {
        scope_ = scope;
        VenueSetup setup;
        setup.table = &table;
        setup.scope = scope;
        credentials_ = credentials(label);
        if (credentials_.signer != nullptr) setup.credentials = &credentials_;
        fresh(setup);
    }
    /// The key of that label; empty ones when there is none.
    Credentials credentials(std::string_view label) const
    {
        Credentials result;
        for (const EmulatedKey& key : keys) {
            if (key.label != label) continue;
            std::string secret = key.secret;
            std::string passphrase = key.passphrase;
            result.label = key.label;
            result.key_id = key.key_id;
            result.passphrase = Secret::take(passphrase);
            result.signer = std::move(type_->make_signer(Secret::take(secret))).take();
        }
        return result;
    }
    /// Before start(): something else in the connector's place.
    template <class Other>
    Other& use_venue(std::unique_ptr<Other> other)
    {
        Other& used = *other;
        venue_ = std::move(other);
        return used;
    }
    /// The connector as after a restart of the program: a new object, all connections gone.
    void restart()
    {
        for (Link& link : links_) link.open = false;
        queue_.clear();
        VenueSetup setup;
        setup.table = &table;
        setup.credentials = &credentials_;
        setup.scope = scope_;
        fresh(setup);
    }

    Venue& venue() { return *venue_; }
    EmulatedVenue& emulated() { return *emulated_; }
    EmulatedExchange& exchange() { return exchange_; }
    Timestamp now() const { return now_; }
    /// The emulated venue's clock.
    Timestamp venue_now() const { return now_ + market_.deviations().clock_ahead(); }
    /// The connector's clock is this much ahead of the venue's.
    Duration client_ahead;

    void deposit(std::string_view asset, std::string_view amount)
    {
        exchange_.deposit(kAccount, asset, money(amount));
    }
    /// One level a side of `quantity`.
    void street(std::string_view bid, std::string_view ask, std::string_view quantity = "1000",
                std::size_t listing = 0)
    {
        const Level bids[] = {{price(bid, listing), this->quantity(quantity, listing)}};
        const Level asks[] = {{price(ask, listing), this->quantity(quantity, listing)}};
        exchange_.set_street(static_cast<ListingId>(listing), bids, asks, venue_now());
        exchange_.deliver(*emulated_, now_, *this);
    }
    Price price(std::string_view text, std::size_t listing = 0) const
    {
        return {scale(text, table.instrument_of(static_cast<ListingId>(listing)).price_decimals)};
    }
    Quantity quantity(std::string_view text, std::size_t listing = 0) const
    {
        return {scale(text, table.instrument_of(static_cast<ListingId>(listing)).quantity_decimals)};
    }

    /// Opens the public connections and starts the trading session.
    void start(bool trading = true)
    {
        std::vector<ListingId> listings;
        for (const Listing& listing : table.listings()) listings.push_back(listing.id);
        for (const ConnectionPlan& plan : venue_->plan(listings)) open(plan.url, true);
        if (trading) venue_->start_session(client_now(), facts(), *this);
    }

    ApprovedOrder approve(Side side, std::string_view quantity_text, std::string_view price_text,
                          TimeInForce tif, std::size_t listing = 0)
    {
        const auto [order, reason] = judge(side, quantity_text, price_text, tif, listing);
        ENSURE(order.has_value(), name(reason));
        approved_.push_back(*order);
        return *order;
    }
    /// What the gate says of an order now; nothing is sent.
    RiskReason judged(Side side, std::string_view quantity_text, std::string_view price_text, TimeInForce tif,
                      std::size_t listing = 0)
    {
        return judge(side, quantity_text, price_text, tif, listing).second;
    }
    OrderId place(Side side, std::string_view quantity_text, std::string_view price_text, TimeInForce tif,
                  std::size_t listing = 0)
    {
        const ApprovedOrder order = approve(side, quantity_text, price_text, tif, listing);
        sent_[order.id()] = now_;
        venue_->send_order(order, client_now(), facts(), *this);
        return order.id();
    }
    OrderReference reference(OrderId id, std::size_t listing = 0) const
    {
        OrderReference reference;
        reference.order = id;
        reference.listing = static_cast<ListingId>(listing);
        const auto sent = sent_.find(id);
        if (sent != sent_.end()) reference.sent = sent->second;
        for (const LinkOrder& order : orders) {
            if (order.report.order == id && !order.venue_id.empty()) reference.venue_id = order.venue_id;
        }
        return reference;
    }
    /// Another price for an order that rests.
    void amend(OrderId id, std::string_view price_text, std::size_t listing = 0)
    {
        const auto order = std::find_if(approved_.begin(), approved_.end(),
                                        [id](const ApprovedOrder& each) { return each.id() == id; });
        ENSURE(order != approved_.end(), "it was placed here");
        OrderIntent amended = order->intent();
        amended.price = price(price_text, listing);
        show_book(amended);
        gate_->restore(id, order->intent());
        RiskReason reason = RiskReason::none;
        const auto amend = gate_->approve_amend(order->package(), id, static_cast<MarketId>(listing),
                                                amended.price, now_, reason);
        ENSURE(amend.has_value(), name(reason));
        gate_->on_done(id);
        venue_->amend_order(reference(id, listing), *amend, client_now(), facts(), *this);
    }
    void cancel(OrderId id, std::size_t listing = 0)
    {
        venue_->cancel_order(reference(id, listing), client_now(), facts(), *this);
    }
    void query(OrderId id, std::size_t listing = 0)
    {
        venue_->query_order(reference(id, listing), client_now(), facts(), *this);
    }
    void query_key() { venue_->query_key(client_now(), facts(), *this); }
    std::vector<ListingId> all_listings() const
    {
        std::vector<ListingId> ids;
        for (const Listing& listing : table.listings()) ids.push_back(listing.id);
        return ids;
    }

    /// Lets that much virtual time pass: messages, wakes, heartbeats every 100 ms, dead-man timers.
    void run(Duration length)
    {
        const Timestamp end = now_ + length;
        for (;;) {
            const Timestamp next = next_due();
            if (!next.known() || next > end) break;
            now_ = std::max(now_, next);
            turn();
        }
        now_ = end;
    }
    /// Cuts every websocket, as a lost network does: both sides hear of it.
    void cut_all()
    {
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (links_[i].open) cut(static_cast<ConnectionId>(i));
        }
    }
    void cut(ConnectionId connection)
    {
        Link& link = links_[index(connection)];
        if (!link.open) return;
        link.open = false;
        const bool again = link.again;
        const std::string url = link.url;  // a venue that connects anew moves the list
        emulated_->on_session_closed(session_of(connection));
        venue_->on_close(connection, client_now(), facts(), *this);
        if (again) open(url, true);
    }
    /// The last report of an order; nullptr: none.
    const LinkOrder* last(OrderId id) const
    {
        const LinkOrder* found = nullptr;
        for (const LinkOrder& order : orders) {
            if (order.report.order == id) found = &order;
        }
        return found;
    }
    const LinkEnd* last_end(RequestKind kind) const
    {
        const LinkEnd* found = nullptr;
        for (const LinkEnd& end : ends) {
            if (end.end.kind == kind) found = &end;
        }
        return found;
    }
    bool ready(Channel channel) const
    {
        bool up = false;
        for (const LinkChannel& c : channels) {
            if (c.channel == channel) up = c.ready;
        }
        return up;
    }
    /// Sum of fills counted once by trade id.
    Quantity filled(OrderId id) const
    {
        Quantity sum;
        std::vector<std::string> seen;
        for (const LinkFill& fill : fills) {
            if (fill.report.order != id || std::find(seen.begin(), seen.end(), fill.trade_id) != seen.end())
                continue;
            seen.push_back(fill.trade_id);
            sum = sum + fill.report.quantity;
        }
        return sum;
    }

    std::function<bool(Message&)> on_to_venue, on_to_client;
    std::function<void(const KeyReport&)> on_report;
    /// With this the next requests get this answer instead of the venue's; the venue may still execute them.
    std::function<std::optional<ServerReply>(const HttpRequest&)> instead_of_reply;

    /// With this nothing is cut when the venue wishes it: the test hears of the wish.
    std::function<void(ConnectionId, std::string_view)> on_reconnect;
    /// With this the facts go there instead of into the lists below.
    FactSink* facts_to = nullptr;
    FactSink& facts() { return facts_to != nullptr ? *facts_to : *this; }
    /// The newest open websocket whose address has `part` in it.
    std::optional<ConnectionId> connection_to(std::string_view part) const
    {
        return last_open([&](std::string_view url) { return url.find(part) != std::string_view::npos; });
    }
    /// The youngest open connection whose address is such.
    template <class Is>
    std::optional<ConnectionId> last_open(Is&& is) const
    {
        for (std::size_t i = links_.size(); i-- > 0;) {
            if (links_[i].open && is(std::string_view(links_[i].url))) return static_cast<ConnectionId>(i);
        }
        return std::nullopt;
    }
    /// The open websockets of the trading side.
    std::vector<ConnectionId> private_connections() const
    {
        std::vector<ConnectionId> found;
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (links_[i].open && !links_[i].again) found.push_back(static_cast<ConnectionId>(i));
        }
        return found;
    }
    const std::string& url_of(ConnectionId connection) const { return links_[index(connection)].url; }

    std::vector<LinkOrder> orders;
    std::vector<LinkFill> fills;
    std::vector<LinkBalance> balances;
    std::vector<LinkEnd> ends;
    std::vector<LinkChannel> channels;
    std::vector<LinkKeyReport> reports;
    std::vector<FeeReport> fees;
    std::vector<Duration> clock_offsets;
    std::vector<std::string> key_uses;
    std::vector<Undecoded> undecoded;
    std::vector<std::pair<ListingId, ListingStatus>> statuses;
    std::vector<std::string> closed;  ///< reasons the venue gave when it closed a session
    std::uint64_t books = 0, trades = 0;
    const ConnectorType* type_;
    InstrumentTable table;

    // FactSink
    void on_book(const BookUpdate& update) override
    {
        ++books;
        last_book_snapshot = update.snapshot;
        for (const Level& level : update.bids) {
            if (!level.quantity.zero()) bid_most = std::max(bid_most, level.price);
        }
    }
    bool last_book_snapshot = false;
    Price bid_most;  ///< the highest bid that any book ever had
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override { ++trades; }
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded& u) override { undecoded.push_back(u); }
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        statuses.emplace_back(listing, status);
    }
    void on_order_report(const OrderReport& r) override
    {
        orders.push_back({r, std::string(r.venue_id), std::string(r.client_id)});
    }
    void on_fill_report(const FillReport& r) override
    {
        fills.push_back({r, std::string(r.trade_id), std::string(r.fee_asset), std::string(r.venue_id)});
    }
    void on_balance_report(const BalanceReport& r) override { balances.push_back({std::string(r.asset), r}); }
    void on_fee_report(const FeeReport& r) override { fees.push_back(r); }
    void on_request_end(const RequestEnd& e) override
    {
        ends.push_back({e, std::string(e.code), std::string(e.text)});
    }
    void on_key_report(const KeyReport& r) override
    {
        KeyReport bare = r;
        bare.label = bare.text = bare.foreign = bare.missing = bare.address_list = {};
        reports.push_back({bare, std::string(r.label), std::string(r.text), std::string(r.foreign),
                           std::string(r.missing), std::string(r.address_list)});
        if (on_report) on_report(r);
    }
    void on_channel(Channel channel, bool ready) override { channels.push_back({channel, ready, now_}); }
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override
    {
        clock_offsets.push_back({venue_time.ns - sent.ns - (received - sent).ns / 2});
    }

    // Outbox
    void send(ConnectionId connection, std::string_view text) override
    {
        Message m;
        m.kind = Message::Kind::frame;
        m.to_venue = true;
        m.connection = connection;
        m.text = std::string(text);
        push(std::move(m));
    }
    void request(const HttpRequest& request) override
    {
        Message m;
        m.kind = Message::Kind::request;
        m.to_venue = true;
        m.request = request;
        push(std::move(m));
    }
    void wake_at(VenueId, Timestamp time) override { wakes_.push_back(time - client_ahead); }
    void reconnect(ConnectionId connection, std::string_view why) override
    {
        if (on_reconnect)
            on_reconnect(connection, why);
        else
            reconnects_.push_back(connection);
    }
    void connect(VenueId, std::string_view url) override { open(std::string(url), false); }
    void used_key(VenueId, std::string_view endpoint) override { key_uses.emplace_back(endpoint); }

    // SessionOutbox
    void send(SessionId session, std::string text) override
    {
        Message m;
        m.kind = Message::Kind::frame;
        m.connection = connection_of(session);
        m.text = std::move(text);
        push(std::move(m));
    }
    void close(SessionId session, int, std::string_view reason) override
    {
        Message m;
        m.kind = Message::Kind::close;
        m.connection = connection_of(session);
        m.text = std::string(reason);
        push(std::move(m));
    }

  private:
    struct Link {
        std::string url;
        bool again = false;  ///< a public connection: the driver opens it anew
        bool open = false;
    };

    static ExchangeRules rules(FeeTaking taking)
    {
        ExchangeRules r;
        r.fee_taking = taking;
        return r;
    }
    static std::int64_t scale(std::string_view text, unsigned decimals)
    {
        const auto units = decimal(text).scaled(decimals);
        ENSURE(units.has_value(), "a test's number fits the instrument's unit");
        return *units;
    }
    static SessionId session_of(ConnectionId connection)
    {
        return static_cast<SessionId>(index(connection) + 1);
    }
    static ConnectionId connection_of(SessionId session)
    {
        return static_cast<ConnectionId>(static_cast<std::uint64_t>(session) - 1);
    }
    Timestamp client_now() const { return now_ + client_ahead; }

    void fresh(const VenueSetup& setup)
    {
        venue_ = type_->make(setup);
        wakes_.clear();
        for (Link& link : links_) link.open = false;
    }
    void open(std::string url, bool again)
    {
        const auto connection = static_cast<ConnectionId>(links_.size());
        links_.push_back({url, again, false});
        Message m;
        m.kind = Message::Kind::upgrade;
        m.to_venue = true;
        m.connection = connection;
        m.text = std::move(url);
        push(std::move(m));
    }
    void push(Message m)
    {
        m.due = now_ + kWireDelay;
        m.sequence = ++sequence_;
        auto& hook = m.to_venue ? on_to_venue : on_to_client;
        if (hook && !hook(m)) return;
        queue_.push_back(std::move(m));
    }
    Timestamp next_due() const
    {
        Timestamp next = tick_due_;
        for (const Message& m : queue_) next = std::min(next, m.due);
        for (const Timestamp wake : wakes_) next = std::min(next, wake);
        return next;
    }
    void turn()
    {
        const auto first =
            std::min_element(queue_.begin(), queue_.end(), [](const Message& a, const Message& b) {
                return std::tie(a.due, a.sequence) < std::tie(b.due, b.sequence);
            });
        if (first != queue_.end() && first->due <= now_) {
            Message m = std::move(*first);
            queue_.erase(first);
            m.to_venue ? at_venue(m) : at_client(m);
        } else if (tick_due_ <= now_) {
            tick_due_ = tick_due_ + milliseconds(100);
            exchange_.on_time(venue_now());
            emulated_->on_tick(now_, *this);
        } else {
            const auto due =
                std::remove_if(wakes_.begin(), wakes_.end(), [&](Timestamp t) { return t <= now_; });
            const bool any = due != wakes_.end();
            wakes_.erase(due, wakes_.end());
            if (any) venue_->on_wake(client_now(), facts(), *this);
        }
        exchange_.deliver(*emulated_, now_, *this);
        for (const ConnectionId c : std::exchange(reconnects_, {})) cut(c);
    }
    static std::string target_of(const std::string& url)
    {
        const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
        const std::size_t path = url.find('/', host);
        // A mark behind the address is the caller's own and never leaves.
        return path == std::string::npos ? "/" : url.substr(path, url.find('#') - path);
    }
    static std::string host_of(const std::string& url)
    {
        const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
        return url.substr(host, std::min(url.find('/', host), url.size()) - host);
    }
    void at_venue(Message& m)
    {
        Link* link = m.kind == Message::Kind::request ? nullptr : &links_[index(m.connection)];
        if (m.kind == Message::Kind::upgrade) {
            ServerRequest upgrade;
            upgrade.method = "GET";
            upgrade.target = target_of(m.text);
            upgrade.headers = {{"Host", host_of(m.text)}, {"Upgrade", "websocket"}};
            if (type_->dial_headers != nullptr) {
                for (const HttpHeader& header : type_->dial_headers(table.venue(VenueId{0}).market))
                    upgrade.headers.emplace_back(header.name, header.value);
            }
            upgrade.remote = "127.0.0.1";
            if (!emulated_->on_session(session_of(m.connection), upgrade, now_, *this)) {
                refused_upgrades.push_back(m.text);
                return;
            }
            link->open = true;
            Message opened;
            opened.kind = Message::Kind::upgrade;
            opened.connection = m.connection;
            opened.text = m.text;
            opened.due = now_;  // before anything the venue says there
            opened.sequence = 0;
            queue_.push_back(std::move(opened));
        } else if (m.kind == Message::Kind::frame) {
            if (link->open) emulated_->on_session_frame(session_of(m.connection), m.text, now_, *this);
        } else {
            serve(m.request);
        }
    }
    void serve(const HttpRequest& request)
    {
        ServerRequest r;
        r.method = request.method;
        r.target = target_of(request.url);
        r.headers.emplace_back("Host", host_of(request.url));
        for (const HttpHeader& header : request.headers) r.headers.emplace_back(header.name, header.value);
        r.body = request.body;
        r.remote = "127.0.0.1";
        Message m;
        m.kind = Message::Kind::reply;
        m.request = request;
        const std::optional<ServerReply> other = instead_of_reply ? instead_of_reply(request) : std::nullopt;
        m.reply = other && other->status < 0 ? ServerReply{-other->status, other->headers, other->body}
                                             : emulated_->on_request(r, now_, *this);
        if (other)
            m.reply = {other->status < 0 ? -other->status : other->status, other->headers, other->body};
        push(std::move(m));
    }
    void at_client(Message& m)
    {
        if (m.kind == Message::Kind::reply) {
            HttpReply reply;
            reply.url = m.request.is_signed
                            ? std::string_view(m.request.url).substr(0, m.request.url.find('?'))
                            : std::string_view(m.request.url);
            reply.status = m.reply.status;
            reply.tag = m.request.tag;
            reply.sent = m.reply.status != 0 || m.reply.body != "not sent";
            for (const auto& [name, value] : m.reply.headers) {
                if (name == "Retry-After") reply.retry_after = seconds(std::stoll(value));
                if (name == m.request.count_header) reply.count = std::stoll(value);
            }
            const PaddedBuffer body(m.reply.status == 0 ? std::string() : m.reply.body);
            reply.body = body.text_of();
            venue_->on_http(reply, client_now(), facts(), *this);
            return;
        }
        Link& link = links_[index(m.connection)];
        if (!link.open) return;
        if (m.kind == Message::Kind::upgrade) {
            venue_->on_open(m.connection, m.text, client_now(), facts(), *this);
        } else if (m.kind == Message::Kind::close) {
            closed.push_back(m.text);
            cut(m.connection);
        } else {
            const PaddedBuffer frame(m.text);
            venue_->on_frame(m.connection, frame.text_of(), client_now(), facts(), *this);
        }
    }
    // The gate needs a book to compare prices with: a private one in the middle of the order's own price.
    std::pair<std::optional<ApprovedOrder>, RiskReason> judge(Side side, std::string_view quantity_text,
                                                              std::string_view price_text, TimeInForce tif,
                                                              std::size_t place)
    {
        OrderIntent intent;
        intent.listing = static_cast<ListingId>(place);
        intent.side = side;
        intent.time_in_force = tif;
        intent.price = price(price_text, place);
        intent.quantity = quantity(quantity_text, place);
        if (world_markets_ == nullptr) {
            std::vector<MarketDefinition> definitions;
            for (const Listing& listing : table.listings()) {
                const Instrument& instrument = table.instrument(listing.instrument);
                definitions.push_back({listing.symbol,
                                       instrument.base,
                                       instrument.quote,
                                       instrument.price_decimals,
                                       instrument.quantity_decimals,
                                       {{listing.id, 1, 1}}});
            }
            world_markets_ =
                std::make_unique<Markets>(table, std::vector<SequenceRule>(table.listings().size()),
                                          BookLimits{}, definitions, nullptr);
            portfolio_ = std::make_unique<Portfolio>(table);
            for (const Account& account : std::vector<Account>(portfolio_->accounts())) {
                const bool position = account.asset.find(':') != std::string::npos;
                if (!position) portfolio_->set_start(account.venue, account.asset, money("1000000000"));
            }
            RiskLimits limits;
            limits.order_notional_max = limits.net_exposure_max = money("1000000000");
            limits.position_max = money("1000000000");
            limits.orders_per_second = 4000;
            limits.price_band = {INT64_MAX / 4};
            gate_ = std::make_unique<RiskGate>(*world_markets_, *portfolio_, limits,
                                               std::vector<Rate>(table.listings().size()));
        }
        show_book(intent);
        const auto market = static_cast<MarketId>(index(intent.listing));
        RiskReason reason = RiskReason::none;
        const auto order = gate_->approve_unwind({PackageId{1}, market, {}, 0}, intent, now_, reason);
        // Nobody tells this gate how orders end, and it counts those that are open.
        if (order) gate_->on_done(order->id());
        return {order, reason};
    }
    /// The gate compares with a book: here one around the order's own price.
    void show_book(const OrderIntent& intent)
    {
        BookUpdate update;
        update.listing = intent.listing;
        update.snapshot = true;
        const Level bids[] = {{{intent.price.units}, intent.quantity}};
        const Level asks[] = {
            {{intent.price.units + table.listing(intent.listing).tick.units}, intent.quantity}};
        update.bids = bids;
        update.asks = asks;
        update.receive_time = now_;
        world_markets_->on_update(kNoConnection, update);
        world_markets_->clear_changed();
    }

    EmulatedExchange exchange_;
    DeviantMarket market_;
    std::unique_ptr<EmulatedVenue> emulated_;
    Credentials credentials_;
    SessionScope scope_ = SessionScope::both;
    std::unique_ptr<Venue> venue_;
    std::vector<Link> links_;
    std::vector<Message> queue_;
    std::vector<Timestamp> wakes_;
    std::vector<ConnectionId> reconnects_;
    std::map<OrderId, Timestamp> sent_;
    std::vector<ApprovedOrder> approved_;
    Timestamp now_ = kStart;
    Timestamp tick_due_ = kStart;
    std::uint64_t sequence_ = 0;
    std::unique_ptr<Markets> world_markets_;
    std::unique_ptr<Portfolio> portfolio_;
    std::unique_ptr<RiskGate> gate_;

  public:
    std::vector<EmulatedKey> keys;
    std::vector<std::string> refused_upgrades;
};

}  // namespace arb::test
