#include "engine/market/book_builder.hpp"

#include <algorithm>

namespace arb {
namespace {

// Ranks at and beyond which a change cannot alter the checksum.
std::size_t checksum_depth(ChecksumKind kind)
{
    return kind == ChecksumKind::okx ? 25 : 10;
}

constexpr std::size_t kWaitingLevelsMax = 4'000'000;

}  // namespace

const char* name(BookState state)
{
    switch (state) {
        case BookState::empty:
            return "empty";
        case BookState::syncing:
            return "syncing";
        case BookState::valid:
            return "valid";
        case BookState::invalid:
            return "invalid";
    }
    return "?";
}

BookBuilder::BookBuilder(const Instrument& instrument, const Listing& listing, const SequenceRule& rule,
                         const BookLimits& limits)
    : listing_(listing.id),
      step_(&listing.price_step),
      rule_(rule),
      limits_(limits),
      checksum_(instrument, listing)
{
}

BookOutcome BookBuilder::apply(const BookUpdate& update)
{
    // Another feed goes on where a recording was over: with a book of its own.
    if (over_) reset(update.receive_time);
    const BookOutcome outcome = handle(update);
    times_.set(judge_trouble(), update.receive_time);
    return outcome;
}

BookTrouble BookBuilder::judge_trouble() const
{
    if (over_) return BookTrouble::ended;
    if (state_ != BookState::valid) return why_;
    if (!book_.two_sided()) return BookTrouble::one_sided;
    return book_.crossed() || book_.locked() ? BookTrouble::crossed : BookTrouble::none;
}

BookOutcome BookBuilder::handle(const BookUpdate& update)
{
    const bool restart = rule_.one_is_restart && update.sequence_last == 1;
    if (update.snapshot || restart) {
        ++stats_.snapshots;
        return apply_snapshot(update);
    }
    ++stats_.deltas;
    const BookOutcome outcome = apply_delta(update);
    // The message after the hole may be the first that joins the next snapshot.
    const bool lost = outcome == BookOutcome::gap || outcome == BookOutcome::exhausted;
    if (lost && rule_.rest_snapshot) buffer(update);
    return outcome;
}

// A REST snapshot answers our question; when deltas that we hold begin after it, it is too old to join. While
// the book is followed and nothing is held it is too old as soon as it lies behind the book.
bool BookBuilder::too_old(const BookUpdate& snapshot) const
{
    if (waiting_.empty()) return followed() && snapshot.sequence_last < last_;
    const BookUpdate& first = waiting_.front().update;
    if (rule_.kind != SequenceKind::chained) return first.sequence_first > snapshot.sequence_last + 1;
    return first.sequence_first > snapshot.sequence_last &&
           !(first.has_previous && first.sequence_previous <= snapshot.sequence_last);
}

BookOutcome BookBuilder::apply_snapshot(const BookUpdate& update)
{
    if (rule_.rest_snapshot && too_old(update)) {
        // One that nobody asked for adds nothing to a book that has gone on since.
        if (followed() && !wants_book_) {
            ++stats_.ignored;
            return BookOutcome::ignored;
        }
        want_book(update.receive_time);
        return BookOutcome::snapshot_old;
    }
    if (!on_tick(update.bids) || !on_tick(update.asks) || !book_.assign(update.bids, update.asks)) {
        ++stats_.unreadable;
        invalidate(update.receive_time, BookTrouble::unreadable);
        return BookOutcome::bad_level;
    }
    if (update.depth != 0) book_.truncate(update.depth);
    checksum_fresh_ = false;
    if (!checksum_holds(update, 0)) return BookOutcome::checksum_bad;
    const auto cut = [&](std::span<const Level> side) {
        return rule_.rest_snapshot && update.limit != 0 && side.size() >= update.limit;
    };
    reach_.learn(book_, cut(update.bids), cut(update.asks));
    why_ = BookTrouble::none;
    last_ = update.sequence_last;
    numbered_ = !update.unnumbered;
    joined_ = false;
    state_ = BookState::valid;
    wants_book_ = false;
    attempts_ = 0;
    updated_ = update.receive_time;
    venue_updated_ = update.venue_time;
    crossed_since_ = {};
    if (rule_.rest_snapshot) {
        const BookOutcome outcome = join_waiting();
        if (outcome != BookOutcome::replaced) return outcome;
    }
    (void)judge_cross(update.receive_time);
    return BookOutcome::replaced;
}

BookOutcome BookBuilder::join_waiting()
{
    BookOutcome worst = BookOutcome::replaced;
    joining_ = true;
    for (const Waiting& waiting : waiting_) {
        const bool applied = waiting.applied;
        BookUpdate update = waiting.update;
        update.bids = {waiting_levels_.data() + waiting.levels_at, waiting.bids};
        update.asks = {waiting_levels_.data() + waiting.levels_at + waiting.bids, waiting.asks};
        const BookOutcome outcome = apply_delta(update);
        // What was applied once is no second delta.
        if (applied) --(outcome == BookOutcome::ignored ? stats_.ignored : stats_.applied);
        if (!followed()) {
            worst = outcome;
            break;
        }
    }
    joining_ = false;
    waiting_.clear();
    waiting_levels_.clear();
    return worst;
}

BookOutcome BookBuilder::apply_delta(const BookUpdate& update)
{
    if (!followed()) {
        if (rule_.rest_snapshot) return buffer(update);
        if (state_ == BookState::empty) {
            state_ = BookState::syncing;
            why_ = BookTrouble::waiting;
            want_book(update.receive_time);
        }
        ++stats_.ignored;
        return BookOutcome::ignored;
    }
    bool past = false;
    if (!continues(update, past)) {
        ++stats_.gaps;
        invalidate(update.receive_time, BookTrouble::gap);
        return BookOutcome::gap;
    }
    if (past) {
        ++stats_.ignored;
        return BookOutcome::ignored;
    }
    const BookOutcome outcome = apply_levels(update);
    // A snapshot is on its way: it will have to be joined like the first one.
    if (wants_book_ && followed() && rule_.rest_snapshot && !joining_) buffer(update, true);
    return outcome;
}

// A number that is absent, falls or leaves one out is a doubt, whatever the rule.
bool BookBuilder::continues(const BookUpdate& update, bool& past) const
{
    if (update.normalised) return true;
    switch (rule_.kind) {
        case SequenceKind::none:
            return true;
        case SequenceKind::connection:
            return !update.unnumbered;
        case SequenceKind::range:
            if (update.unnumbered) return false;
            // Deltas may begin before the snapshot; from the first that joins on, numbers only grow. The very
            // same message again changes nothing.
            past = joined_ ? update.sequence_last == last_ : update.sequence_last <= last_;
            return past || (update.sequence_first <= last_ + 1 && update.sequence_last > last_);
        case SequenceKind::increment:
            return !update.unnumbered && update.sequence_last == last_ + 1;
        case SequenceKind::chained:
            if (rule_.join_covers_snapshot && !joined_) {
                past = update.sequence_last < last_;
                const bool covers = update.sequence_first <= last_ && update.sequence_last >= last_;
                return past || covers || (update.has_previous && update.sequence_previous == last_);
            }
            // Where the venue numbers nothing (OKX before 2023) the checksum is the judge; without one there
            // is none.
            if (!numbered_) {
                return update.unnumbered && !update.has_previous && update.has_checksum &&
                       rule_.checksum != ChecksumKind::none;
            }
            if (update.unnumbered || !update.has_previous || update.sequence_previous != last_) return false;
            // OKX sets its numbers back after maintenance and says so by the link; futures numbers only grow.
            return !rule_.join_covers_snapshot || update.sequence_last >= last_;
    }
    return false;
}

BookOutcome BookBuilder::apply_levels(const BookUpdate& update)
{
    std::size_t touched_rank = 0;
    if (!on_tick(update.bids) || !on_tick(update.asks) ||
        !book_.apply(update.bids, update.asks, touched_rank)) {
        ++stats_.unreadable;
        invalidate(update.receive_time, BookTrouble::unreadable);
        return BookOutcome::bad_level;
    }
    if (update.depth != 0) book_.truncate(update.depth);
    if (!checksum_holds(update, touched_rank)) return BookOutcome::checksum_bad;
    last_ = update.sequence_last;
    numbered_ = !update.unnumbered;
    joined_ = true;
    ++stats_.applied;
    updated_ = update.receive_time;
    if (update.venue_time.known()) venue_updated_ = update.venue_time;
    if (reach_.cut() && judge_reach(update) == BookOutcome::exhausted) return BookOutcome::exhausted;
    return judge_cross(update.receive_time);
}

BookOutcome BookBuilder::judge_reach(const BookUpdate& update)
{
    switch (reach_.judge(book_)) {
        case SnapshotReach::Verdict::inside:
            break;
        case SnapshotReach::Verdict::beyond:
            // The best price is known there, the depth behind it is not: a fresh snapshot, without a doubt.
            want_book(update.receive_time);
            break;
        case SnapshotReach::Verdict::lost:
            invalidate(update.receive_time, BookTrouble::exhausted);
            return BookOutcome::exhausted;
    }
    return BookOutcome::applied;
}

bool BookBuilder::checksum_holds(const BookUpdate& update, std::size_t touched_rank)
{
    if (rule_.checksum == ChecksumKind::none) return true;
    if (touched_rank < checksum_depth(rule_.checksum)) checksum_fresh_ = false;
    if (!update.has_checksum) return true;
    if (!checksum_fresh_) {
        checksum_known_ =
            rule_.checksum == ChecksumKind::okx ? checksum_.okx(book_) : checksum_.kraken(book_, update.text);
        checksum_fresh_ = true;
    }
    if (checksum_known_ == update.checksum) {
        ++stats_.checksums_ok;
        return true;
    }
    ++stats_.checksums_bad;
    invalidate(update.receive_time, BookTrouble::checksum);
    return false;
}

bool BookBuilder::on_tick(std::span<const Level> levels) const
{
    const std::int64_t step = step_->units;
    if (step == 1) return true;
    for (const Level& level : levels) {
        if (level.price.units % step != 0) return false;
    }
    return true;
}

BookOutcome BookBuilder::buffer(const BookUpdate& update, bool applied)
{
    if (state_ == BookState::empty) {
        state_ = BookState::syncing;
        why_ = BookTrouble::waiting;
        want_book(update.receive_time);
    }
    if (waiting_.size() >= limits_.buffered_max || waiting_levels_.size() > kWaitingLevelsMax) {
        waiting_.clear();
        waiting_levels_.clear();
        want_book(update.receive_time);
    }
    Waiting waiting;
    waiting.update = update;
    waiting.levels_at = waiting_levels_.size();
    waiting.bids = update.bids.size();
    waiting.asks = update.asks.size();
    waiting.applied = applied;
    waiting_levels_.insert(waiting_levels_.end(), update.bids.begin(), update.bids.end());
    waiting_levels_.insert(waiting_levels_.end(), update.asks.begin(), update.asks.end());
    waiting_.push_back(waiting);
    return BookOutcome::buffered;
}

BookOutcome BookBuilder::judge_cross(Timestamp now)
{
    if (!book_.crossed() && !book_.locked()) {
        crossed_since_ = {};
        if (state_ == BookState::invalid) {
            // Followed without a break: the venue's own updates brought it apart.
            state_ = BookState::valid;
            wants_book_ = doubted_ = false;
            attempts_ = 0;
            if (!joining_) {
                waiting_.clear();
                waiting_levels_.clear();
            }
        }
        return BookOutcome::applied;
    }
    if (book_.crossed())
        ++stats_.crossed;
    else
        ++stats_.locked;
    if (!crossed_since_.known()) crossed_since_ = now;
    if (state_ != BookState::valid || now - crossed_since_ <= limits_.crossed_max)
        return BookOutcome::applied;
    invalidate(now, BookTrouble::crossed);
    return BookOutcome::crossed;
}

void BookBuilder::doubt(bool gap, Timestamp now)
{
    if (gap)
        ++stats_.gaps;
    else
        ++stats_.unreadable;
    invalidate(now, gap ? BookTrouble::gap : BookTrouble::unreadable);
    times_.set(judge_trouble(), now);
}

void BookBuilder::invalidate(Timestamp now, BookTrouble why)
{
    state_ = BookState::invalid;
    why_ = why;
    crossed_since_ = {};
    if (!followed()) {
        waiting_.clear();
        waiting_levels_.clear();
    }
    doubted_ = true;
    want_book(now);
}

void BookBuilder::reset(Timestamp now, BookTrouble why)
{
    // What a recording said last, and whether that was whole, stays to be told; nothing is decided on it.
    over_ = why == BookTrouble::ended;
    if (over_) {
        wants_book_ = false;
        times_.set(why, now);
        return;
    }
    state_ = BookState::empty;
    why_ = why;
    book_.clear();
    reach_.forget();
    waiting_.clear();
    waiting_levels_.clear();
    wants_book_ = false;
    doubted_ = false;
    attempts_ = 0;
    crossed_since_ = {};
    times_.set(why, now);
}

void BookBuilder::want_book(Timestamp now)
{
    if (wants_book_) return;
    wants_book_ = true;
    resync_due_ = now;
}

bool BookBuilder::take_resync(Timestamp now)
{
    if (!wants_book_ || now < resync_due_) return false;
    if (doubted_) ++stats_.resyncs;
    doubted_ = false;
    // Doubling with a spread that depends on listing and attempt alone: no randomness in the core, and books
    // that broke together do not ask together.
    const std::int64_t first = limits_.resync_first.ns;
    const std::int64_t wait = std::min(first << std::min(attempts_, 20U), limits_.resync_most.ns);
    const std::int64_t spread =
        static_cast<std::int64_t>((index(listing_) * 7919U + attempts_ * 104729U) % 1000U);
    resync_due_ = now + nanoseconds(wait + wait / 4 * spread / 1000);
    ++attempts_;
    return true;
}

}  // namespace arb
