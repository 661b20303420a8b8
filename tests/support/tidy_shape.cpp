// Rules about form: lines, files, functions, headers, scripts, folders, presets; and the reading of the tree.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/support/source_text.hpp"
#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kColumnsMax = 120;
constexpr std::size_t kFileLinesMax = 400;
constexpr std::size_t kFunctionLinesMax = 70;

std::size_t columns_of(std::string_view line)
{
    return static_cast<std::size_t>(std::count_if(
        line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

bool is_product(std::string_view path)
{
    return path.starts_with("engine/") || path.starts_with("connectors/") || path.starts_with("strategies/");
}

void check_lines(const SourceFile& file, const SourceViews& views, Violations& found)
{
    const bool cpp = is_cpp(file.path);
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
        ++number;
        if (cpp && views.raw[number - 1]) continue;
        if (cpp && columns_of(line) > kColumnsMax) {
            found.push_back(
                {file.path, number,
                 fmt::format("{} columns: break the line before {}", columns_of(line), kColumnsMax)});
        }
        if (line.find('\t') != std::string_view::npos)
            found.push_back({file.path, number, "a tab: use blanks"});
        if (line.ends_with('\r'))
            found.push_back({file.path, number, "a carriage return: end lines with a newline only"});
        if (line.ends_with(' ')) found.push_back({file.path, number, "trailing blanks: remove them"});
    }
    if (!file.text.empty() && file.text.back() != '\n')
        found.push_back({file.path, number, "no newline at the end"});
}

void check_marks(const SourceFile& file, const SourceViews& views, Violations& found)
{
    static constexpr std::array kMarks = {"TODO", "FIXME", "XXX", "HACK"};
    const std::string& where = is_cpp(file.path) ? views.comments : file.text;
    for (const char* mark : kMarks) {
        for (const std::size_t at : find_token(where, mark)) {
            found.push_back(
                {file.path, line_at(file.text, at), fmt::format("{}: do it now or file an issue", mark)});
        }
    }
    static constexpr std::string_view kDisabled = "DISABLED_";
    if (!is_cpp(file.path)) return;
    for (std::size_t at = views.code.find(kDisabled); at != std::string::npos;
         at = views.code.find(kDisabled, at + 1)) {
        found.push_back({file.path, line_at(file.text, at), "a disabled test: mend it or remove it"});
    }
}

void check_header(const SourceFile& file, Violations& found)
{
    const std::vector<std::string_view> lines = lines_of(file.text);
    if (lines.empty() || lines[0] != "#pragma once") {
        found.push_back({file.path, 1, "a header begins with `#pragma once`"});
        return;
    }
    const bool told = lines.size() > 2 && lines[1].starts_with("// ") && lines[2].starts_with("//");
    if (!told) {
        found.push_back({file.path, 2,
                         "then come two to eight plain lines of comment: what it is, who calls it, on which "
                         "thread, units, errors"});
    }
}

bool in_frames(std::string_view path)
{
    return path.find("/frames/") != std::string_view::npos ||
           path.find("/corpus/") != std::string_view::npos ||
           path.find("/orders/") != std::string_view::npos || path.find("/golden/") != std::string_view::npos;
}

bool ours(const fs::path& path)
{
    static const std::set<std::string> kEndings = {".cpp", ".hpp",  ".cmake", ".in", ".txt",
                                                   ".md",  ".toml", ".json",  ".sh", ".dict"};
    return kEndings.count(path.extension().string()) > 0 || path.filename().string().starts_with(".clang") ||
           path.filename() == "run" || path.filename() == ".gitignore";
}

}  // namespace

std::vector<SourceFile> read_tree(const std::string& root)
{
    static constexpr std::array kFolders = {".ci",    "bench",   "cmake",      "config", "connectors",
                                            "engine", "scripts", "strategies", "tests"};
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(root)) {
        if (entry.is_regular_file() && ours(entry.path())) paths.push_back(entry.path());
    }
    for (const char* folder : kFolders) {
        if (!fs::exists(fs::path(root) / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
            if (entry.is_regular_file()) paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<SourceFile> files;
    for (const fs::path& path : paths) {
        SourceFile file;
        file.path = fs::relative(path, root).generic_string();
        file.executable = (fs::status(path).permissions() & fs::perms::owner_exec) != fs::perms::none;
        if (!in_frames(file.path) && ours(path)) {
            std::ostringstream text;
            text << std::ifstream(path, std::ios::binary).rdbuf();
            file.text = text.str();
        }
        files.push_back(std::move(file));
    }
    return files;
}

Violations check_shape(const SourceFile& file)
{
    Violations found;
    if (in_frames(file.path)) return found;
    const SourceViews views = views_of(is_cpp(file.path) ? file.text : std::string());
    check_lines(file, views, found);
    check_marks(file, views, found);
    if (!is_cpp(file.path)) return found;
    if (file.path.ends_with(".hpp")) check_header(file, found);
    const std::size_t lines = lines_of(file.text).size();
    if (is_product(file.path) && lines > kFileLinesMax) {
        found.push_back(
            {file.path, 0, fmt::format("{} lines: split the file before {}", lines, kFileLinesMax)});
    }
    for (const FunctionSpan& function : functions_of(views)) {
        if (function.lines() <= kFunctionLinesMax) continue;
        found.push_back({file.path, function.line_first,
                         fmt::format("{} has {} lines: split it before {}", function.name, function.lines(),
                                     kFunctionLinesMax)});
    }
    return found;
}

Violations check_script(const SourceFile& file)
{
    Violations found;
    if (!file.path.ends_with(".sh") && file.path != ".ci/run") return found;
    if (!file.executable) found.push_back({file.path, 0, "not executable: git update-index --chmod=+x"});
    if (!file.text.starts_with("#!")) found.push_back({file.path, 1, "no shebang: #!/usr/bin/env bash"});
    const std::vector<std::string_view> lines = lines_of(file.text);
    const bool strict =
        std::any_of(lines.begin(), lines.end(), [](std::string_view l) { return l.starts_with("set -eu"); });
    if (!strict) found.push_back({file.path, 0, "an error would pass unseen: `set -euo pipefail`"});
    return found;
}

Violations check_folders(const std::vector<std::string>& paths)
{
    Violations found;
    std::set<std::string> code_folders;
    std::map<std::string, std::set<std::string>> connectors;
    for (const std::string& path : paths) {
        if (is_cpp(path) && !path.starts_with("tests/")) {
            const std::size_t first = path.find('/');
            if (first == std::string::npos) continue;
            code_folders.insert(path.substr(0, first));
            if (const std::size_t second = path.find('/', first + 1); second != std::string::npos) {
                code_folders.insert(path.substr(0, second));
                const std::size_t third = path.find('/', second + 1);
                if (path.starts_with("engine/app/") && third != std::string::npos)
                    code_folders.insert(path.substr(0, third));
            }
        }
        if (!path.starts_with("connectors/")) continue;
        const std::size_t slash = path.find('/', 11);
        if (slash == std::string::npos) continue;
        std::set<std::string>& parts = connectors[path.substr(0, slash)];
        const std::string name = path.substr(slash + 1);
        if (name == "emulator.hpp" || name == "emulator.cpp") parts.insert(name);
        if (name.starts_with("frames/")) parts.insert("frames/");
        if (name.ends_with("_test.cpp")) parts.insert("a *_test.cpp");
    }
    for (const std::string& folder : code_folders) {
        if (std::find(paths.begin(), paths.end(), folder + "/README.md") != paths.end()) continue;
        found.push_back(
            {folder, 0, "no README.md: say what it is, what it may include, and guide to its headers"});
    }
    for (const auto& [folder, parts] : connectors) {
        for (const char* part : {"emulator.hpp", "emulator.cpp", "frames/", "a *_test.cpp"}) {
            if (parts.count(part) == 0)
                found.push_back(
                    {folder, 0, fmt::format("a connector has {}: see connectors/README.md", part)});
        }
    }
    return found;
}

Violations check_tests_found(const std::vector<std::string>& paths, std::string_view tests_cmake)
{
    Violations found;
    for (const std::string& path : paths) {
        if (!path.ends_with("_test.cpp")) continue;
        const std::string folder = path.substr(0, path.rfind('/'));
        const auto depth = std::count(path.begin(), path.end(), '/');
        const bool plug_in =
            (path.starts_with("connectors/") || path.starts_with("strategies/")) && depth == 2;
        const bool named =
            depth == 2 && path.starts_with("tests/") && !find_token(tests_cmake, folder.substr(6)).empty();
        if (plug_in || named || folder == "tests") continue;
        found.push_back({path, 0, "nobody runs this test: name its folder in tests/CMakeLists.txt"});
    }
    return found;
}

Violations check_presets(const SourceFile& file)
{
    Violations found;
    const nlohmann::json presets = nlohmann::json::parse(file.text, nullptr, false);
    if (!presets.is_object()) {
        found.push_back({file.path, 0, "not readable as JSON"});
        return found;
    }
    for (const char* kind : {"configurePresets", "buildPresets", "testPresets"}) {
        std::set<std::string> names;
        for (const auto& preset : presets.value(kind, nlohmann::json::array())) {
            if (preset.is_object()) names.insert(preset.value("name", std::string()));
        }
        for (const char* name : {"debug", "release", "tsan"}) {
            if (names.count(name) == 0)
                found.push_back({file.path, 0, fmt::format("{} has no \"{}\"", kind, name)});
        }
    }
    return found;
}

}  // namespace arb::tidy
