#pragma once
// A thin, read-only view of a TOML document that hands its tables on as Settings: exact text of each value
// with its place. Floating-point literals are refused where they stand (write amounts in quotes), because
// they cannot hold money exactly. Called at start; throws StartError (ExitCode::usage) with file:line:col.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/trading/settings.hpp"

namespace arb {

/// Another value in the place of what the document says, or does not say.
struct TomlOverride {
    std::string key;  ///< with its tables: "risk.order_max_quote"; `*` is every table there: "venue.*.region"
    std::string text;   ///< the value
    std::string place;  ///< where it was said, for error texts
};

class TomlTable {
  public:
    static TomlTable parse(const std::string& text, const std::string& name,
                           std::vector<TomlOverride> overrides = {});

    bool has(const std::string& key) const;
    bool has_table(const std::string& key) const;
    /// Where the key stands, file:line:col.
    std::string key_place(const std::string& key) const;
    /// The exact text of a plain value; nothing when there is none.
    std::optional<std::string> text(const std::string& key) const;
    /// A sub-table; an empty one when it is absent.
    TomlTable table(const std::string& key) const;
    /// An array of tables ([[key]]); empty when absent.
    std::vector<TomlTable> tables(const std::string& key) const;
    /// Keys in alphabetical order.
    std::vector<std::string> keys() const;
    /// In the order of the document.
    std::vector<std::string> keys_as_written() const;
    /// The plain values under a name for error texts. A sub-table that is not in `tables` is refused.
    Settings settings(const std::string& name, const std::vector<std::string>& tables = {}) const;
    /// Refuses a key that is not in the list, naming the nearest.
    void allow_only(const std::vector<std::string>& keys) const;
    /// Refuses an override that no table took, once all were read.
    void all_taken() const;

  private:
    struct Document;
    void override_values(std::vector<SettingValue>& values) const;

    std::shared_ptr<Document> document_;
    std::string path_;            ///< of this table: "venue.okx"
    const void* node_ = nullptr;  // toml::table, kept out of this header
};

}  // namespace arb
