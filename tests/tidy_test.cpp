// The house rules, run over the whole tree, each as its own test; and for each rule small bad samples which
// prove that it can fail. The rules themselves are in tests/support/tidy_rules.hpp.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/source_text.hpp"
#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {
namespace {

const std::vector<SourceFile>& tree()
{
    static const std::vector<SourceFile> files = read_tree(ARBITER_SOURCE_DIR);
    return files;
}

std::vector<std::string> paths()
{
    std::vector<std::string> result;
    for (const SourceFile& file : tree()) result.push_back(file.path);
    return result;
}

const SourceFile& file_named(const std::string& path)
{
    static const SourceFile none;
    for (const SourceFile& file : tree()) {
        if (file.path == path) return file;
    }
    ADD_FAILURE() << path << " is missing";
    return none;
}

std::vector<std::string> venues()
{
    std::set<std::string> names;
    for (const std::string& path : paths()) {
        const std::size_t slash = path.find('/', 11);
        if (path.starts_with("connectors/") && slash != std::string::npos)
            names.insert(path.substr(11, slash - 11));
    }
    return {names.begin(), names.end()};
}

template <class Rule>
Violations over_tree(Rule rule)
{
    Violations all;
    for (const SourceFile& file : tree()) {
        for (Violation& violation : rule(file)) all.push_back(std::move(violation));
    }
    return all;
}

Violations includes_of(const std::string& path, const std::string& text)
{
    return check_includes({path, text},
                          [](const std::string& header) { return header != "engine/base/none.hpp"; });
}

// ---- the tree
// -------------------------------------------------------------------------------------------------

TEST(Tidy, the_tree_is_found)
{
    EXPECT_GT(tree().size(), 40U);
    EXPECT_FALSE(venues().empty());
}

TEST(Tidy, dependency_table)
{
    const Violations found = over_tree([](const SourceFile& file) {
        if (!is_cpp(file.path)) return Violations{};
        return check_includes(file, [](const std::string& header) {
            const auto& files = tree();
            return std::any_of(files.begin(), files.end(),
                               [&](const SourceFile& f) { return f.path == header; });
        });
    });
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, banned_calls)
{
    const Violations found = over_tree(check_banned_calls);
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, no_floating_point_near_money)
{
    const Violations found = over_tree(check_floating_point);
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, the_engine_names_no_venue)
{
    const Violations found =
        over_tree([](const SourceFile& file) { return check_venue_names(file, venues()); });
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, shape_of_files)
{
    const Violations found = over_tree(check_shape);
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, a_name_stands_once_in_a_folder)
{
    const Violations found = check_names_once(tree());
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, connectors_share_no_runs_of_lines)
{
    const Violations found = check_alike(tree());
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, a_class_lives_in_one_file)
{
    const Violations found = check_classes(tree());
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, readmes_name_every_header)
{
    const Violations found = check_readmes(tree());
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, scripts)
{
    EXPECT_NE(file_named("scripts/setup.sh").text, "");
    EXPECT_NE(file_named("scripts/test.sh").text, "");
    EXPECT_NE(file_named(".ci/run").text, "");
    const Violations found = over_tree(check_script);
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, folders_are_complete)
{
    const Violations found = check_folders(paths());
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, every_test_is_run)
{
    const Violations found = check_tests_found(paths(), file_named("tests/CMakeLists.txt").text);
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST(Tidy, presets)
{
    const Violations found = check_presets(file_named("CMakePresets.json"));
    EXPECT_TRUE(found.empty()) << text_of(found);
}

// ---- the rules can fail
// ---------------------------------------------------------------------------------------

TEST(TidyRules, includes_by_folder)
{
    struct Case {
        const char* path;
        const char* line;
        bool allowed;
    };
    const Case cases[] = {
        {"engine/market/a.hpp", "#include \"engine/base/ids.hpp\"\n", true},
        {"engine/market/a.hpp", "#include \"engine/market/b.hpp\"\n", true},
        {"engine/base/a.hpp", "#include \"engine/market/b.hpp\"\n", false},
        {"engine/market/a.cpp", "#include \"engine/venue/venue.hpp\"\n", false},
        {"engine/journal/a.cpp", "#include \"connectors/registry.hpp\"\n", false},
        {"engine/app/a.cpp", "#include \"connectors/registry.hpp\"\n", true},
        {"engine/app/a.cpp", "#include \"engine/app/keys/a.hpp\"\n", true},
        {"engine/app/run/a.cpp", "#include \"engine/app/keys/a.hpp\"\n", true},
        {"engine/app/run/a.cpp", "#include \"engine/trading/a.hpp\"\n", true},
        {"engine/app/keys/a.cpp", "#include \"engine/app/run/a.hpp\"\n", false},
        {"engine/app/keys/a.cpp", "#include \"engine/app/a.hpp\"\n", false},
        {"engine/app/keys/a.cpp", "#include \"connectors/registry.hpp\"\n", false},
        {"engine/app/shell/a.cpp", "#include \"connectors/registry.hpp\"\n", true},
        {"engine/app/other/a.cpp", "#include \"engine/base/ids.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"tests/support/a.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"engine/app/a.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"engine/app/keys/a.hpp\"\n", false},
        {"engine/base/a.cpp", "  #  include \"engine/app/a.hpp\"\n", false},
        {"engine/other/a.cpp", "#include \"engine/base/ids.hpp\"\n", false},
        {"connectors/okx/okx.cpp", "#include \"engine/venue/venue.hpp\"\n", true},
        {"connectors/okx/okx.cpp", "#include \"connectors/okx/okx.hpp\"\n", true},
        {"connectors/okx/okx.cpp", "#include \"connectors/bybit/bybit.hpp\"\n", false},
        {"connectors/okx/okx_test.cpp", "#include \"connectors/bybit/bybit.hpp\"\n", false},
        {"connectors/okx/okx_test.cpp", "#include \"engine/market/order_book.hpp\"\n", true},
        {"connectors/okx/okx.cpp", "#include \"engine/market/order_book.hpp\"\n", false},
        {"connectors/registry.hpp", "#include \"engine/venue/venue.hpp\"\n", true},
        {"strategies/cross_venue/a.cpp", "#include \"engine/trading/strategy.hpp\"\n", true},
        {"strategies/cross_venue/a.cpp", "#include \"engine/venue/venue.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"../ids.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"ids.hpp/../x.hpp\"\n", false},
        {"engine/base/a.cpp", "#include \"engine/base/none.hpp\"\n", false},
        {"engine/base/a.cpp", "// #include \"engine/app/a.hpp\"\n", true},
        {"tests/sim/a_test.cpp", "#include \"engine/app/a.hpp\"\n", true},
    };
    for (const Case& c : cases)
        EXPECT_EQ(includes_of(c.path, c.line).empty(), c.allowed) << c.path << " " << c.line;
}

TEST(TidyRules, third_parties)
{
    struct Case {
        const char* path;
        const char* header;
        bool allowed;
    };
    const Case cases[] = {
        {"engine/base/a.cpp", "vector", true},
        {"engine/base/a.cpp", "sys/types.h", true},
        {"engine/base/a.cpp", "fmt/format.h", true},
        {"engine/market/a.cpp", "libdeflate.h", true},
        {"engine/base/a.cpp", "libdeflate.h", false},
        {"engine/journal/a.cpp", "zlib.h", true},
        {"engine/sim/a.cpp", "zstd.h", false},
        {"connectors/okx/a.cpp", "simdjson.h", true},
        {"engine/market/a.cpp", "simdjson.h", false},
        {"engine/app/a.cpp", "toml++/toml.h", true},
        {"engine/pipeline/a.cpp", "toml++/toml.h", false},
        {"engine/pipeline/a.cpp", "spdlog/spdlog.h", false},
        {"engine/venue/crypto.cpp", "openssl/hmac.h", true},
        {"engine/venue/level_reader.cpp", "openssl/hmac.h", false},
        {"engine/live/a.cpp", "boost/asio.hpp", false},
        {"engine/base/a.cpp", "gtest/gtest.h", false},
        {"connectors/okx/okx_test.cpp", "gtest/gtest.h", true},
        {"bench/a_bench.cpp", "benchmark/benchmark.h", true},
        {"engine/base/a.cpp", "nobody/knows.h", false},
    };
    for (const Case& c : cases) {
        const Violations found = includes_of(c.path, std::string("#include <") + c.header + ">\n");
        EXPECT_EQ(found.empty(), c.allowed) << c.path << " " << c.header << "\n" << text_of(found);
    }
}

TEST(TidyRules, banned_calls)
{
    const auto count = [](const char* path, const char* text) {
        return check_banned_calls({path, text}).size();
    };
    EXPECT_EQ(count("engine/base/a.cpp", "auto t = std::chrono::steady_clock::now();\n"), 1U);
    EXPECT_EQ(count("engine/sim/a.cpp", "std::mt19937 g;\n"), 1U);
    EXPECT_EQ(count("connectors/okx/a.cpp", "#include <thread>\nstd::thread t;\n"), 2U);
    EXPECT_EQ(count("engine/market/a.cpp", "std::printf(\"x\");\n"), 1U);
    EXPECT_EQ(count("engine/venue/a.cpp", "const char* v = getenv(\"HOME\");\n"), 1U);
    EXPECT_EQ(count("strategies/x/a.cpp", "auto f = std::fopen(path, mode);\n"), 1U);
    EXPECT_EQ(count("engine/trading/a.cpp", "usleep(5);\n"), 1U);
    EXPECT_EQ(count("engine/pipeline/a.cpp", "std::exit(1);\n"), 1U);
    EXPECT_EQ(count("tests/sim/a_test.cpp", "std::this_thread::sleep_for(x);\n"), 1U);
    EXPECT_EQ(check_banned_calls({"engine/base/a.cpp", "\n\nusleep(1);\n"}).at(0).line, 3U);

    EXPECT_EQ(count("engine/base/a.cpp",
                    "// the steady_clock is not for us\nf(\"fopen\"); snprintf(b, n, \"\");\n"),
              0U);
    EXPECT_EQ(count("engine/base/a.cpp", "operand(1); runtime(2); on_venue_time(nullptr);\n"), 0U);
    EXPECT_EQ(count("engine/journal/a.cpp", "std::fopen(p, m);\n"), 0U);
    EXPECT_EQ(count("engine/app/a.cpp", "std::cout << 1;\n"), 0U);
    EXPECT_EQ(count("connectors/okx/a_test.cpp", "std::ifstream f(path);\n"), 0U);
}

TEST(TidyRules, floating_point)
{
    const auto count = [](const char* path, const char* text) {
        return check_floating_point({path, text}).size();
    };
    EXPECT_EQ(count("engine/base/a.hpp", "double price;\n"), 1U);
    EXPECT_EQ(count("connectors/okx/a.cpp", "x = std::stod(text);\nfloat y;\n"), 2U);
    EXPECT_EQ(count("engine/market/a.cpp", "double load; // not money:\n"), 1U) << "a reason is needed";
    EXPECT_EQ(count("engine/market/a.cpp", "double load; // not money: share of slots in use\n"), 0U);
    EXPECT_EQ(count("engine/market/a.cpp", "// no double here\nint doubled; f(\"double\");\n"), 0U);
    EXPECT_EQ(count("engine/report/a.cpp", "double width;\n"), 0U);
}

TEST(TidyRules, venue_names)
{
    const std::vector<std::string> names = {"okx", "gate"};
    const auto count = [&](const char* path, const char* text) {
        return check_venue_names({path, text}, names).size();
    };
    EXPECT_EQ(count("engine/market/a.cpp", "if (venue == \"okx\") return 1;\n"), 1U);
    EXPECT_EQ(count("engine/market/a.cpp", "int next_okx_id; OkxRule r;\n"), 1U) << "one a line";
    EXPECT_EQ(count("engine/market/a.cpp", "class OkxRule;\n"), 1U);
    EXPECT_EQ(count("engine/market/a.cpp", "if (venue == \"gate\") return 1;\n"), 1U);
    EXPECT_EQ(count("engine/market/a.cpp", "// as OKX does\nRiskGate gate; book.tokx();\n"), 0U);
    EXPECT_EQ(count("engine/app/a.cpp", "help(\"a venue, e.g. okx\"); say(\"okx now\", \"x\");\n"), 0U)
        << "prose";
    EXPECT_EQ(count("engine/app/a.cpp", "say(\"a venue\", \"okx\");\n"), 1U);
    EXPECT_EQ(count("engine/app/a.cpp", "open(\"wss://ws.okx.com\");\n"), 1U);
    EXPECT_EQ(count("connectors/okx/a.cpp", "namespace okx {}\n"), 0U);
    EXPECT_EQ(count("engine/base/sequence_rule.hpp", "enum class K { okx };\n"), 0U);
}

TEST(TidyRules, shape_of_lines)
{
    const auto count = [](const std::string& path, const std::string& text) {
        return check_shape({path, text}).size();
    };
    EXPECT_EQ(count("engine/base/a.cpp", "int a;\n"), 0U);
    EXPECT_EQ(count("engine/base/a.cpp", std::string(121, 'a') + "\n"), 1U);
    EXPECT_EQ(count("engine/base/a.cpp", std::string(120, 'a') + "\n"), 0U);
    EXPECT_EQ(count("engine/base/a.cpp", "auto j = R\"(" + std::string(200, '1') + " \n\t)\";\n"), 0U)
        << "data";
    EXPECT_EQ(count("engine/base/a.cpp", "\tint a;\n"), 1U);
    EXPECT_EQ(count("engine/base/a.cpp", "int a; \n"), 1U);
    EXPECT_EQ(count("engine/base/a.cpp", "int a;\r\n"), 1U);
    EXPECT_EQ(count("engine/base/a.cpp", "int a;"), 1U);
    EXPECT_EQ(count("config/README.md", "text \n"), 1U);
    EXPECT_EQ(count("connectors/okx/frames/a.json", "{} \t"), 0U);
    EXPECT_EQ(count("engine/base/a.cpp",
                    "// "
                    "TO"
                    "DO: later\n"),
              1U);
    EXPECT_EQ(count("scripts/a.sh",
                    "# FIX"
                    "ME later\n"),
              1U);
    EXPECT_EQ(count("tests/a_test.cpp",
                    "TEST(A, DISABLED_"
                    "b) {}\n"),
              1U);
    EXPECT_EQ(count("engine/base/a.hpp", "// no pragma\n"), 1U);
    EXPECT_EQ(count("engine/base/a.hpp", "#pragma once\n#include <vector>\nint a;\n"), 1U);
    EXPECT_EQ(count("engine/base/a.hpp", "#pragma once\n// What it is.\n// Who calls it.\n"), 0U);
}

std::string repeated(const std::string& text, int times)
{
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

TEST(TidyRules, shape_of_files)
{
    EXPECT_EQ(check_shape({"engine/base/a.cpp", repeated("int a;\n", 401)}).size(), 1U);
    EXPECT_EQ(check_shape({"engine/base/a.cpp", repeated("int a;\n", 400)}).size(), 0U);
    EXPECT_EQ(check_shape({"tests/a_test.cpp", repeated("int a;\n", 401)}).size(), 0U);
    const std::string body = repeated("    f();\n", 68);
    EXPECT_EQ(check_shape({"engine/base/a.cpp", "void g()\n{\n" + body + "}\n"}).size(), 1U);
    EXPECT_EQ(check_shape({"engine/base/a.cpp", "void g() {\n" + body + "}\n"}).size(), 0U);
}

TEST(TidyRules, functions_are_told_from_other_braces)
{
    const std::string text = R"(
namespace a {
struct B : C {
    B() : x_{1}, y_(f({2}))
    {
        if (x_ > 1) { y_ = 2; }
    }
    int get(int n = 3) const { return n; }
    bool operator==(const B&) const { return "}"[0] == '{'; }
    int x_{4};
    std::array<int, 2> z = {1, 2};
};
enum class E : int { one, two };
constexpr Table kTable[] = {{1, f(2)}, {3, 4}};
#define MACRO(x) do { \
    x; } while (false)
extern "C" int run(const char*) { return 1'000; }
auto made() -> int
{
    return 0;
}
template <class T>
constexpr T twice(T t)
{
    return t * 2;
}
}
)";
    std::vector<std::string> names;
    for (const FunctionSpan& function : functions_of(views_of(text))) names.push_back(function.name);
    EXPECT_EQ(names, (std::vector<std::string>{"B", "get", "", "run", "made", "twice"}));
    EXPECT_EQ(functions_of(views_of(text)).at(0).line_first, 4U);
    EXPECT_EQ(functions_of(views_of(text)).at(0).line_last, 7U);
}

TEST(TidyRules, readmes)
{
    const SourceFile header{"engine/base/ids.hpp", "#pragma once\n"};
    const auto found = [&](const char* readme) {
        return check_readmes({{"engine/base/README.md", readme}, header}).size();
    };
    EXPECT_EQ(found("* `ids.hpp`: handles"), 0U);
    EXPECT_EQ(found("* `small_ids.hpp`: handles"), 1U);
    EXPECT_EQ(found("handles"), 1U);
    EXPECT_EQ(check_readmes({header}).size(), 1U) << "without a README";
    EXPECT_EQ(check_readmes({{"connectors/okx/okx.hpp", ""}}).size(), 0U);
}

TEST(TidyRules, alike)
{
    const auto lines = [](std::size_t count, std::string_view mark) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += "    call(" + std::to_string(i) + ");\n\n// " + std::string(mark) + "\n";
        return text;
    };
    const auto found = [](const std::string& a, const std::string& b, const std::string& path) {
        return check_alike(
            {{"connectors/okx/a.cpp", "int x;\n" + a + "int y;\n"}, {path, "\n" + b + "int z;\n"}});
    };
    const Violations both = found(lines(12, "one"), lines(12, "other"), "connectors/bybit/b.cpp");
    ASSERT_EQ(both.size(), 1U) << "comments do not tell them apart";
    EXPECT_EQ(both[0].line, 2U);
    EXPECT_EQ(found(lines(11, ""), lines(11, ""), "connectors/bybit/b.cpp").size(), 0U);
    EXPECT_EQ(found(lines(30, ""), lines(30, ""), "connectors/bybit/b.cpp").size(), 2U) << "told by the run";
    EXPECT_EQ(found(lines(12, ""), lines(12, ""), "connectors/okx/b.cpp").size(), 0U) << "one folder";
    EXPECT_EQ(found(lines(12, ""), lines(12, ""), "connectors/bybit/b_test.cpp").size(), 0U);
    EXPECT_EQ(found(lines(12, ""), lines(12, ""), "engine/venue/b.cpp").size(), 0U);
}

TEST(TidyRules, classes)
{
    const SourceFile a{"engine/x/a.cpp",
                       "void Shop::open()\n{\n    net::Other::call();\n}\nShop::Shop() {}\n"};
    const SourceFile b{"engine/x/b.cpp", "int Shop::Till::count(int n) { return n; }\nvoid net::run() {}\n"};
    const SourceFile c{"engine/x/c.cpp", "// Shop::old(\nstd::string Shop::name() const { return {}; }\n"};
    const SourceFile elsewhere{"engine/y/c.cpp", c.text};
    EXPECT_EQ(check_classes({a, b, elsewhere}).size(), 0U) << "one class, one file; another's in its own";
    EXPECT_EQ(check_classes({a, b, c}).size(), 1U) << "two files";
    EXPECT_EQ(check_classes({a, {"engine/x/c_test.cpp", c.text}}).size(), 0U) << "tests are no product";
    std::string many;
    for (std::size_t i = 0; i < kMethodsMost; ++i) many += "void Shop::f" + std::to_string(i) + "() {}\n";
    EXPECT_EQ(check_classes({{"engine/x/a.cpp", many}}).size(), 0U);
    EXPECT_EQ(check_classes({{"engine/x/a.cpp", many + "void Shop::g() {}\n"}}).size(), 1U);
}

TEST(TidyRules, names_once)
{
    const std::string first = R"(
namespace a {
namespace {
struct Thing { int size; };
constexpr int kMost = 3;
std::map<int, int> table{{1, 2}};
template <class T> T twice(T value) { return value + value; }
int few(const Thing& thing, int (*call)(int) = nullptr)
{
    int inner = 1;
    return inner;
}
using Names = std::vector<int>;
namespace fs = std::filesystem;
}  // namespace
void outside() {}
void Thing::member() {}
}  // namespace a
)";
    struct Case {
        const char* path;
        const char* inside;
        std::size_t violations;
    };
    const Case cases[] = {
        {"engine/base/b.cpp", "struct Thing;", 1},
        {"engine/base/b.cpp", "enum class Thing : char { a };", 1},
        {"engine/base/b.cpp", "constexpr long kMost{4};", 1},
        {"engine/base/b.cpp", "const char* const table[] = {};", 1},
        {"engine/base/b.cpp", "double twice(double x)\n{\n    return x;\n}", 1},
        {"engine/base/b.cpp", "[[noreturn]] void few();", 1},
        {"engine/base/b.cpp", "using Names = std::vector<long>;", 1},
        {"engine/base/b.cpp", "using Names =\n    std::vector<int>;", 0},
        {"engine/base/b.cpp", "namespace fs = std::filesystem;", 0},
        {"engine/base/b.cpp", "struct Other { int Thing; void few(); };", 0},
        {"engine/base/b.cpp", "void inner() { int kMost = 1; }", 0},
        {"engine/base/b.cpp", "void outside() {}", 0},
        {"engine/base/b.cpp", "#define FEW few\\\n(1)", 0},
        {"engine/base/b_test.cpp", "struct Thing;", 0},
        {"engine/market/b.cpp", "struct Thing;", 0},
        {"engine/base/b_bench.cpp", "struct Thing;", 0},
    };
    for (const Case& c : cases) {
        const std::string second = "namespace a {\nnamespace {\n" + std::string(c.inside) + "\n}\n}\n";
        const Violations found = check_names_once({{"engine/base/a.cpp", first}, {c.path, second}});
        EXPECT_EQ(found.size(), c.violations) << c.path << " " << c.inside << "\n" << text_of(found);
    }
}

