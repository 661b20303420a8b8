#pragma once
// What the matching does not know of an order at the emulated OKX, and how the venue tells the whole of it:
// its tag and terms as they were said, amends, and which orders a timer ended. Changed by the parts that take
// orders; one thread, no errors.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/okx/emulated_call.hpp"
#include "connectors/okx/emulated_dialect.hpp"
#include "engine/emulate/words.hpp"

namespace arb::okx {

/// ordType of orders with a limit.
inline constexpr Word<TimeInForce> kOrderTypes[] = {
    {"ioc", TimeInForce::ioc},
    {"fok", TimeInForce::fok},
    {"limit", TimeInForce::gtc},
    {"post_only", TimeInForce::post_only},
};

/// What a market order said of itself: told as it came, never as the limit that it is inside.
struct MarketTerms {
    std::string size, unit;  ///< sz, tgtCcy
    bool in_money() const { return unit == "quote_ccy"; }
};

/// What the orders channel says of an amend in the order's entry.
struct AmendNews {
    std::string_view result;  ///< amendResult; empty: the entry is about something else
    std::string request;      ///< reqId
    std::string_view code = "0", text;
};

/// An amend that was taken and could not be granted, with what the orders channel says of it.
struct FailedAmend {
    AccountId account{};
    std::uint64_t order = 0;
    AmendNews news;
};

/// live, partially_filled, filled or canceled.
std::string_view state_of(const EmulatedOrder& order);

class EmulatedOrderNotes : EmulatedPart {
  public:
    /// What an order said.
    struct Said {
        std::string tag, prevention;        ///< tag, stpMode
        std::optional<MarketTerms> market;  ///< of market orders
    };
    using EmulatedPart::EmulatedPart;

    /// The order as `argument` names it; nullptr: there is none.
    const EmulatedOrder* named(const EmulatedKey& key, const JsonBody& argument) const;
    void keep(std::uint64_t id, Said said) { said_[id] = std::move(said); }
    const Said& said(std::uint64_t id) const;
    void time_out(std::uint64_t id) { timed_out_.insert(id); }
    void amend_granted(const EmulatedOrder& order, std::string request);
    void amend_failed(FailedAmend failed) { failed_amends_.push_back(std::move(failed)); }
    std::vector<FailedAmend> take_failed_amends();
    /// What an entry of the orders channel says of the amend that caused it, if one did.
    AmendNews amend_news(const EmulatedOrder& order, const EmulatedTrade* trade);
    /// A market order for money ends with an entry without a fill; the one of its last fill does not say it.
    bool closes_apart(const EmulatedOrder& order, const EmulatedTrade* trade) const;
    std::string order_json(const EmulatedOrder& order, const EmulatedTrade* trade,
                           const AmendNews& amend = {}) const;

  private:
    struct Amends {
        std::map<std::uint32_t, std::string> requests;  ///< reqId, by amend
        std::uint32_t told = 0;
    };
    std::string_view cancel_source(const EmulatedOrder& order) const;

    std::map<std::uint64_t, Said> said_;
    std::map<std::uint64_t, Amends> amends_;
    std::set<std::uint64_t> timed_out_;
    std::vector<FailedAmend> failed_amends_;  ///< not told yet
};

}  // namespace arb::okx
