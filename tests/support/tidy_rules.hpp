#pragma once
// The house rules as pure functions: source text in, violations out. tests/tidy_test.cpp runs them over the
// whole tree and shows on small samples that each of them can fail. A rule knows the project's layout
// (engine/..., connectors/...) from the path alone and reads no file; read_tree does the reading. Messages
// say what to write instead.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace arb::tidy {

struct SourceFile {
    std::string path;  ///< from the project's root: "engine/base/ids.hpp"
    std::string text;
    bool executable = false;
};

struct Violation {
    std::string path;
    std::size_t line = 0;  ///< from 1; 0 when it is about the whole file or folder
    std::string message;
    std::string text() const;
};
using Violations = std::vector<Violation>;

/// All violations, one a line, for a test's failure message.
std::string text_of(const Violations& violations);

/// Every file of ours below `root`: not the build folders, not git's, not recorded frames.
std::vector<SourceFile> read_tree(const std::string& root);
bool is_cpp(std::string_view path);
bool is_test(std::string_view path);

/// Who may include whom, ours and third parties'. `exists` tells whether a project file of that path is
/// there.
Violations check_includes(const SourceFile& file, const std::function<bool(const std::string&)>& exists);

/// Clocks, randomness, threads, sleeping, environment, printing and files, where the core must have none.
Violations check_banned_calls(const SourceFile& file);

/// `double` and `float` near money. A line may have one with the comment "// not money: <reason>".
Violations check_floating_point(const SourceFile& file);

/// Names of connector folders in the code of engine/, which must serve every venue alike. Comments and prose
/// for people (a string with a blank, as in help texts) may name venues as examples.
Violations check_venue_names(const SourceFile& file, const std::vector<std::string>& venues);

/// Columns, tabs, blanks, final newline, file and function length, header opening, leftover marks, disabled
/// tests.
Violations check_shape(const SourceFile& file);

/// A name that two files of one folder define in anonymous namespaces: a folder is compiled as one unit, so
/// they would meet there, and to a reader they are one word for two things (or one thing twice). Tests are a
/// unit of their own; a benchmark is a program of its own. The same alias may be told twice.
Violations check_names_once(const std::vector<SourceFile>& files);

/// Each header of an engine folder is named in the README beside it, or nobody finds it.
Violations check_readmes(const std::vector<SourceFile>& files);

/// Two connectors that share kAlikeMost lines in a row say the same twice: it belongs into engine/connect or
/// engine/venue. Lines of code in .cpp files, blanks and comments left out; headers of one interface are
/// alike.
inline constexpr std::size_t kAlikeMost = 12;
Violations check_alike(const std::vector<SourceFile>& files);

/// A class lives in one .cpp file and has at most kMethodsMost methods there: one that had to be cut over
/// several files does several things.
inline constexpr std::size_t kMethodsMost = 25;
Violations check_classes(const std::vector<SourceFile>& files);

/// Shell scripts: executable, with a shebang and `set -eu`.
Violations check_script(const SourceFile& file);

/// What every connector folder, and every folder with code, must hold. `paths` is the whole tree, frames
/// included.
Violations check_folders(const std::vector<std::string>& paths);

/// Tests in a folder that tests/CMakeLists.txt does not look into would never run.
Violations check_tests_found(const std::vector<std::string>& paths, std::string_view tests_cmake);

/// CMakePresets.json: readable, with a configure, a build and a test preset for each build the project
/// promises.
Violations check_presets(const SourceFile& file);

}  // namespace arb::tidy
