#include "engine/pipeline/open_package_lines.hpp"

#include <charconv>

#include "engine/pipeline/state_names.hpp"
#include "engine/trading/package.hpp"

namespace arb {
namespace {

/// The n-th field; empty: there is none.
std::string_view field_at(std::string_view line, std::size_t n)
{
    for (; n > 0; --n) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string_view::npos) return {};
        line.remove_prefix(tab + 1);
    }
    return line.substr(0, line.find('\t'));
}

std::uint64_t number_at(std::string_view line, std::size_t n)
{
    const std::string_view text = field_at(line, n);
    std::uint64_t value = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Where the order ids stand: a package has its legs' after twelve fields and after thirteen more each; as
// earlier versions wrote it, its two legs' after seven and after nine more.
constexpr std::size_t kForm = 7, kCount = 8, kFirstOrder = 12, kLegFields = 13;
constexpr std::size_t kBuyOrder = 7, kSellOrder = 16, kUnwindOrder = 2;

}  // namespace

void OpenPackageLines::learn_orders(std::string_view line)
{
    const std::string_view word = field_at(line, 0);
    if (word == "package" && field_at(line, kForm) == kStateLegs) {
        for (std::size_t i = 0; i < number_at(line, kCount) && i < Package::kLegsMost; ++i)
            orders_.insert(number_at(line, kFirstOrder + i * kLegFields));
    } else if (word == "package") {
        orders_.insert(number_at(line, kBuyOrder));
        orders_.insert(number_at(line, kSellOrder));
    } else if (word == "unwind" || word == "next") {
        orders_.insert(number_at(line, kUnwindOrder));
    }
}

bool OpenPackageLines::keep(std::string_view line, std::string& kept)
{
    const std::string_view word = field_at(line, 0);
    const std::uint64_t id = number_at(line, 1);
    if (word == "package" || word == "closing" || word == "unwind" || word == "next" || word == "amend" ||
        word == "end") {
        if (packages_.count(id) == 0) return false;
        learn_orders(line);
        kept = line;
        return true;
    }
    if (word != "fill" && word != "counted" && word != "done") return false;
    if (orders_.count(id) == 0) return false;
    kept = word == "fill" ? "counted" + std::string(line.substr(word.size())) : std::string(line);
    return true;
}

}  // namespace arb
