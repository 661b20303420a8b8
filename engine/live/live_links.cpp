// LiveDriver's connections: which address, when to dial, what an end means, and renewing before a venue's
// limit.
#include <algorithm>

#include "engine/live/live_driver.hpp"
#include "engine/live/live_peer.hpp"

namespace arb {
namespace {

constexpr Duration kRenewEvery = seconds(10);
// A private connection that fails so often is given back to its venue, whose address for it may be out of
// date.
constexpr unsigned kPrivateFailuresMax = 5;

}  // namespace

std::string LiveDriver::target(VenueId venue, const std::string& url, std::string& why) const
{
    std::string address = address_of(venues_[index(venue)], url.substr(0, url.find('#')));
    if (address.empty()) why = "not an address of this venue";
    return address;
}

std::optional<ConnectionId> LiveDriver::find(VenueId venue, net::LinkId id) const
{
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (links_[i].venue == venue && links_[i].id == id && !links_[i].gone)
            return static_cast<ConnectionId>(i);
    }
    return std::nullopt;
}

ConnectionId LiveDriver::add_link(VenueId venue, std::string url, bool is_public, Timestamp due)
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

void LiveDriver::dial(ConnectionId connection)
{
    Link& link = links_[index(connection)];
    Peer& peer = *peers_[index(link.venue)];
    std::string why;
    const std::string address = target(link.venue, link.url, why);
    link.due = {};
    if (address.empty()) {
        if (listener_ != nullptr) listener_->on_connection(link.venue, without_query(link.url), false, why);
        return;
    }
    const std::chrono::nanoseconds time(clock_.now().ns);
    const std::chrono::nanoseconds allowed = peer.budget.next_allowed(time);
    if (allowed > time || !peer.budget.take(time)) {
        link.due = Timestamp{std::max(allowed.count(), time.count() + 1'000'000)};
        return;
    }
    net::Headers headers;
    for (const HttpHeader& header : venues_[index(link.venue)].dial_headers)
        headers.push_back({header.name, header.value});
    link.id = peer.client.open(address, headers);
    link.opened = clock_.now();
}

void LiveDriver::schedule(Link& link, Duration lived)
{
    Peer& peer = *peers_[index(link.venue)];
    peer.backoff.on_ended(std::chrono::nanoseconds(lived.ns));
    link.due = clock_.now() + Duration{peer.backoff.next().count()};
    link.id = {};
}

void LiveDriver::on_open(VenueId venue, net::LinkId id)
{
    const std::optional<ConnectionId> connection = find(venue, id);
    if (!connection) return;
    Link& link = links_[index(*connection)];
    link.opened = clock_.now();
    if (!link.spare) {
        tell_open(*connection);
        return;
    }
    // The new one stands: the old one of that address goes, and its place is taken without a handshake's
    // delay.
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (i == index(*connection) || !links_[i].renewing || links_[i].url != link.url ||
            links_[i].venue != venue)
            continue;
        const bool is_public = links_[i].is_public;
        peers_[index(venue)]->client.abandon(links_[i].id);
        links_[i].gone = true;
        tell_close(static_cast<ConnectionId>(i), "renewed before the venue's limit");
        // A private one is taken over when its venue asks for that address again, as it does from on_close.
        if (is_public || !links_[index(*connection)].spare) {
            tell_open(*connection);
        } else {
            peers_[index(venue)]->client.abandon(id);
            links_[index(*connection)].gone = true;
        }
        work_off_wishes();
        return;
    }
    tell_open(*connection);
}

void LiveDriver::on_closed(VenueId venue, net::LinkId id, const net::CloseInfo& info)
{
    const std::optional<ConnectionId> connection = find(venue, id);
    if (!connection) return;
    Link& link = links_[index(*connection)];
    const bool was_up = link.up;
    const Duration lived = was_up ? clock_.now() - link.opened : Duration{};
    link.id = {};
    if (!was_up) {
        ++link.failures;
        if (listener_ != nullptr) listener_->on_connection(venue, without_query(link.url), false, info.text);
        if (link.spare) {
            link.gone = true;
            for (Link& other : links_) other.renewing = other.renewing && other.url != link.url;
            return;
        }
        if (link.is_public || link.failures < kPrivateFailuresMax) {
            schedule(link, lived);
            return;
        }
        link.gone = true;
        tell_close(*connection, info.text);
        work_off_wishes();
        return;
    }
    // A public connection keeps its number when it comes back; a private one is asked for again by its venue.
    if (link.is_public) {
        schedule(link, lived);
    } else {
        link.gone = true;
        peers_[index(venue)]->backoff.on_ended(std::chrono::nanoseconds(lived.ns));
        peers_[index(venue)]->private_failed = true;
    }
    tell_close(*connection, info.text);
    work_off_wishes();
}

void LiveDriver::renew_old(Timestamp now)
{
    if (now - renewed_ < kRenewEvery) return;
    renewed_ = now;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!links_[i].up || links_[i].renewing ||
            now - links_[i].opened < venues_[index(links_[i].venue)].life_max)
            continue;
        links_[i].renewing = true;
        const ConnectionId fresh = add_link(links_[i].venue, links_[i].url, links_[i].is_public, now);
        links_[index(fresh)].spare = true;
    }
}

std::size_t LiveDriver::open_connections() const
{
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const Link& l) { return l.up; }));
}

void LiveDriver::connect(VenueId venue, std::string_view url)
{
    // A spare that was opened ahead of time for this address is the answer.
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        if (link.gone || !link.spare || link.venue != venue || link.url != url) continue;
        link.spare = false;
        return;
    }
    Peer& peer = *peers_[index(venue)];
    const Duration wait = peer.private_failed ? Duration{peer.backoff.next().count()} : Duration{};
    peer.private_failed = false;
    add_link(venue, std::string(url), false, clock_.now() + wait);
}

}  // namespace arb
