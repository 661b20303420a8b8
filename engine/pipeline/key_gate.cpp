#include "engine/pipeline/key_gate.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/ensure.hpp"

namespace arb {

const char* name(KeyStage stage)
{
    constexpr const char* kNames[] = {"asking",  "accepted", "coming", "serving",
                                      "leaving", "gone",     "refused"};
    return kNames[static_cast<std::size_t>(stage)];
}

KeyNews KeyGate::news_of(const Key& key) const
{
    KeyNews news;
    news.venue = key.venue;
    news.label = key.facts.label;
    news.role = key.facts.role;
    news.stage = key.stage;
    news.fault = key.verdict.fault;
    news.text = key.verdict.text;
    news.warnings = &key.verdict.warnings;
    news.attested = &key.verdict.attested;
    return news;
}

void KeyGate::set_stage(Key& key, KeyStage stage, Timestamp now)
{
    key.stage = stage;
    key.since = now;
    if (parts_.listener != nullptr) parts_.listener->on_key(news_of(key), now);
}

// Beside a key for reading, the one for trading opens order entry alone.
SessionScope KeyGate::scope_of(const Key& key) const
{
    for (const Key& other : keys_) {
        const bool there = other.stage != KeyStage::refused && other.stage != KeyStage::gone;
        if (other.venue != key.venue || other.facts.role == key.facts.role || !there) continue;
        return key.facts.role == KeyRole::trade ? SessionScope::orders : SessionScope::account;
    }
    return SessionScope::both;
}

bool KeyGate::add(VenueId id, const KeyFacts& facts, const Credentials& credentials, Timestamp now)
{
    if (!guards(id)) return false;
    const bool known = std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) {
        const bool there = key.stage != KeyStage::refused && key.stage != KeyStage::gone;
        return key.venue == id && key.facts.label == facts.label && there;
    });
    if (known) return false;
    Key key;
    key.venue = id;
    key.facts = facts;
    key.credentials = &credentials;
    key.of_start = !begun_;
    key.since = now;
    if (begun_) {
        key.slot = keys_of(id).add(credentials, scope_of(key));
        if (key.slot == kNoSlot) return false;
    }
    keys_.push_back(std::move(key));
    if (begun_) ask(keys_.back(), now);
    return true;
}

void KeyGate::begin(Timestamp now)
{
    begun_ = true;
    troubles_.resize(parts_.venues.size());
    for (Key& key : keys_) {
        key.slot = keys_of(key.venue).add(*key.credentials, scope_of(key));
        ENSURE(key.slot != kNoSlot, "a venue has room for the keys of a start");
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) ask(keys_[i], now);
}

void KeyGate::ask(Key& key, Timestamp now)
{
    key.waiting = true;
    key.due = {};
    ++key.asks;
    // The answer may come inside the call.
    const KeySlot slot = key.slot;
    keys_of(key.venue).ask(slot, now, sink(key.venue), *parts_.outbox);
}

bool KeyGate::settled() const
{
    return std::none_of(keys_.begin(), keys_.end(),
                        [](const Key& key) { return key.of_start && key.stage == KeyStage::asking; });
}

void KeyGate::start_sessions(Timestamp now)
{
    for (Key& key : keys_) {
        if (!key.of_start || key.stage != KeyStage::accepted) continue;
        set_stage(key, KeyStage::serving, now);
        key.due = now + parts_.limits.check_every;
        keys_of(key.venue).start(key.slot, now, sink(key.venue), *parts_.outbox);
    }
}

void KeyGate::ask_again(VenueId id, Timestamp now)
{
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        Key& key = keys_[i];
        if (key.venue != id || key.stage != KeyStage::serving || key.waiting) continue;
        key.again = true;
        ask(key, now);
    }
}

void KeyGate::restart_sessions(VenueId id, Timestamp now)
{
    for (const Key& key : keys_) {
        if (key.venue == id && key.stage == KeyStage::serving)
            keys_of(id).start(key.slot, now, sink(id), *parts_.outbox);
    }
}

const std::string& KeyGate::trouble(VenueId id) const
{
    static const std::string kNone;
    return index(id) < troubles_.size() ? troubles_[index(id)] : kNone;
}

void KeyGate::on_report(VenueId id, const KeyReport& report, Timestamp now)
{
    for (Key& key : keys_) {
        if (key.venue != id || !key.waiting || key.facts.label != report.label) continue;
        key.waiting = false;
        if (key.stage == KeyStage::asking)
            judge_first(key, report, now);
        else if (key.stage == KeyStage::serving)
            judge_serving(key, report, now);
        return;
    }
}

