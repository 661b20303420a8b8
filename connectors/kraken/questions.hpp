#pragma once
// What Kraken's REST side is asked and what its answers mean; how questions run is
// engine/connect/inquiries.hpp. The venue's own here: nonces that ascend, one counter for all signed
// questions, whose orders fills belong to, and one bad name that spoils the answer about all. Part of
// Account; core thread.
#include <string>
#include <utility>

#include "connectors/kraken/key_report.hpp"
#include "connectors/kraken/limits.hpp"
#include "connectors/kraken/rest_rows.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::kraken {

InquiryRules inquiry_rules();

class Questions final : public InquiryProtocol {
  public:
    Questions(const VenueSetup& setup, OrderMemory& orders, RestRows& rows)
        : setup_(setup), orders_(&orders), rows_(&rows)
    {
    }

    /// Before the question begins: where it begins, and what is remembered of it.
    static void fill_in(Inquiry& inquiry);
    /// What the venue calls its assets; with a name: which pair that is.
    static Inquiry names_of(std::string pair);
    void set_tier(const Tier& tier, Timestamp now)
    {
        tier_ = tier;
        rest_.set_decay(tier.rest_decay, now);
    }
    /// Once the question for it has ended well.
    std::string take_token() { return std::exchange(token_, {}); }

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override
    {
        return read_key_report(body, texts);
    }
    bool is_patient(const Inquiry& inquiry) const override { return inquiry.answered; }
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    std::optional<Next> sends_anew(Inquiry& inquiry, Envelope& envelope, Timestamp now) override;
    std::vector<Inquiry> own_questions() override;
    Timestamp leaves_at(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;
    void on_sent(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;
    bool goes_before(const Inquiry& inquiry, const Inquiry& older) const override;
    bool is_same(const Inquiry& a, const Inquiry& b) const override;

  private:
    using Json = simdjson::dom::element;

    std::string fills_body(const Inquiry& inquiry) const;
    /// The ids or pairs that go into its next request.
    std::string first_names(const Inquiry& inquiry) const;
    Next read_orders(Inquiry& inquiry, const Json& result, FactSink& sink);
    Next read_trades(Inquiry& inquiry, const Json& result, FactSink& sink);
    Next split(Inquiry& inquiry, std::string_view error, FactSink& sink);
    Next next_names(Inquiry& inquiry, FactSink& sink);
    Next tell_trades(Inquiry& inquiry, FactSink& sink);

    VenueSetup setup_;
    OrderMemory* orders_;
    RestRows* rows_;
    Tier tier_;
    DecayingCounter rest_{Tier{}.rest_decay};
    RequestKind sent_kind_ = RequestKind::session;  ///< of the last signed question
    std::int64_t last_nonce_ = 0;
    std::string token_;
    /// Whole lists told every fill from the one time to the other; 0: none did.
    Timestamp told_from_, told_until_;
    simdjson::dom::parser parser_;
    std::string quoted_;
};

/// A question of ours begins, as fill_in prepares it.
inline void begin_question(Inquiries& inquiries, Inquiry inquiry, Timestamp now, FactSink& sink,
                           Outbox& outbox)
{
    Questions::fill_in(inquiry);
    inquiries.begin(std::move(inquiry), now, sink, outbox);
}

}  // namespace arb::kraken
