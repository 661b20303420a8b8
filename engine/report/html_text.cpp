#include "engine/report/html_text.hpp"

#include "engine/report/utf8.hpp"

namespace arb::html {

std::string escape(std::string_view text)
{
    std::string out;
    for (const char c : plain_text(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            case '`':
                out += "&#96;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string element(std::string_view tag, std::string_view css_class, std::string_view text)
{
    std::string out = "<" + std::string(tag);
    if (!css_class.empty()) out += " class=\"" + std::string(css_class) + "\"";
    return out + ">" + escape(text) + "</" + std::string(tag) + ">";
}

std::string tile(std::string_view name, std::string_view css_class, std::string_view value,
                 std::string_view below)
{
    return "<div class=\"tile\">" + element("span", "name", name) +
           element("span", std::string("value ") + std::string(css_class), value) +
           element("span", "below", below) + "</div>";
}

}  // namespace arb::html
