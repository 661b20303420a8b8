#include "engine/trading/desk_tables.hpp"

namespace arb {

void DeskTables::contradict(bool& told, OrderId order, ListingId listing, const char* what, bool money,
                            Timestamp now)
{
    if (told) return;
    told = true;
    ++counts.contradictions;
    listener->on_contradiction(order, listing, what, money, now);
}

void DeskTables::tell_stranger(const OrderReport& report, bool our_id, Timestamp now)
{
    ++counts.strangers;
    listener->on_stranger(
        {report.listing, report.order, report.venue_id, our_id, is_alive(report), report.venue_time}, now);
}

}  // namespace arb
