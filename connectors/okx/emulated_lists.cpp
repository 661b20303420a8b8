// The emulated OKX: what it lists, instruments, currencies and tickers, and what an account is set to.
#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"
#include "connectors/okx/emulator.hpp"

namespace arb::okx {

Answer EmulatedOkx::instruments(std::string_view kind, std::string_view symbol) const
{
    std::vector<ListingDefinition> wanted;
    for (const ListingDefinition& d : setup_.definitions) {
        const std::string_view type = d.kind == InstrumentKind::spot        ? "SPOT"
                                      : d.kind == InstrumentKind::perpetual ? "SWAP"
                                                                            : "FUTURES";
        if (type != kind || (!symbol.empty() && d.symbol != symbol)) continue;
        wanted.push_back(d);
        const Listing* l = listing(d.symbol);
        if (l != nullptr && suspended(l->id)) wanted.back().status = ListingStatus::halted;
    }
    if (kind != "SPOT" && kind != "SWAP" && kind != "FUTURES" && kind != "MARGIN" && kind != "OPTION")
        return {{}, "51000", "Parameter instType error"};
    // The entries as the public half writes them, with the number that orders need.
    Answer answer;
    for (const ListingDefinition& d : wanted) {
        const Listing* l = listing(d.symbol);
        std::string text = make_emulator("")->instruments({d}).text;
        const std::size_t begin = text.find("\"data\":[") + 8;
        text = text.substr(begin, text.rfind("]}") - begin);
        if (text.empty() || l == nullptr) continue;
        text.pop_back();
        answer.data +=
            fmt::format(R"({}{},"instIdCode":{},"tradeQuoteCcyList":[{}]}})", answer.data.empty() ? "" : ",",
                        text, code_of(*l), kind == "SPOT" ? json_text(d.quote) : "");
    }
    return answer;
}

Answer EmulatedOkx::currencies() const
{
    std::set<std::string> names;
    for (const ListingDefinition& d : setup_.definitions) {
        names.insert(d.base);
        names.insert(d.quote);
    }
    Answer answer;
    for (const std::string& name : names) {
        answer.data +=
            fmt::format(R"({}{{"ccy":"{}","name":"{}","chain":"{}-emulated","canDep":false,)"
                        R"("canWd":false,"canInternal":false,"minWd":"1","minFee":"0","maxFee":"0",)"
                        R"("minDep":"1","wdTickSz":"8"}})",
                        answer.data.empty() ? "" : ",", name, name, name);
    }
    return answer;
}

Answer EmulatedOkx::ticker(const ServerRequest& request) const
{
    const std::string symbol = query_text(request.query(), "instId");
    const std::string kind = query_text(request.query(), "instType");
    Answer answer;
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id || (symbol.empty() ? kind_of(l) != kind : l.symbol != symbol)) continue;
        const EmulatedBook shown = setup_.exchange->book(l.id);
        const auto side = [&](std::span<const Level> levels) {
            return levels.empty()
                       ? std::pair<std::string, std::string>{}
                       : std::pair{price(levels.front().price, l), size(levels.front().quantity, l)};
        };
        const auto [bid, bid_size] = side(shown.bids);
        const auto [ask, ask_size] = side(shown.asks);
        answer.data +=
            fmt::format(R"({}{{"instType":"{}","instId":"{}","last":"{}","lastSz":"","askPx":"{}",)"
                        R"("askSz":"{}","bidPx":"{}","bidSz":"{}","open24h":"","high24h":"","low24h":"",)"
                        R"("volCcy24h":"","vol24h":"","ts":"{}"}})",
                        answer.data.empty() ? "" : ",", kind_of(l), l.symbol, bid, ask, ask_size, bid,
                        bid_size, ms_of(now_));
    }
    if (answer.data.empty() && !symbol.empty()) return {{}, "51001", "Instrument ID doesn't exist."};
    return answer;
}

Answer EmulatedOkx::config(const EmulatedKey& key) const
{
    std::string permissions = "read_only";
    if (key.can_withdraw) permissions += ",withdraw";
    if (key.can_trade) permissions += ",trade";
    std::string addresses;
    for (const std::string& ip : key.ip_allowed) addresses += (addresses.empty() ? "" : ",") + ip;
    return {
        fmt::format(
            R"({{"uid":"{0}","mainUid":"{0}","acctLv":"{1}","posMode":"{2}","feeType":"{3}","acctStpMode":)"
            R"("cancel_maker","autoLoan":false,"enableSpotBorrow":false,"ctIsoMode":"automatic","mgnIsoMode":)"
            R"("automatic","perm":"{4}","ip":"{5}","label":"{6}","type":"0","level":"Lv1","roleType":"0",)"
            R"("kycLv":"3","settleCcy":"","settleCcyList":[],"stgyType":"0"}})",
            44'000'000 + static_cast<std::uint32_t>(key.account), settings_.level, settings_.positions,
            settings_.fees, permissions, addresses, key.label),
        "0", ""};
}

}  // namespace arb::okx
