// The dependency table: which folder may include which, and where each third party may be seen.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "tests/support/source_text.hpp"
#include "tests/support/tidy_rules.hpp"

namespace arb::tidy {

namespace {

struct FolderRule {
    std::string_view folder;
    std::string_view may;  ///< folders, those of engine by their names, blank-separated; its own always
};

constexpr std::array<FolderRule, 28> kFolders{{
    {"engine/base", ""},
    {"engine/market", "base"},
    {"engine/trading", "base market"},
    {"engine/venue", "base keys"},
    {"engine/connect", "base venue"},
    {"engine/emulate", "base venue"},
    {"engine/keys", "base"},
    {"engine/pipeline", "base market trading venue keys"},
    {"engine/rehearsal", "base market trading venue keys pipeline"},
    {"engine/journal", "base"},
    {"engine/net", "base"},
    {"engine/live", "base venue pipeline journal net"},
    {"engine/sim", "base market trading venue pipeline journal"},
    {"engine/world", "base trading venue emulate keys pipeline journal net live sim"},
    {"engine/report", "base trading journal rehearsal"},
    {"engine/app/config", "base trading pipeline live"},
    {"engine/app/shell", "base pipeline connectors strategies"},
    {"engine/app/keys", "base venue pipeline keys live report app/config app/shell"},
    {"engine/app/doctor",
     "base trading venue pipeline keys journal live report app/config app/shell app/keys"},
    {"engine/app/rehearse",
     "base pipeline rehearsal keys journal live report app/config app/shell app/keys app/doctor"},
    {"engine/app/run",
     "base trading venue pipeline keys net live sim report app/config app/shell app/keys app/doctor"},
    {"engine/app/recordings", "venue journal sim world report app/config app/shell"},
    {"engine/app/sweep", "base pipeline journal sim report app/config app/shell app/recordings"},
    {"engine/app/evidence",
     "base venue pipeline keys journal net live sim report app/config app/shell app/run app/recordings"},
    {"engine/app/demo", "sim keys report world app/config app/shell app/run"},
    {"engine/app/latency", "base venue pipeline net live report world app/config app/shell app/run"},
    {"connectors", "base venue connect emulate keys"},
    {"strategies", "base market trading"},
}};

struct ThirdParty {
    std::string_view header;  ///< how the #include begins
    std::string_view places;  ///< where it may stand, blank-separated path beginnings
    std::string_view reason;
};

constexpr std::string_view kEverywhere = "engine connectors strategies tests bench";

constexpr std::array<ThirdParty, 17> kThirdParties{{
    {"fmt/", kEverywhere, "text"},
    {"simdjson.h", "engine/venue engine/connect connectors tests bench",
     "JSON is read by the venue toolkit and the connectors"},
    {"libdeflate.h", "engine/market tests bench", "CRC32 of the books of venues that send checksums"},
    {"zstd.h", "engine/journal tests bench", "compression belongs to the journal"},
    {"zlib.h", "engine/journal tests bench", "gzip belongs to the importers of the journal"},
    {"openssl/", "engine/venue/crypto.cpp engine/venue/crypto_keys.cpp engine/keys engine/net tests",
     "cryptography has three homes"},
    {"sodium", "engine/keys engine/venue/encoding.cpp tests", "keys, and base64"},
    {"p11-kit/", "engine/keys tests", "keys"},
    {"boost/", "engine/net", "sockets: only engine/net sees Boost"},
    {"websocketpp/", "engine/net", "sockets: only engine/net sees websocketpp"},
    {"sqlite3.h", "engine/report tests", "the ledger belongs to the report"},
    {"CLI/", "engine/app tests bench", "the command line belongs to the program"},
    {"toml++/", "engine/app", "configuration reaches the core as plain data"},
    {"gtest/", "tests", "tests only"},
    {"gmock/", "tests", "tests only"},
    {"rapidcheck", "tests", "tests only"},
    {"nlohmann/", "tests bench", "tools and tests only; simdjson reads the venues' JSON"},
}};

/// Headers with a point or a slash that come with the compiler or the system, not from a third party.
constexpr std::string_view kSystem =
    " immintrin.h nmmintrin.h smmintrin.h emmintrin.h x86intrin.h arm_acle.h arm_neon.h cxxabi.h execinfo.h "
    "fcntl.h"
    " unistd.h signal.h errno.h time.h stdio.h stdlib.h string.h stdint.h poll.h termios.h malloc.h "
    "pthread.h dirent.h sched.h netinet/in.h netinet/tcp.h arpa/inet.h ";

bool has_word(std::string_view words, std::string_view word)
{
    for (const std::size_t at : find_token(words, word)) {
        const bool open = at == 0 || words[at - 1] == ' ';
        const bool close = at + word.size() == words.size() || words[at + word.size()] == ' ';
        if (open && close) return true;
    }
    return false;
}

bool below(std::string_view path, std::string_view folder)
{
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool below_any(std::string_view path, std::string_view places)
{
    while (!places.empty()) {
        const std::size_t end = std::min(places.find(' '), places.size());
        if (below(path, places.substr(0, end))) return true;
        places.remove_prefix(std::min(end + 1, places.size()));
    }
    return false;
}

/// "engine/base" of engine/base/ids.hpp, "engine/app/keys" of engine/app/keys/key_ring.hpp, "connectors/okx"
/// of connectors/okx/okx.cpp, "connectors" of its registry.
std::string_view folder_of(std::string_view path)
{
    const std::size_t first = path.find('/');
    if (first == std::string_view::npos) return {};
    std::size_t second = path.find('/', first + 1);
    if (const std::size_t third = path.find('/', second + 1);
        path.starts_with("engine/app/") && third != std::string_view::npos)
        second = third;
    return path.substr(0, second == std::string_view::npos ? first : second);
}

const FolderRule* rule_of(std::string_view path)
{
    const auto* const at = std::find_if(kFolders.begin(), kFolders.end(),
                                        [&](const FolderRule& rule) { return below(path, rule.folder); });
    return at == kFolders.end() ? nullptr : at;
}

bool may_include(const FolderRule& rule, std::string_view to)
{
    constexpr std::string_view kEngine = "engine/";
    return has_word(rule.may, to.starts_with(kEngine) ? to.substr(kEngine.size()) : to);
}

std::optional<std::string> judge_own(const SourceFile& file, std::string_view header)
{
    const std::string_view from = folder_of(file.path);
    const std::string_view to = folder_of(header);
    if (from == to || from == "engine/app" || below_any(file.path, "tests bench")) return std::nullopt;
    const bool in_program = below(file.path, "engine/app");
    if (below_any(header, in_program ? "tests bench" : "tests bench engine/app")) {
        if (is_test(file.path) && below(header, "tests/support")) return std::nullopt;
        return fmt::format("{} is not for {}: move what is shared down into a lower folder", to, from);
    }
    const FolderRule* rule = rule_of(file.path);
    if (in_program && rule != nullptr && may_include(*rule, to)) return std::nullopt;
    const bool plug_in_here = below_any(file.path, "connectors strategies");
    if (below_any(header, "connectors strategies")) {
        const bool other = plug_in_here && to.find('/') != std::string_view::npos;
        return other
                   ? fmt::format("a plug-in never includes another ({}): put what both need into engine/", to)
                   : fmt::format(
                         "{} must not know plug-ins: take what it needs as an argument from "
                         "engine/app/shell",
                         from);
    }
    if (plug_in_here && is_test(file.path))
        return std::nullopt;  // beside a plug-in, tests may use the whole engine
    if (rule == nullptr)
        return fmt::format("{} is not in the dependency table of tests/support/tidy_includes.cpp", from);
    if (below(to, "engine") && may_include(*rule, to)) return std::nullopt;
    return fmt::format("{} may include only: {}; not {}", rule->folder,
                       rule->may.empty() ? "itself" : rule->may, to);
}

std::optional<std::string> judge_third_party(const SourceFile& file, std::string_view header)
{
    if (header.find_first_of("./") == std::string_view::npos) {
        const bool guest = header.starts_with("sodium") || header.starts_with("rapidcheck");
        if (!guest) return std::nullopt;  // the standard library
    }
    if (header.starts_with("sys/") || header.starts_with("linux/") || has_word(kSystem, header))
        return std::nullopt;
    if (header.starts_with("benchmark/") && below(file.path, "bench")) return std::nullopt;
    for (const ThirdParty& party : kThirdParties) {
        if (!header.starts_with(party.header)) continue;
        if (below_any(file.path, party.places)) return std::nullopt;
        if (is_test(file.path) && has_word(party.places, "tests")) return std::nullopt;
        return fmt::format("<{}> may stand only in: {} ({})", header, party.places, party.reason);
    }
    return fmt::format("<{}> is not in the third-party table of tests/support/tidy_includes.cpp", header);
}

}  // namespace

Violations check_includes(const SourceFile& file, const std::function<bool(const std::string&)>& exists)
{
    Violations found;
    const SourceViews views = views_of(file.text);
    std::size_t number = 0;
    for (const std::string_view line : lines_of(views.uncommented)) {
        ++number;
        const std::size_t hash = line.find_first_not_of(' ');
        if (hash == std::string_view::npos || line[hash] != '#' || views.raw[number - 1]) continue;
        const std::size_t word = line.find_first_not_of(' ', hash + 1);
        if (word == std::string_view::npos || !line.substr(word).starts_with("include")) continue;
        const std::size_t open = line.find_first_of("<\"", word);
        if (open == std::string_view::npos) continue;
        const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
        const std::string header(line.substr(open + 1, close - open - 1));
        std::optional<std::string> trouble;
        if (line[open] == '<') {
            trouble = judge_third_party(file, header);
        } else if (header.starts_with("./") || header.find("../") != std::string::npos) {
            trouble = fmt::format("\"{}\" is relative: include by the full path from the root", header);
        } else if (!exists(header)) {
            trouble = fmt::format(
                "\"{}\" is no file of the project (by full path from the root; nothing generated)", header);
        } else {
            trouble = judge_own(file, header);
        }
        if (trouble) found.push_back({file.path, number, *trouble});
    }
    return found;
}

}  // namespace arb::tidy
