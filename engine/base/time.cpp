#include "engine/base/time.hpp"

#include <fmt/format.h>

namespace arb {
namespace {

// Days between 1970-01-01 and a civil date, after Howard Hinnant's "chrono-compatible low-level date
// algorithms".
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

constexpr unsigned days_in(unsigned year, unsigned month)
{
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool digits(std::string_view text, std::size_t at, std::size_t count, unsigned& out)
{
    if (at + count > text.size()) return false;
    out = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + static_cast<unsigned>(text[i] - '0');
    }
    return true;
}

}  // namespace

std::optional<Timestamp> parse_utc(std::string_view text)
{
    unsigned year, month, day, hour, minute, second;
    if (text.size() < 19 || !digits(text, 0, 4, year) || text[4] != '-' || !digits(text, 5, 2, month) ||
        text[7] != '-' || !digits(text, 8, 2, day) || (text[10] != 'T' && text[10] != ' ') ||
        !digits(text, 11, 2, hour) || text[13] != ':' || !digits(text, 14, 2, minute) || text[16] != ':' ||
        !digits(text, 17, 2, second)) {
        return std::nullopt;
    }
    if (year < 1970 || year > 2261 || month < 1 || month > 12) return std::nullopt;
    if (day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    std::int64_t fraction_ns = 0;
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = 100'000'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            fraction_ns += (text[at] - '0') * unit;
            unit /= 10;
        }
        if (text[at - 1] == '.') return std::nullopt;
    }
    if (at < text.size() && text[at] == 'Z') ++at;
    if (at != text.size()) return std::nullopt;
    const std::int64_t total = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 +
                               static_cast<std::int64_t>(second);
    return Timestamp{total * 1'000'000'000 + fraction_ns};
}

std::string format_utc(Timestamp time)
{
    std::int64_t seconds = time.ns / 1'000'000'000;
    std::int64_t fraction = time.ns % 1'000'000'000;
    if (fraction < 0) {
        fraction += 1'000'000'000;
        --seconds;
    }
    std::int64_t days = seconds / 86400;
    std::int64_t rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        --days;
    }
    // The inverse of days_from_civil.
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const std::int64_t doe = shifted - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const std::int64_t day = doy - (153 * mp + 2) / 5 + 1;
    const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
    const std::int64_t year = yoe + era * 400 + (month <= 2);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", year, month, day, rest / 3600,
                       rest / 60 % 60, rest % 60, fraction);
}

}  // namespace arb
