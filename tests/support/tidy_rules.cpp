#include "tests/support/tidy_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "tests/support/source_text.hpp"

namespace arb::tidy {

namespace {

struct Banned {
    std::string_view token;
    std::string_view instead;
};

constexpr std::string_view kClock = "time is an argument: take a Timestamp `now`";
constexpr std::string_view kRandom =
    "no randomness in the core: engine/base/random.hpp with a seed, handed in";
constexpr std::string_view kThread =
    "the core is one thread: threads and locks belong in engine/live and engine/app";
constexpr std::string_view kSleep = "nothing waits in the core: ask the Outbox for wake_at";
constexpr std::string_view kSettings = "settings reach the core as plain data from engine/app";
constexpr std::string_view kPrint =
    "return a value or hand a fact to the sink: printing belongs in engine/app";
constexpr std::string_view kFile = "files belong in engine/journal and engine/app";
constexpr std::string_view kSocket = "sockets belong in engine/net";
constexpr std::string_view kEnd = "return a Result, or ENSURE a promise of our own";

constexpr std::array kBanned = std::to_array<Banned>({
    {"system_clock", kClock},
    {"steady_clock", kClock},
    {"high_resolution_clock", kClock},
    {"<chrono>", kClock},
    {"<ctime>", kClock},
    {"gettimeofday", kClock},
    {"clock_gettime", kClock},
    {"std::time(", kClock},
    {"time(nullptr", kClock},
    {"time(NULL", kClock},
    {"time(0", kClock},
    {"localtime", kClock},
    {"__rdtsc", kClock},
    {"__DATE__", kClock},
    {"__TIME__", kClock},
    {"<random>", kRandom},
    {"rand(", kRandom},
    {"srand(", kRandom},
    {"random_device", kRandom},
    {"mt19937", kRandom},
    {"mt19937_64", kRandom},
    {"getrandom", kRandom},
    {"getentropy", kRandom},
    {"<thread>", kThread},
    {"<mutex>", kThread},
    {"<shared_mutex>", kThread},
    {"<condition_variable>", kThread},
    {"<future>", kThread},
    {"<atomic>", kThread},
    {"std::thread", kThread},
    {"std::jthread", kThread},
    {"std::mutex", kThread},
    {"std::atomic", kThread},
    {"std::async", kThread},
    {"thread_local", kThread},
    {"pthread_create", kThread},
    {"sleep(", kSleep},
    {"usleep", kSleep},
    {"nanosleep", kSleep},
    {"sleep_for", kSleep},
    {"sleep_until", kSleep},
    {"getenv", kSettings},
    {"secure_getenv", kSettings},
    {"setenv", kSettings},
    {"<iostream>", kPrint},
    {"std::cout", kPrint},
    {"std::cerr", kPrint},
    {"std::clog", kPrint},
    {"printf(", kPrint},
    {"fprintf", kPrint},
    {"vprintf", kPrint},
    {"vfprintf", kPrint},
    {"puts(", kPrint},
    {"fputs", kPrint},
    {"putchar", kPrint},
    {"fmt::print", kPrint},
    {"<fstream>", kFile},
    {"<filesystem>", kFile},
    {"fopen", kFile},
    {"freopen", kFile},
    {"std::ifstream", kFile},
    {"std::ofstream", kFile},
    {"std::fstream", kFile},
    {"std::filesystem", kFile},
    {"<fcntl.h>", kFile},
    {"mkstemp", kFile},
    {"mmap(", kFile},
    {"<sys/socket.h>", kSocket},
    {"abort(", kEnd},
    {"exit(", kEnd},
    {"_exit(", kEnd},
    {"quick_exit(", kEnd},
});

bool starts_with_any(std::string_view path, std::initializer_list<std::string_view> folders)
{
    return std::any_of(folders.begin(), folders.end(),
                       [&](std::string_view f) { return path.starts_with(f); });
}

/// The deterministic core: no clock, thread, socket, randomness, and (journal apart) no file.
bool is_core(std::string_view path)
{
    return is_cpp(path) && !is_test(path) &&
           starts_with_any(
               path,
               {"engine/base/", "engine/market/", "engine/trading/", "engine/venue/", "engine/connect/",
                "engine/emulate/", "engine/pipeline/", "engine/rehearsal/", "engine/sim/", "engine/journal/",
                "engine/report/", "connectors/", "strategies/",
                // Of the world what is asked, not what turns it.
                "engine/world/emulated_exchange", "engine/world/common_market", "engine/world/invented_book",
                "engine/world/fault_plan", "engine/world/deviations", "engine/world/workload"});
}

bool excused(std::string_view path, std::string_view instead)
{
    if (path == "engine/base/ensure.cpp") return instead == kPrint || instead == kEnd;
    // Stamps of a measurement: no decision sees them, and each thread that measures has its own.
    if (path == "engine/base/path_stamps.hpp") return instead == kClock || instead == kThread;
    // Secrets lie in pages of their own, which only mmap gives.
    if (path == "engine/base/secret.cpp") return instead == kFile;
    // The ledger's writer is a thread of its own beside the core, and its file has a mode.
    if (path.starts_with("engine/report/ledger")) return instead == kThread || instead == kFile;
    return path.starts_with("engine/journal/") && instead == kFile;
}

bool handles_money(std::string_view path)
{
    return is_cpp(path) && !is_test(path) &&
           starts_with_any(path, {"engine/base/", "engine/market/", "engine/trading/", "engine/venue/",
                                  "engine/connect/", "engine/emulate/", "engine/pipeline/",
                                  "engine/rehearsal/", "connectors/", "strategies/"});
}

/// The words of an identifier: next_okx_time and NextOkxTime both hold "okx".
std::vector<std::string> words_of(std::string_view identifier)
{
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        const auto c = static_cast<unsigned char>(identifier[i]);
        const bool hump =
            std::isupper(c) != 0 && i > 0 && std::islower(static_cast<unsigned char>(identifier[i - 1])) != 0;
        if (is_word_character(identifier[i]) && !hump && c != '_')
            words.back() += static_cast<char>(std::tolower(c));
        else
            words.emplace_back(hump ? 1 : 0, static_cast<char>(std::tolower(c)));
    }
    return words;
}

/// Places in engine/ that name a venue's rule because the rule itself is the venue's, each with its words.
struct VenueNameExcuse {
    std::string_view path;
    std::string_view words;
};
constexpr std::array kVenueNameExcuses = std::to_array<VenueNameExcuse>({
    {"engine/base/sequence_rule.hpp", "kraken okx"},    // enumerators of ChecksumKind: whose CRC32 it is
    {"engine/market/book_checksum.hpp", "kraken okx"},  // the functions behind those enumerators
    {"engine/market/book_checksum.cpp", "kraken okx"},
    {"engine/market/book_builder.cpp", "kraken okx"},  // chooses among them
});
/// Folder names that are words of their own: only a string that is the bare name counts (risk_gate is no
/// venue).
constexpr std::array<std::string_view, 1> kOrdinaryWords{"gate"};

bool name_excused(std::string_view path, std::string_view venue)
{
    return std::any_of(kVenueNameExcuses.begin(), kVenueNameExcuses.end(),
                       [&](const VenueNameExcuse& excuse) {
                           return excuse.path == path && !find_token(excuse.words, venue).empty();
                       });
}

/// The line without those string literals that are prose for people (they hold a blank): an example in a help
/// text is no dependence on a venue.
std::string without_prose(std::string_view code, std::string_view uncommented)
{
    std::string line(uncommented);
    for (std::size_t open = code.find('"'); open != std::string_view::npos; open = code.find('"', open + 1)) {
        const std::size_t close = code.find('"', open + 1);
        if (close == std::string_view::npos) break;
        const std::string_view literal = uncommented.substr(open, close - open);
        if (literal.find(' ') != std::string_view::npos)
            line.replace(open, literal.size(), literal.size(), ' ');
        open = close;
    }
    return line;
}

bool names_venue(std::string_view line, const std::string& venue)
{
    if (std::find(kOrdinaryWords.begin(), kOrdinaryWords.end(), venue) != kOrdinaryWords.end()) {
        return line.find('"' + venue + '"') != std::string_view::npos;
    }
    const std::vector<std::string> words = words_of(line);
    return std::find(words.begin(), words.end(), venue) != words.end();
}

}  // namespace

