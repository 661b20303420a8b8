// The doctor's look at keys: what each may do, from where, how long, and whether its account has the money
// for one order. A key that is not accepted is used for nothing but the one question.
#include <algorithm>
#include <exception>
#include <map>

#include <fmt/format.h>

#include "engine/app/doctor/doctor_checks.hpp"
#include "engine/report/display.hpp"

namespace arb {
namespace {

constexpr std::string_view kKeys = "keys";
constexpr std::string_view kBalances = "balances";

std::string subject_of(const HeldKey& key)
{
    return fmt::format("{} '{}'", key.facts.venue, key.facts.label);
}

bool about_addresses(KeyFault fault)
{
    return fault == KeyFault::any_address || fault == KeyFault::addresses_untold;
}

bool about_expiry(KeyFault fault)
{
    return fault == KeyFault::expired || fault == KeyFault::expires_soon || fault == KeyFault::expiry_untold;
}

// One report, three lines: what it may do, from where, how long. judge_key stops at the first fault, so the
// lines behind a faulty one are left out.
void tell_key(DoctorChecks& checks, const AskedKey& asked)
{
    const HeldKey& key = *asked.key;
    const std::string subject = subject_of(key);
    const KeyFault fault = asked.verdict.fault;
    const std::string fix =
        fault == KeyFault::no_answer ? "" : fmt::format("change it at {}", key.type->key_page);
    const bool scope_bad = fault != KeyFault::none && !about_addresses(fault) && !about_expiry(fault);
    if (scope_bad) {
        checks.add(kKeys, "scope", subject, CheckState::failed, asked.verdict.text, fix);
        return;
    }
    const bool told = asked.answer.bare.answer == KeyAnswer::told;
    checks.add(kKeys, "scope", subject, told ? CheckState::ok : CheckState::warning,
               fmt::format("{} key: {}", name(key.facts.role), rights_text(asked.answer)),
               told ? "" : "what the venue does not tell is vouched for; ask again before it ends");
    if (about_addresses(fault)) {
        checks.add(kKeys, "IP allow list", subject, CheckState::failed, asked.verdict.text, fix);
        return;
    }
    const auto add_told = [&](std::string_view what, const std::string& found) {
        const bool silent = found == "not told";
        checks.add(kKeys, what, subject, silent ? CheckState::warning : CheckState::ok,
                   silent ? "not told by the venue; somebody vouches for it" : found);
    };
    add_told("IP allow list", addresses_text(asked.answer));
    if (about_expiry(fault))
        checks.add(kKeys, "expiry", subject, CheckState::failed, asked.verdict.text, fix);
    else
        add_told("expiry", expiry_text(asked));
    for (const std::string& warning : asked.verdict.warnings)
        checks.add(kKeys, "note", subject, CheckState::warning, warning);
}

// What a run would trade at this venue: its definitions that the configuration wants.
std::vector<ListingDefinition> traded_at(const DoctorChecks& checks, const std::string& label)
{
    std::vector<ListingDefinition> traded;
    const auto listed = checks.listed.find(label);
    if (listed == checks.listed.end()) return traded;
    const std::vector<std::string>& wanted = checks.request.config.run_instruments;
    for (const ListingDefinition& d : listed->second) {
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), d.instrument_name()) != wanted.end())
            traded.push_back(d);
    }
    return traded;
}

Amount free_of(const std::vector<ProbedBalance>& balances, const std::string& asset)
{
    for (const ProbedBalance& balance : balances) {
        if (balance.asset == asset) return balance.has_free ? balance.free : balance.total;
    }
    return {};
}

void check_money(DoctorChecks& checks, const HeldKey& key, const std::vector<ProbedBalance>& balances)
{
    const EngineConfig& config = checks.request.config;
    const std::string& label = key.facts.venue;
    const std::vector<ListingDefinition> traded = traded_at(checks, label);
    const bool spot = traded.empty() || std::any_of(traded.begin(), traded.end(), [](const auto& d) {
                          return d.kind == InstrumentKind::spot;
                      });
    const Amount order = config.risk.order_notional_max;
    const Amount needed = spot ? order : apply_rate(order, config.risk.margin);
    std::vector<std::string> quotes = {config.quote};
    std::map<std::string, Amount> bases;
    for (const ListingDefinition& d : traded) {
        if (std::find(quotes.begin(), quotes.end(), d.quote) == quotes.end()) quotes.push_back(d.quote);
        if (const Amount free = free_of(balances, d.base); free.units > 0) bases[d.base] = free;
    }
    std::string sellable;
    for (const auto& [asset, free] : bases)
        sellable += fmt::format("{}{} {}", sellable.empty() ? "" : ", ", free.text(), asset);
    std::string best_asset = config.quote;
    Amount best = free_of(balances, config.quote);
    for (const std::string& asset : quotes) {
        if (free_of(balances, asset) <= best) continue;
        best_asset = asset;
        best = free_of(balances, asset);
    }
    const std::string found =
        fmt::format("{} {} free, one order takes up to {}", best.text(), best_asset, needed.text());
    if (best >= needed && !best.zero())
        checks.add(kBalances, "one order", label, CheckState::ok, found);
    else if (!bases.empty() && spot)
        checks.add(kBalances, "one order", label, CheckState::warning, found + "; it can sell " + sellable,
                   "buys will be small: send more there, or lower the sizes");
    else if (!best.zero())
        checks.add(kBalances, "one order", label, CheckState::warning, found,
                   "orders will be small: send more there, or lower [risk] order_max_quote");
    else
        checks.add(kBalances, "one order", label, CheckState::failed, found,
                   "nothing can be traded there: send money to this account, or leave the venue out");
}