void KeyGate::judge_first(Key& key, const KeyReport& report, Timestamp now)
{
    key.verdict = judge_key(report, key.facts, now);
    if (key.verdict.fault == KeyFault::no_answer && key.asks < parts_.limits.asks_max) {
        key.due = now + parts_.limits.ask_again;
        return;
    }
    if (!key.verdict.accepted()) {
        refused_ |= key.of_start;
        refuse(key, now);
        return;
    }
    key.first = KeyBaseline::of(report);
    set_stage(key, KeyStage::accepted, now);
}

void KeyGate::refuse(Key& key, Timestamp now)
{
    // Its instance is dropped in work(): the answer that refused it is still being handled by it.
    set_stage(key, KeyStage::refused, now);
}

void KeyGate::judge_serving(Key& key, const KeyReport& report, Timestamp now)
{
    KeyVerdict verdict = judge_again(*key.first, report, key.facts, now);
    const bool again = std::exchange(key.again, false);
    if (again && (verdict.fault == KeyFault::no_answer || verdict.fault == KeyFault::refused)) {
        key.due = now + parts_.limits.check_every;
        return;
    }
    // One refusal may be the venue's hiccup; the second is a verdict.
    if (verdict.fault == KeyFault::refused && !key.doubted.known()) {
        key.doubted = now;
        key.due = now + parts_.limits.ask_again;
        return;
    }
    if (verdict.fault == KeyFault::no_answer) {
        if (!key.doubted.known()) key.doubted = now;
        if (now - key.doubted < parts_.limits.doubt_max) {
            key.due = now + parts_.limits.doubt;
            return;
        }
    }
    key.doubted = {};
    key.due = now + parts_.limits.check_every;
    key.verdict = std::move(verdict);
    // It stays where it is: cancelling needs it. The venue is stopped by whoever reads `trouble`.
    if (!key.verdict.accepted()) troubles_[index(key.venue)] = key.verdict.text;
    set_stage(key, KeyStage::serving, now);
}

void KeyGate::work(Timestamp now)
{
    for (std::size_t i = 0; i < keys_.size(); ++i) advance(keys_[i], now);
}

void KeyGate::advance(Key& key, Timestamp now)
{
    const bool asks = key.stage == KeyStage::asking || key.stage == KeyStage::serving;
    if (asks && !key.waiting && key.due.known() && now >= key.due) {
        ask(key, now);
        return;
    }
    if (key.stage == KeyStage::accepted && !key.of_start) {
        set_stage(key, KeyStage::coming, now);
        keys_of(key.venue).start(key.slot, now, sink(key.venue), *parts_.outbox);
        return;
    }
    VenueKeys& at = keys_of(key.venue);
    if (key.stage == KeyStage::refused && at.held(key.slot)) at.drop(key.slot, *parts_.outbox);
    if (key.stage == KeyStage::coming) {
        const std::string& trouble = at.trouble(key.slot);
        if (at.ready(key.slot)) {
            take_over(key, now);
        } else if (!trouble.empty() || now - key.since >= parts_.limits.takeover_max) {
            key.verdict.fault = KeyFault::refused;
            key.verdict.text = "key '" + key.facts.label + "' of " + key.facts.venue +
                               " could not log on, the one before it goes on: " +
                               (trouble.empty() ? std::string("its channels did not open in time") : trouble);
            refuse(key, now);
        }
    } else if (key.stage == KeyStage::leaving) {
        const Duration age = now - key.since;
        const bool drained = at.pending(key.slot) == 0 && age >= parts_.limits.drain;
        if (!drained && age < parts_.limits.drain_max) return;
        at.drop(key.slot, *parts_.outbox);
        set_stage(key, KeyStage::gone, now);
    }
}

void KeyGate::take_over(Key& key, Timestamp now)
{
    keys_of(key.venue).promote(key.slot, sink(key.venue));
    key.due = now + parts_.limits.check_every;
    set_stage(key, KeyStage::serving, now);
    for (Key& other : keys_) {
        if (&other == &key || other.venue != key.venue || other.stage != KeyStage::serving) continue;
        if (!keys_of(key.venue).serves(other.slot)) set_stage(other, KeyStage::leaving, now);
    }
}

}  // namespace arb
