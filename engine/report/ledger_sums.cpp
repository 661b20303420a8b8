#include "engine/report/ledger_sums.hpp"

#include <algorithm>
#include <optional>

#include "engine/base/decimal.hpp"

namespace arb::ledger {
namespace {

// 10^19 of an asset. Below it a handful of sums can be added and drawn without another check.
constexpr Int128 kSumMax = Int128{power_of_ten(18)} * power_of_ten(18) * 10;

Int128 clamped(Int128 value)
{
    return std::clamp(value, -kSumMax, kSumMax);
}

/// Earlier rows of one account give way to later ones; of the same moment the end has the last word.
std::pair<std::int64_t, int> weight(const BalanceRow& row)
{
    const std::string_view kind = row.kind.view();
    return {row.time.ns, kind == "end" ? 2 : kind == "check" ? 1 : 0};
}

template <class Key, class Line>
std::vector<Line> values_of(std::map<Key, Line>& lines)
{
    std::vector<Line> out;
    out.reserve(lines.size());
    for (auto& [key, line] : lines) out.push_back(std::move(line));
    return out;
}

/// The last of a list by time, at most kListedMax.
template <class Listed, class Time>
void keep_latest(std::vector<Listed>& rows, Time time)
{
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const Listed& a, const Listed& b) { return time(a) < time(b); });
    if (rows.size() > kListedMax) {
        rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(kListedMax));
    }
}

/// Called after each push, so a list never grows far beyond what is kept.
template <class Listed, class Time>
void list_rows(std::vector<Listed>& rows, const Listed& row, Time time)
{
    rows.push_back(row);
    if (rows.size() >= 2 * kListedMax) keep_latest(rows, time);
}

constexpr auto kDecided = [](const PackageRow& row) { return row.decided; };
constexpr auto kSent = [](const OrderRow& row) { return row.sent; };
constexpr auto kTime = [](const auto& row) { return row.time; };

}  // namespace

std::string_view quote_of(std::string_view instrument)
{
    const std::size_t stroke = instrument.find('/');
    if (stroke == std::string_view::npos) return {};
    const std::string_view rest = instrument.substr(stroke + 1);
    return rest.substr(0, rest.find(':'));
}

std::string_view base_of(std::string_view instrument)
{
    const std::size_t stroke = instrument.find('/');
    return stroke == std::string_view::npos ? std::string_view{} : instrument.substr(0, stroke);
}

std::optional<Amount> value_at(Amount amount, std::string_view price)
{
    const std::optional<Decimal> number = Decimal::parse(price);
    if (!number) return std::nullopt;
    const Int128 scale = power_of_ten(number->decimals());
    const Int128 mantissa = number->mantissa();
    // Whole units of the scale and the rest apart: the second product always fits, being below 10^18 x 2^63.
    Int128 whole = 0;
    const Int128 rest = amount.units % scale * mantissa / scale;
    if (__builtin_mul_overflow(amount.units / scale, mantissa, &whole)) return std::nullopt;
    if (__builtin_add_overflow(whole, rest, &whole)) return std::nullopt;
    return Amount{whole};
}

void ReportSums::sum(Amount& total, Amount value)
{
    const Int128 exact = clamped(total.units) + clamped(value.units);
    total.units = clamped(exact);
    if (total.units != exact || clamped(value.units) != value.units) report_.saturated = true;
}

void ReportSums::sum(Waterfall& total, const Waterfall& value)
{
    sum(total.quoted, value.quoted);
    sum(total.depth, value.depth);
    sum(total.fees, value.fees);
    sum(total.latency, value.latency);
    sum(total.unwind, value.unwind);
    sum(total.realised, value.realised);
}

void ReportSums::add(const OrderRow& row)
{
    ++report_.totals.orders;
    ++report_.totals.orders_by_state[std::string(row.state.view())];
    if (row.state.view() == "unknown") list_rows(report_.unknown_orders, row, kSent);
}

void ReportSums::add(const FillRow& row)
{
    ++report_.totals.fills;
    const std::string instrument(row.instrument.view());
    const std::string quote(quote_of(instrument));
    ++quotes_[quote].second;
    ProfitLine& line = instruments_[{instrument, "", quote}];
    line.name = instrument;
    line.quote = quote;
    ++line.fills;
    sum(line.volume, row.notional);
    FeeLine& fee = fees_[{std::string(row.venue.view()), std::string(row.fee_asset.view())}];
    fee.venue = row.venue.view();
    fee.asset = row.fee_asset.view();
    ++fee.fills;
    sum(fee.fee, row.fee);
    if (fee.asset != quote && fee.asset != base_of(instrument) && !row.fee.zero()) {
        CoinFeeLine& coin = coin_fees_[fee.asset];
        coin.asset = fee.asset;
        ++coin.fills;
        sum(coin.fee, row.fee);
    }
    count_later(row);
    Mark& mark = marks_[instrument];
    if (mark.price.empty() || row.time >= mark.time) mark = {row.time, std::string(row.price.view())};
}

