#include "tests/support/canary.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "engine/journal/reader.hpp"

namespace arb::test {
namespace {

constexpr std::size_t kWindow = 16;
constexpr std::size_t kLeast = 8;  ///< a shorter secret cannot be told from chance
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Texts are looked at in blocks of their own, one after the other: any kWindow bytes in a row hold a whole
/// one.
constexpr std::size_t kBlock = kWindow / 2;

std::uint64_t block_at(const char* at)
{
    std::uint64_t block = 0;
    std::memcpy(&block, at, kBlock);
    return block;
}

/// Which bit of a table of 2^20 stands for it.
std::uint64_t place_of(std::uint64_t block)
{
    return (block * 0x9e3779b97f4a7c15ULL) >> 44U;
}

/// How many bytes are the same around these two places, in a row.
std::size_t same_around(std::string_view a, std::size_t i, std::string_view b, std::size_t j)
{
    std::size_t before = 0, behind = 0;
    while (before < i && before < j && a[i - before - 1] == b[j - before - 1]) ++before;
    while (i + behind < a.size() && j + behind < b.size() && a[i + behind] == b[j + behind]) ++behind;
    return before + behind;
}

std::string hex(std::string_view bytes, const char* digits)
{
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

/// The characters that these bytes alone decide when `before` other bytes stand in front of them.
std::string base64_at(std::string_view bytes, std::size_t before)
{
    const std::string padded = std::string(before, '\0') + std::string(bytes) + std::string(2, '\0');
    std::string text;
    for (std::size_t i = 0; i + 3 <= padded.size(); i += 3) {
        const std::uint32_t three = std::uint32_t{static_cast<unsigned char>(padded[i])} << 16U |
                                    std::uint32_t{static_cast<unsigned char>(padded[i + 1])} << 8U |
                                    std::uint32_t{static_cast<unsigned char>(padded[i + 2])};
        for (const unsigned shift : {18U, 12U, 6U, 0U}) text += kAlphabet[(three >> shift) & 63U];
    }
    const std::size_t first = (8 * before + 5) / 6;
    const std::size_t last = 8 * (before + bytes.size()) / 6;
    return text.substr(first, last - first);
}

std::string url_safe(std::string text)
{
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::string url_encoded(std::string_view bytes, const char* digits)
{
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || std::strchr("-_.~", c) != nullptr) {
            text += c;
        } else {
            text += '%';
            text += digits[byte >> 4];
            text += digits[byte & 15];
        }
    }
    return text;
}

std::string json_escaped(std::string_view bytes, bool slash)
{
    std::string text;
    for (const char c : bytes) {
        if (c == '\n')
            text += "\\n";
        else if (c == '"' || c == '\\' || (slash && c == '/'))
            text += {'\\', c};
        else
            text += c;
    }
    return text;
}

bool is_text(std::string_view bytes)
{
    return std::all_of(bytes.begin(), bytes.end(),
                       [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); });
}

std::optional<std::string> from_hex(std::string_view text)
{
    std::string bytes;
    if (text.size() % 2 != 0 || text.empty()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto digit = [](char c) {
            return c >= '0' && c <= '9'   ? c - '0'
                   : c >= 'a' && c <= 'f' ? c - 'a' + 10
                   : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                          : -1;
        };
        const int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::optional<std::string> from_base64(std::string_view text)
{
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>((bits >> count) & 255U);
    }
    return bytes;
}

/// The private number of a key in PEM: the octet string of 32 bytes in it.
std::optional<std::string> number_of_pem(std::string_view pem)
{
    if (pem.find("PRIVATE KEY-----") == std::string_view::npos) return std::nullopt;
    std::string body;
    std::istringstream lines{std::string(pem)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("-----")) body += line;
    }
    const std::optional<std::string> der = from_base64(body);
    if (!der) return std::nullopt;
    const std::size_t at = der->find("\x04\x20");
    if (at == std::string::npos || at + 34 > der->size()) return std::nullopt;
    return der->substr(at + 2, 32);
}

std::string read_all(const std::filesystem::path& file)
{
    std::ifstream input(file, std::ios::binary);
    std::stringstream text;
    text << input.rdbuf();
    return text.str();
}

}  // namespace

