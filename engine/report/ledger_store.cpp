#include "engine/report/ledger_store.hpp"

#include <fmt/format.h>

namespace arb::ledger {
namespace {

// The beginning of a run, told again, does not undo its end.
constexpr const char* kRun =
    "INSERT INTO runs VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(epoch) DO UPDATE SET "
    "begun=min(begun,excluded.begun),"
    "ended=excluded.ended,mode=excluded.mode,build=excluded.build,config_hash=excluded.config_hash,"
    "exit_code=excluded.exit_code,decision_hash=excluded.decision_hash WHERE excluded.ended<>0 OR ended=0";

// News of an order may be told again in any order after a restart: what is finished stays finished, and what
// was once known (when it was sent, the venue's id) is not forgotten.
constexpr const char* kOrder =
    "INSERT INTO orders VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(venue,client_id) DO UPDATE SET "
    "price=excluded.price,quantity=excluded.quantity,state=excluded.state,filled=excluded.filled,"
    "reason=excluded.reason,sent=CASE excluded.sent WHEN 0 THEN sent ELSE excluded.sent "
    "END,done=excluded.done,"
    "venue_order_id=CASE excluded.venue_order_id WHEN '' THEN venue_order_id ELSE excluded.venue_order_id "
    "END "
    "WHERE excluded.state IN('filled','cancelled','rejected','expired') OR "
    "state NOT IN('filled','cancelled','rejected','expired')";

constexpr const char* kFill = "INSERT OR IGNORE INTO fills VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

constexpr const char* kPackage =
    "INSERT INTO packages VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(epoch,package) DO UPDATE "
    "SET "
    "instrument=excluded.instrument,strategy=excluded.strategy,buy_venue=excluded.buy_venue,"
    "sell_venue=excluded.sell_venue,quantity=excluded.quantity,outcome=excluded.outcome,detail=excluded."
    "detail,"
    "quoted=excluded.quoted,depth=excluded.depth,fees=excluded.fees,latency=excluded.latency,"
    "unwind=excluded.unwind,realised=excluded.realised,decided=excluded.decided,finished=excluded.finished,"
    "unhedged_ns=excluded.unhedged_ns WHERE excluded.outcome<>'open' OR outcome='open'";

constexpr const char* kBalance = "INSERT OR REPLACE INTO balances VALUES(?,?,?,?,?,?,?,?,?,?)";
constexpr const char* kFlag = "INSERT OR IGNORE INTO flags VALUES(?,?,?,?,?,?,0)";
constexpr const char* kClearFlag = "UPDATE flags SET cleared=1 WHERE venue=? AND instrument=? AND time<=?";
constexpr const char* kKeyUse = "INSERT OR REPLACE INTO key_uses VALUES(?,?,?,?,?,?,?)";
constexpr const char* kNote = "INSERT OR IGNORE INTO notes VALUES(?,?,?,?)";
constexpr const char* kInsertGap = "INSERT INTO gaps(epoch,rows) VALUES(?,?)";

}  // namespace

RowStore::RowStore(Database& database)
    : database_(database),
      run_(database.prepare(kRun)),
      order_(database.prepare(kOrder)),
      fill_(database.prepare(kFill)),
      package_(database.prepare(kPackage)),
      balance_(database.prepare(kBalance)),
      flag_(database.prepare(kFlag)),
      clear_flag_(database.prepare(kClearFlag)),
      key_use_(database.prepare(kKeyUse)),
      note_(database.prepare(kNote)),
      gap_(database.prepare(kInsertGap))
{
}

bool RowStore::put(const Row& row)
{
    return std::visit([this](const auto& known) { return put(known); }, row);
}

bool RowStore::put(const RunRow& row)
{
    epoch_ = row.epoch;
    return run_.run(row.epoch, row.begin, row.end, row.mode, row.build, row.config_hash, row.exit_code,
                    row.decision_hash);
}

bool RowStore::put(const OrderRow& row)
{
    const std::uint32_t epoch = epoch_of(row.epoch);
    // An order without a client id is still one order: its number takes the id's place.
    const std::string id =
        row.client_id.empty() ? fmt::format("#{}-{}", epoch, row.order) : std::string(row.client_id.view());
    return order_.run(row.venue, std::string_view(id), epoch, row.order, row.package, row.instrument,
                      row.side, row.tif, row.price, row.quantity, row.state, row.filled, row.reason,
                      row.purpose, row.sent, row.done, row.venue_order_id);
}

bool RowStore::put(const FillRow& row)
{
    return fill_.run(row.venue, row.instrument, row.trade_id, row.side, epoch_of(row.epoch), row.order,
                     row.package, row.price, row.quantity, row.notional, row.fee, row.fee_asset, row.maker,
                     row.purpose, row.time, row.venue_time);
}

bool RowStore::put(const PackageRow& row)
{
    const Waterfall& w = row.waterfall;
    return package_.run(epoch_of(row.epoch), row.package, row.instrument, row.strategy, row.buy_venue,
                        row.sell_venue, row.quantity, row.outcome, row.detail, w.quoted, w.depth, w.fees,
                        w.latency, w.unwind, w.realised, row.decided, row.finished, row.unhedged_ns);
}

bool RowStore::put(const BalanceRow& row)
{
    return balance_.run(epoch_of(row.epoch), row.venue, row.asset, row.time, row.kind, row.ours, row.theirs,
                        row.start, row.fills, row.fees);
}

bool RowStore::put(const FlagRow& row)
{
    if (row.cleared) return clear_flag_.run(row.venue, row.instrument, row.time);
    return flag_.run(row.venue, row.instrument, row.time, epoch_of(row.epoch), row.amount, row.reason);
}

bool RowStore::put(const KeyUseRow& row)
{
    // What follows a question mark may be a signature: it is cut off even where the caller forgot to.
    const std::string_view path = row.endpoint.view().substr(0, row.endpoint.view().find('?'));
    return key_use_.run(epoch_of(row.epoch), row.time, row.venue, row.label, path, row.outcome, row.count);
}

bool RowStore::put(const NoteRow& row)
{
    return note_.run(epoch_of(row.epoch), row.time, row.level, row.text);
}

bool RowStore::put_gap(std::uint64_t rows)
{
    return gap_.run(epoch_, rows);
}

}  // namespace arb::ledger
