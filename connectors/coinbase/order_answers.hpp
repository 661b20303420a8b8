#pragma once
// What Coinbase answers to orders, amends and cancels, and how any REST reply says that a request went. A
// reply that cannot be read leaves the outcome unknown. Part of Questions; core thread.
#include <span>
#include <string>

#include "connectors/coinbase/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::coinbase {

/// Only a readable 200 is done. Texts live in the parser's memory.
Envelope read_answer(simdjson::dom::parser& parser, const HttpReply& reply);

class OrderAnswers {
  public:
    using Object = simdjson::dom::object;

    explicit OrderAnswers(AccountTools& tools) : tools_(&tools) {}

    Next placed(Inquiry& inquiry, Object body, FactSink& sink) const;
    Next amended(Inquiry& inquiry, Object body) const;
    /// An amend ended: unless its outcome is unknown, no report will show its price.
    void not_amended(const Inquiry& inquiry, Verdict verdict) const;
    static Next cancelled(Inquiry& inquiry, Object body);
    /// cancel_all: the ids of the request that is next, or is out.
    static std::span<const std::string> batch(const Inquiry& inquiry);
    static Next batch_cancelled(Inquiry& inquiry, Object body);

  private:
    AccountTools* tools_;
};

}  // namespace arb::coinbase
