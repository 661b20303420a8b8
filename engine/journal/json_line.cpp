#include "engine/journal/json_line.hpp"

#include "engine/base/digit.hpp"

#include <cstdint>
#include <cstring>

namespace arb {
namespace {

constexpr unsigned kNestingMax = 64;

int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool read_hex4(std::string_view text, std::uint32_t& out)
{
    if (text.size() < 4) return false;
    out = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const int value = hex_digit(text[i]);
        if (value < 0) return false;
        out = out * 16 + static_cast<std::uint32_t>(value);
    }
    return true;
}

void append_utf8(std::uint32_t code, std::string& out)
{
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | code >> 6);
        byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        byte(0xe0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    } else {
        byte(0xf0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3f));
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    }
}

/// Reads what follows "\u" and removes it from `rest`.
bool unescape_unicode(std::string_view& rest, std::string& out)
{
    std::uint32_t code = 0;
    if (!read_hex4(rest, code)) return false;
    rest.remove_prefix(4);
    if (code >= 0xdc00 && code < 0xe000) return false;
    if (code >= 0xd800 && code < 0xdc00) {
        std::uint32_t low = 0;
        if (!rest.starts_with("\\u") || !read_hex4(rest.substr(2), low) || low < 0xdc00 || low >= 0xe000)
            return false;
        rest.remove_prefix(6);
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(code, out);
    return true;
}

}  // namespace

bool JsonLine::unescape(std::string_view raw, std::string& out)
{
    out.clear();
    while (!raw.empty()) {
        const void* found = std::memchr(raw.data(), '\\', raw.size());
        if (found == nullptr) {
            out.append(raw);
            return true;
        }
        const auto plain = static_cast<std::size_t>(static_cast<const char*>(found) - raw.data());
        out.append(raw.substr(0, plain));
        raw.remove_prefix(plain + 1);
        if (raw.empty()) return false;
        const char c = raw.front();
        raw.remove_prefix(1);
        switch (c) {
            case '"':
            case '\\':
            case '/':
                out += c;
                break;
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'u':
                if (!unescape_unicode(raw, out)) return false;
                break;
            default:
                return false;
        }
    }
    return true;
}

bool JsonLine::fail(std::string_view what)
{
    problem_ = what;
    at_ = end_;
    return false;
}

void JsonLine::skip_blanks()
{
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

/// At the opening quote; leaves the cursor behind the closing one.
bool JsonLine::string(std::string_view& out)
{
    const char* begin = ++at_;
    while (at_ < end_) {
        const auto c = static_cast<unsigned char>(*at_);
        if (c == '"') {
            out = {begin, static_cast<std::size_t>(at_ - begin)};
            ++at_;
            return true;
        }
        if (c < 0x20) return fail("a control character stands in a string");
        at_ += c == '\\' ? 2 : 1;
    }
    return fail("a string is not closed");
}

bool JsonLine::number()
{
    const char* begin = at_;
    const auto digits = [this] {
        const char* first = at_;
        while (at_ < end_ && is_digit(*at_)) ++at_;
        return at_ != first;
    };
    if (*at_ == '-') ++at_;
    const bool zero = at_ < end_ && *at_ == '0';
    const char* first = at_;
    if (!digits() || (zero && at_ - first > 1)) return fail("a number is malformed");
    if (at_ < end_ && *at_ == '.') {
        ++at_;
        if (!digits()) return fail("a number is malformed");
    }
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
        ++at_;
        if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
        if (!digits()) return fail("a number is malformed");
    }
    type_ = Type::number;
    raw_ = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
}

bool JsonLine::literal()
{
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    for (const std::string_view word : {"null", "true", "false"}) {
        if (!rest.starts_with(word)) continue;
        type_ = Type::literal;
        raw_ = rest.substr(0, word.size());
        at_ += word.size();
        return true;
    }
    return fail("a value is missing or is not JSON");
}

bool JsonLine::nested()
{
    const char* begin = at_;
    std::uint64_t objects = 0;  // one bit a level: an object (1) or an array (0)
    unsigned depth = 0;
    while (at_ < end_) {
        const char c = *at_;
        if (c == '"') {
            std::string_view ignored;
            if (!string(ignored)) return false;
            continue;
        }
        ++at_;
        if (c == '{' || c == '[') {
            if (depth == kNestingMax) return fail("values are nested too deeply");
            ++depth;
            objects = objects << 1 | (c == '{' ? 1U : 0U);
        } else if (c == '}' || c == ']') {
            if ((objects & 1) != (c == '}' ? 1U : 0U)) return fail("brackets do not match");
            objects >>= 1;
            if (--depth == 0) {
                type_ = Type::nested;
                raw_ = {begin, static_cast<std::size_t>(at_ - begin)};
                return true;
            }
        }
    }
    return fail("a bracket is not closed");
}

bool JsonLine::value()
{
    skip_blanks();
    if (at_ == end_) return fail("a value is missing");
    if (*at_ == '"') {
        type_ = Type::string;
        return string(raw_);
    }
    if (*at_ == '{' || *at_ == '[') return nested();
    if (*at_ == '-' || is_digit(*at_)) return number();
    return literal();
}

bool JsonLine::next()
{
    if (!problem_.empty()) return false;
    skip_blanks();
    if (!started_) {
        if (at_ == end_ || *at_ != '{') return fail("the line is no JSON object");
        ++at_;
        skip_blanks();
    }
    const bool first = !started_;
    started_ = true;
    if (at_ == end_) return fail("the object is not closed");
    if (*at_ == '}') {
        ++at_;
        skip_blanks();
        return at_ == end_ ? false : fail("something follows the object");
    }
    if (!first) {
        if (*at_ != ',') return fail("a comma is missing");
        ++at_;
        skip_blanks();
    }
    if (at_ == end_ || *at_ != '"') return fail("a member's name is missing");
    if (!string(key_)) return false;
    skip_blanks();
    if (at_ == end_ || *at_ != ':') return fail("a colon is missing");
    ++at_;
    return value();
}

}  // namespace arb
