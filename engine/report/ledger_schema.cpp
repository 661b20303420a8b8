#include "engine/report/ledger_schema.hpp"

#include <fmt/format.h>

namespace arb::ledger {
namespace {

// Times are nanoseconds since 1970 UTC, 0 when not known; amounts, prices and quantities exact decimal text.
// 64-bit numbers of orders and packages are stored as SQLite's signed integers, bit for bit.
constexpr const char* kTables = R"(
CREATE TABLE runs(epoch INTEGER PRIMARY KEY, begun INTEGER NOT NULL, ended INTEGER NOT NULL, mode TEXT NOT NULL,
  build TEXT NOT NULL, config_hash TEXT NOT NULL, exit_code INTEGER NOT NULL, decision_hash TEXT NOT NULL);
CREATE TABLE orders(venue TEXT NOT NULL, client_id TEXT NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL,
  package INTEGER NOT NULL, instrument TEXT NOT NULL, side TEXT NOT NULL, tif TEXT NOT NULL, price TEXT NOT NULL,
  quantity TEXT NOT NULL, state TEXT NOT NULL, filled TEXT NOT NULL, reason TEXT NOT NULL, purpose TEXT NOT NULL,
  sent INTEGER NOT NULL, done INTEGER NOT NULL, venue_order_id TEXT NOT NULL,
  PRIMARY KEY(venue, client_id)) WITHOUT ROWID;
CREATE TABLE fills(venue TEXT NOT NULL, instrument TEXT NOT NULL, trade_id TEXT NOT NULL, side TEXT NOT NULL,
  epoch INTEGER NOT NULL, order_number INTEGER NOT NULL, package INTEGER NOT NULL, price TEXT NOT NULL,
  quantity TEXT NOT NULL, notional TEXT NOT NULL, fee TEXT NOT NULL, fee_asset TEXT NOT NULL,
  maker INTEGER NOT NULL, purpose TEXT NOT NULL, time INTEGER NOT NULL, venue_time INTEGER NOT NULL,
  PRIMARY KEY(venue, instrument, trade_id, side)) WITHOUT ROWID;
CREATE TABLE packages(epoch INTEGER NOT NULL, package INTEGER NOT NULL, instrument TEXT NOT NULL,
  strategy TEXT NOT NULL, buy_venue TEXT NOT NULL, sell_venue TEXT NOT NULL, quantity TEXT NOT NULL,
  outcome TEXT NOT NULL, detail TEXT NOT NULL, quoted TEXT NOT NULL, depth TEXT NOT NULL, fees TEXT NOT NULL,
  latency TEXT NOT NULL, unwind TEXT NOT NULL, realised TEXT NOT NULL, decided INTEGER NOT NULL,
  finished INTEGER NOT NULL, unhedged_ns INTEGER NOT NULL, PRIMARY KEY(epoch, package)) WITHOUT ROWID;
CREATE TABLE balances(epoch INTEGER NOT NULL, venue TEXT NOT NULL, asset TEXT NOT NULL, time INTEGER NOT NULL,
  kind TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL, start TEXT NOT NULL, fills TEXT NOT NULL,
  fees TEXT NOT NULL, PRIMARY KEY(epoch, venue, asset, time, kind)) WITHOUT ROWID;
CREATE TABLE flags(venue TEXT NOT NULL, instrument TEXT NOT NULL, time INTEGER NOT NULL, epoch INTEGER NOT NULL,
  amount TEXT NOT NULL, reason TEXT NOT NULL, cleared INTEGER NOT NULL,
  PRIMARY KEY(venue, instrument, time)) WITHOUT ROWID;
CREATE TABLE key_uses(epoch INTEGER NOT NULL, time INTEGER NOT NULL, venue TEXT NOT NULL, label TEXT NOT NULL,
  endpoint TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(epoch, time, venue, label, endpoint, outcome)) WITHOUT ROWID;
CREATE TABLE notes(epoch INTEGER NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(epoch, time, level, text)) WITHOUT ROWID;
CREATE TABLE gaps(id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, rows INTEGER NOT NULL);
CREATE INDEX fills_by_time ON fills(time);
)";

Error refused(const std::string& path, std::string_view why)
{
    return {ExitCode::data, fmt::format("{}: {}", path, why)};
}

}  // namespace

std::optional<Error> check_schema(Database& database, const std::string& path)
{
    const std::optional<std::int64_t> application = database.ask("PRAGMA application_id");
    const std::optional<std::int64_t> version = database.ask("PRAGMA user_version");
    if (!application || !version) return refused(path, "no ledger can be read here: " + database.message());
    if (*application != kApplicationId)
        return refused(path, "this is no ledger of Arbiter; name another file");
    if (*version != kSchemaVersion) {
        return refused(path, fmt::format("the ledger has version {} and this build knows version {}: use the "
                                         "build that wrote it, or another file",
                                         *version, kSchemaVersion));
    }
    return std::nullopt;
}

std::optional<Error> prepare_schema(Database& database, const std::string& path)
{
    if (database.read_only()) return refused(path, "the ledger cannot be written; check its permissions");
    // A table makes a file somebody's: only a file without any is taken for a new ledger.
    const std::optional<std::int64_t> objects = database.ask("SELECT count(*) FROM sqlite_master");
    if (!objects) return refused(path, "no ledger can be made here: " + database.message());
    if (*objects > 0) {
        if (auto error = check_schema(database, path)) return error;
    }
    // WAL first: it is a property of the file, and cannot be changed inside a transaction.
    bool good = database.execute("PRAGMA journal_mode=WAL");
    if (good && *objects == 0) {
        good = database.execute("BEGIN IMMEDIATE") && database.execute(kTables) &&
               database.execute(fmt::format("PRAGMA application_id={}", kApplicationId).c_str()) &&
               database.execute(fmt::format("PRAGMA user_version={}", kSchemaVersion).c_str()) &&
               database.execute("COMMIT");
    }
    // The journal is the truth and the ledger can be rebuilt from it: a power cut may cost the last
    // transactions, never the file, and a killed process loses nothing that was committed.
    good = good && database.execute("PRAGMA synchronous=NORMAL");
    if (!good) return refused(path, "no ledger can be made here: " + database.message());
    return std::nullopt;
}

}  // namespace arb::ledger
