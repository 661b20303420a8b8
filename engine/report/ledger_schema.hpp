#pragma once
// The tables of the ledger and their version (PRAGMA user_version). A new file gets them; an older one is
// brought up to date when a version after the first exists; a newer one, and a file that is no ledger, is
// refused with a sentence. Called when a ledger is opened, before the first row; any thread.
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/report/ledger_sqlite.hpp"

namespace arb::ledger {

inline constexpr std::int64_t kSchemaVersion = 1;
/// PRAGMA application_id: tells a ledger from any other SQLite file.
inline constexpr std::int64_t kApplicationId = 0x41524c47;

/// Makes the tables in an empty file; the reason when this file cannot be written to as a ledger.
std::optional<Error> prepare_schema(Database& database, const std::string& path);
/// The reason when this file cannot be read as a ledger.
std::optional<Error> check_schema(Database& database, const std::string& path);

}  // namespace arb::ledger
