#pragma once
// SQLite as the ledger uses it: a connection and prepared statements that close themselves, values bound and
// read by type, errors as values. Amounts are exact decimal text: SQLite has no integer wide enough, and its
// REAL is never used. One thread at a time a connection. Called by the ledger's writer and reader only.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/money.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/report/ledger_rows.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace arb::ledger {

/// The amount an exact decimal text says; empty when it is no such text or does not fit.
std::optional<Amount> parse_amount(std::string_view text);

class Statement {
  public:
    /// Binds all values in their order and runs it. True when it ran to its end.
    template <class... Values>
    bool run(const Values&... values)
    {
        begin(values...);
        const bool done = !next() && !failed();
        reset();
        return done;
    }
    /// Binds all values and stands before the first row.
    template <class... Values>
    void begin(const Values&... values)
    {
        reset();
        int place = 0;
        (bind(++place, values), ...);
    }
    /// Moves to the next row; false at the end or on an error.
    bool next();
    bool failed() const { return failed_; }
    void reset();

    std::int64_t integer(int column) const;
    std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    /// Valid until the next step.
    std::string_view text(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };

    void bind(int place, std::int64_t value);
    void bind(int place, std::string_view value);
    void bind(int place, const char* value) { bind(place, std::string_view(value)); }
    void bind(int place, std::uint64_t value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, std::uint32_t value) { bind(place, std::int64_t{value}); }
    void bind(int place, std::int32_t value) { bind(place, std::int64_t{value}); }
    void bind(int place, bool value) { bind(place, std::int64_t{value ? 1 : 0}); }
    void bind(int place, Timestamp value) { bind(place, value.ns); }
    void bind(int place, Side value) { bind(place, std::string_view(name(value))); }
    void bind(int place, Amount value) { bind(place, std::string_view(value.text())); }
    template <std::size_t N>
    void bind(int place, const RowText<N>& value)
    {
        bind(place, value.view());
    }

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    bool failed_ = false;
};

class Database {
  public:
    enum class Mode : unsigned char { write, read };
    static Result<Database> open(const std::string& path, Mode mode);

    /// Statements without results; false on an error.
    bool execute(const char* sql);
    /// A statement of ours; one that cannot be prepared fails at its first step.
    Statement prepare(std::string_view sql);
    /// The single integer a query gives, or empty.
    std::optional<std::int64_t> ask(const char* sql);

    bool read_only() const;
    /// Rows changed by the statement before.
    int changes() const;
    /// What went wrong last, in SQLite's words.
    std::string message() const;
    /// What went wrong last can never go right: a row that no table takes, as opposed to a full disk or a
    /// lock.
    bool hopeless_row() const;

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}

    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace arb::ledger
