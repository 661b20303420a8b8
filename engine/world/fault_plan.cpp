#include "engine/world/fault_plan.hpp"

#include <array>

#include "engine/base/hash.hpp"

namespace arb {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(FaultKind::count_)> kNames = {
    "swallow_order", "fail_before", "cut_before",   "drop_reply", "lose_ack",       "fail_after",
    "cut_after",     "delay",       "drop_message", "duplicate",  "reorder",        "ban",
    "halt",          "cancel_only", "revoke_key",   "clock_skew", "cut_connection", "freeze"};

template <class... Kinds>
constexpr std::uint32_t set_of(Kinds... kinds)
{
    return ((1U << static_cast<unsigned>(kinds)) | ...);
}

constexpr std::uint32_t kOrder =
    set_of(FaultKind::swallow_order, FaultKind::fail_before, FaultKind::cut_before);
constexpr std::uint32_t kAnswer = set_of(FaultKind::drop_reply, FaultKind::lose_ack, FaultKind::fail_after,
                                         FaultKind::cut_after, FaultKind::delay);
constexpr std::uint32_t kMessage =
    set_of(FaultKind::drop_message, FaultKind::duplicate, FaultKind::reorder, FaultKind::delay);
constexpr std::uint32_t kTimed =
    set_of(FaultKind::ban, FaultKind::halt, FaultKind::cancel_only, FaultKind::revoke_key,
           FaultKind::clock_skew, FaultKind::cut_connection, FaultKind::freeze);

bool in(std::uint32_t kinds, FaultKind kind)
{
    return (kinds & set_of(kind)) != 0;
}

// A delay strikes messages only where it was not asked for a certain deed.
bool meets(const FaultRule& rule, FaultRoute route, FaultDeed deed)
{
    if (rule.route != FaultRoute::any && rule.route != route) return false;
    if (rule.kind == FaultKind::lose_ack) return route == FaultRoute::websocket && deed == FaultDeed::order;
    return rule.deed == FaultDeed::any || rule.deed == deed;
}

}  // namespace

const char* name(FaultKind kind)
{
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> fault_kind(std::string_view name)
{
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (name == kNames[i]) return static_cast<FaultKind>(i);
    }
    return std::nullopt;
}

bool is_timed(FaultKind kind)
{
    return in(kTimed, kind);
}

FaultChooser::FaultChooser(const FaultPlan& plan, std::string_view venue, std::uint64_t seed, Timestamp start)
    : random_(0), start_(start)
{
    // A venue's draws depend on its name, not on which venues stand beside it.
    Hash hash;
    hash.add(seed);
    hash.add_text(venue);
    random_ = Random(hash.value());
    for (const FaultRule& rule : plan.rules) {
        if (!rule.venue.empty() && rule.venue != venue) continue;
        entries_.push_back({rule, 0, is_timed(rule.kind) ? start + rule.from : Timestamp{}});
    }
}

const FaultRule* FaultChooser::draw(std::uint32_t kinds, FaultRoute route, FaultDeed deed, Timestamp now)
{
    for (Entry& entry : entries_) {
        const FaultRule& rule = entry.rule;
        if (!in(kinds, rule.kind) || !meets(rule, route, deed)) continue;
        if (now < start_ + rule.from || (rule.until.ns > 0 && now >= start_ + rule.until)) continue;
        if (rule.count_max > 0 && entry.count >= rule.count_max) continue;
        if (rule.chance < kChanceOne && random_.between(1, kChanceOne) > rule.chance) continue;
        ++entry.count;
        ++struck_;
        return &rule;
    }
    return nullptr;
}

const FaultRule* FaultChooser::on_order(FaultRoute route, Timestamp now)
{
    return draw(kOrder, route, FaultDeed::order, now);
}

const FaultRule* FaultChooser::on_answer(FaultRoute route, FaultDeed deed, Timestamp now)
{
    return draw(kAnswer, route, deed, now);
}

const FaultRule* FaultChooser::on_message(Timestamp now)
{
    return draw(kMessage, FaultRoute::websocket, FaultDeed::other, now);
}

std::vector<const FaultRule*> FaultChooser::due(Timestamp now)
{
    std::vector<const FaultRule*> result;
    for (Entry& entry : entries_) {
        const FaultRule& rule = entry.rule;
        if (!entry.next.known() || now < entry.next) continue;
        if ((rule.until.ns > 0 && now >= start_ + rule.until) ||
            (rule.count_max > 0 && entry.count >= rule.count_max)) {
            entry.next = {};
            continue;
        }
        ++entry.count;
        ++struck_;
        result.push_back(&rule);
        if (rule.every.ns <= 0) {
            entry.next = {};
            continue;
        }
        // Occasions that were slept through are gone.
        const std::int64_t behind = (now - entry.next).ns / rule.every.ns;
        entry.next = entry.next + Duration{(behind + 1) * rule.every.ns};
    }
    return result;
}

std::size_t FaultChooser::pick(std::size_t n)
{
    return n == 0 ? 0 : static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(n) - 1));
}

}  // namespace arb
