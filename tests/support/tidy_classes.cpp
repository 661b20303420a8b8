// The rule that a class lives in one .cpp and has no more methods than a reader can hold in the head.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tests/support/source_text.hpp"
#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {
namespace {

/// "Outer::Inner" of a line that begins the definition of one of its methods; empty: it begins none.
std::string_view class_defined(std::string_view line)
{
    if (line.empty() || !is_word_character(line.front())) return {};
    const std::size_t round = line.find('(');
    if (round == std::string_view::npos) return {};
    std::size_t begin = round;
    while (begin > 0 &&
           (is_word_character(line[begin - 1]) || line[begin - 1] == ':' || line[begin - 1] == '~'))
        --begin;
    const std::string_view name = line.substr(begin, round - begin);
    const std::size_t colons = name.rfind("::");
    if (colons == std::string_view::npos) return {};
    const std::string_view owner = name.substr(0, colons);
    // Namespaces are written small, classes begin with a capital.
    const std::size_t last = owner.rfind("::");
    const char first = owner.substr(last == std::string_view::npos ? 0 : last + 2).front();
    return std::isupper(static_cast<unsigned char>(first)) != 0 ? owner : std::string_view{};
}

struct ClassCode {
    std::set<std::string> files;
    std::size_t methods = 0;
};

}  // namespace

Violations check_classes(const std::vector<SourceFile>& files)
{
    std::map<std::string, ClassCode> classes;  // "engine/base/Name"
    for (const SourceFile& file : files) {
        const bool product = file.path.starts_with("engine/") || file.path.starts_with("connectors/") ||
                             file.path.starts_with("strategies/");
        if (!product || !file.path.ends_with(".cpp") || is_test(file.path)) continue;
        const std::string folder = file.path.substr(0, file.path.rfind('/') + 1);
        const SourceViews views = views_of(file.text);
        for (const std::string_view line : lines_of(views.code)) {
            const std::string_view owner = class_defined(line);
            if (owner.empty()) continue;
            ClassCode& code = classes[folder + std::string(owner)];
            code.files.insert(file.path);
            ++code.methods;
        }
    }
    Violations found;
    for (const auto& [name, code] : classes) {
        if (code.files.size() < 2 && code.methods <= kMethodsMost) continue;
        found.push_back(
            {name, 0,
             fmt::format("{} methods in {} .cpp files: make it several classes of at most {}, each "
                         "in one file",
                         code.methods, code.files.size(), kMethodsMost)});
    }
    return found;
}

}  // namespace arb::tidy