/// Where a fill counts beside what the venue last said about the account; null: that word has it in.
ReportSums::Later* ReportSums::later_at(const FillRow& row, std::string_view asset)
{
    const Account key{row.epoch, std::string(row.venue.view()), std::string(asset)};
    const auto told = accounts_.find(key);
    if (told != accounts_.end() && (told->second.kind.view() == "end" || told->second.time >= row.time))
        return nullptr;
    return &later_[key];
}

/// A fill as the portfolio counts it: base (or a derivative's position, named like its instrument) against
/// quote, and the fee from the asset that it was taken from.
void ReportSums::count_later(const FillRow& row)
{
    const std::string_view instrument = row.instrument.view();
    const bool position = instrument.find(':') != std::string_view::npos;
    const std::optional<Decimal> quantity = Decimal::parse(row.quantity.view());
    const std::optional<Amount> amount = quantity ? amount_of(*quantity) : std::nullopt;
    if (!amount || quote_of(instrument).empty()) return;
    const auto add = [&](std::string_view asset, Amount fills, Amount fees, std::uint64_t count) {
        Later* later = fills.zero() && fees.zero() ? nullptr : later_at(row, asset);
        if (later == nullptr) return;
        sum(later->fills, fills);
        sum(later->fees, fees);
        later->count += count;
    };
    const bool buy = row.side == Side::buy;
    add(position ? instrument : base_of(instrument), buy ? *amount : -*amount, {}, 1);
    add(quote_of(instrument), buy ? -row.notional : row.notional, {}, 1);
    add(row.fee_asset.view(), {}, row.fee, 0);
}

void ReportSums::profit(std::map<std::tuple<std::string, std::string, std::string>, ProfitLine>& lines,
                        std::string_view name, std::string_view second, const PackageRow& row)
{
    const std::string quote(quote_of(row.instrument.view()));
    ProfitLine& line = lines[{std::string(name), std::string(second), quote}];
    line.name = name;
    line.second = second;
    line.quote = quote;
    ++line.packages;
    line.flagged += row.outcome.view() == "flagged" ? 1 : 0;
    sum(line.waterfall, row.waterfall);
}

void ReportSums::add(const PackageRow& row)
{
    ++report_.totals.packages;
    ++quotes_[std::string(quote_of(row.instrument.view()))].first;
    const std::string_view outcome = row.outcome.view();
    // An outcome this build does not know is not taken for a good one.
    if (outcome != "flat" && outcome != "flagged" && outcome != "held") {
        ++report_.totals.open;
        return list_rows(report_.open_packages, row, kDecided);
    }
    if (outcome == "flagged") {
        ++report_.totals.flagged;
        list_rows(report_.flagged_packages, row, kDecided);
    } else if (outcome == "held") {
        ++report_.totals.held;
    } else {
        ++report_.totals.flat;
    }
    const Waterfall& w = row.waterfall;
    Amount realised;
    for (const Amount part : {w.quoted, w.depth, w.fees, w.latency, w.unwind}) sum(realised, part);
    if (realised != w.realised) ++report_.waterfall_mismatches;
    profit(results_, "", "", row);
    profit(instruments_, row.instrument.view(), "", row);
    profit(pairs_, row.buy_venue.view(), row.sell_venue.view(), row);
    profit(strategies_, row.strategy.view(), "", row);
    unhedged_.push_back(std::max<std::int64_t>(row.unhedged_ns, 0));
}

void ReportSums::add(const BalanceRow& row)
{
    const auto [place, fresh] =
        accounts_.try_emplace({row.epoch, std::string(row.venue.view()), std::string(row.asset.view())}, row);
    if (!fresh && weight(place->second) <= weight(row)) place->second = row;
}

void ReportSums::add(const FlagRow& row)
{
    report_.totals.flags_open += row.cleared ? 0 : 1;
    list_rows(report_.flags, row, kTime);
}

void ReportSums::add(const KeyUseRow& row)
{
    KeyUseLine& line = key_uses_[{std::string(row.venue.view()), std::string(row.label.view()),
                                  std::string(row.endpoint.view()), std::string(row.outcome.view())}];
    if (line.count == 0) line.first = line.last = row.time;
    line.venue = row.venue.view();
    line.label = row.label.view();
    line.endpoint = row.endpoint.view();
    line.outcome = row.outcome.view();
    line.count += row.count;
    line.first = std::min(line.first, row.time);
    line.last = std::max(line.last, row.time);
}

void ReportSums::add(const NoteRow& row)
{
    ++report_.totals.notes;
    list_rows(report_.notes, row, kTime);
}

void ReportSums::choose_quote(std::string quote)
{
    report_.quote = std::move(quote);
    if (!report_.quote.empty()) return;
    std::pair<std::uint64_t, std::uint64_t> most{0, 0};
    for (const auto& [name, counts] : quotes_) {
        if (name.empty() || counts <= most) continue;
        most = counts;
        report_.quote = name;
    }
}

