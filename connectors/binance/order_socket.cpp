#include "connectors/binance/order_socket.hpp"

#include <algorithm>

#include "connectors/binance/session.hpp"
#include "connectors/binance/urls.hpp"

namespace arb::binance {
namespace {

constexpr Duration kConnectMax = seconds(60);
constexpr std::size_t kPendingRoom = 1'024;

void earliest(Timestamp& due, Timestamp time)
{
    if (!due.known() || time < due) due = time;
}

}  // namespace

OrderSocket::OrderSocket(AccountTools& tools) : tools_(&tools)
{
    links_.reserve(4);
    pending_.reserve(kPendingRoom);
}

void OrderSocket::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (wanted_ && !shut_) return;
    wanted_ = true;
    shut_ = false;
    // The connection was kept for the private stream.
    if (ready()) return tell_roads(sink);
    for (Link& link : links_) leave(link, "logging on anew", outbox);
    connect(now, outbox);
}

void OrderSocket::connect(Timestamp now, Outbox& outbox)
{
    asked_ = now;
    tools_->pool->spend(tools_->market == Market::spot ? 2 : 5, now);
    outbox.connect(tools_->setup.id, order_url(tools_->market));
}

OrderSocket::Link* OrderSocket::find(ConnectionId connection)
{
    const auto found = std::find_if(links_.begin(), links_.end(),
                                    [&](const Link& link) { return link.connection == connection; });
    return found == links_.end() ? nullptr : &*found;
}

OrderSocket::Link* OrderSocket::ready_link()
{
    const auto found =
        std::find_if(links_.begin(), links_.end(), [](const Link& link) { return link.step == Step::ready; });
    return found == links_.end() ? nullptr : &*found;
}

bool OrderSocket::ready() const
{
    return std::any_of(links_.begin(), links_.end(),
                       [](const Link& link) { return link.step == Step::ready; });
}

void OrderSocket::tell_roads(FactSink& sink)
{
    // On spot the private stream comes first: an order must not be sent whose news cannot be heard. It stays
    // up when the venue has refused the key an order.
    if (tools_->market == Market::spot) tools_->roads.set(Channel::private_stream, ready(), sink);
    tools_->roads.set(Channel::order_entry, ready() && !shut_ && tools_->mode == PositionMode::one_way, sink);
}

void OrderSocket::send(Pending::Kind kind, const Link& link, std::string_view text, OrderId order,
                       Timestamp now, Outbox& outbox)
{
    pending_.push_back({kind, next_id_++, link.connection, order, now});
    // Orders cost no weight but in a count of their own; the log-on may be a question about the account.
    if (kind == Pending::Kind::probe) tools_->pool->spend(2, now);
    if (kind == Pending::Kind::log_on)
        tools_->pool->spend(subscribes() || link.step == Step::log_on ? 2 : 20, now);
    if (kind == Pending::Kind::cancel) tools_->pool->spend(1, now);
    outbox.send(link.connection, text);
    outbox.wake_at(tools_->setup.id, now + kAnswerMax);
}

std::optional<RequestKind> OrderSocket::Pending::request() const
{
    switch (kind) {
        case Kind::log_on:
        case Kind::probe:
            return std::nullopt;
        case Kind::place:
            return RequestKind::place;
        case Kind::amend:
            return RequestKind::amend;
        case Kind::cancel:
            return RequestKind::cancel;
    }
    return std::nullopt;
}

OrderSocket::Link* OrderSocket::open_road(RequestKind kind, ListingId listing, OrderId order, Timestamp now,
                                          FactSink& sink)
{
    Link* const link = shut_ ? nullptr : ready_link();
    if (link == nullptr || !tools_->mine(listing)) {
        tools_->end(kind, {Outcome::refused, shut_ ? RejectReason::permission : RejectReason::other}, sink,
                    order);
        return nullptr;
    }
    // The venue counts an amend as an order.
    if (now < orders_full_until_) {
        Refusal full;
        full.retry_after = orders_full_until_ - now;
        full.text = "as many orders as the venue takes in this while were sent";
        tools_->end(kind, {Outcome::rate_limited, RejectReason::rate_limited}, sink, order, full);
        return nullptr;
    }
    return link;
}

void OrderSocket::place(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Link* const link = open_road(RequestKind::place, order.intent().listing, order.id(), now, sink);
    if (link == nullptr) return;
    const Listing& listing = tools_->listing(order.intent().listing);
    const std::string_view text =
        tools_->encoder.place(next_id_, listing, order.id(), order.intent(), tools_->timestamp(now));
    if (text.empty()) {
        return tools_->end(RequestKind::place, {Outcome::key_trouble, RejectReason::permission}, sink,
                           order.id());
    }
    tools_->used_key("order.place", outbox);
    send(Pending::Kind::place, *link, text, order.id(), now, outbox);
}

void OrderSocket::amend(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                        FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = amend.intent();
    Link* const link = open_road(RequestKind::amend, intent.listing, amend.id(), now, sink);
    if (link == nullptr) return;
    const std::string_view text = tools_->encoder.amend(next_id_, tools_->listing(intent.listing), amend.id(),
                                                        order.venue_id, intent, tools_->timestamp(now));
    if (text.empty()) {
        // A signer that may not change orders may still place them: it is cancelled and placed anew.
        return tools_->end(RequestKind::amend, {Outcome::refused, RejectReason::permission}, sink,
                           amend.id());
    }
    tools_->used_key("order.modify", outbox);
    send(Pending::Kind::amend, *link, text, amend.id(), now, outbox);
}

