#include "engine/keys/keystore_entry.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kKeyIdMax = 512;
constexpr std::size_t kEntryTextMax = 512;
constexpr std::int64_t kDay = 86'400'000'000'000;

bool is_name(std::string_view text)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= kNameMax && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), fits);
}

bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// An address, or one with /bits behind it.
bool is_network(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    std::array<unsigned char, 16> bytes{};
    unsigned most = 0;
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
        most = 32;
    } else if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) {
        most = 128;
    } else {
        return false;
    }
    if (slash == std::string_view::npos) return true;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    return error == std::errc{} && end == digits.data() + digits.size() && bits >= 1 && bits <= most;
}

bool is_day(Timestamp time)
{
    return time.ns > 0 && time.ns % kDay == 0;
}

Error wrong(std::string message)
{
    return {ExitCode::usage, std::move(message)};
}

std::optional<Error> check_attestation(const KeyAttestation& attestation)
{
    for (const std::string* text : {&attestation.what, &attestation.by}) {
        if (text->empty() || text->size() > kEntryTextMax || !is_plain(*text)) {
            return wrong(fmt::format("an attestation says what and by whom, each in 1 to {} plain characters",
                                     kEntryTextMax));
        }
    }
    if (!is_day(attestation.date) || !is_day(attestation.until) || attestation.until <= attestation.date)
        return wrong("an attestation ends on a day (YYYY-MM-DD) after the one it is made on");
    return std::nullopt;
}

}  // namespace

const char* name(KeyState state)
{
    switch (state) {
        case KeyState::active:
            return "active";
        case KeyState::retiring:
            return "retiring";
        case KeyState::retired:
            return "retired";
    }
    return "?";
}

std::optional<KeyRole> key_role_of(std::string_view text)
{
    if (text == "read") return KeyRole::read;
    if (text == "trade") return KeyRole::trade;
    return std::nullopt;
}

std::optional<Error> check_entry(const KeyEntry& entry)
{
    static constexpr std::string_view kNames =
        "give 1 to 64 letters, digits, points, underscores or dashes, no dash first";
    if (!is_name(entry.venue)) return wrong(fmt::format("this is no name of a venue: {}", kNames));
    if (!is_name(entry.label)) return wrong(fmt::format("this is no label for a key: {}", kNames));
    if (entry.key_id.empty() || entry.key_id.size() > kKeyIdMax || !is_plain(entry.key_id) ||
        entry.key_id.find(' ') != std::string::npos) {
        return wrong(fmt::format(
            "this is no key id: give the key's public name at the venue, 1 to {} characters without blanks",
            kKeyIdMax));
    }
    static constexpr std::string_view kEnvironments[] = {"live", "testnet", "demo", "emulated"};
    if (std::find(std::begin(kEnvironments), std::end(kEnvironments), entry.environment) ==
        std::end(kEnvironments))
        return wrong("a key belongs to one environment: live, testnet, demo or emulated");
    if (!is_day(entry.created)) return wrong("a key was made on a day, given as YYYY-MM-DD");
    if (entry.expires.known() && (!is_day(entry.expires) || entry.expires <= entry.created))
        return wrong("a key expires on a day (YYYY-MM-DD) after the one it was made on");
    if (entry.ips.size() > kKeyIpsMax)
        return wrong(fmt::format("a key has at most {} addresses", kKeyIpsMax));
    for (const std::string& ip : entry.ips) {
        if (!is_network(ip)) {
            return wrong(
                "an IP list holds addresses or networks like 203.0.113.7, 203.0.113.0/28 or 2001:db8::7");
        }
    }
    if (entry.attestations.size() > kKeyAttestationsMax)
        return wrong(fmt::format("a key has at most {} attestations", kKeyAttestationsMax));
    for (const KeyAttestation& attestation : entry.attestations) {
        if (auto error = check_attestation(attestation)) return error;
    }
    return std::nullopt;
}

std::optional<Error> check_secret(const KeySecret& secret)
{
    const std::string_view text = secret.secret.as_text();
    if (text.empty()) return wrong("the secret is empty; give what the venue showed when the key was made");
    if (text.size() > kKeySecretMax || secret.passphrase.bytes().size() > kKeyPassphraseMax) {
        return wrong(fmt::format("a secret has at most {} bytes, a key's passphrase {}: this is none",
                                 kKeySecretMax, kKeyPassphraseMax));
    }
    const bool pem = text.starts_with("-----BEGIN");
    const bool fits = std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= ' ' && c <= '~') || (pem && (c == '\n' || c == '\r' || c == '\t'));
    });
    if (!fits) {
        return wrong(
            "the secret holds characters that no venue hands out: one line of plain text, or a PEM from its "
            "-----BEGIN on, is wanted");
    }
    if (!is_plain(secret.passphrase.as_text()))
        return wrong(
            "the key's passphrase holds characters that no venue takes; give one line of plain text");
    return std::nullopt;
}

std::optional<Timestamp> parse_day(std::string_view text)
{
    if (text.size() != 10) return std::nullopt;
    const auto time = parse_utc(std::string(text) + "T00:00:00Z");
    if (!time || !is_day(*time)) return std::nullopt;
    return time;
}

std::string format_day(Timestamp time)
{
    return format_utc(time).substr(0, 10);
}

std::int64_t days_until(Timestamp then, Timestamp now)
{
    const std::int64_t ns = (then - now).ns;
    return ns >= 0 ? ns / kDay : -((-ns + kDay - 1) / kDay);
}

}  // namespace arb
