// The rule that a name stands once in the anonymous namespaces of a folder: its files are compiled as one
// unit.
#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/support/source_text.hpp"
#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {

namespace {

struct FileName {
    std::string name;
    std::size_t line = 0;
    std::string alias;  ///< what it stands for, of an alias; may be told again in the same words
};

bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

std::string squeezed(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (!is_space(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

/// The word at `at`, which may be empty.
std::string_view word_at(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    while (end < text.size() && is_word_character(text[end])) ++end;
    return text.substr(at, end - at);
}

/// The word that ends right before `end`, blanks between left out.
std::string_view word_before(std::string_view text, std::size_t end)
{
    while (end > 0 && text[end - 1] == ' ') --end;
    std::size_t begin = end;
    while (begin > 0 && is_word_character(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

std::string_view without_template(std::string_view text)
{
    while (text.starts_with("template")) {
        std::size_t at = text.find('<');
        if (at == std::string_view::npos) return {};
        int depth = 0;
        do {
            depth += text[at] == '<' ? 1 : text[at] == '>' ? -1 : 0;
            ++at;
        } while (at < text.size() && depth > 0);
        text = text.substr(at);
        while (text.starts_with(' ')) text.remove_prefix(1);
    }
    return text;
}

std::string_view skip_attributes(std::string_view text)
{
    while (text.starts_with("[[")) {
        const std::size_t end = text.find("]]");
        if (end == std::string_view::npos) return {};
        text = text.substr(end + 2);
        while (text.starts_with(' ')) text.remove_prefix(1);
    }
    return text;
}

/// What a declaration at namespace scope names; nothing for what names nothing of its own: tests (their names
/// are compared by the compiler), definitions of members, `using a::b`.
FileName declared(std::string_view statement)
{
    const std::string whole = squeezed(statement);
    const std::string_view text = skip_attributes(without_template(skip_attributes(whole)));
    for (const std::string_view alias : {"using ", "namespace "}) {
        if (!text.starts_with(alias)) continue;
        const std::string_view name = word_at(text, alias.size());
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return {};
        return {std::string(name), 0, squeezed(text.substr(equals + 1))};
    }
    for (const std::string_view kind : {"struct ", "union ", "enum class ", "enum ", "class "}) {
        if (!text.starts_with(kind)) continue;
        std::string_view rest = text.substr(kind.size());
        if (rest.starts_with("alignas")) rest = rest.substr(std::min(rest.find(')') + 1, rest.size()));
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        return {std::string(word_at(rest, 0)), 0, ""};
    }
    // What follows the brace of an initialiser is no declaration.
    if (text.empty() || (!is_word_character(text.front()) && !text.starts_with("::"))) return {};
    const std::size_t round = text.find('(');
    const std::size_t ends = std::min({text.find('='), text.find('['), text.size()});
    const std::size_t at = std::min(round, ends);
    const std::string_view name = word_before(text, at);
    const std::string_view before =
        text.substr(0, static_cast<std::size_t>(name.data() - text.data()) + (name.empty() ? at : 0));
    // A macro's call has no type before it; "A::b" belongs to A; an operator is told apart by its operands.
    if (name.empty() || before.empty() || before.ends_with("::") || before.ends_with("~") ||
        before.ends_with("operator"))
        return {};
    return {std::string(name), 0, ""};
}

enum class Scope : char { anonymous, named, body };

Scope scope_of(std::string_view statement)
{
    const std::string text = squeezed(statement);
    if (text == "namespace") return Scope::anonymous;
    if (text.starts_with("namespace ") || text == "extern") return Scope::named;
    return Scope::body;
}

std::string without_directives(std::string code)
{
    std::size_t begin = 0;
    bool goes_on = false;
    while (begin < code.size()) {
        const std::size_t end = std::min(code.find('\n', begin), code.size());
        const std::string_view line = std::string_view(code).substr(begin, end - begin);
        const std::size_t first = line.find_first_not_of(' ');
        const bool directive = goes_on || (first != std::string_view::npos && line[first] == '#');
        goes_on = directive && line.ends_with('\\');
        if (directive) std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, ' ');
        begin = end + 1;
    }
    return code;
}

std::vector<FileName> anonymous_names(const SourceFile& file)
{
    const std::string code = without_directives(views_of(file.text).code);
    std::vector<FileName> names;
    std::vector<Scope> scopes;
    std::size_t begin = 0;
    int round = 0;  // what stands inside parentheses ends no statement
    const auto take = [&](std::size_t end) {
        const bool inside = std::find(scopes.begin(), scopes.end(), Scope::anonymous) != scopes.end();
        const bool in_body = std::find(scopes.begin(), scopes.end(), Scope::body) != scopes.end();
        if (!inside || in_body) return;
        FileName name = declared(std::string_view(code).substr(begin, end - begin));
        if (name.name.empty()) return;
        const std::size_t first = code.find_first_not_of(" \n\t", begin);
        name.line = line_at(code, first);
        names.push_back(std::move(name));
    };
    for (std::size_t at = 0; at < code.size(); ++at) {
        const char c = code[at];
        round += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (round > 0 || (c != '{' && c != '}' && c != ';')) continue;
        if (c == '{') {
            const Scope scope = scope_of(std::string_view(code).substr(begin, at - begin));
            if (scope == Scope::body) take(at);
            scopes.push_back(scope);
        } else if (c == '}') {
            if (!scopes.empty()) scopes.pop_back();
        } else {
            take(at);
        }
        begin = at + 1;
    }
    return names;
}

}  // namespace

Violations check_names_once(const std::vector<SourceFile>& files)
{
    struct Seen {
        std::string path;
        std::size_t line = 0;
        std::string alias;
    };
    Violations found;
    std::map<std::pair<std::string, std::string>, Seen> seen;  // by folder and name
    for (const SourceFile& file : files) {
        if (!file.path.ends_with(".cpp") || file.path.ends_with("_bench.cpp")) continue;
        const std::string folder =
            file.path.substr(0, file.path.rfind('/') + 1) + (is_test(file.path) ? "*_test" : "");
        for (const FileName& name : anonymous_names(file)) {
            const auto [at, fresh] =
                seen.try_emplace({folder, name.name}, Seen{file.path, name.line, name.alias});
            const Seen& other = at->second;
            if (fresh || other.path == file.path || (!name.alias.empty() && name.alias == other.alias))
                continue;
            found.push_back(
                {file.path, name.line,
                 fmt::format("{} stands in {}:{} too: share it in a header, or name it for what it is",
                             name.name, other.path, other.line)});
        }
    }
    return found;
}

Violations check_readmes(const std::vector<SourceFile>& files)
{
    std::map<std::string, std::string_view> readmes;  // by folder
    for (const SourceFile& file : files) {
        if (file.path.ends_with("/README.md")) readmes[file.path.substr(0, file.path.rfind('/'))] = file.text;
    }
    Violations found;
    for (const SourceFile& file : files) {
        if (!file.path.starts_with("engine/") || !file.path.ends_with(".hpp")) continue;
        const std::size_t slash = file.path.rfind('/');
        const auto readme = readmes.find(file.path.substr(0, slash));
        const std::string quoted = "`" + file.path.substr(slash + 1) + "`";
        if (readme != readmes.end() && readme->second.find(quoted) != std::string_view::npos) continue;
        found.push_back({file.path, 0, fmt::format("the README beside it does not name {}", quoted)});
    }
    return found;
}

}  // namespace arb::tidy