class KeyChecks {
  public:
    KeyChecks(DoctorChecks& checks, const HeldKeys& held)
        : checks_(&checks), held_(&held), uses_(audit_path(checks.request))
    {
        if (!uses_.trouble().empty()) {
            checks.add(kKeys, "audit log", "", CheckState::warning,
                       uses_.trouble() + ": the uses of this visit are not in it",
                       "stop the run that holds it");
        }
    }
    void run()
    {
        for (const HeldKey* key : held_->keys) {
            const VenueConfig* venue = config_of(checks_->request.config, key->facts.venue);
            if (venue != nullptr) check(*key, *venue);
        }
        if (held_->keys.empty())
            checks_->add(kKeys, "scope", "", CheckState::skipped, "there is no key to ask about");
    }

  private:
    void check(const HeldKey& key, const VenueConfig& venue)
    {
        const auto offset = checks_->offsets.find(venue.label);
        if (offset == checks_->offsets.end()) {
            tell_key(*checks_, unasked_key(key, "the venue was not reached", checks_->around.now()));
            return;
        }
        ProbeSetup setup = probe_setup(checks_->request.plugins, venue, checks_->request.unsafe_endpoint);
        setup.credentials = key.credentials.get();
        setup.definitions = traded_at(*checks_, venue.label);
        setup.on_key_use = uses_.noter(key, checks_->around.now);
        try {
            const auto questions = checks_->around.questions.ask(setup);
            questions->set_clock_offset(offset->second);
            const AskedKey asked = ask_key(*questions, key, checks_->around.now(), kVenueAnswerMax);
            tell_key(*checks_, asked);
            if (!asked.verdict.accepted()) return;
            checks_->accept(key);
            check_balances(key, *questions);
        } catch (const std::exception& error) {
            checks_->add(kKeys, "scope", subject_of(key), CheckState::failed, error.what());
        }
    }
    // One look at each account, under the key for reading where there is one, as a run does it: the other may
    // not be allowed to ask.
    void check_balances(const HeldKey& key, VenueQuestions& questions)
    {
        const bool reader_follows =
            key.facts.role == KeyRole::trade &&
            std::any_of(held_->keys.begin(), held_->keys.end(), [&](const HeldKey* other) {
                return other->facts.venue == key.facts.venue && other->facts.role == KeyRole::read;
            });
        if (reader_follows) return;
        if (std::find(seen_.begin(), seen_.end(), key.facts.venue) != seen_.end()) return;
        seen_.push_back(key.facts.venue);
        const auto balances = questions.balances(kVenueAnswerMax);
        if (balances)
            check_money(*checks_, key, balances.value());
        else
            checks_->add(kBalances, "one order", key.facts.venue, CheckState::failed,
                         balances.error().message, "ask again");
    }

    DoctorChecks* checks_;
    const HeldKeys* held_;
    KeyUseLog uses_;
    std::vector<std::string> seen_;
};

}  // namespace

void check_keys(DoctorChecks& checks)
{
    const DoctorRequest& request = checks.request;
    const bool trades = request.config.mode == RunMode::live || request.config.mode == RunMode::emulated;
    const bool has_keys =
        std::any_of(request.config.venues.begin(), request.config.venues.end(), [](const VenueConfig& venue) {
            return venue.has_key() || !venue.read_key.empty() || !venue.read_key_file.empty();
        });
    if (!trades || !has_keys) {
        checks.add(kKeys, "scope", "", CheckState::skipped,
                   trades ? "the configuration names no key" : "this mode needs no key");
        return;
    }
    for (const VenueConfig& venue : request.config.venues) {
        if (!request.live && !venue.trade_key.empty())
            checks.add(kKeys, "scope", fmt::format("{} '{}'", venue.label, venue.trade_key),
                       CheckState::skipped, "a trade key, looked at with --live alone");
    }
    KeyAccess access;
    access.trade = request.live;
    access.passphrase = request.passphrase;
    access.close_process = checks.around.close_process;
    try {
        const HeldKeys held = checks.around.questions.open(request.config, request.plugins, access);
        KeyChecks(checks, held).run();
    } catch (const StartError& error) {
        checks.add(kKeys, "opened", "", CheckState::failed, error.what());
    }
}

}  // namespace arb