void CanaryScanner::add(const std::string& name, std::string_view secret)
{
    if (const auto number = number_of_pem(secret)) {
        add_bytes(name + " (the PEM's number)", *number);
        return;
    }
    add_bytes(name, secret);
    // A secret handed out as text may be a number in disguise, and leak as that number.
    if (const auto bytes = from_hex(secret); bytes && bytes->size() >= kWindow)
        add_bytes(name + " (its bytes)", *bytes);
    else if (const auto more = from_base64(secret); more && secret.size() % 4 == 0 && more->size() >= kWindow)
        add_bytes(name + " (its bytes)", *more);
}

void CanaryScanner::add_bytes(const std::string& name, std::string_view bytes)
{
    add_form(name + ", as it is", std::string(bytes));
    add_form(name + ", hexadecimal", hex(bytes, "0123456789abcdef"));
    add_form(name + ", hexadecimal in capitals", hex(bytes, "0123456789ABCDEF"));
    for (const std::size_t before : {0U, 1U, 2U}) {
        const std::string text = base64_at(bytes, before);
        add_form(fmt::format("{}, base64 at {}", name, before), text);
        add_form(fmt::format("{}, base64url at {}", name, before), url_safe(text));
    }
    add_form(name + ", URL-encoded", url_encoded(bytes, "0123456789ABCDEF"));
    add_form(name + ", URL-encoded in small letters", url_encoded(bytes, "0123456789abcdef"));
    if (!is_text(bytes)) return;
    add_form(name + ", JSON-escaped", json_escaped(bytes, false));
    add_form(name + ", JSON-escaped with slashes", json_escaped(bytes, true));
}

void CanaryScanner::add_form(const std::string& name, std::string text)
{
    if (text.size() < kLeast) return;
    const auto same = [&](const CanaryForm& form) { return form.text == text; };
    if (std::any_of(forms_.begin(), forms_.end(), same)) return;
    const std::size_t number = forms_.size();
    for (std::size_t i = 0; text.size() >= kWindow && i + kBlock <= text.size(); ++i) {
        const std::uint64_t block = block_at(text.data() + i);
        blocks_.emplace(block, std::pair(number, i));
        seen_[place_of(block) / 64] |= std::uint64_t{1} << place_of(block) % 64;
    }
    forms_.push_back({name, std::move(text)});
}

std::vector<std::string> CanaryScanner::scan(std::string_view text, const std::string& where) const
{
    std::set<std::size_t> found;
    const std::uint64_t* const seen = seen_.data();
    const char* const bytes = text.data();
    for (std::size_t i = 0; i + kBlock <= text.size(); i += kBlock) {
        const std::uint64_t block = block_at(bytes + i);
        const std::uint64_t place = place_of(block);
        if ((seen[place / 64] >> place % 64 & 1) == 0) continue;
        const auto range = blocks_.equal_range(block);
        for (auto it = range.first; it != range.second; ++it) {
            const auto& [form, at] = it->second;
            if (same_around(text, i, forms_[form].text, at) >= kWindow) found.insert(form);
        }
    }
    for (std::size_t form = 0; form < forms_.size(); ++form) {
        const std::string& whole = forms_[form].text;
        if (whole.size() < kWindow && text.find(whole) != std::string_view::npos) found.insert(form);
    }
    std::vector<std::string> hits;
    for (const std::size_t form : found) hits.push_back(where + ": " + forms_[form].name);
    return hits;
}

std::vector<std::string> CanaryScanner::scan_file(const std::filesystem::path& file) const
{
    std::vector<std::string> hits = scan(file.filename().string(), "name of " + file.string());
    const auto take = [&](std::vector<std::string> more) {
        for (std::string& hit : more) hits.push_back(std::move(hit));
    };
    take(scan(read_all(file), file.string()));
    if (file.extension() != ".arb" && file.extension() != ".part") return hits;
    Result<JournalReader> reader = JournalReader::open(file.string());
    if (!reader) return hits;
    take(scan(reader->header().config_text, file.string() + " (configuration)"));
    while (const Record* record = reader->next()) {
        const std::string where = fmt::format("{} (record {})", file.string(), record->number);
        take(scan(record->text.view(), where));
        take(scan(record->url, where));
    }
    return hits;
}

std::vector<std::string> CanaryScanner::scan_tree(const std::filesystem::path& folder,
                                                  std::size_t& files) const
{
    std::vector<std::string> hits;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        ++files;
        for (std::string& hit : scan_file(entry.path())) hits.push_back(std::move(hit));
    }
    return hits;
}

}  // namespace arb::test
