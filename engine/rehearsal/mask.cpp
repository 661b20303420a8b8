#include "engine/rehearsal/mask.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace arb {
namespace {

constexpr std::size_t kTokenShort = 32;  // from here on a run of letters and digits is taken for a token

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c)
{
    return is_digit(c) || is_letter(c);
}
bool all_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Lower case, letters and digits alone.
std::string plain_name(std::string_view name)
{
    std::string plain;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z')
            plain += static_cast<char>(c - 'A' + 'a');
        else if (is_word(c))
            plain += c;
    }
    return plain;
}

constexpr std::array<std::string_view, 35> kTelling = {
    "ordid",     "txid",     "ordertxid", "apikey",    "apikeyname", "key",        "keyid",
    "listenkey", "token",    "signature", "sign",      "sig",        "passphrase", "secret",
    "acctid",    "parentid", "inviterid", "sessionid", "customerid", "ip",         "ips",
    "label",     "note",     "iban",      "email",     "accesskey",  "subaccount", "referralid",
    "user",      "walletid", "posid",     "algoid",    "ledgerid",   "cursor",     "nextpagecursor"};
constexpr std::array<std::string_view, 5> kTellingEnds = {"orderid", "uid", "userid", "accountid",
                                                          "portfolioid"};

/// One value of a text that stands under a telling name: where it begins and ends, without quotes.
struct Place {
    std::size_t begin = 0, end = 0;
};

/// The end of the JSON string that begins behind the quote at `at`.
std::size_t string_end(std::string_view text, std::size_t at)
{
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    return std::min(at, text.size());
}

/// Every value under a telling name, arrays of them too. Any text: what is no JSON has none.
std::vector<Place> telling_places(std::string_view text)
{
    std::vector<Place> places;
    for (std::size_t at = text.find('"'); at < text.size(); at = text.find('"', at)) {
        const std::size_t end = string_end(text, at + 1);
        const std::string_view word = text.substr(at + 1, end - at - 1);
        std::size_t next = end + 1;
        while (next < text.size() && text[next] == ' ') ++next;
        if (next >= text.size() || text[next] != ':' || !Mask::telling(word)) {
            at = end + 1;
            continue;
        }
        ++next;
        bool list = false;
        for (bool more = true; more && next < text.size();) {
            while (next < text.size() && (text[next] == ' ' || text[next] == ',')) ++next;
            if (next < text.size() && text[next] == '[' && !list) {
                list = true;
                ++next;
                continue;
            }
            std::size_t begin = next;
            if (next < text.size() && text[next] == '"') {
                begin = next + 1;
                next = string_end(text, begin);
                places.push_back({begin, next});
                ++next;
            } else {
                while (next < text.size() && is_digit(text[next])) ++next;
                if (next > begin) places.push_back({begin, next});
                more = next > begin;
            }
            more = more && list;
        }
        at = next;
    }
    return places;
}

bool is_client_id(std::string_view run)
{
    // 8-4-4-4-12: ours, or learnt under its name where it tells somebody.
    return run.size() == 36 && run[8] == '-' && run[13] == '-' && run[18] == '-' && run[23] == '-';
}

void hide_tokens(std::string& text, bool slash_ends)
{
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const bool token =
            i < text.size() && (is_word(text[i]) || text[i] == '+' || text[i] == '=' || text[i] == '_' ||
                                text[i] == '-' || (text[i] == '/' && !slash_ends));
        if (token) continue;
        const std::string_view run = std::string_view(text).substr(begin, i - begin);
        if (run.size() >= kTokenShort && !all_digits(run) && !is_client_id(run)) {
            for (std::size_t k = begin; k < i; ++k) text[k] = is_word(text[k]) ? 'x' : text[k];
        }
        begin = i + 1;
    }
}

// As long, digits for digits, so that a number stays one; the last characters count, so that two stay two.
std::string stand_in(std::string_view value, std::size_t count)
{
    std::string instead(value);
    for (char& c : instead) {
        if (is_digit(c))
            c = '0';
        else if (is_letter(c))
            c = 'x';
    }
    for (std::size_t i = instead.size(); i-- > 0 && count > 0;) {
        if (!is_word(value[i])) continue;
        instead[i] = static_cast<char>('0' + count % 10);
        count /= 10;
    }
    // Never the value itself.
    if (all_digits(value))
        instead[0] = value[0] == '9' ? '8' : '9';
    else if (instead == value)
        instead[0] = '*';
    return instead;
}

}  // namespace

bool Mask::telling(std::string_view name)
{
    const std::string plain = plain_name(name);
    // Client ids are of our own making, and what a report is about.
    if (plain.find("client") != std::string::npos) return false;
    return std::find(kTelling.begin(), kTelling.end(), plain) != kTelling.end() ||
           std::any_of(kTellingEnds.begin(), kTellingEnds.end(),
                       [&](std::string_view end) { return plain.ends_with(end); });
}

void Mask::know(std::string_view value)
{
    if (value.size() < kKnownLeast || known_.contains(value)) return;
    known_.emplace(std::string(value), stand_in(value, known_.size() + 1));
}

void Mask::learn(std::string_view json)
{
    for (const Place& place : telling_places(json)) know(json.substr(place.begin, place.end - place.begin));
}

void Mask::hide_known(std::string& text) const
{
    for (const auto& [value, instead] : known_) {
        for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 1)) {
            const std::size_t end = at + value.size();
            // A part of a longer word is another word.
            const bool whole =
                (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
            if (whole) text.replace(at, value.size(), instead);
        }
    }
}

std::string Mask::hidden(std::string_view text) const
{
    std::string out(text);
    for (const Place& place : telling_places(text)) {
        const std::string_view value = text.substr(place.begin, place.end - place.begin);
        if (!known_.contains(value)) out.replace(place.begin, value.size(), stand_in(value, 0));
    }
    hide_known(out);
    hide_tokens(out, false);
    return out;
}

std::string Mask::hidden_url(std::string_view url) const
{
    const std::size_t mark = std::min(url.find('#'), url.size());
    std::string out(url.substr(0, std::min(url.find('?'), mark)));
    hide_known(out);
    hide_tokens(out, true);
    return out.append(url.substr(mark));
}

}  // namespace arb
