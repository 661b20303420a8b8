#pragma once
// What Binance's REST side is asked and what its answers mean, within the weights of weights.hpp; how
// questions run is engine/connect/inquiries.hpp. Part of Account; core thread.
#include <array>
#include <string>
#include <vector>

#include "connectors/binance/account_tools.hpp"
#include "connectors/binance/fill_pages.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::binance {

InquiryRules inquiry_rules();

/// What the connector asks for itself (RequestKind::session), and what it hears.
enum class OwnQuestion : std::uint8_t { listen_key, renewed_key, position_mode };

struct OwnNotes final : InquiryNotes {
    explicit OwnNotes(OwnQuestion q) : question(q) {}
    OwnQuestion question;
    std::string key;  ///< listen_key
    PositionMode mode = PositionMode::unknown;
};
Inquiry own_inquiry(OwnQuestion question);
/// Of an inquiry made by own_inquiry.
inline OwnNotes& own_notes(const Inquiry& inquiry)
{
    return static_cast<OwnNotes&>(*inquiry.notes);
}

class Questions final : public InquiryProtocol {
  public:
    explicit Questions(AccountTools& tools) : tools_(&tools), pages_(tools) {}

    /// Which requests answer it (one a listing, kNoListing where none is named), and from where on: fees go
    /// on where the venue last told them to wait.
    void fill_in(Inquiry& inquiry, Timestamp now);

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override;
    std::size_t parts(const Inquiry& inquiry) const override { return inquiry.listings.size(); }
    /// Whoever is told to wait asks again: the end says how long.
    bool is_patient(const Inquiry&) const override { return false; }
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    Verdict on_signer_refusal(const Inquiry&) override
    {
        return {Outcome::key_trouble, RejectReason::permission};
    }
    Timestamp leaves_at(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;
    void on_sent(const Inquiry& inquiry, const Ask& ask, Timestamp now) override;
    void on_reply(const Inquiry& inquiry, const HttpReply& reply, Timestamp now) override;
    bool is_same(const Inquiry& one, const Inquiry& other) const override;

  private:
    using Json = simdjson::dom::element;

    RequestPool& pool_of(const Inquiry& inquiry) const;
    std::uint32_t weight_of(const Inquiry& inquiry, const Ask& ask) const;
    Next read_own(OwnNotes& notes, Inquiry& inquiry, const Json& body) const;
    bool read_orders(const Inquiry& inquiry, const Json& body, FactSink& sink);
    bool read_balances(const Json& body, FactSink& sink);
    bool read_positions(const Json& body, FactSink& sink);

    AccountTools* tools_;
    FillPages pages_;
    // Where the venue told a question about fees to wait.
    std::vector<ListingId> fees_of_;
    std::size_t fees_next_ = 0;
    // Of the reply that is looked at.
    PaddedText body_;
    std::string words_;
    std::array<char, kDecimalTextMax> code_{};
};

}  // namespace arb::binance