std::string Violation::text() const
{
    return line == 0 ? fmt::format("{}: {}", path, message) : fmt::format("{}:{}: {}", path, line, message);
}

std::string text_of(const Violations& violations)
{
    std::string text = fmt::format("{} violation(s) of the house rules\n", violations.size());
    for (const Violation& violation : violations) text += violation.text() + "\n";
    return text;
}

bool is_cpp(std::string_view path)
{
    return path.ends_with(".cpp") || path.ends_with(".hpp");
}

bool is_test(std::string_view path)
{
    return path.starts_with("tests/") || path.ends_with("_test.cpp");
}

Violations check_banned_calls(const SourceFile& file)
{
    Violations found;
    const SourceViews views = views_of(file.text);
    const bool core = is_core(file.path);
    const bool must_not_sleep = is_cpp(file.path) && is_test(file.path);
    if (!core && !must_not_sleep) return found;
    for (const Banned& banned : kBanned) {
        if (core ? excused(file.path, banned.instead) : banned.instead != kSleep) continue;
        for (const std::size_t at : find_token(views.code, banned.token)) {
            const std::string_view instead =
                core ? banned.instead : "tests do not sleep: time is an argument";
            found.push_back(
                {file.path, line_at(file.text, at), fmt::format("{}: {}", banned.token, instead)});
        }
    }
    return found;
}

