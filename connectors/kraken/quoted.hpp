#pragma once
// Kraken's private websocket writes prices and quantities as JSON numbers, which a DOM would turn into
// floating point. Here every number outside a text is put into quotes first, digit by digit, so that it
// arrives as the text it is. Core thread; the buffer is used again and padded for the parser.
#include <string>
#include <string_view>

namespace arb::kraken {

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
        buffer += '"';
        while (i < json.size() && digit(json[i])) buffer += json[i++];
        buffer += '"';
        --i;
    }
    const std::size_t size = buffer.size();
    buffer.append(64, '\0');
    return std::string_view(buffer).substr(0, size);
}

}  // namespace arb::kraken
