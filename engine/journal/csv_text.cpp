#include "engine/journal/csv_text.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace arb {

namespace {

std::string_view without_blanks(std::string_view text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string_view split_cells(std::string_view line, std::vector<std::string_view>& out)
{
    out.clear();
    while (true) {
        line = without_blanks(line);
        std::size_t end = std::min(line.find(','), line.size());
        if (line.starts_with('"')) {
            const std::size_t closing = line.find('"', 1);
            if (closing == std::string_view::npos) return "a quoted cell is not closed on its line";
            end = std::min(line.find(',', closing), line.size());
            if (!without_blanks(line.substr(closing + 1, end - closing - 1)).empty())
                return "something stands between a quoted cell and the next comma";
            out.push_back(without_blanks(line.substr(1, closing - 1)));
        } else {
            out.push_back(without_blanks(line.substr(0, end)));
        }
        if (end == line.size()) return {};
        line.remove_prefix(end + 1);
    }
}

std::optional<std::size_t> find_column(const std::vector<std::string_view>& names, std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end() || std::find(found + 1, names.end(), name) != names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

std::string header_hint(std::string_view line, const std::vector<std::string_view>& names)
{
    for (const char separator : {';', '\t', '|'}) {
        if (names.size() == 1 && line.find(separator) != std::string_view::npos)
            return fmt::format(": the columns must be separated by commas, here they are by '{}'",
                               separator == '\t' ? "a tab" : std::string_view(&separator, 1));
    }
    for (auto at = names.begin(); at != names.end(); ++at) {
        if (!at->empty() && std::find(at + 1, names.end(), *at) != names.end())
            return fmt::format(": the column '{}' stands there twice", at->substr(0, 40));
    }
    return {};
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
