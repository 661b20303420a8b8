#include "engine/live/live_driver.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/path_stamps.hpp"
#include "engine/journal/http_mark.hpp"
#include "engine/live/live_peer.hpp"

namespace arb {
namespace {

// The engine's own timer: questions, pauses and deadlines are looked at so often.
constexpr Duration kDriverTick = milliseconds(20);
std::int64_t steady_ns()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

LiveDriver::LiveDriver(const InstrumentTable& table, std::vector<LiveVenue> venues, net::Loop& loop,
                       JournalThread* journal, LiveListener* listener)
    : venues_(std::move(venues)), loop_(&loop), journal_(journal), listener_(listener)
{
    ENSURE(venues_.size() == table.venue_count(), "there is one way to each venue");
    for (std::size_t v = 0; v < venues_.size(); ++v)
        peers_.push_back(std::make_unique<Peer>(*this, static_cast<VenueId>(v), loop, venues_[v]));
    wakes_.resize(venues_.size());
    events_.reserve(256);
}

LiveDriver::~LiveDriver() = default;

void LiveDriver::connect(Driven& engine, PaperVenues* paper)
{
    engine_ = &engine;
    paper_ = paper;
}

void LiveDriver::start()
{
    const Timestamp time = clock_.now();
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const auto venue = static_cast<VenueId>(v);
        for (const ConnectionPlan& plan : engine_->plans(venue)) add_link(venue, plan.url, true, time);
    }
    run_timers();
}

// Inputs.

Timestamp LiveDriver::begin_input()
{
    const Timestamp time = clock_.stamp();
    run_paper(time);
    ++counts_.inputs;
    return time;
}

// Orders that reach their simulated venue before this input meet the book as it was then, exactly as a replay
// has it.
void LiveDriver::run_paper(Timestamp until)
{
    if (paper_ == nullptr) return;
    for (Timestamp due = paper_->next_due(); due.known() && due < until; due = paper_->next_due()) {
        events_.clear();
        paper_->run(due, events_);
        for (const OrderEvent& event : events_) engine_->on_order_event(event, due);
        engine_->decide(due);
    }
}

bool LiveDriver::command(std::string_view text)
{
    const Timestamp time = begin_input();
    if (journal_ != nullptr) journal_->command(time, text);
    in_engine_ = true;
    const bool understood = text.empty() || engine_->on_command(text, time);
    engine_->decide(time);
    in_engine_ = false;
    work_off_wishes();
    return understood;
}

void LiveDriver::on_frame(VenueId venue, net::LinkId id, char* data, std::size_t size)
{
    const std::optional<ConnectionId> connection = find(venue, id);
    if (!connection || !links_[index(*connection)].up) return;
    if (path_stamps != nullptr) path_stamps->begin_frame();
    frame_begun_ = steady_ns();
    const Timestamp time = begin_input();
    ++counts_.frames;
    if (journal_ != nullptr) journal_->frame(venue, *connection, time, {data, size});
    stamp_path(PathStage::journaled);
    in_engine_ = true;
    engine_->on_frame(venue, *connection, {data, size}, time);
    engine_->decide(time);
    in_engine_ = false;
    if (path_stamps != nullptr) path_stamps->end_frame();
    frame_begun_ = 0;
    work_off_wishes();
}

void LiveDriver::on_reply(VenueId venue, net::RequestId id, net::HttpOutcome& outcome)
{
    const auto found = waiting_.find({index(venue), static_cast<std::uint64_t>(id)});
    if (found == waiting_.end()) return;
    const Waiting waited = std::move(found->second);
    waiting_.erase(found);
    const HttpReply reply = reply_of(waited.asked, outcome);
    const Timestamp time = begin_input();
    ++counts_.replies;
    if (journal_ != nullptr) {
        const std::string url =
            add_mark(waited.asked.url, {reply.tag, reply.sent, reply.retry_after, reply.count});
        const std::string body = waited.secret ? mask_long_texts(reply.body.view()) : std::string();
        journal_->http(venue, time, url, reply.status,
                       waited.secret ? std::string_view(body) : reply.body.view());
    }
    in_engine_ = true;
    engine_->on_http(venue, reply, time);
    engine_->decide(time);
    in_engine_ = false;
    work_off_wishes();
}

void LiveDriver::tell_open(ConnectionId connection)
{
    Link& link = links_[index(connection)];
    link.up = true;
    link.spare = false;
    link.failures = 0;
    const std::string url = link.url;
    const VenueId venue = link.venue;
    const Timestamp time = begin_input();
    ++counts_.opened;
    // The query of a private address may hold a token: it is neither kept nor told in a replay, so not here
    // either.
    const std::string kept = link.is_public ? url : without_query(url);
    if (journal_ != nullptr) journal_->open(venue, connection, time, kept);
    if (listener_ != nullptr) listener_->on_connection(venue, without_query(url), true, {});
    in_engine_ = true;
    engine_->on_open(venue, connection, kept, time);
    engine_->decide(time);
    in_engine_ = false;
    work_off_wishes();
}

void LiveDriver::tell_close(ConnectionId connection, std::string_view why)
{
    const VenueId venue = links_[index(connection)].venue;
    const std::string url = links_[index(connection)].url;
    links_[index(connection)].up = false;
    const Timestamp time = begin_input();
    ++counts_.closed;
    if (journal_ != nullptr) journal_->close(venue, connection, time, why);
    if (listener_ != nullptr) listener_->on_connection(venue, without_query(url), false, why);
    in_engine_ = true;
    engine_->on_close(venue, connection, time, false);
    engine_->decide(time);
    in_engine_ = false;
}

// Time.

void LiveDriver::run_timers()
{
    const Timestamp time = clock_.now();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!links_[i].gone && links_[i].due.known() && links_[i].due <= time)
            dial(static_cast<ConnectionId>(i));
    }
    for (std::size_t v = 0; v < wakes_.size(); ++v) {
        if (!wakes_[v].known() || wakes_[v] > time) continue;
        wakes_[v] = {};
        const Timestamp stamp = begin_input();
        const auto venue = static_cast<VenueId>(v);
        if (journal_ != nullptr) journal_->wake(venue, stamp);
        in_engine_ = true;
        engine_->on_wake(venue, stamp);
        engine_->decide(stamp);
        in_engine_ = false;
        work_off_wishes();
    }
    if (time - ticked_ >= kDriverTick) {
        ticked_ = time;
        (void)command({});
    }
    renew_old(time);
}

