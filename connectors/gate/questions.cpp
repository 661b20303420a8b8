#include "connectors/gate/questions.hpp"

#include "connectors/gate/errors.hpp"
#include "connectors/gate/key_report.hpp"
#include "connectors/gate/question_pages.hpp"
#include "connectors/gate/signer.hpp"

namespace arb::gate {
namespace {

constexpr std::string_view kHost = "https://api.gateio.ws";
constexpr std::string_view kApiRoot = "/api/v4";
constexpr std::size_t kSpotFillsPage = 1000;
/// Seconds, 5 at least.
constexpr int kDeadManTimer = 60;

constexpr std::string_view kNoSpotRight =
    "the key may not ask which kind of account this is: give it the permission 'unified', read only";
constexpr std::string_view kNoContractRight =
    "the key may not ask which kind of account this is: give it the permission 'futures'";

}  // namespace

// "Wallet": 80 in 10 s for the smallest of accounts.
InquiryRules inquiry_rules()
{
    InquiryRules rules;
    rules.code_name = "label";
    rules.slow_down = seconds(2);
    rules.fees_most = 60;
    rules.fees_window = seconds(11);
    return rules;
}

Questions::Questions(const VenueSetup& setup, const PrivateDecoder& decoder)
    : setup_(setup), decoder_(&decoder), spot_(words_of(setup).spot), contracts_(setup, decoder.contracts())
{
    for (const Listing& listing : setup.table->listings()) {
        if (listing.venue == setup.id) markets_.push_back(listing.symbol);
    }
}

// An order without a venue's id that is not found by its text may have ended: the list of those that have
// tells.
std::size_t Questions::parts(const Inquiry& q) const
{
    switch (q.kind) {
        case RequestKind::fees:
        case RequestKind::fills:
        case RequestKind::open_orders:
        case RequestKind::cancel_all:
            return q.listings.size();
        case RequestKind::query_order:
            return q.venue_id.empty() ? 2 : 1;
        case RequestKind::balances:
            return spot_ ? 1 : ContractQuestions::kWalletParts;
        default:
            return 1;
    }
}

Ask Questions::ask_order(const Inquiry& q) const
{
    const std::string_view symbol = setup_.table->listing(q.order.listing).symbol;
    Ask ask;
    if (q.step == 0) {
        ask.path = fmt::format("/spot/orders/{}", q.venue_id.empty() ? client_text(q) : q.venue_id);
        ask.query = fmt::format("currency_pair={}", symbol);
    } else {
        ask.path = "/spot/orders";
        ask.query = fmt::format("currency_pair={}&status=finished&page={}&limit={}&from={}", symbol,
                                page_of(q), kOrdersPage, unix_seconds(q.order.sent - kListMargin));
    }
    return ask;
}

Ask Questions::ask_list(const Inquiry& q) const
{
    Ask ask;
    const std::string pair = fmt::format("currency_pair={}", market_of(setup_, q));
    if (q.kind == RequestKind::open_orders) {
        ask.path = "/spot/orders";
        ask.query = fmt::format("{}&status=open&page={}&limit={}", pair, page_of(q), kOrdersPage);
    } else if (q.kind == RequestKind::fills) {
        ask.path = "/spot/my_trades";
        ask.query = fmt::format("{}&limit={}&page={}&from={}&to={}", pair, kSpotFillsPage, page_of(q),
                                unix_seconds(q.window), unix_seconds(span_end(q)));
    } else if (q.kind == RequestKind::cancel_all) {
        ask.method = "DELETE";
        ask.path = "/spot/orders";
        ask.query = fmt::format("{}&account={}", pair, kWallet);
    } else {
        ask.path = "/wallet/fee";
        ask.query = pair;
    }
    return ask;
}

Ask Questions::ask(const Inquiry& q)
{
    Ask ask;
    switch (q.kind) {
        case RequestKind::query_order:
            return spot_ ? ask_order(q) : contracts_.ask(q);
        case RequestKind::open_orders:
        case RequestKind::cancel_all:
        case RequestKind::fills:
        case RequestKind::fees:
            return spot_ ? ask_list(q) : contracts_.ask(q);
        case RequestKind::balances:
            if (!spot_) return contracts_.ask(q);
            ask.path = "/spot/accounts";
            break;
        case RequestKind::dead_man:
            ask.method = "POST";
            ask.path = spot_ ? "/spot/countdown_cancel_all" : "/futures/usdt/countdown_cancel_all";
            ask.body = fmt::format(R"({{"timeout":{}}})", kDeadManTimer);
            break;
        case RequestKind::session:
            wrong_account_ = false;
            if (!spot_) return contracts_.ask(q);
            ask.path = "/unified/unified_mode";
            break;
        case RequestKind::key_info:
            ask.path = "/account/main_keys";
            break;
        default:
            ask.path = "/spot/time";
            ask.is_signed = false;
    }
    return ask;
}

bool Questions::sign(const Ask& ask, Timestamp venue_now, HttpRequest& out)
{
    const std::string path = fmt::format("{}{}", kApiRoot, ask.path);
    out.url = fmt::format("{}{}{}{}", kHost, path, ask.query.empty() ? "" : "?", ask.query);
    out.body = ask.body;
    if (!spot_) out.headers.push_back({"X-Gate-Size-Decimal", "1"});
    if (!ask.is_signed) return true;
    const std::int64_t time = unix_seconds(venue_now);
    std::string signature = sign_request(*setup_.credentials, ask.method, path, ask.query, ask.body, time);
    if (signature.empty()) return false;
    out.headers.push_back({"KEY", setup_.credentials->key_id});
    out.headers.push_back({"Timestamp", fmt::format("{}", time)});
    out.headers.push_back({"SIGN", std::move(signature)});
    if (!ask.body.empty()) out.headers.push_back({"Content-Type", "application/json"});
    return true;
}

// An answer is a list or an object of its own; a refusal has a label and says why in one of two members.
Envelope Questions::open(const Inquiry& q, const HttpReply& reply)
{
    Envelope envelope;
    Json root;
    PaddedText body = reply.body;
    // Contracts have numbers that must not pass through floating point.
    if (!spot_ && q.kind != RequestKind::key_info) {
        const std::string_view quoted = quote_numbers(body.view(), quoted_);
        body = {quoted.data(), quoted.size()};
    }
    if (parser_.parse(body.data, body.size, false).get(root) == simdjson::SUCCESS) {
        envelope.has_data = reply.status < 300;
        envelope.data = root;
        if (root.is_object()) {
            AccountFields fields(root);
            envelope.code = fields.text("label", false);
            envelope.text = fields.text(fields.has("message") ? "message" : "detail", false);
            if (q.kind == RequestKind::time) envelope.venue_time = fields.milliseconds_time("server_time");
        }
    }
    envelope.verdict = judge(reply.status, envelope.code);
    return envelope;
}

KeyReport Questions::read_key(std::string_view body, KeyTexts& texts)
{
    const bool trades = setup_.scope != SessionScope::account;
    return read_key_report(body, setup_.credentials->key_id, spot_ ? KeyUse::spot : KeyUse::contracts,
                           markets_, texts, trades);
}

// By its text an order is known while it is open, and for an hour at most behind that: that it is not found
// is no proof that nothing happened. By the venue's own id it is.
Next Questions::on_refusal(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const bool none = envelope.verdict.outcome == Outcome::refused && says_no_order(envelope.code);
    if (q.kind == RequestKind::query_order && q.step == 0 && none) {
        if (!q.venue_id.empty()) {
            Inquiries::tell_absent(q, sink);
            return Next::over;
        }
        if (q.order.order != kForeignOrder && q.order.sent.known()) return Inquiries::next_step(q, parts(q));
    }
    const Verdict verdict = envelope.verdict;
    if (q.kind == RequestKind::session && verdict == Verdict{Outcome::refused, RejectReason::permission}) {
        wrong_account_ = true;
        return Inquiries::trouble(q, verdict, envelope.code,
                                  envelope.code != "FORBIDDEN" ? envelope.text
                                  : spot_                      ? kNoSpotRight
                                                               : kNoContractRight);
    }
    const Next next = InquiryProtocol::on_refusal(q, envelope, sink);
    // One market that is refused is no reason to leave the orders of the others open, or their fills untold.
    const bool one = q.kind == RequestKind::open_orders || q.kind == RequestKind::fills ||
                     q.kind == RequestKind::cancel_all;
    return one && verdict.outcome == Outcome::refused && !envelope.is_silent
               ? Inquiries::next_step(q, parts(q))
               : next;
}

Next Questions::read(Inquiry& q, const Envelope& envelope, FactSink& sink)
{
    const Json& data = envelope.data;
    switch (q.kind) {
        case RequestKind::query_order:
            return read_order(q, data, sink);
        case RequestKind::open_orders:
        case RequestKind::fills:
        case RequestKind::cancel_all:
            return read_list(q, data, sink);
        case RequestKind::balances:
            return spot_ ? read_list(q, data, sink) : contracts_.read_wallet(q, data, sink);
        case RequestKind::fees:
            return read_fees(q, data, sink);
        case RequestKind::session:
            return spot_ ? read_mode(q, data) : contracts_.read_account(q, data, wrong_account_);
        case RequestKind::dead_man:
            if (AccountFields(data).integer("triggerTime", false) > 0) return Next::over;
            return Inquiries::trouble(q, {}, {}, "the timer's answer cannot be read");
        default:
            return Next::over;
    }
}

// Money of a unified account can be lent and borrowed, and what of it is free is not told so that it could be
// compared: it is not traded with.
Next Questions::read_mode(Inquiry& q, const Json& data)
{
    const std::string_view mode = AccountFields(data).text("mode", false);
    if (mode == "classic") return Next::over;
    if (mode.empty()) return Inquiries::trouble(q, {}, {}, "the account's mode cannot be read");
    wrong_account_ = true;
    return Inquiries::trouble(
        q, {Outcome::refused, RejectReason::permission}, {},
        fmt::format("the account is a unified one (mode '{}'), which this connector does not trade with: "
                    "switch it to a classic account at Gate, or use a sub-account that is one",
                    mode.substr(0, 32)));
}

Next Questions::read_order(Inquiry& q, const Json& data, FactSink& sink) const
{
    if (q.step == 0) {
        if (decoder_->order(data, ReportSource::query, sink)) return Next::over;
        return Inquiries::trouble(q, {}, {}, "the order cannot be read");
    }
    JsonList list;
    if (data.get(list) != simdjson::SUCCESS) return Inquiries::trouble(q, {}, {}, "the reply is no list");
    return search_order(q, list, sink);
}

// Not among the open ones, and not among those that ended since it was sent: there is none.
Next Questions::search_order(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    const std::string wanted = client_text(q);
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view text = fields.text("text");
        if (!fields.ok()) q.complete = false;
        if (text != wanted) continue;
        if (decoder_->order(entry, ReportSource::query, sink)) return Next::over;
        return Inquiries::trouble(q, {}, {}, "the order cannot be read");
    }
    if (turn_page(q, data.size(), kOrdersPage) == Next::again) return Next::again;
    if (!q.complete) return Inquiries::trouble(q, {}, {}, "the list of orders that ended cannot be read");
    Inquiries::tell_absent(q, sink);
    return Next::over;
}