bool OrderSocket::cancel(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Link* const link = shut_ ? nullptr : ready_link();
    if (link == nullptr) return false;
    const std::string_view text = tools_->encoder.cancel(next_id_, tools_->listing(order.listing),
                                                         order.order, order.venue_id, tools_->timestamp(now));
    if (text.empty()) {
        tools_->end(RequestKind::cancel, {Outcome::key_trouble, RejectReason::permission}, sink, order.order);
        return true;
    }
    tools_->used_key("order.cancel", outbox);
    send(Pending::Kind::cancel, *link, text, order.order, now, outbox);
    return true;
}

bool OrderSocket::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    if (!wanted_ || url != order_url(tools_->market)) return false;
    if (find(connection) != nullptr) (void)on_close(connection, now, sink, outbox);
    asked_ = {};
    links_.push_back({connection, Step::log_on, now, now, {}, {}, false});
    if (!shut_) log_on(links_.back(), now, sink, outbox);
    return true;
}

bool OrderSocket::subscribes() const
{
    return tools_->market == Market::spot && tools_->roads.wants(Channel::private_stream);
}

// Ed25519 keys log on once; others prove themselves with the first signed request, which on spot subscribes
// the private stream, or else asks for the account, which every key may.
void OrderSocket::log_on(Link& link, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Encoder& encoder = tools_->encoder;
    const std::int64_t time = tools_->timestamp(now);
    std::string_view text;
    if (encoder.logs_on() && link.step != Step::subscribe) {
        link.step = Step::log_on;
        text = encoder.log_on(next_id_, time);
        tools_->used_key("session.logon", outbox);
    } else {
        link.step = Step::subscribe;
        text = subscribes() ? encoder.subscribe(next_id_, time) : encoder.account_state(next_id_, time);
        tools_->used_key(subscribes() ? "userDataStream.subscribe" : encoder.account_method(), outbox);
    }
    if (text.empty()) {
        shut_ = true;
        return tools_->end(RequestKind::session, {Outcome::key_trouble, RejectReason::permission}, sink);
    }
    send(Pending::Kind::log_on, link, text, kForeignOrder, now, outbox);
}

void OrderSocket::stand(Link& link, FactSink& sink, Outbox& outbox)
{
    for (Link& other : links_) {
        if (&other != &link && other.step == Step::ready)
            leave(other, "replaced by a new connection", outbox);
    }
    link.step = Step::ready;
    tell_roads(sink);
}

void OrderSocket::leave(Link& link, std::string_view why, Outbox& outbox)
{
    if (link.step == Step::leaving) return;
    link.step = Step::leaving;
    outbox.reconnect(link.connection, why);
}

// The new connection is opened while the old one still serves.
void OrderSocket::replace(Link& link, Timestamp now, Outbox& outbox)
{
    if (link.replacing || shut_) return;
    link.replacing = true;
    connect(now, outbox);
}

void OrderSocket::give_up(const Pending& pending, FactSink& sink)
{
    if (const std::optional<RequestKind> kind = pending.request())
        tools_->end(*kind, {Outcome::unknown, RejectReason::none}, sink, pending.order);
}

bool OrderSocket::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Link* const link = find(connection);
    if (link == nullptr) return false;
    links_.erase(links_.begin() + (link - links_.data()));
    tell_roads(sink);
    for (std::size_t i = 0; i < pending_.size();) {
        if (pending_[i].connection != connection) {
            ++i;
            continue;
        }
        const Pending lost = pending_[i];
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
        give_up(lost, sink);
    }
    const bool another = std::any_of(links_.begin(), links_.end(),
                                     [](const Link& other) { return other.step != Step::leaving; });
    if (!another && !asked_.known() && !shut_) connect(now, outbox);
    return true;
}

Timestamp OrderSocket::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Timestamp due;
    for (std::size_t i = 0; i < pending_.size();) {
        const Pending old = pending_[i];
        if (now - old.sent < kAnswerMax) {
            earliest(due, old.sent + kAnswerMax);
            ++i;
            continue;
        }
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
        give_up(old, sink);
        Link* const link = find(old.connection);
        if (link != nullptr && old.kind == Pending::Kind::log_on)
            leave(*link, "no answer to the log-on within 10 seconds", outbox);
    }
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        if (link.step == Step::leaving) continue;
        if (link.step == Step::waiting && now >= link.again && !shut_) log_on(link, now, sink, outbox);
        if (link.step == Step::waiting) earliest(due, link.again);
        if (now - link.received >= kSilenceMax) {
            leave(link, "no message for 30 seconds", outbox);
            tell_roads(sink);
            continue;
        }
        if (now - link.received >= kProbeAfter && link.probed <= link.received) {
            link.probed = now;
            send(Pending::Kind::probe, link, tools_->encoder.session_status(next_id_), kForeignOrder, now,
                 outbox);
        }
        if (now - link.opened >= kLifeMax) replace(link, now, outbox);
        earliest(due, link.received + (now - link.received >= kProbeAfter ? kSilenceMax : kProbeAfter));
        if (!link.replacing) earliest(due, link.opened + kLifeMax);
    }
    if (asked_.known() && now - asked_ >= kConnectMax && !shut_) connect(now, outbox);
    if (asked_.known() && !shut_) earliest(due, asked_ + kConnectMax);
    return due;
}

}  // namespace arb::binance
