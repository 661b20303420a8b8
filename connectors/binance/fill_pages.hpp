#pragma once
// The question about fills: windows of time, pages by trade id, and whose order each trade belongs to, which
// the venue tells by its number only. A page waits in the question's notes until all its orders are known.
// Part of Questions; core thread.
#include "connectors/binance/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::binance {

class FillPages {
  public:
    explicit FillPages(AccountTools& tools) : tools_(&tools) {}

    /// How far back it goes at most: what is older is cut, and the question is not complete.
    void fill_in(Inquiry& inquiry, Timestamp now) const;
    void ask(const Inquiry& inquiry, Ask& ask) const;
    /// `body` is the text of `data`.
    Next read(Inquiry& inquiry, simdjson::dom::element data, PaddedText body, FactSink& sink);

    /// Whether it asks for a single order now, and what came of that.
    static bool asks_order(const Inquiry& inquiry);
    Next take_order(Inquiry& inquiry, OrderId order, FactSink& sink);

  private:
    struct Page;
    static Page* page_of(const Inquiry& inquiry);
    Next begin_page(Inquiry& inquiry, PaddedText body, FactSink& sink);
    void take_list(Page& page, simdjson::dom::array orders);
    Next go_on(Inquiry& inquiry, FactSink& sink);
    void hand_on(Inquiry& inquiry, FactSink& sink);
    Duration window() const { return seconds(tools_->market == Market::spot ? 86'400 : 7 * 86'400); }

    AccountTools* tools_;
};

}  // namespace arb::binance
