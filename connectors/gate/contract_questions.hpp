#pragma once
// The contracts' own questions by REST: their addresses, whose account it is and of which kind, the wallet
// and the positions. Owned by Questions, which asks everything that both markets ask alike; core thread.
#include <string>

#include "connectors/gate/contract_decoder.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::gate {

/// What to do about an account that holds both sides of a contract.
inline constexpr std::string_view kHedgedText =
    "the account's contracts are in hedge mode, which holds a long and a short position of one contract: "
    "close both, cancel their orders, choose one-way mode at Gate, and start again";

class ContractQuestions {
  public:
    using Json = simdjson::dom::element;
    static constexpr std::size_t kWalletParts = 2;  ///< of RequestKind::balances: money, and positions

    ContractQuestions(const VenueSetup& setup, const ContractDecoder& decoder)
        : setup_(setup), decoder_(&decoder)
    {
    }

    Ask ask(const Inquiry& inquiry) const;
    /// `wrong_account`: set where it is not one that we can trade with.
    Next read_account(Inquiry& inquiry, const Json& data, bool& wrong_account);
    Next read_wallet(Inquiry& inquiry, const Json& data, FactSink& sink) const;

    /// Whose account it is, as the answer told; empty: it did not yet.
    std::string_view user() const { return user_; }

  private:
    Next read_positions(Inquiry& inquiry, const simdjson::dom::array& data, FactSink& sink) const;

    VenueSetup setup_;
    const ContractDecoder* decoder_;
    std::string user_;
};

}  // namespace arb::gate
