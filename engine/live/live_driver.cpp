#include "engine/live/live_driver.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/path_stamps.hpp"
#include "engine/journal/http_mark.hpp"

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
    : venue_count_(venues.size()),
      loop_(&loop),
      journal_(journal),
      listener_(listener),
      links_(std::move(venues), loop, clock_, *this, listener)
{
    ENSURE(venue_count_ == table.venue_count(), "there is one way to each venue");
    wakes_.resize(venue_count_);
    events_.reserve(256);
}

void LiveDriver::connect(Driven& engine, PaperVenues* paper)
{
    engine_ = &engine;
    paper_ = paper;
}

void LiveDriver::start()
{
    for (std::size_t v = 0; v < venue_count_; ++v) {
        const auto venue = static_cast<VenueId>(v);
        for (const ConnectionPlan& plan : engine_->plans(venue)) links_.keep_open(venue, plan.url);
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

void LiveDriver::on_link_frame(VenueId venue, net::LinkId id, char* data, std::size_t size)
{
    const std::optional<ConnectionId> connection = links_.find(venue, id);
    if (!connection || !links_.is_up(*connection)) return;
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

void LiveDriver::on_link_reply(VenueId venue, net::RequestId id, net::HttpOutcome& outcome)
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

void LiveDriver::on_link_open(VenueId venue, net::LinkId id)
{
    const std::optional<ConnectionId> connection = links_.find(venue, id);
    if (!connection) return;
    if (const std::optional<ConnectionId> old = links_.opened(*connection)) {
        tell_close(*old, "renewed before the venue's limit");
        // A private one is taken over when its venue asks for that address again, as it does from on_close.
        if (!links_.take_over(*connection)) return work_off_wishes();
    }
    tell_open(*connection);
}

void LiveDriver::on_link_closed(VenueId venue, net::LinkId id, const net::CloseInfo& info)
{
    const std::optional<ConnectionId> connection = links_.find(venue, id);
    if (!connection || !links_.closed(*connection, info.text)) return;
    tell_close(*connection, info.text);
    work_off_wishes();
}

void LiveDriver::tell_open(ConnectionId connection)
{
    links_.set_up(connection, true);
    const VenueId venue = links_.venue_of(connection);
    const Timestamp time = begin_input();
    ++counts_.opened;
    // The query of a private address may hold a token: it is neither kept nor told in a replay, so not here
    // either.
    const std::string kept = links_.kept_url(connection);
    if (journal_ != nullptr) journal_->open(venue, connection, time, kept);
    if (listener_ != nullptr) listener_->on_connection(venue, without_query(kept), true, {});
    in_engine_ = true;
    engine_->on_open(venue, connection, kept, time);
    engine_->decide(time);
    in_engine_ = false;
    work_off_wishes();
}

void LiveDriver::tell_close(ConnectionId connection, std::string_view why)
{
    const VenueId venue = links_.venue_of(connection);
    links_.set_up(connection, false);
    const Timestamp time = begin_input();
    ++counts_.closed;
    if (journal_ != nullptr) journal_->close(venue, connection, time, why);
    if (listener_ != nullptr)
        listener_->on_connection(venue, without_query(links_.url_of(connection)), false, why);
    in_engine_ = true;
    engine_->on_close(venue, connection, time, false);
    engine_->decide(time);
    in_engine_ = false;
}

// Time.

void LiveDriver::run_timers()
{
    const Timestamp time = clock_.now();
    links_.dial_due(time);
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
    links_.renew_old(time);
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
        if (links_.drop(connection)) tell_close(connection, why);
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
    if (!links_.is_up(connection)) return;
    ++counts_.sent;
    stamp_path(PathStage::encoded);
    links_.send(connection, text);
    stamp_path(PathStage::written);
    if (frame_begun_ == 0) return;
    latency_.add(steady_ns() - frame_begun_);
    frame_begun_ = 0;
}

void LiveDriver::request(const HttpRequest& request)
{
    ++counts_.requests;
    std::string journaled = request.is_signed ? without_query(request.url) : request.url;
    const std::optional<net::RequestId> id = links_.request(request);
    if (!id) {
        unsent_.push_back(unsent_reply(request.tag, ""));
        unsent_venues_.emplace_back(request.venue, request.tag);
        return;
    }
    waiting_[{index(request.venue), static_cast<std::uint64_t>(*id)}] = {
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

void LiveDriver::connect(VenueId venue, std::string_view url)
{
    links_.connect(venue, url);
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
