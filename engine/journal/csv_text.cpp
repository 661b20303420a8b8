#include "engine/journal/csv_text.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace arb {

void split_cells(std::string_view line, std::vector<std::string_view>& out)
{
    out.clear();
    while (true) {
        const std::size_t comma = line.find(',');
        if (comma == std::string_view::npos) break;
        out.push_back(line.substr(0, comma));
        line.remove_prefix(comma + 1);
    }
    out.push_back(line);
}

std::optional<std::size_t> find_column(const std::vector<std::string_view>& names, std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

void StepsSeen::see(const ExactNumber& price, const ExactNumber& quantity, const LineSource& lines)
{
    if (price.decimals > price_decimals_) {
        price_decimals_ = price.decimals;
        price_place_ = fmt::format("{}:{}", lines.path(), lines.line());
    }
    quantity_decimals_ = std::max(quantity_decimals_, quantity.decimals);
    if (quantity.decimals > lot_decimals_max_) ++quantities_cut_;
}

void StepsSeen::fill(ListingDefinition& definition) const
{
    if (given_) return;
    definition.tick = Decimal(1, price_decimals_);
    definition.lot = Decimal(1, lot_decimals());
    definition.inferred = true;
}

std::optional<Error> StepsSeen::judge(std::string_view symbol) const
{
    if (given_ || price_decimals_ + lot_decimals() <= kAmountDecimals) return std::nullopt;
    return Error{
        ExitCode::data,
        fmt::format(
            "{}: a price of {} has {} decimals: with the {} of its quantities that is more than {}, so "
            "money in it would not be exact. Such digits come from binary floating point: round the "
            "prices to the venue's tick",
            price_place_, symbol, price_decimals_, lot_decimals(), kAmountDecimals)};
}

namespace {

std::vector<std::string> words_of(std::string_view symbol)
{
    std::vector<std::string> words(1);
    for (const char c : symbol) {
        if (c == '-' || c == '_' || c == '/' || c == ':')
            words.emplace_back();
        else
            words.back() += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    std::erase(words, "");
    return words;
}

/// Takes what says the kind of contract off the end of the words.
void take_kind(std::vector<std::string>& words, ListingDefinition& out)
{
    while (words.size() > 1) {
        const std::string& last = words.back();
        const bool date = last.size() == 6 &&
                          std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (date) {
            out.kind = InstrumentKind::future;
            out.expiry = last;
        } else if (last == "PERP" || last == "PERPETUAL" || last == "SWAP") {
            out.kind = InstrumentKind::perpetual;
        } else {
            return;
        }
        words.pop_back();
    }
}

}  // namespace

ListingDefinition guess_from_symbol(std::string_view symbol, bool derivative)
{
    ListingDefinition out;
    out.symbol = symbol;
    if (derivative) out.kind = InstrumentKind::perpetual;
    std::vector<std::string> words = words_of(symbol);
    if (words.empty()) words.emplace_back(symbol);
    take_kind(words, out);
    out.base = words.front();
    out.quote.assign(1, '?');
    if (words.size() >= 2) {
        out.quote = words[1];
    } else {
        for (const std::string_view quote : {"FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USD", "EUR", "GBP",
                                             "JPY", "KRW", "TRY", "BRL", "AUD", "DAI", "BTC", "ETH", "BNB"}) {
            if (out.base.size() <= quote.size() || !out.base.ends_with(quote)) continue;
            out.quote = quote;
            out.base.resize(out.base.size() - quote.size());
            break;
        }
    }
    const bool spot = out.kind == InstrumentKind::spot;
    out.market = std::string_view(spot ? "spot" : out.kind == InstrumentKind::perpetual ? "swap" : "futures");
    return out;
}

}  // namespace arb
