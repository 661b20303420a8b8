#include "engine/trading/risk_limits.hpp"

namespace arb {

const char* name(RiskReason reason)
{
    switch (reason) {
        case RiskReason::none:
            return "none";
        case RiskReason::not_trading:
            return "not_trading";
        case RiskReason::lot:
            return "lot";
        case RiskReason::notional_minimum:
            return "notional_minimum";
        case RiskReason::order_notional:
            return "order_notional";
        case RiskReason::price_band:
            return "price_band";
        case RiskReason::no_price:
            return "no_price";
        case RiskReason::rate:
            return "rate";
        case RiskReason::balance:
            return "balance";
        case RiskReason::position:
            return "position";
        case RiskReason::net_exposure:
            return "net_exposure";
        case RiskReason::book_age:
            return "book_age";
        case RiskReason::paused:
            return "paused";
        case RiskReason::venue_stopped:
            return "venue_stopped";
        case RiskReason::market_stopped:
            return "market_stopped";
        case RiskReason::budget:
            return "budget";
        case RiskReason::open_orders:
            return "open_orders";
        case RiskReason::instrument_limit:
            return "instrument_limit";
        case RiskReason::venue_limit:
            return "venue_limit";
        case RiskReason::gross_limit:
            return "gross_limit";
        case RiskReason::loss_limit:
            return "loss_limit";
        case RiskReason::refused_often:
            return "refused_often";
        case RiskReason::no_rate:
            return "no_rate";
        case RiskReason::legs:
            return "legs";
        case RiskReason::count_:
            break;
    }
    return "?";
}

const char* limit_name(RiskReason reason)
{
    switch (reason) {
        case RiskReason::none:
            return "nothing";
        case RiskReason::not_trading:
            return "the listing is halted, or no further order fits";
        case RiskReason::lot:
            return "lot, tick or minimum of the venue";
        case RiskReason::notional_minimum:
            return "minimum notional of the venue";
        case RiskReason::order_notional:
            return "risk.order_max_quote";
        case RiskReason::price_band:
            return "risk.price_band_bps";
        case RiskReason::no_price:
            return "no usable book to compare with";
        case RiskReason::rate:
            return "risk.orders_per_second";
        case RiskReason::balance:
            return "free balance";
        case RiskReason::position:
            return "risk.position_max_base";
        case RiskReason::net_exposure:
            return "risk.net_exposure_max_quote";
        case RiskReason::book_age:
            return "risk.book_age_max_ms";
        case RiskReason::paused:
            return "paused";
        case RiskReason::venue_stopped:
            return "a venue is stopped";
        case RiskReason::market_stopped:
            return "the market is flagged";
        case RiskReason::budget:
            return "the venue's own order rate";
        case RiskReason::open_orders:
            return "risk.open_orders_max";
        case RiskReason::instrument_limit:
            return "risk.instrument_max_quote";
        case RiskReason::venue_limit:
            return "risk.venue_max_quote";
        case RiskReason::gross_limit:
            return "risk.gross_max_quote";
        case RiskReason::loss_limit:
            return "risk.loss_day_max_quote";
        case RiskReason::refused_often:
            return "risk.refusals_in_a_row";
        case RiskReason::no_rate:
            return "rates";
        case RiskReason::legs:
            return "the package does not belong together";
        case RiskReason::count_:
            break;
    }
    return "?";
}

}  // namespace arb
