#include "engine/journal/http_mark.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr std::size_t kSecretLeast = 16;

bool read_decimal_number(std::string_view text, std::uint64_t& out)
{
    const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && end.ec == std::errc() && end.ptr == text.data() + text.size();
}

}  // namespace

std::string add_mark(std::string_view url, const HttpMark& mark)
{
    std::string result(url);
    if (mark.tag == 0 && mark.sent && mark.retry_after.ns == 0 && mark.count < 0) return result;
    fmt::format_to(std::back_inserter(result), "#tag={}", mark.tag);
    if (!mark.sent) result += ";unsent";
    if (mark.retry_after.ns != 0)
        fmt::format_to(std::back_inserter(result), ";retry={}", mark.retry_after.ns / 1'000'000);
    if (mark.count >= 0) fmt::format_to(std::back_inserter(result), ";count={}", mark.count);
    return result;
}

HttpMark take_mark(std::string_view& url)
{
    HttpMark mark;
    const std::size_t hash = url.rfind('#');
    if (hash == std::string_view::npos) return mark;
    std::string_view rest = url.substr(hash + 1);
    url = url.substr(0, hash);
    while (!rest.empty()) {
        const std::size_t cut = std::min(rest.find(';'), rest.size());
        const std::string_view part = rest.substr(0, cut);
        rest.remove_prefix(std::min(cut + 1, rest.size()));
        std::uint64_t number = 0;
        if (part.starts_with("tag=") && read_decimal_number(part.substr(4), number)) mark.tag = number;
        if (part == "unsent") mark.sent = false;
        if (part.starts_with("retry=") && read_decimal_number(part.substr(6), number))
            mark.retry_after = milliseconds(static_cast<std::int64_t>(number));
        if (part.starts_with("count=") && read_decimal_number(part.substr(6), number) && number <= INT64_MAX)
            mark.count = static_cast<std::int64_t>(number);
    }
    return mark;
}

std::string mask_long_texts(std::string_view json)
{
    std::string result(json);
    std::size_t begin = std::string::npos;  // of the text value that is open
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (begin != std::string::npos && result[i] == '\\') {
            ++i;
        } else if (result[i] == '"') {
            if (begin == std::string::npos) {
                begin = i + 1;
                continue;
            }
            // A name is followed by a colon; only values are masked.
            std::size_t next = i + 1;
            while (next < result.size() && (result[next] == ' ' || result[next] == '\n')) ++next;
            const bool is_name = next < result.size() && result[next] == ':';
            if (!is_name && i - begin >= kSecretLeast)
                std::fill(result.begin() + static_cast<std::ptrdiff_t>(begin),
                          result.begin() + static_cast<std::ptrdiff_t>(i), 'x');
            begin = std::string::npos;
        }
    }
    return result;
}

}  // namespace arb
