// Our record of the money at a venue: how it begins, how it is compared with the venue's word, and what the
// owner moves himself: part of it when he says so, to the last unit, and the venue says the same.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/command_words.hpp"
#include "engine/pipeline/trading_half.hpp"

namespace arb {

// What the venue told last; an asset that it does not list is one we have none of.
Amount TradingHalf::told(VenueId id, const std::string& asset)
{
    const Truth& entry = truth(id, asset);
    return entry.fresh ? entry.total : Amount{};
}

// Our record of the money at a venue begins with its word. Kept before the first order can leave, and whole
// only with its last line: a run that dies in between begins anew.
void TradingHalf::adopt_balances(VenueId id, Timestamp now)
{
    for (const Truth& t : truths_) {
        if (t.venue == id && t.fresh && !t.total.zero() && parts_.portfolio->find(id, t.asset) == nullptr)
            parts_.portfolio->restore(id, t.asset, {}, {});
    }
    for (const Account& account : parts_.portfolio->accounts()) {
        if (account.venue != id) continue;
        // A fill that recovery already counted is in the venue's word as well.
        const Amount start = told(id, account.asset) - account.fills + account.fees;
        (void)parts_.portfolio->set_start(id, account.asset, start);
        log(lines_.account(account));
    }
    venues_[index(id)].adopted = true;
    begin_watermark(id, now);
    log(LineWriter("adopted").field(lines_.label(id)));
    report_balances(id, false, now);
}

// A venue with derivatives tells a wallet, not what positions cost on paper: positions alone are compared
// there.
bool TradingHalf::comparable(const Account& account) const
{
    const std::vector<ListingId>& listings = venues_[index(account.venue)].listings;
    return account.position || std::none_of(listings.begin(), listings.end(), [&](ListingId l) {
               return parts_.table->instrument_of(l).kind != InstrumentKind::spot;
           });
}

bool TradingHalf::balances_equal(VenueId id)
{
    const std::vector<Account>& accounts = parts_.portfolio->accounts();
    return std::all_of(accounts.begin(), accounts.end(), [&](const Account& account) {
        return account.venue != id || !comparable(account) || same_money(account, told(id, account.asset));
    });
}

void TradingHalf::report_balances(VenueId id, bool final, Timestamp now)
{
    if (!venues_[index(id)].balances_known) {
        ++mismatches_;
        note(fmt::format("{}: did not say what it holds", lines_.label(id)), now);
        return;
    }
    for (const Account& account : parts_.portfolio->accounts()) {
        if (account.venue != id || !comparable(account)) continue;
        const Amount theirs = told(id, account.asset);
        if (!same_money(account, theirs)) {
            ++mismatches_;
            note(fmt::format("{}: {} should be {}, the venue says {}", lines_.label(id), account.asset,
                             account.end().text(), theirs.text()),
                 now);
        }
        if (parts_.listener != nullptr)
            parts_.listener->on_balance(id, account.asset, account.end(), theirs, final, now);
    }
}

// "VENUE ASSET AMOUNT", the amount with a sign where money went out.
bool TradingHalf::adopt(std::string_view words, Timestamp now)
{
    const auto refuse = [this](std::string why) {
        refusal_ = std::move(why);
        return false;
    };
    const std::string label(next_word(words)), asset(next_word(words)), typed(next_word(words));
    const std::optional<VenueId> id = parts_.table->find_venue(label);
    if (!id || !venues_[index(*id)].trading || !words.empty())
        return refuse("there is no such venue with a key; say: adopt VENUE ASSET AMOUNT");
    const std::optional<Decimal> number = Decimal::parse(typed);
    const std::optional<Amount> amount = number ? amount_of(*number) : std::nullopt;
    if (!amount || amount->zero())
        return refuse("the amount is a plain number that is not zero, of at most 18 digits after the point");
    const Account* account = parts_.portfolio->find(*id, asset);
    if (account == nullptr || !comparable(*account))
        return refuse(fmt::format("no balance of {} is compared at {}", asset, label));
    // What an open order did may not be known yet: the difference could be a trade.
    if (orders_open_at(*id))
        return refuse(fmt::format("an order is open at {}; pause, and say it again when none is", label));
    Account after = *account;
    after.start += *amount;
    const Amount told = truth(*id, asset).total;
    if (!same_money(after, told)) {
        return refuse(
            fmt::format("{} of {} would be {} by this record, and the venue says {}: the difference is {}",
                        asset, label, after.end().text(), told.text(), (told - account->end()).text()));
    }
    // Said by hand it is seen, and explains nothing a second time.
    const AnnouncedTransfers::Explanation announced =
        transfers_.explain(*id, asset, *amount, [&](Amount sum) { return sum == *amount; });
    const bool one = announced.ends.size() == 1 && announced.cost.zero();
    take_in(*id, asset, {one ? announced.ends.front().number : 0, *amount});
    note(fmt::format("{}: {} {} of the owner's are part of the record now", label, amount->text(), asset),
         now);
    explain_money(*id, now);
    return true;
}

// One line for the money and for the transfer that it was: a run that dies here counts both or neither.
void TradingHalf::take_in(VenueId id, const std::string& asset, const AnnouncedTransfers::End& end)
{
    LineWriter line("adopt");
    line.field(lines_.label(id)).field(asset).amount(end.amount);
    if (end.number != 0) line.number(end.number);
    log(line);
    parts_.portfolio->adjust(id, asset, end.amount);
    if (end.number != 0) (void)transfers_.see(end.number, end.amount.units < 0);
}

// Nothing there is unexplained any more: what was stopped for that goes on. A flag that another venue set, or
// would set again, stays.
void TradingHalf::explain_money(VenueId id, Timestamp now)
{
    VenueState& state = venues_[index(id)];
    if (!balances_equal(id)) return;
    if (state.halted == kMoneyMoved) {
        state.halted = "";
        if (parts_.listener != nullptr) parts_.listener->on_halt_over(id, now);
    }
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        if (venues_[v].recovered && venues_[v].balances_known && !balances_equal(static_cast<VenueId>(v)))
            return;
    }
    for (const ListingId listing : state.listings) {
        const MarketId market = market_of(listing);
        if (index(market) >= flags_.size() || !flags_[index(market)].ends_with(kDiffer)) continue;
        const std::string& name = parts_.markets->consolidated(market).definition().name;
        if (flags_[index(market)].starts_with(fmt::format("flag\t{}\t{}\t", name, lines_.label(id))))
            (void)clear_flag(name, now);
    }
}

// Money that comes in is no theft; it is told once, with the word that makes it ours.
bool TradingHalf::is_deposit(const Account& account, Amount theirs) const
{
    if (account.position || theirs < account.end()) return false;
    const std::vector<ListingId>& listings = venues_[index(account.venue)].listings;
    return std::any_of(listings.begin(), listings.end(), [&](ListingId listing) {
        return parts_.table->instrument_of(listing).quote == account.asset;
    });
}

}  // namespace arb
