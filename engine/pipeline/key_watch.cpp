#include "engine/pipeline/key_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr const char* kKeyBad = "its key may not be used any more";

}  // namespace

KeyWatch::KeyWatch(const LiveContext& context, VenueStates& venues, RunPhase& phase,
                   const StateRecords& records, std::vector<KeyedVenue*> keyed, KeySource* keys)
    : context_(context),
      venues_(&venues),
      phase_(&phase),
      records_(&records),
      keys_(keys),
      gate_({std::move(keyed), venues.sinks(), &venues.outbox(), this, context.limits.keys}),
      troubles_(venues.count())
{
}

bool KeyWatch::add(LineReader& line, Timestamp now)
{
    const VenueId id = line.venue();
    KeyFacts facts;
    facts.label = line.field();
    const std::string_view role = line.field();
    const std::string_view notes = line.rest();
    if (line.failed() || keys_ == nullptr || !read_key_notes(notes, facts)) return false;
    facts.venue = records_->label(id);
    facts.role = role == name(KeyRole::read) ? KeyRole::read : KeyRole::trade;
    const Credentials* credentials = keys_->find(facts.venue, facts.label);
    return credentials != nullptr && gate_.add(id, facts, *credentials, now);
}

bool KeyWatch::begin_sessions(Timestamp now)
{
    if (phase_->phase() == Phase::stopping) phase_->set(Phase::stopped, now);
    if (phase_->phase() == Phase::stopped || !gate_.settled()) return false;
    if (gate_.refused()) {
        context_.listener.on_note("a key was refused: nothing is sent, the run ends", now);
        phase_->set(Phase::stopped, now);
        return false;
    }
    sessions_begun_ = true;
    gate_.start_sessions(now);
    venues_->for_each_trading([&](VenueId id, VenueState&) {
        if (!gate_.guards(id)) venues_->venue(id).start_session(now, venues_->sink(id), venues_->outbox());
    });
    return true;
}

void KeyWatch::on_key(const KeyNews& news, Timestamp now)
{
    refused_ |= news.stage == KeyStage::refused && !sessions_begun_;
    refused_ |= news.stage == KeyStage::serving && news.fault != KeyFault::none;
    context_.listener.on_key(news, now);
    // A key that took over, or was asked about and found good. The others are asked about at once.
    if (news.stage == KeyStage::serving && news.fault == KeyFault::none && sessions_begun_ &&
        venues_->of(news.venue).key_trouble)
        on_good_key(news.venue, news.label, now);
}

void KeyWatch::on_request_end(VenueId id, const RequestEnd& end, Timestamp now)
{
    const VenueState& state = venues_->of(id);
    // A clock or a single order's permission is not the key's end; the venue's word on the key is.
    if (end.outcome == Outcome::key_trouble && end.reason != RejectReason::clock && !state.key_trouble)
        begin_trouble(id, end, now);
    // A log-on with one key says nothing of the other: guarded keys are judged one by one.
    const bool about_key = end.kind == RequestKind::key_info || end.kind == RequestKind::session;
    if (about_key && end.outcome == Outcome::done && state.key_trouble && !gate_.guards(id))
        on_good_key(id, "", now);
}

void KeyWatch::begin_trouble(VenueId id, const RequestEnd& end, Timestamp now)
{
    venues_->of(id).key_trouble = true;
    Trouble& trouble = troubles_[index(id)];
    trouble.pause = context_.limits.key_ask_first;
    trouble.due = now + trouble.pause;
    trouble.good_keys.clear();
    context_.listener.on_note(
        fmt::format("{}: the key was refused ({}); the venue is left alone until it takes the key again; "
                    "`clear {}` asks it at once",
                    records_->label(id), end.text, records_->label(id)),
        now);
}

void KeyWatch::ask(Timestamp now)
{
    venues_->for_each_trading([&](VenueId id, VenueState& state) {
        Trouble& trouble = troubles_[index(id)];
        if (!state.key_trouble || now < trouble.due || now < state.shut_until) return;
        trouble.pause = std::min(Duration{trouble.pause.ns * 2}, context_.limits.key_ask_most);
        trouble.due = now + trouble.pause;
        if (gate_.guards(id))
            gate_.ask_again(id, now);
        else
            venues_->venue(id).query_key(now, venues_->sink(id), venues_->outbox());
    });
}

bool KeyWatch::ask_now(std::string_view label, Timestamp now)
{
    const std::optional<VenueId> id = context_.table.find_venue(label);
    if (!id || !venues_->of(*id).key_trouble) return false;
    troubles_[index(*id)].pause = context_.limits.key_ask_first;
    troubles_[index(*id)].due = now;
    return true;
}

void KeyWatch::on_good_key(VenueId id, std::string_view label, Timestamp now)
{
    std::vector<std::string>& good = troubles_[index(id)].good_keys;
    if (std::find(good.begin(), good.end(), label) == good.end()) good.emplace_back(label);
    bool all = true;
    gate_.for_each([&](const KeyNews& news) {
        if (news.venue == id && news.stage == KeyStage::serving)
            all &= std::find(good.begin(), good.end(), news.label) != good.end();
    });
    if (all)
        end_trouble(id, now);
    else if (good.size() == 1)
        troubles_[index(id)].due = now;
}

void KeyWatch::end_trouble(VenueId id, Timestamp now)
{
    VenueState& state = venues_->of(id);
    state.key_trouble = false;
    context_.listener.on_note(fmt::format("{}: it takes the key again", records_->label(id)), now);
    // What happened there meanwhile is asked for; and a connector that gave up logging on begins again.
    if (state.recovered) state.fills_known = false;
    if (state.all_open()) return;
    if (gate_.guards(id))
        gate_.restart_sessions(id, now);
    else
        venues_->venue(id).start_session(now, venues_->sink(id), venues_->outbox());
}

void KeyWatch::halt(Timestamp now)
{
    for (std::size_t v = 0; v < venues_->count(); ++v) {
        const auto id = static_cast<VenueId>(v);
        const std::string& trouble = gate_.trouble(id);
        if (trouble.empty() || *venues_->of(id).halted != '\0') continue;
        context_.listener.on_note(trouble, now);
        venues_->halt(id, kKeyBad, now);
    }
}

}  // namespace arb
