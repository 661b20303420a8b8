#pragma once
// What the importers of comma-separated files share: cells, columns, steps learnt from the digits. Views
// point into the line. One thread.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/journal/exact_text.hpp"
#include "engine/journal/line_source.hpp"

namespace arb {

/// Cells of a line into `out`, which is reused: without blanks around them and, where they are quoted (RFC
/// 4180), without their quotes. Returns what is wrong, or nothing: a quote that is not closed on its line, or
/// text behind one.
std::string_view split_cells(std::string_view line, std::vector<std::string_view>& out);

/// The column of this name. A name that stands twice is found nowhere: nobody can say which is meant.
std::optional<std::size_t> find_column(const std::vector<std::string_view>& names, std::string_view name);

/// ": ..." about a first line that is not separated by commas or names a column twice, for the text that says
/// what is missing; empty when neither is so.
std::string header_hint(std::string_view line, const std::vector<std::string_view>& names);

/// Inferred lots are not finer: no venue's are, and finer digits come from arithmetic in binary floating
/// point.
inline constexpr unsigned kLotDecimalsMax = 8;

/// The finest decimals that the prices and quantities of one listing were seen with. Prices are kept exactly
/// or refused. A quantity finer than the lot allows is cut down to it (never up, so a book shows no more than
/// there was) and counted.
class StepsSeen {
  public:
    StepsSeen() = default;
    /// A listing whose steps are given.
    explicit StepsSeen(const ListingDefinition& given) : given_(true), lot_decimals_max_(given.lot.decimals())
    {
    }

    void see(const ExactNumber& price, const ExactNumber& quantity, const LineSource& lines);

    /// Sets tick and lot to one of the last decimal seen, and `inferred`; nothing where the steps were given.
    void fill(ListingDefinition& definition) const;
    /// Set when prices are too fine to be exact money; names the place.
    std::optional<Error> judge(std::string_view symbol) const;
    bool given() const { return given_; }
    std::uint64_t quantities_cut() const { return quantities_cut_; }

  private:
    unsigned lot_decimals() const { return std::min(quantity_decimals_, lot_decimals_max_); }

    bool given_ = false;
    unsigned lot_decimals_max_ = kLotDecimalsMax;
    unsigned price_decimals_ = 0;
    unsigned quantity_decimals_ = 0;
    std::string price_place_;  ///< path:line of the finest price
    std::uint64_t quantities_cut_ = 0;
};

/// Base, quote and kind as the usual spellings of a symbol tell them (BTC-USDT, btcusdt, BTC_USDT_SWAP,
/// ETHUSD_210924); a quote of "?" when the symbol does not tell.
ListingDefinition guess_from_symbol(std::string_view symbol, bool derivative);

}  // namespace arb