Next Questions::read_list(Inquiry& q, const Json& data, FactSink& sink) const
{
    JsonList list;
    if (data.get(list) != simdjson::SUCCESS) return Inquiries::trouble(q, {}, {}, "the reply is no list");
    if (q.kind == RequestKind::fills) return read_fills(q, list, sink);
    if (q.kind == RequestKind::cancel_all) return read_cancelled(q, list);
    const bool orders = q.kind == RequestKind::open_orders;
    for (const Json entry : list) {
        const bool read = orders ? decoder_->order(entry, ReportSource::query, sink)
                                 : decoder_->balance(entry, ReportSource::query, sink);
        q.complete = read && q.complete;
    }
    if (!orders || turn_page(q, list.size(), kOrdersPage) == Next::again)
        return orders ? Next::again : Next::over;
    return Inquiries::next_step(q, parts(q));
}

Next Questions::read_fills(Inquiry& q, const JsonList& data, FactSink& sink) const
{
    for (const Json entry : data) q.complete = decoder_->fill(entry, ReportSource::query, sink) && q.complete;
    const std::size_t page = spot_ ? kSpotFillsPage : kOrdersPage;
    if (turn_page(q, data.size(), page) == Next::again) return Next::again;
    if (q.window + kFillsSpan >= q.venue_asked) return Inquiries::next_step(q, parts(q));
    q.window = q.window + kFillsSpan;
    q.cursor.clear();
    q.pages = 0;
    return Next::again;
}

// The orders that were cancelled. Where one could not be, it may say so as a list of cancellations does.
Next Questions::read_cancelled(Inquiry& q, const JsonList& data) const
{
    for (const Json entry : data) {
        AccountFields fields(entry);
        const std::string_view label = fields.text("label", false);
        if (label.empty() || says_no_order(label)) continue;
        if (q.verdict.done())
            (void)Inquiries::trouble(q, judge(200, label), label, fields.text("message", false));
    }
    return Inquiries::next_step(q, parts(q));
}

Next Questions::read_fees(Inquiry& q, const Json& data, FactSink& sink) const
{
    // Of contracts by their names.
    Json rates = data;
    const bool told = spot_ || data[market_of(setup_, q)].get(rates) == simdjson::SUCCESS;
    if (!told || !decoder_->fees(rates, q.listings[q.step], sink))
        (void)Inquiries::trouble(q, {}, {}, "the fee rates cannot be read");
    return Inquiries::next_step(q, parts(q));
}

}  // namespace arb::gate
