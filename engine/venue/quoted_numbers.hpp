#pragma once
// Some venues write prices and quantities as JSON numbers, which a DOM would turn into floating point. Here
// every number outside a text is put into quotes first, digit by digit, so that it arrives as the text it is;
// one with an exponent ("9.2e-07") is written out. Core thread; the buffer is used again and padded for the
// parser, so that nothing is allocated once it has grown.
#include <string>
#include <string_view>

namespace arb {

/// "12.5e-3" to "0.0125", behind what `buffer` holds. What is no such number, or moves its point by more than
/// forty places, stays as it is, for whoever reads it to refuse.
inline void append_plain_number(std::string_view number, std::string& buffer)
{
    constexpr int kMovesMost = 40;
    const std::size_t mark = number.find_first_of("eE");
    if (mark == std::string_view::npos) {
        buffer += number;
        return;
    }
    std::string_view digits = number.substr(0, mark), exponent = number.substr(mark + 1);
    const bool back = exponent.starts_with('-');
    if (back || exponent.starts_with('+')) exponent.remove_prefix(1);
    int moves = exponent.empty() ? kMovesMost + 1 : 0;
    for (const char c : exponent)
        moves = c < '0' || c > '9' || moves > kMovesMost ? kMovesMost + 1 : moves * 10 + (c - '0');
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const std::size_t point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    const std::string_view rest =
        point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
    const auto is_plain = [](std::string_view part) {
        return part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (moves > kMovesMost || whole.empty() || !is_plain(whole) || !is_plain(rest)) {
        buffer += number;
        return;
    }
    // All digits stand in a row; the point comes behind so many of them, be it outside of the row.
    const int row = static_cast<int>(whole.size() + rest.size());
    const int place = static_cast<int>(whole.size()) + (back ? -moves : moves);
    const auto digit_at = [&](int i) {
        const auto at = static_cast<std::size_t>(i);
        return i < 0 || i >= row ? '0' : at < whole.size() ? whole[at] : rest[at - whole.size()];
    };
    if (negative) buffer += '-';
    if (place <= 0) buffer += '0';
    for (int i = 0; i < place; ++i) buffer += digit_at(i);
    if (row > place) buffer += '.';
    for (int i = place; i < row; ++i) buffer += digit_at(i);
}

/// The document with every number in quotes, in `buffer` with 64 zero bytes behind it; the result's length is
/// without them.
inline std::string_view quote_numbers(std::string_view json, std::string& buffer)
{
    buffer.clear();
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_text) {
            buffer += c;
            if (c == '\\' && i + 1 < json.size())
                buffer += json[++i];
            else if (c == '"')
                in_text = false;
            continue;
        }
        if (c == '"') {
            in_text = true;
            buffer += c;
            continue;
        }
        const auto digit = [](char d) {
            return (d >= '0' && d <= '9') || d == '-' || d == '+' || d == '.' || d == 'e' || d == 'E';
        };
        if ((c < '0' || c > '9') && c != '-') {
            buffer += c;
            continue;
        }
        std::size_t end = i;
        while (end < json.size() && digit(json[end])) ++end;
        buffer += '"';
        append_plain_number(json.substr(i, end - i), buffer);
        buffer += '"';
        i = end - 1;
    }
    const std::size_t size = buffer.size();
    buffer.append(64, '\0');
    return std::string_view(buffer).substr(0, size);
}

}  // namespace arb
