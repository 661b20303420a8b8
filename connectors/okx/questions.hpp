#pragma once
// What OKX's REST side is asked and what its answers mean; how questions run is engine/connect/inquiries.hpp.
// Owned by Account; core thread.
#include "connectors/okx/account_facts.hpp"
#include "connectors/okx/account_mode.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::okx {

/// What GET /api/v5/account/config said last.
struct ModeAnswer {
    AccountMode mode;
    bool wrong = false;  ///< the account's owner must change its settings
};

/// Fee questions are slow here: five in 2 s at most, so four in a little more.
InquiryRules inquiry_rules();

class Questions final : public InquiryProtocol {
  public:
    Questions(const VenueSetup& setup, const AccountFacts& facts) : setup_(setup), facts_(&facts) {}

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override;
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;

    /// Once RequestKind::session has ended.
    const ModeAnswer& mode() const { return mode_; }

  private:
    using Json = simdjson::dom::element;
    using JsonList = simdjson::dom::array;

    Next read_mode(Inquiry& inquiry, const JsonList& data);
    Next read_fills(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next read_balances(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next read_positions(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next read_fees(Inquiry& inquiry, const JsonList& data, FactSink& sink) const;
    Next collect_orders(Inquiry& inquiry, const JsonList& data) const;
    Next read_cancelled(Inquiry& inquiry, const JsonList& data) const;

    VenueSetup setup_;
    const AccountFacts* facts_;
    ModeAnswer mode_;
    simdjson::dom::parser parser_;
};

}  // namespace arb::okx