Violations check_floating_point(const SourceFile& file)
{
    Violations found;
    if (!handles_money(file.path)) return found;
    const SourceViews views = views_of(file.text);
    const std::vector<std::string_view> comments = lines_of(views.comments);
    static constexpr std::array kTokens = {"double", "float", "strtod", "stod", "stof", "atof", "double_t"};
    for (const char* token : kTokens) {
        for (const std::size_t at : find_token(views.code, token)) {
            const std::size_t line = line_at(file.text, at);
            static constexpr std::string_view kMark = "// not money: ";
            const std::string_view comment = comments[line - 1];
            const std::size_t mark = comment.find(kMark);
            const bool reasoned =
                mark != std::string_view::npos &&
                comment.find_first_not_of(' ', mark + kMark.size()) != std::string_view::npos;
            if (reasoned) continue;
            found.push_back(
                {file.path, line,
                 fmt::format("{}: use Price, Quantity, Amount, Rate or Decimal, or say `// not money: <why>`",
                             token)});
        }
    }
    return found;
}

Violations check_venue_names(const SourceFile& file, const std::vector<std::string>& venues)
{
    Violations found;
    if (!is_cpp(file.path) || !file.path.starts_with("engine/")) return found;
    const SourceViews views = views_of(file.text);
    const std::vector<std::string_view> code = lines_of(views.code);
    std::size_t number = 0;
    for (const std::string_view uncommented : lines_of(views.uncommented)) {
        const std::string line = without_prose(code[number], uncommented);
        ++number;
        for (const std::string& venue : venues) {
            if (!names_venue(line, venue) || name_excused(file.path, venue)) continue;
            found.push_back(
                {file.path, number,
                 fmt::format("names the venue {}: engine/ serves every venue alike; make it data that the "
                             "connector declares",
                             venue)});
        }
    }
    return found;
}

}  // namespace arb::tidy