void LiveDriver::turn(Duration max_wait)
{
    (void)loop_->run_once(std::chrono::nanoseconds(std::min(max_wait, kDriverTick).ns));
    run_timers();
    // With no input at all, simulated orders still arrive.
    run_paper(clock_.now());
}

// What the engine wished while it was handling an input and what must not happen inside it.
void LiveDriver::work_off_wishes()
{
    if (in_engine_) return;
    while (!to_close_.empty()) {
        const auto [connection, why] = to_close_.back();
        to_close_.pop_back();
        Link& link = links_[index(connection)];
        if (!link.up) continue;
        peers_[index(link.venue)]->client.abandon(link.id);
        if (link.is_public)
            schedule(link, clock_.now() - link.opened);
        else
            link.gone = true;
        tell_close(connection, why);
    }
    while (!unsent_.empty()) {
        HttpReply reply = unsent_.back();
        const VenueId venue = unsent_venues_.back().first;
        unsent_.pop_back();
        unsent_venues_.pop_back();
        const Timestamp time = begin_input();
        if (journal_ != nullptr)
            journal_->http(venue, time, add_mark(reply.url, {reply.tag, false, {}}), 0, {});
        in_engine_ = true;
        engine_->on_http(venue, reply, time);
        engine_->decide(time);
        in_engine_ = false;
    }
}

// Outbox.

void LiveDriver::send(ConnectionId connection, std::string_view text)
{
    const Link& link = links_[index(connection)];
    if (!link.up) return;
    ++counts_.sent;
    stamp_path(PathStage::encoded);
    (void)peers_[index(link.venue)]->client.send(link.id, text);
    stamp_path(PathStage::written);
    if (frame_begun_ == 0) return;
    latency_.add(steady_ns() - frame_begun_);
    frame_begun_ = 0;
}

void LiveDriver::request(const HttpRequest& request)
{
    ++counts_.requests;
    std::string journaled = request.is_signed ? without_query(request.url) : request.url;
    std::string why;
    std::string address = target(request.venue, request.url, why);
    if (address.empty()) {
        unsent_.push_back(unsent_reply(request.tag, ""));
        unsent_venues_.emplace_back(request.venue, request.tag);
        return;
    }
    const std::size_t at = index(request.venue);
    const net::RequestId id = peers_[at]->client.request(call_of(venues_[at], request, std::move(address)));
    waiting_[{at, static_cast<std::uint64_t>(id)}] = {
        request.venue,
        {request.tag, std::move(journaled), std::string(request.count_header)},
        request.secret_reply};
    if (frame_begun_ == 0) return;
    latency_.add(steady_ns() - frame_begun_);
    frame_begun_ = 0;
}

void LiveDriver::wake_at(VenueId venue, Timestamp time)
{
    if (venue == kNoVenue) return;
    Timestamp& wake = wakes_[index(venue)];
    if (!wake.known() || time < wake) wake = time;
}

void LiveDriver::reconnect(ConnectionId connection, std::string_view why)
{
    to_close_.emplace_back(connection, std::string(why));
}

void LiveDriver::used_key(VenueId venue, std::string_view endpoint)
{
    used_key_of(venue, {}, endpoint);
}

void LiveDriver::used_key_of(VenueId venue, std::string_view label, std::string_view endpoint)
{
    if (listener_ != nullptr) listener_->on_key_use(venue, label, endpoint, clock_.now());
}

}  // namespace arb
