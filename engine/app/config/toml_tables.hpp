#pragma once
// A thin, read-only view of a TOML document that hands its tables on as Settings: exact text of each value
// with its place. Floating-point literals are refused where they stand (write amounts in quotes), because
// they cannot hold money exactly. Called at start; throws StartError (ExitCode::usage) with file:line:col.
#include <memory>
#include <string>
#include <vector>

#include "engine/trading/settings.hpp"

namespace arb {

class TomlTable {
  public:
    static TomlTable parse(const std::string& text, const std::string& name);

    bool has(const std::string& key) const;
    /// A sub-table; an empty one when it is absent.
    TomlTable table(const std::string& key) const;
    /// An array of tables ([[key]]); empty when absent.
    std::vector<TomlTable> tables(const std::string& key) const;
    /// Keys in alphabetical order.
    std::vector<std::string> keys() const;
    /// The plain values under a name for error texts. A sub-table that is not in `tables` is refused.
    Settings settings(const std::string& name, const std::vector<std::string>& tables = {}) const;
    /// Refuses a key that is not in the list, naming the nearest.
    void allow_only(const std::vector<std::string>& keys) const;

  private:
    struct Document;
    std::shared_ptr<const Document> document_;
    const void* node_ = nullptr;  // toml::table, kept out of this header
};

}  // namespace arb
