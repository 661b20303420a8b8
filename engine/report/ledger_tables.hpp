#pragma once
// How each kind of row is asked for and read back: one SELECT a table and the fields in its order. The
// inverse of ledger_store.cpp. Included by ledger_reader.cpp only. An amount that is no decimal makes the row
// not `good`; texts longer than their field lose their end.
#include <algorithm>
#include <optional>

#include "engine/report/ledger_rows.hpp"
#include "engine/report/ledger_sqlite.hpp"

namespace arb::ledger {

/// Some day of the year 2199.
inline constexpr std::int64_t kTimeMax = 7'250'000'000'000'000'000;

/// The columns of one row of a statement, taken from left to right.
class Columns {
  public:
    explicit Columns(const Statement& statement) : statement_(statement) {}

    template <std::size_t N>
    Columns& operator>>(RowText<N>& value)
    {
        value.assign(statement_.text(place_++));
        return *this;
    }
    Columns& operator>>(std::uint32_t& value)
    {
        value = static_cast<std::uint32_t>(statement_.integer(place_++));
        return *this;
    }
    Columns& operator>>(std::int32_t& value)
    {
        value = static_cast<std::int32_t>(statement_.integer(place_++));
        return *this;
    }
    Columns& operator>>(std::uint64_t& value)
    {
        value = statement_.unsigned_integer(place_++);
        return *this;
    }
    Columns& operator>>(std::int64_t& value)
    {
        value = statement_.integer(place_++);
        return *this;
    }
    Columns& operator>>(bool& value)
    {
        value = statement_.integer(place_++) != 0;
        return *this;
    }
    Columns& operator>>(Timestamp& value)
    {
        // A damaged file may say anything; within these bounds times can be told apart without a wrap.
        value = {std::clamp<std::int64_t>(statement_.integer(place_++), 0, kTimeMax)};
        return *this;
    }
    Columns& operator>>(Side& value)
    {
        value = statement_.text(place_++) == name(Side::sell) ? Side::sell : Side::buy;
        return *this;
    }
    Columns& operator>>(Amount& value)
    {
        const std::optional<Amount> amount = parse_amount(statement_.text(place_++));
        good_ = good_ && amount.has_value();
        value = amount.value_or(Amount{});
        return *this;
    }
    Columns& operator>>(Waterfall& w)
    {
        return *this >> w.quoted >> w.depth >> w.fees >> w.latency >> w.unwind >> w.realised;
    }
    /// Every amount was one.
    bool good() const { return good_; }

  private:
    const Statement& statement_;
    int place_ = 0;
    bool good_ = true;
};

// How each kind of row is asked for. Bounds are the first and the last epoch.
template <class AnyRow>
struct Table;

template <>
struct Table<RunRow> {
    static constexpr const char* kSelect =
        "SELECT epoch,begun,ended,mode,build,config_hash,exit_code,decision_hash FROM runs "
        "WHERE epoch BETWEEN ? AND ? ORDER BY epoch";
    static void read(Columns& c, RunRow& row)
    {
        c >> row.epoch >> row.begin >> row.end >> row.mode >> row.build >> row.config_hash >> row.exit_code >>
            row.decision_hash;
    }
};

template <>
struct Table<OrderRow> {
    static constexpr const char* kSelect =
        "SELECT "
        "epoch,number,client_id,package,venue,instrument,side,tif,price,quantity,state,filled,reason,purpose,"
        "sent,done,venue_order_id FROM orders WHERE epoch BETWEEN ? AND ? ORDER BY sent,venue,client_id";
    static void read(Columns& c, OrderRow& row)
    {
        c >> row.epoch >> row.order >> row.client_id >> row.package >> row.venue >> row.instrument >>
            row.side >> row.tif >> row.price >> row.quantity >> row.state >> row.filled >> row.reason >>
            row.purpose >> row.sent >> row.done >> row.venue_order_id;
    }
};

template <>
struct Table<FillRow> {
    static constexpr const char* kSelect =
        "SELECT "
        "epoch,venue,trade_id,order_number,package,instrument,side,price,quantity,notional,fee,fee_asset,"
        "maker,purpose,time,venue_time FROM fills WHERE epoch BETWEEN ? AND ? "
        "ORDER BY time,venue,instrument,trade_id,side";
    static void read(Columns& c, FillRow& row)
    {
        c >> row.epoch >> row.venue >> row.trade_id >> row.order >> row.package >> row.instrument >>
            row.side >> row.price >> row.quantity >> row.notional >> row.fee >> row.fee_asset >> row.maker >>
            row.purpose >> row.time >> row.venue_time;
    }
};

template <>
struct Table<PackageRow> {
    static constexpr const char* kSelect =
        "SELECT "
        "epoch,package,instrument,strategy,buy_venue,sell_venue,quantity,outcome,detail,quoted,depth,fees,"
        "latency,unwind,realised,decided,finished,unhedged_ns FROM packages WHERE epoch BETWEEN ? AND ? "
        "ORDER BY decided,epoch,package";
    static void read(Columns& c, PackageRow& row)
    {
        c >> row.epoch >> row.package >> row.instrument >> row.strategy >> row.buy_venue >> row.sell_venue >>
            row.quantity >> row.outcome >> row.detail >> row.waterfall >> row.decided >> row.finished >>
            row.unhedged_ns;
    }
};

template <>
struct Table<BalanceRow> {
    static constexpr const char* kSelect =
        "SELECT epoch,time,venue,asset,ours,theirs,start,fills,fees,kind FROM balances WHERE epoch BETWEEN ? "
        "AND ? "
        "ORDER BY time,epoch,venue,asset,kind";
    static void read(Columns& c, BalanceRow& row)
    {
        c >> row.epoch >> row.time >> row.venue >> row.asset >> row.ours >> row.theirs >> row.start >>
            row.fills >> row.fees >> row.kind;
    }
};

template <>
struct Table<FlagRow> {
    static constexpr const char* kSelect =
        "SELECT epoch,time,venue,instrument,amount,reason,cleared FROM flags WHERE epoch BETWEEN ? AND ? "
        "ORDER BY time,venue,instrument";
    static void read(Columns& c, FlagRow& row)
    {
        c >> row.epoch >> row.time >> row.venue >> row.instrument >> row.amount >> row.reason >> row.cleared;
    }
};

template <>
struct Table<KeyUseRow> {
    static constexpr const char* kSelect =
        "SELECT epoch,time,venue,label,endpoint,outcome,count FROM key_uses WHERE epoch BETWEEN ? AND ? "
        "ORDER BY time,venue,label,endpoint,outcome";
    static void read(Columns& c, KeyUseRow& row)
    {
        c >> row.epoch >> row.time >> row.venue >> row.label >> row.endpoint >> row.outcome >> row.count;
    }
};

template <>
struct Table<NoteRow> {
    static constexpr const char* kSelect =
        "SELECT epoch,time,level,text FROM notes WHERE epoch BETWEEN ? AND ? ORDER BY time,level,text";
    static void read(Columns& c, NoteRow& row) { c >> row.epoch >> row.time >> row.level >> row.text; }
};

}  // namespace arb::ledger
