#include "engine/live/live_links.hpp"

#include <algorithm>

namespace arb {
namespace {

constexpr Duration kRenewEvery = seconds(10);
// A private connection that fails so often is given back to its venue, whose address for it may be out of
// date.
constexpr unsigned kPrivateFailuresMax = 5;

}  // namespace

std::string without_query(std::string_view url)
{
    const std::size_t mark = std::min(url.find('#'), url.size());
    std::string kept(url.substr(0, std::min(url.find('?'), mark)));
    return kept.append(url.substr(mark));
}

struct LiveLinks::Peer final : net::ClientHandler {
    Peer(LinkEvents& told, VenueId id, net::Loop& loop, const LiveVenue& venue)
        : events(&told),
          venue_id(id),
          client(loop, net::TlsTrust{venue.ca_file}, *this),
          budget(venue.attempts_max, std::chrono::minutes(5)),
          backoff(0x6172 + static_cast<std::uint64_t>(id))
    {
    }
    void on_open(net::LinkId link) override { events->on_link_open(venue_id, link); }
    void on_frame(net::LinkId link, char* data, std::size_t size) override
    {
        events->on_link_frame(venue_id, link, data, size);
    }
    void on_closed(net::LinkId link, const net::CloseInfo& info) override
    {
        events->on_link_closed(venue_id, link, info);
    }
    void on_reply(net::RequestId request, net::HttpOutcome& outcome) override
    {
        events->on_link_reply(venue_id, request, outcome);
    }

    LinkEvents* events;
    VenueId venue_id;
    net::Client client;
    net::AttemptBudget budget;
    net::Backoff backoff;
    bool private_failed = false;  ///< the next private connection waits
};

LiveLinks::LiveLinks(std::vector<LiveVenue> venues, net::Loop& loop, const LiveClock& clock,
                     LinkEvents& events, LiveListener* listener)
    : venues_(std::move(venues)), clock_(&clock), listener_(listener)
{
    for (std::size_t v = 0; v < venues_.size(); ++v)
        peers_.push_back(std::make_unique<Peer>(events, static_cast<VenueId>(v), loop, venues_[v]));
}

LiveLinks::~LiveLinks() = default;

void LiveLinks::keep_open(VenueId venue, std::string url)
{
    (void)add(venue, std::move(url), true, clock_->now());
}

void LiveLinks::connect(VenueId venue, std::string_view url)
{
    // A spare that was opened ahead of time for this address is the answer.
    for (Link& link : links_) {
        if (link.gone || !link.spare || link.venue != venue || link.url != url) continue;
        link.spare = false;
        return;
    }
    Peer& peer = *peers_[index(venue)];
    const Duration wait = peer.private_failed ? Duration{peer.backoff.next().count()} : Duration{};
    peer.private_failed = false;
    (void)add(venue, std::string(url), false, clock_->now() + wait);
}

ConnectionId LiveLinks::add(VenueId venue, std::string url, bool is_public, Timestamp due)
{
    Link link;
    link.venue = venue;
    link.url = std::move(url);
    link.is_public = is_public;
    link.due = due;
    // A place whose connection is gone for good is used again: numbers stay small however long a session
    // lasts.
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!links_[i].gone) continue;
        links_[i] = std::move(link);
        return static_cast<ConnectionId>(i);
    }
    links_.push_back(std::move(link));
    return static_cast<ConnectionId>(links_.size() - 1);
}

void LiveLinks::dial_due(Timestamp now)
{
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        if (!link.gone && link.due.known() && link.due <= now) dial(link);
    }
}

void LiveLinks::dial(Link& link)
{
    Peer& peer = *peers_[index(link.venue)];
    const LiveVenue& venue = venues_[index(link.venue)];
    const std::string address = address_of(venue, link.url.substr(0, link.url.find('#')));
    link.due = {};
    if (address.empty()) {
        if (listener_ != nullptr) {
            listener_->on_connection(link.venue, without_query(link.url), false,
                                     "not an address of this venue");
        }
        return;
    }
    const std::chrono::nanoseconds time(clock_->now().ns);
    const std::chrono::nanoseconds allowed = peer.budget.next_allowed(time);
    if (allowed > time || !peer.budget.take(time)) {
        link.due = Timestamp{std::max(allowed.count(), time.count() + 1'000'000)};
        return;
    }
    net::Headers headers;
    for (const HttpHeader& header : venue.dial_headers) headers.push_back({header.name, header.value});
    link.id = peer.client.open(address, headers);
    link.opened = clock_->now();
}

