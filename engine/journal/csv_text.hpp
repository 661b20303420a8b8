#pragma once
// What the importers of comma-separated files share: cells, columns, steps learnt from the digits. No
// quoting: the formats have none. Views point into the line. One thread.
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

/// Cells of a line into `out`, which is reused.
void split_cells(std::string_view line, std::vector<std::string_view>& out);

std::optional<std::size_t> find_column(const std::vector<std::string_view>& names, std::string_view name);

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
