// EmulatedWorld: how it is put together and torn down.
#include "engine/world/emulated_world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/hash.hpp"
#include "engine/emulate/emulator.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/keys/scope_policy.hpp"
#include "engine/live/clock.hpp"
#include "engine/trading/settings.hpp"
#include "engine/venue/pair_symbol.hpp"
#include "engine/world/emulated_world_parts.hpp"

namespace arb {
namespace {

constexpr Duration kVouchedFor = seconds(30 * 86'400);
constexpr Amount kPlenty{Int128{1'000'000'000} * power_of_ten(kAmountDecimals)};

struct Connector {
    const ConnectorType* type = nullptr;
    std::string market;
};

Connector connector_of(const Plugins& plugins, const EmulatedVenueConfig& venue)
{
    std::vector<std::string> labels;
    for (const ConnectorType* type : plugins.connectors) {
        for (const std::string_view market : type->markets) {
            const VenueKey key{std::string(type->exchange), std::string(market)};
            if (key.label() == venue.label && type->make_emulated_venue != nullptr &&
                type->make_emulated_keys != nullptr)
                return {type, key.market};
            if (type->make_emulated_venue != nullptr) labels.push_back(key.label());
        }
    }
    const std::string near = nearest(venue.label, labels);
    throw StartError(ExitCode::usage,
                     fmt::format("{}: there is no emulated venue '{}'{}", venue.place, venue.label,
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

// A smallest notional is a rule of the venues whose lists tell one: of the others none knows it.
Decimal notional_told(const Connector& connector, const ListingDefinition& definition)
{
    if (connector.type->make_emulator == nullptr) return definition.notional_min;
    const VenueMessage list = connector.type->make_emulator(connector.market)->instruments({definition});
    const auto told = connector.type->read_instruments(connector.market, list.url, list.text);
    return told && told.value().size() == 1 ? told.value().front().notional_min : definition.notional_min;
}

// The pair's smallest quantity is one contract.
void count_contracts(ListingDefinition& d)
{
    const unsigned decimals = std::max(d.lot.decimals(), d.quantity_min.decimals());
    const std::int64_t contract = d.lot.scaled(decimals).value_or(1);
    const std::int64_t least = d.quantity_min.scaled(decimals).value_or(0);
    d.quantity_min = Decimal((least + contract - 1) / contract, 0);
    d.multiplier = std::exchange(d.lot, Decimal(1, 0));
}

std::optional<ListingDefinition> listing_of(const Connector& connector, const EmulatedPairConfig& pair)
{
    auto d = listing_of_pair(
        *connector.type, connector.market, pair.base, pair.quote,
        [](const ListingDefinition& one) { return !one.inverse && one.kind != InstrumentKind::future; });
    if (!d) return d;
    d->tick = pair.tick;
    d->lot = pair.lot;
    d->quantity_min = pair.quantity_min;
    const auto& counted = connector.type->contract_markets;
    if (std::find(counted.begin(), counted.end(), connector.market) != counted.end()) count_contracts(*d);
    d->notional_min = pair.notional_min;
    d->notional_min = notional_told(connector, *d);
    return d;
}

void make_directory(const std::string& path, bool close_to_others)
{
    make_private_directory(path);
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0 || (!S_ISDIR(about.st_mode) && close_to_others))
        throw StartError(ExitCode::usage, fmt::format("{}: is no directory", path));
    if (close_to_others && (about.st_mode & 0777) != 0700 && ::chmod(path.c_str(), 0700) != 0)
        throw StartError(ExitCode::usage, fmt::format("{}: cannot be closed to others", path));
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

EmulatedWorld::EmulatedWorld(EmulatedWorldConfig config, const Plugins& plugins, const std::string& directory)
    : config_(std::move(config)), loop_(config_.idle)
{
    if (config_.venues.empty()) throw StartError(ExitCode::usage, "no venue is to be served");
    make_table(plugins);
    check_faults();
    begun_ = clock_.now();
    std::map<std::string, Decimal> prices;
    for (const EmulatedPairConfig& pair : config_.pairs) prices[pair.base + "/" + pair.quote] = pair.price;
    street_ = std::make_unique<CommonMarket>(*table_, prices, config_.street, config_.seed);
    make_directory(directory, false);
    make_directory(directory + "/keys", true);
    try {
        make_members(plugins, directory);
    } catch (const StartError&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw StartError(ExitCode::usage, error.what());
    }
    // Clients find books from the first moment on.
    move_street();
}

EmulatedWorld::~EmulatedWorld()
{
    stop();
}

void EmulatedWorld::make_table(const Plugins& plugins)
{
    for (const EmulatedVenueConfig& venue : config_.venues) {
        const Connector connector = connector_of(plugins, venue);
        InstrumentTable::VenueListings entry{{std::string(connector.type->exchange), connector.market}, {}};
        std::vector<std::string> missing = venue.instruments;
        for (const EmulatedPairConfig& pair : config_.pairs) {
            const std::string pair_name = pair.base + "/" + pair.quote;
            const auto wanted = std::find(missing.begin(), missing.end(), pair_name);
            if (!venue.instruments.empty() && wanted == missing.end()) continue;
            if (wanted != missing.end()) missing.erase(wanted);
            std::optional<ListingDefinition> d = listing_of(connector, pair);
            if (!d) continue;
            d->fee_maker = Decimal(venue.maker_fee.units, 8);
            d->fee_taker = Decimal(venue.taker_fee.units, 8);
            // Some venues want a number of theirs in orders instead of the symbol.
            if (d->code.empty()) d->code = fmt::format("{}", 10'001 + entry.definitions.size());
            entry.definitions.push_back(std::move(*d));
        }
        if (!missing.empty()) {
            throw StartError(ExitCode::usage,
                             fmt::format("{}: venue '{}' lists {}, which no [[pair]] describes", venue.place,
                                         venue.label, missing.front()));
        }
        if (entry.definitions.empty()) {
            throw StartError(ExitCode::usage, fmt::format("{}: venue '{}' has no name for any of the pairs",
                                                          venue.place, venue.label));
        }
        listings_.push_back(std::move(entry));
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
}

void EmulatedWorld::make_members(const Plugins& plugins, const std::string& directory)
{
    const net::Authority authority = net::Authority::make("Arbiter emulated venues");
    net::CertificateRequest request{
        {"localhost"}, {"127.0.0.1", "::1"}, std::chrono::hours(-1), std::chrono::hours(24 * 30)};
    if (config_.address != "127.0.0.1" && config_.address != "::1")
        request.ip_addresses.push_back(config_.address);
    const net::ServerIdentity identity = authority.issue(request);
    std::map<std::string, std::shared_ptr<EmulatedWindows>> windows_of;
    for (std::size_t v = 0; v < config_.venues.size(); ++v) {
        const EmulatedVenueConfig& venue = config_.venues[v];
        const Connector connector = connector_of(plugins, venue);
        auto member = std::make_unique<Member>(venue, *table_, static_cast<VenueId>(v));
        // A venue's keys and ids depend on its name and the seed, not on its neighbours.
        Hash hash;
        hash.add(config_.seed);
        hash.add_text(venue.label);
        for (unsigned number = 1; number <= venue.accounts; ++number) {
            const auto account = static_cast<std::uint32_t>(client(number));
            for (EmulatedKey& key : connector.type->make_emulated_keys(hash.value(), account)) {
                if (number > 1) key.label += fmt::format("_{}", number);
                member->keys.push_back(std::move(key));
            }
        }
        EmulatedVenueSetup setup;
        setup.id = static_cast<VenueId>(v);
        setup.table = table_.get();
        setup.market = connector.market;
        setup.definitions = deviant(venue.deviations, listings_[v].definitions);
        setup.exchange = &member->market;
        setup.keys = &member->keys;
        setup.seed = hash.value();
        setup.rate_limits = venue.rate_limits;
        setup.manners = venue.manners;
        setup.settings = venue.settings;
        std::shared_ptr<EmulatedWindows>& windows = windows_of[std::string(connector.type->exchange)];
        if (windows == nullptr) windows = std::make_shared<EmulatedWindows>();
        setup.windows = windows;
        member->venue = connector.type->make_emulated_venue(setup);
        if (venue.deviations.any())
            member->venue = std::make_unique<DeviantVenue>(std::move(member->venue), member->deviant_market);
        if (!config_.faults.rules.empty())
            member->faults =
                std::make_unique<PlannedFaults>(config_.faults, venue.label, config_.seed, begun_);
        deposit(*member);
        open_server(*member, identity);
        exchanges_.push_back(&member->exchange);
        members_.push_back(std::move(member));
    }
    // Only now: a second world that cannot have its ports must not replace the files of the first.
    ca_file_ = directory + "/ca.pem";
    net::write_certificate_file(ca_file_, authority.certificate_pem());
    for (std::size_t v = 0; v < members_.size(); ++v) write_keys(*members_[v], places_[v], directory);
    // People are told what the keys are meant to be able to do.
    for (const auto& member : members_) deviate(member->config.deviations, member->keys);
}

void EmulatedWorld::deposit(Member& member)
{
    std::map<std::string, Amount> amounts;
    for (const auto& [asset, amount] : config_.balances) amounts[asset] = amount;
    for (const auto& [asset, amount] : member.config.balances) amounts[asset] = amount;
    for (unsigned number = 1; number <= member.config.accounts; ++number) {
        for (const auto& [asset, amount] : amounts) member.exchange.deposit(client(number), asset, amount);
    }
    for (const EmulatedPairConfig& pair : config_.pairs) {
        member.exchange.deposit(kStranger, pair.base, kPlenty);
        member.exchange.deposit(kStranger, pair.quote, kPlenty);
    }
}

void EmulatedWorld::open_server(Member& member, const net::ServerIdentity& identity)
{
    VenueServerSetup setup;
    setup.identity = identity;
    setup.address = config_.address;
    setup.port = member.config.port;
    setup.venue = member.venue.get();
    setup.market = &member.market;
    setup.faults = member.faults.get();
    setup.latency = member.config.latency;
    setup.deliver = [&member](Timestamp now, SessionOutbox& out) {
        member.exchange.deliver(*member.venue, now, out);
    };
    setup.on_time = [&member](Timestamp) { member.exchange.on_time(member.now()); };
    try {
        member.server = std::make_unique<VenueServer>(loop_, clock_, std::move(setup));
    } catch (const std::runtime_error& error) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}{}venue '{}' {}; is another `arbiter venues` running? Choose another "
                                     "port for it",
                                     member.config.place, member.config.place.empty() ? "" : ": ",
                                     member.config.label, error.what()));
    }
    EmulatedPlace place;
    place.venue = member.config.label;
    place.host_port = fmt::format("{}:{}", config_.address, member.server->port());
    place.addresses = member.venue->addresses(place.host_port);
    places_.push_back(std::move(place));
}

void EmulatedWorld::write_keys(const Member& member, EmulatedPlace& place, const std::string& directory)
{
    for (const EmulatedKey& key : member.keys) {
        EmulatedKeyFile file{key.label, key.key_id, key.secret, key.passphrase, scopes_of(key), {}};
        file.file = fmt::format("{}/keys/{}_{}.toml", directory, place.venue, key.label);
        std::string text = "# A thrown-away key of an emulated venue, worth nothing anywhere else.\n";
        text += fmt::format("venue = {}\nlabel = {}\nkey_id = {}\nsecret = {}\n", toml_text(place.venue),
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
        place.keys.push_back(std::move(file));
    }
}

void EmulatedWorld::check_faults() const
{
    std::vector<std::string> labels, names;
    for (const EmulatedVenueConfig& venue : config_.venues) labels.push_back(venue.label);
    for (const Instrument& instrument : table_->instruments()) names.push_back(instrument.name);
    const auto check = [](const FaultRule& rule, const char* what, const std::string& value,
                          const std::vector<std::string>& known) {
        if (value.empty() || std::find(known.begin(), known.end(), value) != known.end()) return;
        const std::string near = nearest(value, known);
        throw StartError(ExitCode::usage,
                         fmt::format("{}: {} '{}' is not served here{}", rule.place, what, value,
                                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    };
    for (const FaultRule& rule : config_.faults.rules) {
        check(rule, "venue", rule.venue, labels);
        check(rule, "instrument", rule.instrument, names);
    }
}

std::vector<EmulatedTruth> EmulatedWorld::truth() const
{
    ENSURE(!thread_.joinable(), "the truth is told when the world stands still");
    std::vector<EmulatedTruth> result;
    for (const auto& member : members_) {
        std::vector<AccountId> accounts{kClient, kStranger};
        for (unsigned number = 2; number <= member->config.accounts; ++number)
            accounts.push_back(client(number));
        for (const AccountId account : accounts) {
            EmulatedTruth truth;
            truth.venue = member->config.label;
            truth.account = account;
            truth.balances = member->exchange.balances(account);
            for (const EmulatedOrder* order : member->exchange.orders(account, kNoListing, false))
                truth.orders.push_back(*order);
            for (const EmulatedTrade* trade : member->exchange.trades(account, kNoListing, {}))
                truth.trades.push_back(*trade);
            result.push_back(std::move(truth));
        }
    }
    return result;
}

}  // namespace arb
