#pragma once
// What Bybit's REST side is asked and what its answers mean; how questions run is
// engine/connect/inquiries.hpp. Part of Account; core thread.
#include <array>
#include <string_view>

#include "connectors/bybit/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::bybit {

InquiryRules inquiry_rules();

class Questions final : public InquiryProtocol {
  public:
    explicit Questions(AccountTools& tools) : tools_(&tools) {}

    /// Balances: with derivatives, whose positions are asked for. By listing until each one's position mode
    /// was told, then by wallet.
    void fill_in(Inquiry& inquiry) const;

    Ask ask(const Inquiry& inquiry) override;
    bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) override;
    Envelope open(const Inquiry& inquiry, const HttpReply& reply) override;
    Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;
    KeyReport read_key(std::string_view body, KeyTexts& texts) override;
    std::size_t parts(const Inquiry& inquiry) const override;
    bool is_patient(const Inquiry& inquiry) const override;
    Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) override;

  private:
    using Json = simdjson::dom::element;
    using JsonList = simdjson::dom::array;

    std::string_view symbol(ListingId listing) const { return tools_->setup.table->listing(listing).symbol; }
    std::string fills_query(const Inquiry& inquiry) const;
    Next next_list(Inquiry& inquiry, FactSink& sink) const;
    Next next_span(Inquiry& inquiry) const;
    Next read_orders(Inquiry& inquiry, const JsonList& list, std::string_view cursor, FactSink& sink);
    Next read_fills(Inquiry& inquiry, const JsonList& list, std::string_view cursor, FactSink& sink);
    Next read_positions(Inquiry& inquiry, const JsonList& list, const Envelope& envelope,
                        std::string_view cursor, FactSink& sink);
    bool is_hedged(Inquiry& inquiry, const Json& entry);
    Next read_fees(Inquiry& inquiry, const JsonList& list, std::string_view cursor, FactSink& sink) const;

    AccountTools* tools_;
    bool one_way_ = false;  // every listing's position mode was told, and none is hedged
    std::array<char, kDecimalTextMax> code_{};
};

}  // namespace arb::bybit
