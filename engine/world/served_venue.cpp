#include "engine/world/served_venue.hpp"

#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/keys/scope_policy.hpp"

namespace arb {
namespace {

constexpr Duration kVouchedFor = seconds(30 * 86'400);
constexpr Duration kFreezeDefault = seconds(60);

// In the order of FaultKind; the kinds behind them happen at a time and are never drawn for a message.
constexpr Mishap kMishapOf[] = {
    Mishap::silence, Mishap::failure, Mishap::cut,     Mishap::silence,   Mishap::silence, Mishap::failure,
    Mishap::cut,     Mishap::delay,   Mishap::silence, Mishap::duplicate, Mishap::reorder,
};
static_assert(std::size(kMishapOf) == static_cast<std::size_t>(FaultKind::ban));

MishapChoice choice_of(const FaultRule* rule)
{
    if (rule == nullptr) return {};
    return {kMishapOf[static_cast<std::size_t>(rule->kind)], rule->lasts};
}

FaultRoute route_of(RequestRoute route)
{
    return route == RequestRoute::rest ? FaultRoute::rest : FaultRoute::websocket;
}

FaultDeed deed_of(RequestDeed deed)
{
    constexpr FaultDeed kDeeds[] = {FaultDeed::other, FaultDeed::query, FaultDeed::cancel, FaultDeed::order};
    return kDeeds[static_cast<std::size_t>(deed)];
}

/// A server's questions, answered from the fault plan.
class PlannedFaults final : public FaultSource {
  public:
    explicit PlannedFaults(FaultChooser& chooser) : chooser_(&chooser) {}
    MishapChoice on_order(RequestRoute route, Timestamp now) override
    {
        return choice_of(chooser_->on_order(route_of(route), now));
    }
    MishapChoice on_answer(RequestRoute route, RequestDeed deed, Timestamp now) override
    {
        return choice_of(chooser_->on_answer(route_of(route), deed_of(deed), now));
    }
    MishapChoice on_message(Timestamp now) override { return choice_of(chooser_->on_message(now)); }

  private:
    FaultChooser* chooser_;
};

ExchangeRules rules_of(const EmulatedVenueConfig& config)
{
    ExchangeRules rules;
    rules.fee_taking = config.fee_taking;
    rules.maker_fee = config.maker_fee;
    rules.taker_fee = config.taker_fee;
    return deviant(config.deviations, rules);
}

std::string toml_text(std::string_view value)
{
    std::string result = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\')
            result += std::string{'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + "\"";
}

std::vector<std::string> scopes_of(const EmulatedKey& key)
{
    std::vector<std::string> scopes;
    if (key.can_read) scopes.emplace_back("read");
    if (key.can_trade) scopes.emplace_back("trade");
    if (key.can_withdraw) scopes.emplace_back("withdraw");
    if (key.can_transfer) scopes.emplace_back("transfer");
    return scopes;
}

}  // namespace

ServedVenue::ServedVenue(const EmulatedVenueConfig& config, const ConnectorType& type,
                         EmulatedVenueSetup setup, std::vector<EmulatedKey> keys)
    : config_(config),
      id_(setup.id),
      exchange_(*setup.table, id_, rules_of(config)),
      deviant_market_(exchange_, config.deviations),
      market_(config.deviations.any() ? static_cast<EmulatedMarket&>(deviant_market_) : exchange_),
      keys_(std::move(keys))
{
    for (const ListingDefinition& d : setup.definitions)
        listings_.push_back(setup.table->find_symbol(id_, d.symbol)->id);
    setup.definitions = deviant(config.deviations, std::move(setup.definitions));
    setup.exchange = &market_;
    setup.keys = &keys_;
    setup.rate_limits = config.rate_limits;
    setup.manners = config.manners;
    setup.settings = config.settings;
    venue_ = type.make_emulated_venue(setup);
    if (config.deviations.any()) venue_ = std::make_unique<DeviantVenue>(std::move(venue_), deviant_market_);
}

void ServedVenue::plan_faults(const FaultPlan& plan, std::uint64_t seed, Timestamp begun)
{
    chooser_.emplace(plan, config_.label, seed, begun);
    faults_ = std::make_unique<PlannedFaults>(*chooser_);
}

EmulatedPlace ServedVenue::open(net::Loop& loop, const LiveClock& clock, const net::ServerIdentity& identity,
                                const std::string& address)
{
    VenueServerSetup setup;
    setup.identity = identity;
    setup.address = address;
    setup.port = config_.port;
    setup.venue = venue_.get();
    setup.market = &market_;
    setup.faults = faults_.get();
    setup.latency = config_.latency;
    setup.deliver = [this](Timestamp at, SessionOutbox& out) { exchange_.deliver(*venue_, at, out); };
    setup.on_time = [this](Timestamp) { exchange_.on_time(now()); };
    try {
        server_ = std::make_unique<VenueServer>(loop, clock, std::move(setup));
    } catch (const std::runtime_error& error) {
        throw StartError(
            ExitCode::usage,
            fmt::format("{}{}venue '{}' {}; is another `arbiter venues` running? Choose another "
                        "port for it",
                        config_.place, config_.place.empty() ? "" : ": ", config_.label, error.what()));
    }
    const std::string host_port = fmt::format("{}:{}", address, server_->port());
    return {config_.label, host_port, venue_->addresses(host_port), {}};
}

std::vector<EmulatedKeyFile> ServedVenue::write_keys(const std::string& directory)
{
    std::vector<EmulatedKeyFile> files;
    for (const EmulatedKey& key : keys_) {
        EmulatedKeyFile file{key.label, key.key_id, key.secret, key.passphrase, scopes_of(key), {}};
        file.file = fmt::format("{}/keys/{}_{}.toml", directory, config_.label, key.label);
        std::string text = "# A thrown-away key of an emulated venue, worth nothing anywhere else.\n";
        text += fmt::format("venue = {}\nlabel = {}\nkey_id = {}\nsecret = {}\n", toml_text(config_.label),
                            toml_text(key.label), toml_text(key.key_id), toml_text(key.secret));
        if (!key.passphrase.empty()) text += fmt::format("passphrase = {}\n", toml_text(key.passphrase));
        // Where its venue does not tell these, somebody has to vouch; for a key that is worth nothing anybody
        // may.
        const Timestamp today = LiveClock().now();
        for (const std::string_view what : {kAttestAddresses, kAttestExpiry}) {
            text += fmt::format(
                "[[attest]]\nwhat = {}\nby = \"the emulated venue\"\ndate = \"{}\"\nuntil = \"{}\"\n",
                toml_text(what), format_day(today), format_day(today + kVouchedFor));
        }
        net::write_key_file(file.file, text);
        files.push_back(std::move(file));
    }
    deviate(config_.deviations, keys_);
    return files;
}

ListingId ServedVenue::listing(const std::string& instrument) const
{
    const std::optional<InstrumentId> id = exchange_.table().find_instrument(instrument);
    return id ? exchange_.table().find_listing(id_, *id).value_or(kNoListing) : kNoListing;
}

void ServedVenue::revoke_key(const std::string& label)
{
    for (EmulatedKey& key : keys_) {
        if (key.label != label) continue;
        key.revoked = true;
        server_->key_changed(key);
    }
}

void ServedVenue::run_faults(Timestamp now, TimedActions& later)
{
    if (!chooser_) return;
    for (const FaultRule* rule : chooser_->due(now)) run_fault(*rule, now, later);
}

void ServedVenue::run_fault(const FaultRule& rule, Timestamp now, TimedActions& later)
{
    const auto on_and_off = [&](const std::function<void(bool)>& turn) {
        turn(true);
        if (rule.lasts.ns > 0) later.at(now + rule.lasts, [turn] { turn(false); });
    };
    switch (rule.kind) {
        case FaultKind::ban:
            server_->ban(rule.lasts);
            break;
        case FaultKind::halt:
        case FaultKind::cancel_only: {
            const ListingId drawn = listings_[chooser_->pick(listings_.size())];
            const ListingId id = rule.instrument.empty() ? drawn : listing(rule.instrument);
            if (id == kNoListing) break;  // another venue's instrument
            const auto set = rule.kind == FaultKind::halt ? &EmulatedExchange::set_halted
                                                          : &EmulatedExchange::set_cancel_only;
            on_and_off([this, set, id](bool on) { (exchange_.*set)(id, on); });
            break;
        }
        case FaultKind::revoke_key:
            revoke_key(rule.key.empty() ? "trade" : rule.key);
            break;
        case FaultKind::clock_skew:
            on_and_off([this, skew = rule.skew](bool on) { server_->set_skew(on ? skew : Duration{}); });
            break;
        case FaultKind::cut_connection:
            server_->cut_session(chooser_->pick(server_->session_count()));
            break;
        case FaultKind::freeze:
            server_->freeze_session(chooser_->pick(server_->session_count()),
                                    rule.lasts.ns > 0 ? rule.lasts : kFreezeDefault);
            break;
        default:
            break;  // kinds that strike messages are never due
    }
}

}  // namespace arb