TEST(TidyRules, scripts)
{
    EXPECT_EQ(check_script({"scripts/a.sh", "#!/bin/sh\nset -eu\n", true}).size(), 0U);
    EXPECT_EQ(check_script({"scripts/a.sh", "#!/bin/sh\nset -eu\n", false}).size(), 1U);
    EXPECT_EQ(check_script({".ci/run", "#!/bin/sh\nls\n", true}).size(), 1U);
    EXPECT_EQ(check_script({"scripts/a.sh", "set -eu\n", true}).size(), 1U);
}

TEST(TidyRules, folders)
{
    const std::vector<std::string> whole = {"connectors/README.md",           "connectors/okx/README.md",
                                            "connectors/okx/okx.cpp",         "connectors/okx/okx_test.cpp",
                                            "connectors/okx/emulator.hpp",    "connectors/okx/emulator.cpp",
                                            "connectors/okx/frames/book.json"};
    EXPECT_EQ(check_folders(whole).size(), 0U);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (whole[i].ends_with("okx.cpp")) continue;
        std::vector<std::string> less = whole;
        less.erase(less.begin() + static_cast<long>(i));
        EXPECT_EQ(check_folders(less).size(), 1U) << "without " << whole[i];
    }
}

TEST(TidyRules, every_test_is_run)
{
    const std::string cmake = "foreach(folder base sim)\n";
    EXPECT_EQ(
        check_tests_found({"tests/base/a_test.cpp", "tests/a_test.cpp", "connectors/okx/a_test.cpp"}, cmake)
            .size(),
        0U);
    EXPECT_EQ(check_tests_found({"tests/forgotten/a_test.cpp"}, cmake).size(), 1U);
    EXPECT_EQ(check_tests_found({"tests/base/deeper/a_test.cpp"}, cmake).size(), 1U);
    EXPECT_EQ(check_tests_found({"engine/base/a_test.cpp"}, cmake).size(), 1U);
}

TEST(TidyRules, presets)
{
    EXPECT_EQ(check_presets({"CMakePresets.json", "{\"configurePresets\": [}"}).size(), 1U);
    EXPECT_EQ(check_presets({"CMakePresets.json", "{}"}).size(), 9U);
}

}  // namespace
}  // namespace arb::tidy
