#include "connectors/bybit/emulated_instruments.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::bybit {
namespace {

/// Instruments a page; with its manners the venue is of a day on which more are listed.
constexpr std::size_t kPageMost = 1000;
constexpr std::size_t kPageShort = 2;

}  // namespace

Answer EmulatedInstruments::time(const EmulatedCall& call) const
{
    return good(fmt::format(R"({{"timeSecond":"{}","timeNano":"{}"}})", seconds_of(call.now), call.now.ns));
}

Answer EmulatedInstruments::instruments(const EmulatedCall& call) const
{
    const std::string_view category = call.get("category");
    if (category != "spot" && category != "linear" && category != "inverse" && category != "option")
        return refuse(10001, "params error: Category is invalid");
    if (category != setup_.market)
        return good(fmt::format(R"({{"category":"{}","list":[],"nextPageCursor":""}})", category));
    // Contracts come page by page, spot pairs all at once. The cursor names the page before.
    const std::size_t most = dialect_.spot()
                                 ? setup_.definitions.size()
                                 : count_of(call.get("limit"), 500, setup_.manners ? kPageShort : kPageMost);
    const std::string_view cursor = call.get("cursor");
    const std::string_view before = cursor.substr(std::min(cursor.size(), cursor.rfind("last=") + 5));
    std::vector<ListingDefinition> shown;
    const std::string_view symbol = call.get("symbol");
    bool reached = cursor.empty() || dialect_.spot();
    bool more = false;
    for (const ListingDefinition& definition : current_definitions(setup_)) {
        if (!symbol.empty() && symbol != definition.symbol) continue;
        // Unless another status is asked for, only contracts that trade are listed.
        const bool trades = definition.status == ListingStatus::trading;
        if (!dialect_.spot() && !trades && (call.get("status").empty() || call.get("status") == "Trading"))
            continue;
        if (reached && shown.size() == most) {
            more = true;
            break;
        }
        if (reached) shown.push_back(definition);
        reached = reached || definition.symbol == before;
    }
    // The maker of market data writes the whole reply; its result is taken over.
    const std::string body = emulator_->instruments(shown).text;
    constexpr std::string_view kStart = "\"result\":";
    constexpr std::string_view kEnd = ",\"retExtInfo\"";
    const std::size_t start = body.find(kStart) + kStart.size();
    std::string result = body.substr(start, body.rfind(kEnd) - start);
    constexpr std::string_view kLast = R"("nextPageCursor":")";
    if (more)
        result.insert(result.rfind(kLast) + kLast.size(),
                      fmt::format("first%3D{}%26last%3D{}", shown.front().symbol, shown.back().symbol));
    return good(std::move(result));
}

// Maintenance that is announced or under way: there is none.
Answer EmulatedInstruments::service(const EmulatedCall&) const
{
    return good(R"({"list":[]})");
}

Answer EmulatedInstruments::no_funding(const EmulatedCall&) const
{
    return good(fmt::format(R"({{"category":"{}","list":[]}})", setup_.market));
}

Answer EmulatedInstruments::coins(const EmulatedCall& call) const
{
    std::vector<std::string> names;
    for (const Instrument& instrument : table_.instruments()) {
        for (const std::string& name : {instrument.base, instrument.quote}) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    const std::string_view wish = call.get("coin");
    const auto row = [&](const std::string& name) {
        return wish.empty() || wish == name
                   ? fmt::format(R"({{"name":"{0}","coin":"{0}","remainAmount":"0","chains":[]}})", name)
                   : std::string();
    };
    return good(fmt::format(R"({{"rows":[{}]}})", json_list(names, row)));
}

Answer EmulatedInstruments::settings(const EmulatedCall&) const
{
    return good(R"({"lpaSpot":false,"lpaPerp":true,"smsef":false,"fmsef":false})");
}

}  // namespace arb::bybit
