#include "connectors/okx/account_mode.hpp"

#include <fmt/format.h>

#include "engine/venue/account_fields.hpp"

namespace arb::okx {

std::string read_account_mode(const simdjson::dom::element& entry, bool contracts, AccountMode& out)
{
    AccountFields fields(entry);
    // 1: spot; 2: futures; 3: multi-currency margin; 4: portfolio margin. The latter two know no tdMode
    // "cash".
    const std::string_view level = fields.text("acctLv", false);
    if (level != "1" && level != "2" && level != "3" && level != "4") {
        return fmt::format(
            "the account mode '{}' is not known here: choose spot, futures, multi-currency or "
            "portfolio margin mode in OKX's settings for trading",
            level.substr(0, 16));
    }
    out.spot_cross = level == "3" || level == "4";
    if (!contracts) return {};
    if (level == "1") {
        return "the account is in spot mode, which trades no contracts: choose futures mode in OKX's "
               "settings "
               "for trading, or leave the contracts out of the configuration";
    }
    const std::string_view positions = fields.text("posMode", false);
    if (positions != "net_mode") {
        return fmt::format(
            "the account's position mode is '{}': choose one-way mode (net_mode) in OKX's "
            "settings for trading, or leave the contracts out of the configuration",
            positions.substr(0, 32));
    }
    return {};
}

}  // namespace arb::okx
