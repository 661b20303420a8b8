#include "engine/report/ledger_sqlite.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

namespace arb::ledger {
namespace {

// Another connection may hold the lock for the time of a checkpoint or of one report.
constexpr int kBusyTimeoutMs = 1'000;
bool all_digits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<Amount> parse_amount(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view part =
        point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
    if (!all_digits(whole) || !all_digits(part)) return std::nullopt;
    if (part.size() > kAmountDecimals) return std::nullopt;
    Int128 units = 0;
    const auto take = [&units](int digit) {
        return !__builtin_mul_overflow(units, Int128{10}, &units) &&
               !__builtin_add_overflow(units, Int128{digit}, &units);
    };
    for (const char c : whole) {
        if (!take(c - '0')) return std::nullopt;
    }
    for (std::size_t i = 0; i < kAmountDecimals; ++i) {
        if (!take(i < part.size() ? part[i] - '0' : 0)) return std::nullopt;
    }
    return Amount{negative ? -units : units};
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

void Statement::reset()
{
    failed_ = statement_ == nullptr;
    if (statement_ != nullptr) sqlite3_reset(statement_.get());
}

bool Statement::next()
{
    if (failed_) return false;
    const int code = sqlite3_step(statement_.get());
    failed_ = code != SQLITE_ROW && code != SQLITE_DONE;
    return code == SQLITE_ROW;
}

void Statement::bind(int place, std::int64_t value)
{
    if (failed_) return;
    failed_ = sqlite3_bind_int64(statement_.get(), place, value) != SQLITE_OK;
}

void Statement::bind(int place, std::string_view value)
{
    if (failed_) return;
    // An empty view may have no address, and SQLite takes a null address for NULL.
    const char* data = value.empty() ? "" : value.data();
    failed_ = sqlite3_bind_text(statement_.get(), place, data, static_cast<int>(value.size()),
                                SQLITE_TRANSIENT) != SQLITE_OK;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const
{
    const unsigned char* bytes = sqlite3_column_text(statement_.get(), column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* handle) const
{
    sqlite3_close_v2(handle);
}

Result<Database> Database::open(const std::string& path, Mode mode)
{
    sqlite3* handle = nullptr;
    const int flags =
        (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    Database database(handle);
    if (code != SQLITE_OK) {
        return Error{ExitCode::data,
                     fmt::format("{}: the ledger cannot be opened: {}", path,
                                 handle == nullptr ? "out of memory" : sqlite3_errmsg(handle))};
    }
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    // A file made by someone else must not run what its schema says.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return database;
}

bool Database::execute(const char* sql)
{
    return sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Statement Database::prepare(std::string_view sql)
{
    Statement statement;
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                       &raw, nullptr);
    statement.statement_.reset(raw);
    statement.failed_ = raw == nullptr;
    return statement;
}

std::optional<std::int64_t> Database::ask(const char* sql)
{
    Statement statement = prepare(sql);
    statement.begin();
    if (!statement.next()) return std::nullopt;
    return statement.integer(0);
}

bool Database::read_only() const
{
    return sqlite3_db_readonly(handle_.get(), "main") == 1;
}

int Database::changes() const
{
    return sqlite3_changes(handle_.get());
}

std::string Database::message() const
{
    return sqlite3_errmsg(handle_.get());
}

bool Database::hopeless_row() const
{
    switch (sqlite3_errcode(handle_.get()) & 0xff) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
            return true;
        default:
            return false;
    }
}

}  // namespace arb::ledger
