#pragma once
// One order of ours as OrderDesk knows it, from its sending until the venue's evidence has ended it: what was
// said of it, what is counted, what is asked. Judges single reports against what is known; decides nothing.
// Plain state; core thread.
#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/instrument.hpp"
#include "engine/base/order_report.hpp"

namespace arb {

enum class OrderState : std::uint8_t { sent, pending, working, closing, unknown, ended };
const char* name(OrderState state);

/// By this report the order may still fill.
inline bool is_alive(const OrderReport& report)
{
    return report.status == OrderStatus::working || report.status == OrderStatus::pending;
}

/// A venue's id of an order, kept. One that is too long or not plain text is none.
struct VenueOrderId {
    std::array<char, 64> text{};
    std::uint8_t size = 0;
    std::string_view view() const { return {text.data(), size}; }
    void set(std::string_view id);
    /// Both are known and differ: not the same order.
    bool differs(std::string_view id) const { return size > 0 && !id.empty() && view() != id; }
};

/// How an order stands now that its state has changed.
struct OrderChange {
    OrderId order{};
    OrderState state = OrderState::sent;
    RejectReason reason = RejectReason::none;
    Quantity filled;
    VenueOrderId venue_id;  ///< empty: not told yet
};

struct DeskOrder {
    enum class Word : std::uint8_t { none, filled, cancelled, rejected };

    bool used = false;
    OrderId id{};
    OrderIntent intent;
    VenueId venue{};
    Timestamp sent;
    OrderState state = OrderState::sent;
    Word word = Word::none;  ///< terminal word heard
    RejectReason reason = RejectReason::none;
    bool told = false;  ///< the venue told the total at its terminal word
    Price amending;     ///< the price it is to have; 0: its own
    Quantity total;     ///< largest cumulative total told
    Quantity counted;
    bool was_unknown = false;
    bool absent = false;           ///< the last query by client id found nothing
    bool absent_for_good = false;  ///< and told so after the certainty window
    bool fills_proven = false;  ///< a whole list of fills since `sent` was read after the word or the absence
    bool asking_fills = false;
    Timestamp fills_asked;
    Timestamp ask_at;  ///< 0: nothing to ask
    Duration pause;
    bool reopened = false;  ///< it was thought to be over
    bool contradicted = false;
    Timestamp doubted;  ///< absence counts from here: when it was sent or opened again
    VenueOrderId venue_id;

    bool immediate() const { return is_immediate(intent.time_in_force); }
    OrderChange change() const { return {id, state, reason, counted, venue_id}; }
    /// A fill that the venue counts has not reached us.
    bool lacks_fills() const { return total > counted; }
    OrderReference reference() const { return {id, intent.listing, venue_id.view(), sent}; }
    /// At this time, or earlier where it was to be asked about before.
    void ask_by(Timestamp time);
    /// What cannot be true together with what the venue said of this open order before; null: nothing.
    const char* contradiction(const OrderReport& report) const;
};

}  // namespace arb
