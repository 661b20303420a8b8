// The owner's own money: what he moved into or out of an account becomes part of our record when he says so,
// to the last unit, and the venue says the same.
#include <fmt/format.h>

#include "engine/pipeline/trading_half.hpp"

namespace arb {

// "VENUE ASSET AMOUNT", the amount with a sign where money went out.
bool TradingHalf::adopt(std::string_view words, Timestamp now)
{
    const auto next = [&words] {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        return word;
    };
    const auto refuse = [this](std::string why) {
        refusal_ = std::move(why);
        return false;
    };
    const std::string label(next()), asset(next()), typed(next());
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
    log(LineWriter("adopt").field(label).field(asset).amount(*amount));
    parts_.portfolio->adjust(*id, asset, *amount);
    note(fmt::format("{}: {} {} of the owner's are part of the record now", label, amount->text(), asset),
         now);
    VenueState& state = venues_[index(*id)];
    if (!balances_equal(*id)) return true;
    if (state.halted == kMoneyMoved) {
        state.halted = "";
        if (parts_.listener != nullptr) parts_.listener->on_halt_over(*id, now);
    }
    for (const ListingId listing : state.listings) {
        const MarketId market = market_of(listing);
        if (index(market) < flags_.size() && flags_[index(market)].ends_with(kDiffer))
            (void)clear_flag(parts_.markets->consolidated(market).definition().name, now);
    }
    return true;
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
