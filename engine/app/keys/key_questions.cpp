#include "engine/app/keys/key_questions.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/app/config/venue_way.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::size_t kShownMax = 200;

std::string shown(std::string_view text)
{
    return plain_text(text.substr(0, kShownMax)) + (text.size() > kShownMax ? "..." : "");
}

}  // namespace

ProbeSetup probe_setup(const Plugins& plugins, const VenueConfig& venue, bool unsafe_endpoint)
{
    const VenuePlace place = place_of(plugins, venue, unsafe_endpoint);
    ProbeSetup setup;
    setup.key = place.key;
    setup.type = place.type;
    setup.way = way_to(*place.type, place.key.market, venue);
    return setup;
}

AskedKey ask_key(VenueQuestions& venue, const HeldKey& key, Timestamp now, Duration deadline)
{
    AskedKey asked;
    asked.key = &key;
    asked.answer = venue.key(deadline);
    asked.verdict = judge_key(asked.answer.report(), key.facts, now);
    return asked;
}

AskedKey unasked_key(const HeldKey& key, const std::string& why, Timestamp now)
{
    AskedKey asked;
    asked.key = &key;
    asked.answer.text = why;
    asked.verdict = judge_key(asked.answer.report(), key.facts, now);
    return asked;
}

std::string rights_text(const ProbedKey& answer)
{
    if (answer.bare.answer != KeyAnswer::told) return "not told";
    constexpr std::pair<KeyRight, const char*> kRights[] = {
        {KeyRight::read, "read"},
        {KeyRight::trade, "trade"},
        {KeyRight::withdraw, "withdraw"},
        {KeyRight::transfer, "transfer"},
        {KeyRight::sub_accounts, "sub-accounts"},
        {KeyRight::address_book, "address book"},
    };
    std::string text;
    for (const auto& [right, word] : kRights) {
        if (answer.bare.rights.has(right)) text += fmt::format("{}{}", text.empty() ? "" : ", ", word);
    }
    if (answer.bare.rights.has(KeyRight::other)) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ",
                            answer.foreign.empty() ? std::string("unknown") : shown(answer.foreign));
    }
    return text.empty() ? "none" : text;
}

std::string addresses_text(const ProbedKey& answer)
{
    if (answer.bare.answer != KeyAnswer::told || answer.bare.addresses == KeyTold::silent) return "not told";
    if (answer.bare.addresses == KeyTold::none) return "any";
    return answer.address_list.empty() ? "bound" : shown(answer.address_list);
}

std::string expiry_text(const AskedKey& asked)
{
    const KeyReport& bare = asked.answer.bare;
    const bool told = bare.answer == KeyAnswer::told;
    Timestamp expires = asked.key->facts.expires;
    if (told && bare.expiry == KeyTold::some && (!expires.known() || bare.expires < expires))
        expires = bare.expires;
    if (expires.known()) return format_day(expires);
    return told && bare.expiry == KeyTold::none ? "never" : "not told";
}

KeyUseLog::KeyUseLog(const std::string& path)
{
    if (path.empty() || ::access(path.c_str(), F_OK) != 0) return;
    // Written before the answer comes: what a killed process did with a key is in the log.
    AuditOptions options;
    options.direct = true;
    auto opened = AuditLog::open(path, options);
    if (opened)
        log_ = std::shared_ptr<AuditLog>(std::move(*opened));
    else
        trouble_ = opened.error().message;
}

std::function<void(std::string_view)> KeyUseLog::noter(const HeldKey& key, std::function<Timestamp()> now)
{
    if (log_ == nullptr) return {};
    return [log = log_, held = &key, time = std::move(now)](std::string_view endpoint) {
        KeyUse use;
        use.time = time();
        // Keys belong to an exchange: the markets of one are one name here, as in the keystore.
        use.venue = AuditText<24>(held->type->exchange);
        use.label = AuditText<48>(held->facts.label);
        use.endpoint = AuditText<120>(endpoint);
        if (held->trail != nullptr) {
            if (held->trail->failed) {
                use.outcome = KeyOutcome::failed;
                use.reason = AuditText<24>("signer");
            }
            use.request = held->trail->take();
        }
        (void)log->record(use);
    };
}

}  // namespace arb
