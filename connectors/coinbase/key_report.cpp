#include "connectors/coinbase/key_report.hpp"

#include <algorithm>

#include "connectors/coinbase/account_lists.hpp"
#include "engine/venue/key_fields.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

// Every flag of the documented answer: one that is missing cannot be taken for false.
constexpr std::string_view kView = "can_view";
constexpr std::string_view kTrade = "can_trade";
constexpr std::string_view kTransfer = "can_transfer";
constexpr std::string_view kFlags[] = {kView, kTrade, kTransfer};
// Texts that say where the key belongs and allow nothing.
constexpr std::string_view kTexts[] = {"portfolio_uuid", "portfolio_type"};

bool is_among(std::span<const std::string_view> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

class Reader {
  public:
    explicit Reader(std::string& words) : words_(words) { words_.clear(); }

    KeyReport read(std::string_view body)
    {
        const std::string fault = walk_key_flags(
            body, kFlags, [this](std::string_view name, dom::element value) { return take(name, value); });
        if (!fault.empty()) {
            words_ = fault;
            return unreadable_key(words_);
        }
        // Neither addresses nor an expiry are told.
        report_.answer = KeyAnswer::told;
        report_.foreign = words_;
        return report_;
    }

  private:
    // What is wrong with the field; nullptr: nothing.
    const char* take(std::string_view name, dom::element value)
    {
        bool set = false;
        if (is_among(kFlags, name)) {
            if (value.get_bool().get(set)) return " is neither true nor false";
            if (set) add(name);
        } else if (is_among(kTexts, name)) {
            std::string_view text;
            if (!value.is_null() && value.get_string().get(text)) return " is no text";
        } else if (value.get_bool().get(set) || set) {
            // Nobody knows what it allows. Only a plain false surely allows nothing.
            report_.rights.add(KeyRight::other);
            append_name(words_, name);
        }
        return nullptr;
    }

    void add(std::string_view flag)
    {
        if (flag == kView) report_.rights.add(KeyRight::read);
        if (flag == kTrade) report_.rights.add(KeyRight::trade);
        if (flag != kTransfer) return;
        // One right for both: to other wallets of the owner and out of the venue.
        report_.rights.add(KeyRight::transfer);
        report_.rights.add(KeyRight::withdraw);
    }

    std::string& words_;
    KeyReport report_;
};

}  // namespace

KeyReport read_key_report(std::string_view body, std::string& words)
{
    return Reader(words).read(body);
}

KeyReport key_refusal(int status, const Envelope& answer, std::string& words)
{
    KeyReport report;
    const Outcome outcome = answer.verdict.outcome;
    const bool busy = outcome == Outcome::rate_limited || outcome == Outcome::banned;
    // Whatever the words, 401 and 403 say that the key is not taken for this question.
    const bool shut = status == 401 || status == 403 || outcome == Outcome::key_trouble;
    if (status == 0 || status >= 500 || busy)
        report.answer = KeyAnswer::none;
    else if (status == 404 || status == 405)
        report.answer = KeyAnswer::absent;
    else
        report.answer = shut ? KeyAnswer::refused : KeyAnswer::unreadable;
    words = status == 0 ? "no answer came" : "HTTP " + std::to_string(status);
    if (status != 0 && !answer.code.empty()) words.append(" ").append(answer.code);
    if (status != 0 && !answer.text.empty()) words.append(": ").append(answer.text);
    report.text = words;
    return report;
}

Next read_permissions(Inquiry& q, dom::object body, bool orders)
{
    PrivateFields fields(body);
    const bool view = fields.flag("can_view");
    const bool trade = fields.flag("can_trade");
    const bool transfer = fields.flag("can_transfer");
    if (!fields.ok()) return cannot_read(q);
    // Money could leave with such a key: not used, however able it is.
    const bool moves_money = transfer && orders;
    const std::string_view why = moves_money        ? "can_transfer"
                                 : !view            ? "can_view"
                                 : !trade && orders ? "can_trade"
                                                    : "";
    if (why.empty()) return Next::over;
    return Inquiries::trouble(
        q, {Outcome::key_trouble, RejectReason::permission}, why,
        moves_money ? "the key may transfer money away: make one that cannot" : "the key lacks a permission");
}

}  // namespace arb::coinbase
