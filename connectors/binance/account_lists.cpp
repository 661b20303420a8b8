#include "connectors/binance/account_lists.hpp"

#include "engine/connect/inquiries.hpp"

namespace arb::binance {

namespace dom = simdjson::dom;

bool read_orders(AccountTools& tools, dom::element body, ReportSource source, FactSink& sink)
{
    dom::array array;
    dom::object object;
    if (body.get_array().get(array)) return false;
    bool whole = true;
    for (const dom::element entry : array) {
        // A cancelled list of orders (which we never send) comes with its orders inside.
        dom::array reports;
        if (entry["orderReports"].get_array().get(reports)) {
            whole = !entry.get_object().get(object) && tools.decoder.order(object, source, sink) && whole;
            continue;
        }
        for (const dom::element report : reports)
            whole = !report.get_object().get(object) && tools.decoder.order(object, source, sink) && whole;
    }
    return whole;
}

bool read_balances(AccountTools& tools, dom::element body, FactSink& sink)
{
    const bool spot = tools.market == Market::spot;
    dom::array array;
    dom::object object;
    if ((spot ? body["balances"].get_array() : body.get_array()).get(array)) return false;
    bool whole = true;
    for (const dom::element entry : array) {
        whole =
            !entry.get_object().get(object) &&
            (spot ? tools.decoder.spot_balance(object, sink) : tools.decoder.futures_balance(object, sink)) &&
            whole;
    }
    return whole;
}

bool read_positions(AccountTools& tools, dom::element body, FactSink& sink)
{
    dom::array array;
    dom::object object;
    if (body.get_array().get(array)) return false;
    bool whole = true;
    std::vector<bool> seen(tools.setup.table->listings().size(), false);
    tools.decoder.forget_positions();
    for (const dom::element entry : array) {
        ListingId listing = kNoListing;
        whole = !entry.get_object().get(object) && tools.decoder.position(object, sink, listing) && whole;
        if (listing != kNoListing) seen[index(listing)] = true;
    }
    for (const Listing& listing : tools.setup.table->listings()) {
        if (seen[index(listing.id)]) tools.decoder.report_position(listing.id, ReportSource::query, {}, sink);
    }
    // Version 3 of positionRisk leaves flat positions out.
    if (whole) tell_flat_positions(tools.setup, seen, sink);
    return whole;
}

}  // namespace arb::binance
