#include "engine/pipeline/owners_money.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/pipeline/command_words.hpp"

namespace arb {
namespace {

// So many more looks at a difference must find this figure than any other before it is an end of a transfer.
constexpr unsigned kLooksAlike = 10;

}  // namespace

bool OwnersMoney::refuse(std::string why)
{
    refusal_ = std::move(why);
    return false;
}

bool OwnersMoney::adopt(std::string_view words, Timestamp now)
{
    refusal_.clear();
    const std::string label(next_word(words)), asset(next_word(words)), typed(next_word(words));
    const std::optional<VenueId> id = context_.table.find_venue(label);
    if (!id || !venues_->of(*id).trading || !words.empty())
        return refuse("there is no such venue with a key; say: adopt VENUE ASSET AMOUNT");
    const std::optional<Decimal> number = Decimal::parse(typed);
    const std::optional<Amount> amount = number ? amount_of(*number) : std::nullopt;
    if (!amount || amount->zero())
        return refuse("the amount is a plain number that is not zero, of at most 18 digits after the point");
    const Account* account = context_.portfolio.find(*id, asset);
    if (account == nullptr || !money_->comparable(*account))
        return refuse(fmt::format("no balance of {} is compared at {}", asset, label));
    // What an open order did may not be known yet: the difference could be a trade.
    if (desk_->open().any_at(*id))
        return refuse(fmt::format("an order is open at {}; pause, and say it again when none is", label));
    Account after = *account;
    after.start += *amount;
    const Amount told = money_->truth(*id, asset).total;
    if (!money_->same(after, told)) {
        return refuse(
            fmt::format("{} of {} would be {} by this record, and the venue says {}: the difference is {}",
                        asset, label, after.end().text(), told.text(), (told - account->end()).text()));
    }
    // Said by hand it is seen, and explains nothing a second time.
    const AnnouncedTransfers::Explanation announced =
        transfers_.explain(*id, asset, *amount, [&](Amount sum) { return sum == *amount; });
    const bool one = announced.ends.size() == 1 && announced.cost.zero();
    take_in(*id, asset, {one ? announced.ends.front().number : 0, *amount});
    context_.listener.on_note(
        fmt::format("{}: {} {} of the owner's are part of the record now", label, amount->text(), asset),
        now);
    explain(*id, now);
    return true;
}

bool OwnersMoney::announce(std::string_view words, Timestamp now)
{
    refusal_.clear();
    const std::string labels[] = {std::string(next_word(words)), std::string(next_word(words))};
    AnnouncedTransfers::Transfer transfer;
    transfer.asset = next_word(words);
    const std::string typed(next_word(words));
    if (typed.empty() || !words.empty()) return refuse("say: transfer announce FROM TO ASSET AMOUNT");
    VenueId* const ends[] = {&transfer.from, &transfer.to};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::optional<VenueId> id = context_.table.find_venue(labels[i]);
        if (!id) return refuse(fmt::format("there is no venue {}", labels[i]));
        if (!venues_->of(*id).trading) return refuse(fmt::format("there is no key for {}", labels[i]));
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
        const Account* account = context_.portfolio.find(*ends[i], transfer.asset);
        if (account == nullptr || !money_->comparable(*account))
            return refuse(fmt::format("no balance of {} is compared at {}", transfer.asset, labels[i]));
        // It would begin with what is there, whether that has left or arrived or not.
        if (!venues_->of(*ends[i]).adopted) {
            return refuse(
                fmt::format("the record of {} has not begun: say it again when it trades", labels[i]));
        }
    }
    if (transfers_.full())
        return refuse(fmt::format("{} transfers are open already", AnnouncedTransfers::kMost));
    const std::uint64_t known = transfers_.announce(std::move(transfer));
    records_->keep(records_->lines().transfer(*transfers_.find(known)));
    return true;
}

// One line for the money and for the transfer that it was: a run that dies here counts both or neither.
void OwnersMoney::take_in(VenueId id, const std::string& asset, const AnnouncedTransfers::End& end)
{
    LineWriter line("adopt");
    line.field(records_->label(id)).field(asset).amount(end.amount);
    if (end.number != 0) line.number(end.number);
    records_->keep(line);
    context_.portfolio.adjust(id, asset, end.amount);
    if (end.number != 0) (void)transfers_.see(end.number, end.amount.units < 0);
}