void LiveLinks::schedule(Link& link, Duration lived)
{
    Peer& peer = *peers_[index(link.venue)];
    peer.backoff.on_ended(std::chrono::nanoseconds(lived.ns));
    link.due = clock_->now() + Duration{peer.backoff.next().count()};
    link.id = {};
}

void LiveLinks::renew_old(Timestamp now)
{
    if (now - renewed_ < kRenewEvery) return;
    renewed_ = now;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const Link& link = links_[i];
        if (!link.up || link.renewing || now - link.opened < venues_[index(link.venue)].life_max) continue;
        links_[i].renewing = true;
        const ConnectionId fresh = add(link.venue, link.url, link.is_public, now);
        links_[index(fresh)].spare = true;
    }
}

std::optional<ConnectionId> LiveLinks::find(VenueId venue, net::LinkId id) const
{
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (links_[i].venue == venue && links_[i].id == id && !links_[i].gone)
            return static_cast<ConnectionId>(i);
    }
    return std::nullopt;
}

std::optional<ConnectionId> LiveLinks::opened(ConnectionId connection)
{
    Link& link = links_[index(connection)];
    link.opened = clock_->now();
    if (!link.spare) return std::nullopt;
    // The old one of that address goes, and its place is taken without a handshake's delay.
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& old = links_[i];
        if (i == index(connection) || !old.renewing || old.url != link.url || old.venue != link.venue)
            continue;
        peers_[index(old.venue)]->client.abandon(old.id);
        old.gone = true;
        return static_cast<ConnectionId>(i);
    }
    return std::nullopt;
}

bool LiveLinks::take_over(ConnectionId connection)
{
    Link& link = links_[index(connection)];
    if (link.is_public || !link.spare) return true;
    peers_[index(link.venue)]->client.abandon(link.id);
    link.gone = true;
    return false;
}

bool LiveLinks::never_stood(Link& link, std::string_view why)
{
    ++link.failures;
    if (listener_ != nullptr) listener_->on_connection(link.venue, without_query(link.url), false, why);
    if (link.spare) {
        link.gone = true;
        for (Link& other : links_) other.renewing = other.renewing && other.url != link.url;
        return false;
    }
    if (link.is_public || link.failures < kPrivateFailuresMax) {
        schedule(link, {});
        return false;
    }
    link.gone = true;
    return true;
}

bool LiveLinks::closed(ConnectionId connection, std::string_view why)
{
    Link& link = links_[index(connection)];
    link.id = {};
    if (!link.up) return never_stood(link, why);
    const Duration lived = clock_->now() - link.opened;
    // A public connection keeps its number when it comes back; a private one is asked for again by its venue.
    if (link.is_public) {
        schedule(link, lived);
    } else {
        link.gone = true;
        Peer& peer = *peers_[index(link.venue)];
        peer.backoff.on_ended(std::chrono::nanoseconds(lived.ns));
        peer.private_failed = true;
    }
    return true;
}

bool LiveLinks::drop(ConnectionId connection)
{
    Link& link = links_[index(connection)];
    if (!link.up) return false;
    peers_[index(link.venue)]->client.abandon(link.id);
    if (link.is_public)
        schedule(link, clock_->now() - link.opened);
    else
        link.gone = true;
    return true;
}

void LiveLinks::set_up(ConnectionId connection, bool up)
{
    Link& link = links_[index(connection)];
    link.up = up;
    if (!up) return;
    link.spare = false;
    link.failures = 0;
}

std::string LiveLinks::kept_url(ConnectionId connection) const
{
    const Link& link = links_[index(connection)];
    return link.is_public ? link.url : without_query(link.url);
}

std::size_t LiveLinks::open_count() const
{
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const Link& l) { return l.up; }));
}

void LiveLinks::send(ConnectionId connection, std::string_view text)
{
    const Link& link = links_[index(connection)];
    (void)peers_[index(link.venue)]->client.send(link.id, text);
}

std::optional<net::RequestId> LiveLinks::request(const HttpRequest& request)
{
    const LiveVenue& venue = venues_[index(request.venue)];
    std::string address = address_of(venue, request.url.substr(0, request.url.find('#')));
    if (address.empty()) return std::nullopt;
    return peers_[index(request.venue)]->client.request(call_of(venue, request, std::move(address)));
}

}  // namespace arb
