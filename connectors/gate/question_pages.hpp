#pragma once
// How Gate's lists are asked for piece by piece: numbered pages (spot) or an offset (contracts), and fills in
// spans of time. What the questions of both markets share; cold path.
#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "connectors/gate/encoder.hpp"
#include "engine/base/client_order_id.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::gate {

inline constexpr std::size_t kOrdersPage = 100;
/// Fills are told for at most 30 days at once.
inline constexpr Duration kFillsSpan = seconds(7 * 86'400);
/// Lists count whole seconds, and the venue's clock is not ours.
inline constexpr Duration kListMargin = seconds(60);

/// Which page the question stands at, from 1.
inline std::size_t page_of(const Inquiry& q)
{
    std::size_t page = 1;
    (void)std::from_chars(q.cursor.data(), q.cursor.data() + q.cursor.size(), page);
    return page;
}

inline Next turn_page(Inquiry& q, std::size_t entries, std::size_t most)
{
    return Inquiries::next_page(q, fmt::format("{}", page_of(q) + 1), entries >= most);
}

inline Timestamp span_end(const Inquiry& q)
{
    return std::min(q.window + kFillsSpan, q.venue_asked + seconds(1));
}

/// The market that the question is at.
inline std::string_view market_of(const VenueSetup& setup, const Inquiry& q)
{
    return setup.table->listing(q.listings[q.step]).symbol;
}

inline std::string client_text(const Inquiry& q)
{
    const ClientOrderId client = client_order_id(q.order.order);
    return fmt::format("{}{}", kTextHead, client.view());
}

}  // namespace arb::gate
