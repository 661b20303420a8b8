#pragma once
// Lists of replies (orders, balances, positions) to facts. Part of Questions; core thread, no errors but the
// result: false where a part of the list could not be read, so that it is not complete.
#include "connectors/binance/account_tools.hpp"

namespace arb::binance {

bool read_orders(AccountTools& tools, simdjson::dom::element body, ReportSource source, FactSink& sink);
bool read_balances(AccountTools& tools, simdjson::dom::element body, FactSink& sink);
/// Of USD-M: each contract that the list leaves out has none.
bool read_positions(AccountTools& tools, simdjson::dom::element body, FactSink& sink);

}  // namespace arb::binance
