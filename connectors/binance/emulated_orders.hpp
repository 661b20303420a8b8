#pragma once
// Orders at the emulated Binance: placed, amended, cancelled, replaced, and the dead man's timer
// (EmulatedOrders); at USD-M up to five placed or amended and up to ten cancelled by one call, each with its
// own answer (EmulatedBatches). One thread; errors are Binance's codes in answers.
#include <string>
#include <string_view>

#include "connectors/binance/emulated_limits.hpp"
#include "connectors/binance/emulated_order_reader.hpp"
#include "connectors/binance/emulated_order_texts.hpp"

namespace arb::binance {

class EmulatedBatches : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer place(const Call&);
    Answer amend(const Call&);
    Answer cancel(const Call&);

  private:
    template <class Each>
    Answer each(const Call&, Each answer);
};

class EmulatedOrders : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer place(const Call&);
    Answer test_order(const Call&) const;
    Answer cancel(const Call&);
    Answer cancel_all(const Call&);
    Answer replace(const Call&);
    Answer amend(const Call&);
    Answer countdown(const Call&);

    /// An order that was read and counted.
    Answer enter(const Call&, OrderEntry& entry);
    /// An amend that was counted.
    Answer amend_counted(const Call&);

  private:
    Answer cancel_found(const Call&, const EmulatedOrder* order, std::string_view cancel_id);
    std::string cancel_name();
    std::string order_commission(ListingId listing) const;
    Answer amend_error(PlaceError error, Side side) const;
    bool meets_own(const EmulatedOrder& order, Price price) const;
};

}  // namespace arb::binance
