#pragma once
// What Coinbase's REST side is asked and told (orders are requests, too) and what its replies mean; how
// questions run is engine/connect/inquiries.hpp. The venue refuses good tokens now and then: what has no
// price is sent once more, and only a row of refusals says something of the key. Part of Account; core
// thread.
#include "connectors/coinbase/account_lists.hpp"
#include "connectors/coinbase/order_answers.hpp"

namespace arb::coinbase {

InquiryRules inquiry_rules();

class Questions final : public InquiryProtocol {
  public:
    explicit Questions(AccountTools& tools) : tools_(&tools), lists_(tools), orders_(tools) {}

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override;
    std::size_t parts(const Inquiry& inquiry) const override;
    /// What waits because it was told to was sent to wait by sends_anew.
    bool is_patient(const Inquiry&) const override { return false; }
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    std::optional<Next> sends_anew(Inquiry& inquiry, Envelope& envelope, Timestamp now) override;
    Verdict on_signer_refusal(const Inquiry& inquiry) override;
    Timestamp leaves_at(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;
    bool goes_before(const Inquiry& inquiry, const Inquiry& older) const override;
    void on_sent(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;

  private:
    std::string products(const Inquiry& inquiry) const;
    std::string orders_query(const Inquiry& inquiry) const;
    void ask_fills(const Inquiry& inquiry, Ask& ask) const;
    std::optional<Next> on_refused_key(Inquiry& inquiry, Envelope& envelope, Timestamp now) const;
    static std::optional<Next> on_slow_down(Inquiry& inquiry);
    Next refuse(Inquiry& inquiry, Verdict verdict, std::string_view code, std::string_view text) const;

    AccountTools* tools_;
    AccountLists lists_;
    OrderAnswers orders_;
    std::string_view body_;  ///< of the reply that is being read
    Timestamp second_;       ///< requests are counted since then, for a second
    int in_second_ = 0;
};

}  // namespace arb::coinbase
