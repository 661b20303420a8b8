#pragma once
// What Gate's REST side is asked and what its answers mean; how questions run is
// engine/connect/inquiries.hpp, what contracts alone are asked ContractQuestions. Owned by Account; core
// thread.
#include <string>
#include <vector>

#include "connectors/gate/contract_questions.hpp"
#include "connectors/gate/private_decoder.hpp"
#include "engine/connect/inquiries.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::gate {

InquiryRules inquiry_rules();

class Questions final : public InquiryProtocol {
  public:
    Questions(const VenueSetup& setup, const PrivateDecoder& decoder);

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override;
    std::size_t parts(const Inquiry& inquiry) const override;
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;

    /// RequestKind::session was answered: the account is not one that we can trade with. Its owner must
    /// change it.
    bool is_wrong_account() const { return wrong_account_; }
    /// Contracts: whose account it is, as that answer told; empty: it did not yet.
    std::string_view user() const { return contracts_.user(); }

  private:
    using Json = simdjson::dom::element;
    using JsonList = simdjson::dom::array;

    Ask ask_order(const Inquiry& inquiry) const;
    Ask ask_list(const Inquiry& inquiry) const;
    Next read_mode(Inquiry& inquiry, const Json& data);
    Next read_order(Inquiry& inquiry, const Json& data, FactSink& sink) const;
    Next search_order(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next read_list(Inquiry& inquiry, const Json& data, FactSink& sink) const;
    Next read_fills(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next read_cancelled(Inquiry& inquiry, const JsonList& data) const;
    Next read_fees(Inquiry& inquiry, const Json& data, FactSink& sink) const;

    VenueSetup setup_;
    const PrivateDecoder* decoder_;
    bool spot_;
    ContractQuestions contracts_;
    std::vector<std::string> markets_;  ///< of ours, for the question about the key
    bool wrong_account_ = false;
    std::string quoted_;  ///< the reply, with every number in quotes
    simdjson::dom::parser parser_;
};

}  // namespace arb::gate