// Nothing there is unexplained any more: what was stopped for that goes on. A flag that another venue set, or
// would set again, stays.
void OwnersMoney::explain(VenueId id, Timestamp now)
{
    VenueState& state = venues_->of(id);
    if (!money_->equal(id)) return;
    if (state.halted == MoneyRecord::kMoved) {
        state.halted = "";
        context_.listener.on_halt_over(id, now);
    }
    for (std::size_t v = 0; v < venues_->count(); ++v) {
        const VenueState& other = venues_->of(static_cast<VenueId>(v));
        if (other.recovered && other.balances_known && !money_->equal(static_cast<VenueId>(v))) return;
    }
    for (const ListingId listing : state.listings) {
        const MarketId market = context_.markets.market_of(listing);
        if (flags_->says(market, MoneyRecord::kDiffer) && flags_->about(market, id))
            (void)flags_->clear(context_.markets.consolidated(market).definition().name, now);
    }
}

AnnouncedTransfers::Explanation OwnersMoney::explanation_of(const Account& account, Amount theirs) const
{
    return transfers_.explain(account.venue, account.asset, theirs - account.end(), [&](Amount sum) {
        Account after = account;
        after.start += sum;
        return money_->same(after, theirs);
    });
}

void OwnersMoney::see(const Account& account, const AnnouncedTransfers::Explanation& seen, Timestamp now)
{
    const VenueId id = account.venue;
    for (const AnnouncedTransfers::End& end : seen.ends) {
        const AnnouncedTransfers::Transfer transfer = *transfers_.find(end.number);
        const bool left = end.amount.units < 0;
        const Amount cost = transfer.amount - absolute(end.amount);
        take_in(id, transfer.asset, end);
        context_.listener.on_note(
            fmt::format(
                "{}: {} {} {} {}, as announced, and is part of the record{}", records_->label(id),
                absolute(end.amount).text(), transfer.asset, left ? "left for" : "came from",
                records_->label(left ? transfer.to : transfer.from),
                cost.zero() ? "" : fmt::format("; the transfer cost {} {}", cost.text(), transfer.asset)),
            now);
        if (transfers_.find(end.number) == nullptr) {
            context_.listener.on_note(
                fmt::format("the transfer of {} {} from {} to {} is over", transfer.amount.text(),
                            transfer.asset, records_->label(transfer.from), records_->label(transfer.to)),
                now);
        }
    }
    explain(id, now);
}

// A difference that the venue was asked about, and that stays. While orders fill, our record and the balances
// disagree for moments, so what most looks find is judged, and taken in when it is there just now.
bool OwnersMoney::explains_stream(MoneyRecord::Truth& truth, const Account& account, Timestamp now)
{
    if (transfers_.empty() || !truth.differs.known() || !truth.asked) return false;
    const Amount moved = truth.total - account.end();
    if (truth.votes == 0) truth.moved = moved;
    truth.votes = truth.moved == moved ? truth.votes + 1 : truth.votes - 1;
    if (now - truth.differs < Duration{2 * context_.limits.money_doubt.ns}) return false;
    const AnnouncedTransfers::Explanation seen = explanation_of(account, account.end() + truth.moved);
    if (seen.ends.empty()) return false;
    if (truth.moved != moved || truth.votes < kLooksAlike) return true;
    truth.differs = {};
    truth.told = false;
    see(account, seen, now);
    return true;
}

bool OwnersMoney::explains_comparison(VenueId id, Timestamp now)
{
    if (transfers_.empty() || !venues_->of(id).balances_known || desk_->open().doubtful_at(id)) return false;
    for (const Account& account : context_.portfolio.accounts()) {
        if (account.venue != id || !money_->comparable(account)) continue;
        const Amount theirs = money_->told(id, account.asset);
        if (money_->same(account, theirs)) continue;
        const AnnouncedTransfers::Explanation seen = explanation_of(account, theirs);
        if (!seen.ends.empty()) see(account, seen, now);
    }
    return money_->equal(id);
}

void OwnersMoney::lapse(Timestamp now)
{
    if (transfers_.empty()) return;
    for (const AnnouncedTransfers::Transfer& transfer : transfers_.lapsed(now)) {
        records_->keep(LineWriter("lapsed").number(transfer.number));
        transfers_.drop(transfer.number);
        context_.listener.on_note(
            fmt::format("the transfer of {} {} from {} to {} was announced a day ago, and {}; it explains "
                        "nothing any more",
                        transfer.amount.text(), transfer.asset, records_->label(transfer.from),
                        records_->label(transfer.to),
                        transfer.left      ? "was not seen to arrive"
                        : transfer.arrived ? "was not seen to leave"
                                           : "was seen at neither end"),
            now);
    }
}

}  // namespace arb
