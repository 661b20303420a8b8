#pragma once
// Rows into tables: one prepared statement a kind, all of them idempotent by natural keys, so rows told again
// after a restart change nothing: a fill is stored once, a finished order or package never goes back to an
// unfinished state, a cleared flag stays cleared. Called by the ledger's writer thread only. Errors: false;
// the database says why.
#include <cstdint>

#include "engine/report/ledger_rows.hpp"
#include "engine/report/ledger_sqlite.hpp"

namespace arb::ledger {

class RowStore {
  public:
    /// The tables are there; the database outlives the store.
    explicit RowStore(Database& database);

    bool begin() { return database_.execute("BEGIN IMMEDIATE"); }
    bool commit() { return database_.execute("COMMIT"); }
    void roll_back() { database_.execute("ROLLBACK"); }

    /// Within a transaction.
    bool put(const Row& row);
    /// That so many rows were not recorded.
    bool put_gap(std::uint64_t rows);

  private:
    bool put(const RunRow& row);
    bool put(const OrderRow& row);
    bool put(const FillRow& row);
    bool put(const PackageRow& row);
    bool put(const BalanceRow& row);
    bool put(const FlagRow& row);
    bool put(const KeyUseRow& row);
    bool put(const NoteRow& row);
    std::uint32_t epoch_of(std::uint32_t own) const { return own == 0 ? epoch_ : own; }

    Database& database_;
    Statement run_, order_, fill_, package_, balance_, flag_, clear_flag_, key_use_, note_, gap_;
    std::uint32_t epoch_ = 0;  ///< of the run recorded last
};

}  // namespace arb::ledger
