#pragma once
// The rows of the ledger as plain, trivially copyable structs without a pointer in them: the core thread
// fills one, the queue copies it, the writer stores it, and the reader hands the same struct back. Times are
// Timestamps (0: not known), amounts exact, prices and quantities exact decimal text. `epoch` is the number
// of the run a row belongs to; 0 stands for the run whose RunRow was recorded last, so only a recovery that
// tells of an earlier run sets it. Texts longer than their field lose their end. No secret has a field here.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/trading/run_result.hpp"

namespace arb::ledger {

/// At most N bytes of text, inside the struct.
template <std::size_t N>
class RowText {
    static_assert(N < 256, "the length is one byte");

  public:
    RowText() = default;
    RowText(std::string_view text) { assign(text); }
    RowText(const char* text) { assign(text); }
    RowText(const std::string& text) { assign(text); }

    void assign(std::string_view text)
    {
        size_ = static_cast<std::uint8_t>(std::min(text.size(), N));
        if (size_ > 0) std::memcpy(bytes_, text.data(), size_);
    }
    std::string_view view() const { return {bytes_, size_}; }
    bool empty() const { return size_ == 0; }
    bool operator==(const RowText& other) const { return view() == other.view(); }

  private:
    std::uint8_t size_ = 0;
    char bytes_[N] = {};
};

inline constexpr std::int32_t kStillRunning = -1;

/// One start of the program. Recorded at its begin (`end` unknown) and again at its end.
struct RunRow {
    std::uint32_t epoch = 0;
    Timestamp begin, end;
    RowText<12> mode;  ///< paper, emulated, live
    RowText<32> build;
    RowText<64> config_hash;
    std::int32_t exit_code = kStillRunning;
    RowText<16> decision_hash;
};

/// The latest known state of one order; recorded anew whenever it changes. Told apart by venue and client id.
struct OrderRow {
    std::uint32_t epoch = 0;
    std::uint64_t order = 0;
    RowText<20> client_id;
    std::uint64_t package = 0;
    RowText<24> venue;
    RowText<32> instrument;
    Side side{};
    RowText<8> tif;
    RowText<28> price, quantity;
    RowText<16> state;  ///< sent, accepted, filled, cancelled, rejected, expired, unknown
    RowText<28> filled;
    RowText<32> reason;
    RowText<12> purpose;  ///< leg, hedge, unwind, flatten
    Timestamp sent, done;
    RowText<48> venue_order_id;
};

/// Told apart by venue, instrument, venue's trade id and side: some venues number trades per instrument.
struct FillRow {
    std::uint32_t epoch = 0;
    RowText<24> venue;
    RowText<48> trade_id;
    std::uint64_t order = 0, package = 0;
    RowText<32> instrument;
    Side side{};
    RowText<28> price, quantity;
    Amount notional;
    Amount fee;  ///< negative: a rebate
    RowText<16> fee_asset;
    bool maker = false;
    RowText<12> purpose;
    Timestamp time, venue_time;
};

/// The latest state of one package; told apart by epoch and number.
struct PackageRow {
    std::uint32_t epoch = 0;
    std::uint64_t package = 0;
    RowText<32> instrument;
    RowText<24> strategy;
    RowText<24> buy_venue, sell_venue;
    RowText<28> quantity;
    RowText<12> outcome;  ///< open, flat, held, flagged
    RowText<96> detail;
    Waterfall waterfall;
    Timestamp decided, finished;
    std::int64_t unhedged_ns = 0;  ///< how long one leg stood without the other
};

/// One account (venue and asset): what we count and what the venue says.
struct BalanceRow {
    std::uint32_t epoch = 0;
    Timestamp time;
    RowText<24> venue;
    RowText<16> asset;
    Amount ours;    ///< start + fills - fees as the engine counted
    Amount theirs;  ///< the venue's own word
    Amount start, fills, fees;
    RowText<8> kind;  ///< start, check, end
};

/// Exposure that could not be closed. A row with `cleared` closes all earlier flags of its venue and
/// instrument.
struct FlagRow {
    std::uint32_t epoch = 0;
    Timestamp time;
    RowText<24> venue;
    RowText<32> instrument;
    RowText<40> amount;
    RowText<128> reason;
    bool cleared = false;
};

/// Uses of one key for one purpose with one outcome since the row before. The endpoint is a path, never a
/// query.
struct KeyUseRow {
    std::uint32_t epoch = 0;
    Timestamp time;
    RowText<24> venue;
    RowText<32> label;
    RowText<64> endpoint;
    RowText<24> outcome;
    std::uint64_t count = 1;
};

struct NoteRow {
    std::uint32_t epoch = 0;
    Timestamp time;
    RowText<8> level;  ///< info, warn, error
    RowText<200> text;
};

using Row = std::variant<RunRow, OrderRow, FillRow, PackageRow, BalanceRow, FlagRow, KeyUseRow, NoteRow>;
static_assert(std::is_trivially_copyable_v<Row>, "a row is copied on the hot path");

}  // namespace arb::ledger
