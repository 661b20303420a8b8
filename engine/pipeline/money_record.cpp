#include "engine/pipeline/money_record.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb {

MoneyRecord::MoneyRecord(const LiveContext& context, VenueStates& venues, Watermarks& watermarks,
                         StateRecords& records)
    : context_(context), venues_(&venues), watermarks_(&watermarks), records_(&records)
{
    for (const Account& account : context_.portfolio.accounts()) (void)truth(account.venue, account.asset);
}

MoneyRecord::Truth& MoneyRecord::truth(VenueId venue, std::string_view asset)
{
    for (Truth& known : truths_) {
        if (known.venue == venue && known.asset == asset) return known;
    }
    truths_.emplace_back();
    truths_.back().venue = venue;
    truths_.back().asset = asset;
    return truths_.back();
}

void MoneyRecord::on_report(VenueId venue, const BalanceReport& report)
{
    if (!report.has_total) return;
    Truth& entry = truth(venue, report.asset);
    entry.total = report.total;
    if (report.source == ReportSource::query) entry.fresh = true;
    if (report.source == ReportSource::stream) entry.streamed = true;
}

void MoneyRecord::ask(VenueId id, Timestamp now)
{
    for (Truth& t : truths_) {
        if (t.venue == id) t.fresh = false;
    }
    VenueState& state = venues_->of(id);
    state.balances_known = false;
    state.balances_asked = true;
    venues_->venue(id).query_balances(now, venues_->sink(id), venues_->outbox());
}

Amount MoneyRecord::told(VenueId id, const std::string& asset)
{
    const Truth& entry = truth(id, asset);
    return entry.fresh ? entry.total : Amount{};
}

void MoneyRecord::begin(VenueId id, Timestamp now)
{
    Portfolio& portfolio = context_.portfolio;
    for (const Truth& t : truths_) {
        if (t.venue == id && t.fresh && !t.total.zero() && portfolio.find(id, t.asset) == nullptr)
            portfolio.restore(id, t.asset, {}, {});
    }
    for (const Account& account : portfolio.accounts()) {
        if (account.venue != id) continue;
        // A fill that recovery already counted is in the venue's word as well.
        const Amount start = told(id, account.asset) - account.fills + account.fees;
        (void)portfolio.set_start(id, account.asset, start);
        records_->keep(records_->lines().account(account));
    }
    venues_->of(id).adopted = true;
    watermarks_->begin(id, now);
    records_->keep(LineWriter("adopted").field(records_->label(id)));
    report(id, false, now);
}

bool MoneyRecord::comparable(const Account& account) const
{
    const std::vector<ListingId>& listings = venues_->of(account.venue).listings;
    return account.position || std::none_of(listings.begin(), listings.end(), [&](ListingId l) {
               return context_.table.instrument_of(l).kind != InstrumentKind::spot;
           });
}

bool MoneyRecord::same(const Account& account, Amount theirs) const
{
    const Amount ours = account.end();
    if (ours == theirs) return true;
    const Amount most = std::max(rounding_of(ours), rounding_of(theirs));
    Amount step;
    const auto take = [&step](Amount candidate) {
        if (!candidate.zero() && (step.zero() || candidate < step)) step = candidate;
    };
    for (const ListingId id : venues_->of(account.venue).listings) {
        const Listing& listing = context_.table.listing(id);
        const Instrument& instrument = context_.table.instrument_of(id);
        const bool spot = instrument.kind == InstrumentKind::spot;
        if (account.asset == (spot ? instrument.base : instrument.name)) take(instrument.amount(listing.lot));
        if (account.asset == instrument.quote)
            take(instrument.notional(listing.tick, listing.lot).value_or(Amount{}));
    }
    if (step.zero()) step.units = 1'000'000'000;
    return absolute(ours - theirs) <= (most < step ? most : step);
}

bool MoneyRecord::equal(VenueId id)
{
    const std::vector<Account>& accounts = context_.portfolio.accounts();
    return std::all_of(accounts.begin(), accounts.end(), [&](const Account& account) {
        return account.venue != id || !comparable(account) || same(account, told(id, account.asset));
    });
}

void MoneyRecord::report(VenueId id, bool final, Timestamp now)
{
    if (!venues_->of(id).balances_known) {
        ++mismatches_;
        context_.listener.on_note(fmt::format("{}: did not say what it holds", records_->label(id)), now);
        return;
    }
    for (const Account& account : context_.portfolio.accounts()) {
        if (account.venue != id || !comparable(account)) continue;
        const Amount theirs = told(id, account.asset);
        if (!same(account, theirs)) {
            ++mismatches_;
            context_.listener.on_note(
                fmt::format("{}: {} should be {}, the venue says {}", records_->label(id), account.asset,
                            account.end().text(), theirs.text()),
                now);
        }
        context_.listener.on_balance(id, account.asset, account.end(), theirs, final, now);
    }
}

}  // namespace arb
