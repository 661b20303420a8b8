#include "engine/trading/package_end.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace arb {

const char* outcome(const PackageEnd& end)
{
    return end.flagged ? "flagged" : end.held ? "held" : "flat";
}

std::string venues_text(const Package& package, Side side, const InstrumentTable& table)
{
    std::vector<std::string> labels;
    std::string text;
    for (const Leg& leg : package.each()) {
        if (leg.intent.side != side) continue;
        const std::string label = table.label(table.listing(leg.intent.listing).venue);
        if (std::find(labels.begin(), labels.end(), label) != labels.end()) continue;
        labels.push_back(label);
        text += (text.empty() ? "" : "+") + label;
    }
    return text;
}

std::string detail_text(const PackageEnd& end, const Markets& markets)
{
    std::string text = end.detail;
    bool first = true;
    for (std::size_t i = 0; i < end.assets; ++i) {
        const Residual& left = end.residuals[i];
        if (left.quantity == 0) continue;
        const MarketDefinition& market = markets.consolidated(left.market).definition();
        text += fmt::format("{}{} {}",
                            !first         ? ", "
                            : text.empty() ? ""
                                           : ": ",
                            format_scaled(left.quantity, market.quantity_decimals), market.base);
        first = false;
    }
    if (!first) text += " left";
    return text;
}

}  // namespace arb
