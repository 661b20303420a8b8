#include "engine/rehearsal/rehearsal.hpp"

namespace arb {
namespace {

constexpr std::string_view kStopped = "the rehearsal was stopped";

}  // namespace

Rehearsal::Rehearsal(const RehearsalSetup& setup, Outbox& outbox) : stage_(setup, outbox)
{
    plans_ = stage_.venue().plan(stage_.listings());
    add_account_steps(walk_, setup);
    add_order_steps(walk_);
    add_no_fill_steps(walk_);
    add_fill_steps(walk_);
    add_closing_steps(walk_);
}

Rehearsal::~Rehearsal() = default;

std::string Rehearsal::doing() const
{
    if (over_) return "over";
    const std::vector<Step::Row> rows = walk_[at_]->rows(stage_);
    return rows.empty() ? "watching" : rows.front().name;
}

const std::vector<ConnectionPlan>& Rehearsal::plans(VenueId) const
{
    return plans_;
}

void Rehearsal::on_open(VenueId, ConnectionId connection, std::string_view url, Timestamp now)
{
    stage_.begin_input(connection, now);
    if (addresses_.size() <= index(connection)) addresses_.resize(index(connection) + 1);
    addresses_[index(connection)] = url;
    stage_.venue().on_open(connection, url, now, stage_, stage_.outbox());
}

void Rehearsal::on_frame(VenueId, ConnectionId connection, PaddedText frame, Timestamp now)
{
    stage_.begin_input(connection, now);
    stage_.venue().on_frame(connection, frame, now, stage_, stage_.outbox());
}

void Rehearsal::on_http(VenueId, const HttpReply& reply, Timestamp now)
{
    stage_.begin_input(kNoConnection, now);
    stage_.venue().on_http(reply, now, stage_, stage_.outbox());
}

void Rehearsal::on_close(VenueId, ConnectionId connection, Timestamp now, bool)
{
    stage_.begin_input(connection, now);
    stage_.venue().on_close(connection, now, stage_, stage_.outbox());
    stage_.feed().on_close(connection,
                           index(connection) < addresses_.size() ? addresses_[index(connection)] : "");
}

void Rehearsal::on_wake(VenueId venue, Timestamp now)
{
    stage_.begin_input(kNoConnection, now);
    if (venue != kNoVenue) stage_.venue().on_wake(now, stage_, stage_.outbox());
}

bool Rehearsal::on_command(std::string_view text, Timestamp now)
{
    stage_.begin_input(kNoConnection, now);
    if (text != "stop") return false;
    stopping_ = true;
    return true;
}

void Rehearsal::decide(Timestamp now)
{
    stage_.on_time(now);
    if (!over_) walk(now);
    stage_.feed().take_resyncs(now, [&](ListingId listing) {
        if (stage_.setup().decisions != nullptr) {
            Decision decision;
            decision.kind = DecisionKind::resync;
            decision.time = now;
            decision.listing = listing;
            stage_.setup().decisions->on_decision(decision);
        }
        stage_.venue().resync(listing, now, stage_.outbox());
    });
}

// One input may end a step and begin the next ones.
void Rehearsal::walk(Timestamp now)
{
    while (at_ < walk_.size()) {
        Step& step = *walk_[at_];
        const bool cut = stopping_ && !step.closes();
        if (!begun_) {
            const std::string why = cut ? std::string(kStopped) : step.hindrance(stage_);
            if (!why.empty()) {
                step.skip(stage_, why);
                ++at_;
                continue;
            }
            begun_ = true;
            step_begun_ = now;
            step.begin(stage_);
        }
        if (cut) {
            // What was begun is told as far as it came: an order of it is cleaned up below.
            step.skip(stage_, std::string(kStopped));
        } else {
            if (!step.done(stage_) && now - step_begun_ < step.within(stage_)) return;
            step.judge(stage_);
        }
        begun_ = false;
        ++at_;
    }
    finish(now);
}

// The feed's rows come first: everything else rests on them.
void Rehearsal::finish(Timestamp now)
{
    over_ = true;
    // A fill may come when the last step that gives back is over.
    const bool told = !stage_.flags.empty();
    if (!told && stage_.orders().any_sent() &&
        absolute(stage_.orders().left_over()) >= stage_.instrument().amount(stage_.listing().lot))
        stage_.flags.push_back("A POSITION IS LEFT: " + stage_.orders().left_over().text() + " " +
                               stage_.instrument().base + " more than before");
    stage_.feed().judge(checks_, stage_.begun(), now, stage_.mask);
    for (const RehearsalCheck& row : stage_.checks.rows()) {
        if (row.result == CheckResult::not_tried)
            checks_.not_tried(row.name, row.expected, row.found);
        else
            checks_.judge(row.result == CheckResult::as_expected, row.name, row.expected, row.found);
    }
    if (stage_.orders().any_sent()) {
        const std::vector<std::string>& all = stage_.orders().contradictions();
        checks_.judge(all.empty(), "one word on each order",
                      "nothing that was said of an order contradicts another word",
                      all.empty() ? "no contradiction" : all.front());
    }
    for (const RehearsalLatency& latency : stage_.checks.latencies()) {
        for (const Duration time : latency.samples) checks_.took(latency.name, time);
    }
}

}  // namespace arb
