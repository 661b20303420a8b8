// The rule that no two connectors hold the same run of lines.
#include <map>

#include <fmt/format.h>

#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {
namespace {

struct CodeLine {
    std::string text;
    std::size_t line = 0;
};

std::string_view connector_of(std::string_view path)
{
    return path.substr(0, path.find('/', std::string_view("connectors/").size()));
}

/// Without blanks around, empty lines, comments, includes and lone braces.
std::vector<CodeLine> code_lines(std::string_view text)
{
    std::vector<CodeLine> lines;
    for (std::size_t line = 1; !text.empty(); ++line) {
        std::string_view one = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one.empty() || one == "{" || one == "}" || one.starts_with("//") || one.starts_with("#"))
            continue;
        lines.push_back({std::string(one), line});
    }
    return lines;
}

struct Place {
    std::size_t file = 0, at = 0;
};

}  // namespace

Violations check_alike(const std::vector<SourceFile>& files)
{
    std::vector<std::string> paths;
    std::vector<std::vector<CodeLine>> code;
    for (const SourceFile& file : files) {
        if (!file.path.starts_with("connectors/") || !file.path.ends_with(".cpp") || is_test(file.path))
            continue;
        paths.push_back(file.path);
        code.push_back(code_lines(file.text));
    }
    Violations found;
    std::map<std::string, Place> first;
    for (std::size_t file = 0; file < code.size(); ++file) {
        const std::vector<CodeLine>& lines = code[file];
        std::size_t told_until = 0;  // of one long run its beginning is told
        for (std::size_t at = 0; at + kAlikeMost <= lines.size(); ++at) {
            std::string run;
            for (std::size_t i = 0; i < kAlikeMost; ++i) run += lines[at + i].text + '\n';
            const auto [other, is_new] = first.emplace(std::move(run), Place{file, at});
            const std::string& path = paths[other->second.file];
            if (is_new || connector_of(path) == connector_of(paths[file]) || at < told_until) continue;
            told_until = at + kAlikeMost;
            found.push_back({paths[file], lines[at].line,
                             fmt::format("the same {} lines stand in {}:{}: put them into engine/connect, "
                                         "engine/emulate or engine/venue",
                                         kAlikeMost, path, code[other->second.file][other->second.at].line)});
        }
    }
    return found;
}

}  // namespace arb::tidy
