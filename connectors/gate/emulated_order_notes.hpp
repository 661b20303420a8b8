#pragma once
// Orders of the emulated Gate in its words: what a client said with one beside what the matching knows, how
// long it is found and by what, and the whole of it as JSON for both markets. EmulatedOrders writes the
// notes, all parts read; one thread.
#include <map>
#include <string>
#include <string_view>

#include "connectors/gate/emulated_dialect.hpp"
#include "engine/emulate/words.hpp"

namespace arb::gate {

inline constexpr Word<TimeInForce> kForces[] = {
    {"gtc", TimeInForce::gtc},
    {"ioc", TimeInForce::ioc},
    {"poc", TimeInForce::post_only},
    {"fok", TimeInForce::fok},
};

/// What a client said with an order beside what the matching knows.
struct OrderNote {
    std::string amend_text = "-";
    std::string act = "-";  ///< stp_act
};

class EmulatedOrderNotes : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    void keep(std::uint64_t id, OrderNote note) { notes_[id] = std::move(note); }
    void set_amend_text(std::uint64_t id, std::string_view text) { notes_[id].amend_text = text; }

    /// It was refused, whatever the matching did with it.
    bool is_hidden(const EmulatedOrder& order) const;
    /// A contract's order that was cancelled without a fill is forgotten after a while, sooner by its text.
    bool is_forgotten(const EmulatedOrder& order, bool by_text, Timestamp now) const;
    /// By id or text, in that listing (nullptr: in any); a text is forgotten after a while, sooner for
    /// cancelling.
    const EmulatedOrder* find(const EmulatedCall& call, std::string_view id, const Listing* listing,
                              bool cancelling) const;
    /// Why it cannot be changed any more.
    VenueAnswer gone(const EmulatedOrder* order) const;

    /// As replies tell it.
    std::string order_json(const EmulatedOrder& order, Form form) const;
    /// As the account's channel tells it, after that fill if there is one.
    std::string order_news(const EmulatedOrder& order, const EmulatedTrade* trade, Form form) const;

  private:
    OrderNote note_of(std::uint64_t id) const;
    std::string group_id() const;
    std::string spot_order(const EmulatedOrder& order, Form form) const;
    std::string contract_order(const EmulatedOrder& order, Form form) const;

    std::map<std::uint64_t, OrderNote> notes_;  ///< by the matching's order id
};

}  // namespace arb::gate
