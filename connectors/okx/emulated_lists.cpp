// The emulated OKX: what it lists, instruments and currencies, and what an account is set to.
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
        const bool spot = kind == "SPOT";
        answer.data += fmt::format(
            R"({}{},"instIdCode":{},"tradeQuoteCcyList":[{}],"groupId":"{}","listTime":"1548133413000",)"
            R"("maxLmtSz":"{}","maxMktSz":"{}","maxLmtAmt":"{}","maxMktAmt":"{}","category":"1","alias":"",)"
            R"("openType":"","contTdSwTime":"","preMktSwTime":"","upcChg":[]}})",
            answer.data.empty() ? "" : ",", text, code_of(*l), spot ? json_text(d.quote) : "",
            spot ? "12" : "5", spot ? "9999999999" : "100000000", spot ? "1000000" : "100000",
            spot ? "20000000" : "", spot ? "1000000" : "");
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
