#include "connectors/gate/contract_questions.hpp"

#include <vector>

#include "connectors/gate/question_pages.hpp"
#include "connectors/gate/signer.hpp"

namespace arb::gate {
namespace {

constexpr std::string_view kOrdersPath = "/futures/usdt/orders";

// Lists go on from an offset; a page is of the size that the venue takes for granted, so that a full one is
// known as such.
std::string page_query(const Inquiry& q)
{
    return fmt::format("limit={}&offset={}", kOrdersPage, (page_of(q) - 1) * kOrdersPage);
}

std::string named(std::string_view symbol)
{
    return fmt::format("contract={}", symbol);
}

}  // namespace

Ask ContractQuestions::ask(const Inquiry& q) const
{
    Ask ask;
    switch (q.kind) {
        case RequestKind::query_order:
            if (q.step == 0) {
                ask.path =
                    fmt::format("{}/{}", kOrdersPath, q.venue_id.empty() ? client_text(q) : q.venue_id);
            } else {
                ask.path = "/futures/usdt/orders_timerange";
                ask.query = fmt::format("{}&from={}&{}", named(setup_.table->listing(q.order.listing).symbol),
                                        unix_seconds(q.order.sent - kListMargin), page_query(q));
            }
            break;
        case RequestKind::open_orders:
            ask.path = kOrdersPath;
            ask.query = fmt::format("{}&status=open&{}", named(market_of(setup_, q)), page_query(q));
            break;
        case RequestKind::cancel_all:
            ask.method = "DELETE";
            ask.path = kOrdersPath;
            ask.query = named(market_of(setup_, q));
            break;
        case RequestKind::fills:
            ask.path = "/futures/usdt/my_trades_timerange";
            ask.query = fmt::format("{}&from={}&to={}&{}", named(market_of(setup_, q)),
                                    unix_seconds(q.window), unix_seconds(span_end(q)), page_query(q));
            break;
        case RequestKind::fees:
            ask.path = "/futures/usdt/fee";
            ask.query = named(market_of(setup_, q));
            break;
        case RequestKind::balances:
            ask.path = q.step == 0 ? "/futures/usdt/accounts" : "/futures/usdt/positions";
            if (q.step > 0) ask.query = fmt::format("holding=true&{}", page_query(q));
            break;
        default:
            ask.path = "/futures/usdt/accounts";
    }
    return ask;
}

// Private channels want to know the user. An account whose money can be lent or borrowed, or that holds both
// sides of a contract at once, is not traded with: there our orders would not do what they were meant to do.
Next ContractQuestions::read_account(Inquiry& q, const Json& data, bool& wrong_account)
{
    AccountFields fields(data);
    const std::int64_t user = fields.integer("user");
    const std::int64_t margin = fields.integer("margin_mode");
    const std::string_view mode = fields.text("position_mode");
    if (!fields.ok() || user <= 0 || mode.empty())
        return Inquiries::trouble(q, {}, {}, "the account's user and modes cannot be read");
    user_ = fmt::format("{}", user);
    std::string why;
    if (margin != 0 || fields.flag("enable_credit"))
        why = fmt::format(
            "the account is a unified one (margin mode {}), which this connector does not trade "
            "with: switch it to a classic account at Gate, or use a sub-account that is one",
            margin);
    else if (mode != "single" || fields.flag("in_dual_mode"))
        why = fmt::format("{} (the position mode is '{}')", kHedgedText, mode.substr(0, 32));
    if (why.empty()) return Next::over;
    wrong_account = true;
    return Inquiries::trouble(q, {Outcome::refused, RejectReason::permission}, {}, why);
}

Next ContractQuestions::read_wallet(Inquiry& q, const Json& data, FactSink& sink) const
{
    if (q.step == 0) {
        q.complete = decoder_->wallet(data, ReportSource::query, sink) && q.complete;
        return Inquiries::next_step(q, kWalletParts);
    }
    simdjson::dom::array list;
    if (data.get(list) != simdjson::SUCCESS) return Inquiries::trouble(q, {}, {}, "the reply is no list");
    return read_positions(q, list, sink);
}

Next ContractQuestions::read_positions(Inquiry& q, const simdjson::dom::array& data, FactSink& sink) const
{
    std::vector<bool> seen(setup_.table->listings().size(), false);
    for (const Json entry : data) {
        if (ContractDecoder::is_hedged(entry)) {
            q.complete = false;
            return Inquiries::trouble(q, {Outcome::key_trouble, RejectReason::permission}, {}, kHedgedText);
        }
        ListingId which = kNoListing;
        const bool read = decoder_->position(entry, ReportSource::query, sink, which);
        if (which != kNoListing) seen[index(which)] = true;
        // A stranger's contract is reported and takes nothing from the list.
        const std::string_view symbol = AccountFields(entry).text("contract", false);
        const bool strange = !symbol.empty() && setup_.table->find_symbol(setup_.id, symbol) == nullptr;
        q.complete = (read || strange) && q.complete;
    }
    // One that was closed between two pages would move another out of both: a list of several is never whole.
    q.complete = q.complete && data.size() < kOrdersPage;
    // What could not be read may be the position of any of them.
    if (q.complete) tell_flat_positions(setup_, seen, sink);
    return Next::over;
}

}  // namespace arb::gate
