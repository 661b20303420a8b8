#pragma once
// One row of Tardis `incremental_book_L2` CSV, taken apart and checked. The views point into the line. For
// import_tardis alone.
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/journal/exact_text.hpp"

namespace arb {

/// Where the columns stand in one file.
struct TardisColumns {
    std::size_t count = 0;
    std::size_t at[8] = {};
};

struct TardisRow {
    std::string_view exchange, symbol;
    Timestamp time;        ///< local_timestamp
    Timestamp venue_time;  ///< timestamp: the exchange's; 0 where it gave none
    bool snapshot = false;
    bool bid = false;
    ExactNumber price, amount;
};

/// From the first line. Returns what is wrong, or nothing.
std::string read_tardis_columns(std::string_view line, TardisColumns& out);

/// From any other. `cells` is scratch memory. Returns what is wrong, or nothing.
std::string read_tardis_row(std::string_view line, const TardisColumns& columns,
                            std::vector<std::string_view>& cells, TardisRow& out);

}  // namespace arb
