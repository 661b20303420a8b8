#pragma once
// Whether the USD-M account has one position a symbol, which our orders need: asked at the start, after any
// doubt, and again until the venue says so. Part of Account; core thread. What is wrong is told as the end of
// a session, once.
#include "connectors/binance/questions.hpp"

namespace arb::binance {

class PositionWatch {
  public:
    PositionWatch(AccountTools& tools, Inquiries& inquiries) : tools_(&tools), inquiries_(&inquiries) {}

    void ask(Timestamp now, FactSink& sink, Outbox& outbox);
    /// What was heard of the other mode closes the session of orders until the venue says one-way again.
    void mind(Timestamp now, FactSink& sink, Outbox& outbox);
    void on_answer(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    Timestamp on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    void tell_hedge(FactSink& sink);
    void ask_again(Timestamp at, Outbox& outbox);

    AccountTools* tools_;
    Inquiries* inquiries_;
    Timestamp again_;
    bool told_ = false;
};

}  // namespace arb::binance
