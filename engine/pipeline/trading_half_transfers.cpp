// Money on its way between two venues, announced by its owner: each end becomes part of our record when the
// venue shows it, and anything else is an alarm as ever.
#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/command_words.hpp"
#include "engine/pipeline/trading_half.hpp"

namespace arb {
namespace {

// So many more looks at a difference must find this figure than any other before it is an end of a transfer.
constexpr unsigned kLooksAlike = 10;

}  // namespace

// "FROM TO ASSET AMOUNT"
bool TradingHalf::announce_transfer(std::string_view words, Timestamp now)
{
    const auto refuse = [this](std::string why) {
        refusal_ = std::move(why);
        return false;
    };
    const std::string labels[] = {std::string(next_word(words)), std::string(next_word(words))};
    AnnouncedTransfers::Transfer transfer;
    transfer.asset = next_word(words);
    const std::string typed(next_word(words));
    if (typed.empty() || !words.empty()) return refuse("say: transfer announce FROM TO ASSET AMOUNT");
    VenueId* const ends[] = {&transfer.from, &transfer.to};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::optional<VenueId> id = parts_.table->find_venue(labels[i]);
        if (!id) return refuse(fmt::format("there is no venue {}", labels[i]));
        if (!venues_[index(*id)].trading) return refuse(fmt::format("there is no key for {}", labels[i]));
        *ends[i] = *id;
    }
    if (transfer.from == transfer.to) return refuse("it goes from a venue to another one");
    const std::optional<Decimal> number = Decimal::parse(typed);
    const std::optional<Amount> amount = number ? amount_of(*number) : std::nullopt;
    if (!amount || amount->units <= 0) {
        return refuse(
            "the amount is a plain number above zero, of at most 18 digits after the point and 18 in all");
    }
    transfer.amount = *amount;
    transfer.said = now;
    for (std::size_t i = 0; i < 2; ++i) {
        const Account* account = parts_.portfolio->find(*ends[i], transfer.asset);
        if (account == nullptr || !comparable(*account))
            return refuse(fmt::format("no balance of {} is compared at {}", transfer.asset, labels[i]));
        // It would begin with what is there, whether that has left or arrived or not.
        if (!venues_[index(*ends[i])].adopted) {
            return refuse(
                fmt::format("the record of {} has not begun: say it again when it trades", labels[i]));
        }
    }
    if (transfers_.full())
        return refuse(fmt::format("{} transfers are open already", AnnouncedTransfers::kMost));
    const std::uint64_t known = transfers_.announce(std::move(transfer));
    log(lines_.transfer(*transfers_.find(known)));
    return true;
}

AnnouncedTransfers::Explanation TradingHalf::explanation_of(const Account& account, Amount theirs) const
{
    return transfers_.explain(account.venue, account.asset, theirs - account.end(), [&](Amount sum) {
        Account after = account;
        after.start += sum;
        return same_money(after, theirs);
    });
}

void TradingHalf::see_transfers(const Account& account, const AnnouncedTransfers::Explanation& seen,
                                Timestamp now)
{
    const VenueId id = account.venue;
    for (const AnnouncedTransfers::End& end : seen.ends) {
        const AnnouncedTransfers::Transfer transfer = *transfers_.find(end.number);
        const bool left = end.amount.units < 0;
        const Amount cost = transfer.amount - absolute(end.amount);
        take_in(id, transfer.asset, end);
        note(fmt::format(
                 "{}: {} {} {} {}, as announced, and is part of the record{}", lines_.label(id),
                 absolute(end.amount).text(), transfer.asset, left ? "left for" : "came from",
                 lines_.label(left ? transfer.to : transfer.from),
                 cost.zero() ? "" : fmt::format("; the transfer cost {} {}", cost.text(), transfer.asset)),
             now);
        if (transfers_.find(end.number) == nullptr) {
            note(fmt::format("the transfer of {} {} from {} to {} is over", transfer.amount.text(),
                             transfer.asset, lines_.label(transfer.from), lines_.label(transfer.to)),
                 now);
        }
    }
    explain_money(id, now);
}

// A difference that the venue was asked about, and that stays. While orders fill, our record and the balances
// disagree for moments, so what most looks find is judged, and taken in when it is there just now.
bool TradingHalf::explains_stream(Truth& truth, const Account& account, Timestamp now)
{
    if (transfers_.empty() || !truth.differs.known() || !truth.asked) return false;
    const Amount moved = truth.total - account.end();
    if (truth.votes == 0) truth.moved = moved;
    truth.votes = truth.moved == moved ? truth.votes + 1 : truth.votes - 1;
    if (now - truth.differs < Duration{2 * parts_.limits.money_doubt.ns}) return false;
    const AnnouncedTransfers::Explanation seen = explanation_of(account, account.end() + truth.moved);
    if (seen.ends.empty()) return false;
    if (truth.moved != moved || truth.votes < kLooksAlike) return true;
    truth.differs = {};
    truth.told = false;
    see_transfers(account, seen, now);
    return true;
}

bool TradingHalf::explains_comparison(VenueId id, Timestamp now)
{
    if (transfers_.empty() || !venues_[index(id)].balances_known || doubtful_at(id)) return false;
    for (const Account& account : parts_.portfolio->accounts()) {
        if (account.venue != id || !comparable(account)) continue;
        const Amount theirs = told(id, account.asset);
        if (same_money(account, theirs)) continue;
        const AnnouncedTransfers::Explanation seen = explanation_of(account, theirs);
        if (!seen.ends.empty()) see_transfers(account, seen, now);
    }
    return balances_equal(id);
}

void TradingHalf::lapse_transfers(Timestamp now)
{
    if (transfers_.empty()) return;
    for (const AnnouncedTransfers::Transfer& transfer : transfers_.lapsed(now)) {
        log(LineWriter("lapsed").number(transfer.number));
        transfers_.drop(transfer.number);
        note(fmt::format("the transfer of {} {} from {} to {} was announced a day ago, and {}; it explains "
                         "nothing any more",
                         transfer.amount.text(), transfer.asset, lines_.label(transfer.from),
                         lines_.label(transfer.to),
                         transfer.left      ? "was not seen to arrive"
                         : transfer.arrived ? "was not seen to leave"
                                            : "was seen at neither end"),
             now);
    }
}

}  // namespace arb
