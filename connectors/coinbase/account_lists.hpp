#pragma once
// What Coinbase's lists say: orders, fills and whose they are, accounts, fee rates. Each function reads one
// reply of a question, tells its facts and moves the question on; a list that withholds something, or where
// something cannot be read, is incomplete. Part of Questions; core thread.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::coinbase {

// Inquiry::step.
/// Lists of live orders take rounds. The venue leaves out those of its simple app unless they are asked for;
/// and it may not take OPEN beside other states.
enum OrderRound : std::size_t { kLive, kOpenAlone, kOtherLive, kSimpleApp, kCancelling };
enum OrderSearch : std::size_t { kById, kByList };
/// Whose fills are they: many orders at once, and those that were not in that list one by one.
enum FillStep : std::size_t { kFillPage, kOwners, kOwner };

struct QuestionNotes final : InquiryNotes {
    std::string body;                     ///< place, amend: made by the encoder
    std::size_t patience = kRefusalsMax;  ///< session, key_info: so many refused tokens in a row are enough
    Timestamp refused_since;              ///< the first of them
    std::string page;                     ///< of fills, kept while their orders are looked up
    std::vector<std::string> left;        ///< orders to look up one by one
    Quantity sum;                         ///< of the fills
    std::map<std::string, std::pair<Amount, Amount>, std::less<>> balances;  ///< total and free
};

/// Every question has notes here.
inline Inquiry new_question(RequestKind kind)
{
    Inquiry inquiry(kind);
    inquiry.notes = std::make_unique<QuestionNotes>();
    return inquiry;
}
inline QuestionNotes& notes_of(const Inquiry& inquiry)
{
    return static_cast<QuestionNotes&>(*inquiry.notes);
}

/// Its moment passes: such a request is never sent twice.
inline bool has_price(const Inquiry& inquiry)
{
    return inquiry.kind == RequestKind::place || inquiry.kind == RequestKind::amend;
}

/// The reply is not what is documented: the outcome is unknown.
Next cannot_read(Inquiry& inquiry);
/// The part of `ids` whose owners are asked for next: from the end.
std::span<const std::string> owner_batch(const Inquiry& inquiry);

class AccountLists {
  public:
    using Object = simdjson::dom::object;

    explicit AccountLists(AccountTools& tools) : tools_(&tools) {}

    static Next begin_round(Inquiry& inquiry, OrderRound round);
    Next orders(Inquiry& inquiry, Object body, FactSink& sink) const;
    /// All pages were read.
    static Next orders_over(Inquiry& inquiry, FactSink& sink);
    /// One, asked for by its id.
    Next order(Inquiry& inquiry, Object body, FactSink& sink) const;
    Next fills(Inquiry& inquiry, Object body, std::string_view text, FactSink& sink) const;
    // Replies about the orders of fills; refusals as well.
    Next owners(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) const;
    Next owner(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) const;
    static Next accounts(Inquiry& inquiry, Object body, FactSink& sink);
    static Next fees(Inquiry& inquiry, Object body, FactSink& sink);

  private:
    bool take_order(Inquiry& inquiry, Object order, FactSink& sink) const;
    bool is_elsewhere(std::string_view product, std::string_view venue_id) const;
    Next owners_over(Inquiry& inquiry, FactSink& sink) const;
    Next tell_fills(Inquiry& inquiry, Object body, FactSink& sink) const;

    AccountTools* tools_;
};

}  // namespace arb::coinbase
