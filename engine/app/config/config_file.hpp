#pragma once
// TOML configuration files to plain data, with every mistake told as file:line:col, what is wrong, and the
// nearest valid key. config/README.md lists every key. Called once at start; throws StartError
// (ExitCode::usage).
#include <string>
#include <vector>

#include "engine/app/config/toml_tables.hpp"
#include "engine/base/instrument.hpp"
#include "engine/pipeline/engine_config.hpp"

namespace arb {

/// Reads and validates a configuration file.
EngineConfig load_config(const std::string& path);
/// The same from text; `name` stands in error texts. `overrides` replace what the text says; its text and
/// hash stay the file's.
EngineConfig parse_config(const std::string& text, const std::string& name,
                          std::vector<TomlOverride> overrides = {});
/// A file of [[instrument]] tables only, by venue: what `import --instruments` takes.
std::vector<InstrumentTable::VenueListings> load_instruments(const std::string& path);

/// The whole file, at most 16 MiB; StartError when it cannot be read.
std::string read_text_file(const std::string& path);

}  // namespace arb