void ReportSums::finish_accounts()
{
    for (const auto& [key, later] : later_) {
        const auto [place, fresh] = accounts_.try_emplace(key);
        if (!fresh) continue;
        place->second.epoch = std::get<0>(key);
        place->second.venue = std::get<1>(key);
        place->second.asset = std::get<2>(key);
    }
    for (const auto& [key, row] : accounts_) {
        AccountLine line;
        line.row = row;
        // A paper run's last word is its own: no venue was asked.
        const bool paper =
            std::any_of(report_.runs.begin(), report_.runs.end(), [epoch = row.epoch](const RunRow& run) {
                return run.epoch == epoch && run.mode.view() == "paper";
            });
        line.closed = !paper && row.kind.view() == "end";
        report_.not_closed += line.closed ? 0 : 1;
        Amount expected;
        sum(expected, row.start);
        sum(expected, row.fills);
        sum(expected, {-clamped(row.fees.units)});
        line.difference = row.theirs;
        sum(line.difference, -expected);
        const bool exact = row.theirs == expected;
        line.rounded = !exact && absolute(line.difference) <= rounding_of(expected);
        const bool equal = (exact || line.rounded) && row.ours == expected;
        report_.rounded += equal && line.rounded ? 1 : 0;
        line.agrees = line.closed && equal;
        report_.mismatches += equal ? 0 : 1;
        if (const auto later = later_.find(key); later != later_.end()) {
            sum(line.row.fills, later->second.fills);
            sum(line.row.fees, later->second.fees);
            sum(line.row.ours, later->second.fills);
            sum(line.row.ours, -later->second.fees);
            line.later = later->second.count;
        }
        report_.accounts.push_back(line);
    }
}

void ReportSums::value_holding(HoldingLine& line) const
{
    if (report_.quote.empty()) return;
    if (line.asset == report_.quote) {
        line.valued = true;
        line.value = line.theirs;
        return;
    }
    const std::string spot = line.asset + "/" + report_.quote;
    auto best = marks_.end();
    for (auto mark = marks_.begin(); mark != marks_.end(); ++mark) {
        if (base_of(mark->first) != line.asset || quote_of(mark->first) != report_.quote) continue;
        if (best == marks_.end() || mark->second.time > best->second.time) best = mark;
    }
    // A derivative's price stands in only where the thing itself was not traded.
    if (const auto own = marks_.find(spot); own != marks_.end()) best = own;
    if (best == marks_.end()) return;
    const std::optional<Amount> value = value_at(line.theirs, best->second.price);
    if (!value) return;
    line.valued = true;
    line.value = *value;
    line.mark = best->second.price;
    line.mark_instrument = best->first;
    line.mark_time = best->second.time;
}

void ReportSums::finish_portfolio()
{
    // Accounts come run by run, so the last one written is of the latest run that knows it.
    std::map<std::pair<std::string, std::string>, const AccountLine*> latest;
    for (const AccountLine& line : report_.accounts)
        latest[{std::string(line.row.asset.view()), std::string(line.row.venue.view())}] = &line;
    for (const auto& [key, account] : latest) {
        if (report_.portfolio.empty() || report_.portfolio.back().asset != key.first) {
            report_.portfolio.emplace_back().asset = key.first;
        }
        HoldingLine& line = report_.portfolio.back();
        ++line.venues;
        sum(line.ours, account->row.ours);
        // What the venue said before the last fills is no holding any more.
        sum(line.theirs, account->later > 0 ? account->row.ours : account->row.theirs);
    }
    for (HoldingLine& line : report_.portfolio) {
        value_holding(line);
        if (line.valued) sum(report_.portfolio_value, line.value);
    }
}

void ReportSums::finish_unhedged()
{
    if (unhedged_.empty()) return;
    std::sort(unhedged_.begin(), unhedged_.end());
    // The nearest rank: the smallest value that so many in a hundred do not exceed.
    const auto percentile = [this](std::size_t percent) {
        return unhedged_[(unhedged_.size() * percent + 99) / 100 - 1];
    };
    report_.unhedged = {unhedged_.size(), percentile(50), percentile(99), unhedged_.back()};
}

LedgerReport ReportSums::finish(std::string quote)
{
    choose_quote(std::move(quote));
    std::stable_sort(report_.runs.begin(), report_.runs.end(),
                     [](const RunRow& a, const RunRow& b) { return a.epoch < b.epoch; });
    report_.results = values_of(results_);
    std::stable_partition(report_.results.begin(), report_.results.end(),
                          [this](const ProfitLine& line) { return line.quote == report_.quote; });
    report_.by_instrument = values_of(instruments_);
    report_.by_pair = values_of(pairs_);
    report_.by_strategy = values_of(strategies_);
    report_.fees = values_of(fees_);
    report_.coin_fees = values_of(coin_fees_);
    report_.key_uses = values_of(key_uses_);
    finish_accounts();
    finish_portfolio();
    finish_unhedged();
    keep_latest(report_.open_packages, kDecided);
    keep_latest(report_.flagged_packages, kDecided);
    keep_latest(report_.unknown_orders, kSent);
    keep_latest(report_.flags, kTime);
    keep_latest(report_.notes, kTime);
    return std::move(report_);
}

}  // namespace arb::ledger
