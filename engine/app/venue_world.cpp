#include "engine/app/venue_world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/app/world_faults.hpp"

namespace arb {
namespace {

// The symbol a venue would use: the first way of writing the pair that its connector reads as that pair.
std::optional<ListingDefinition> listing_of(const ConnectorType& type, const std::string& market,
                                            const StreetInstrument& pair)
{
    for (const char* separator : {"-", "/", ""}) {
        const std::string symbol = fmt::format("{}{}{}", pair.base, separator, pair.quote);
        std::optional<ListingDefinition> d = type.guess_listing(market, symbol);
        if (!d || d->base != pair.base || d->quote != pair.quote) continue;
        d->tick = *Decimal::parse(pair.tick);
        d->lot = *Decimal::parse(pair.lot);
        d->quantity_min = *Decimal::parse(pair.quantity_min);
        d->notional_min = *Decimal::parse(pair.notional_min);
        return d;
    }
    return std::nullopt;
}

std::string toml_text(const std::string& value)
{
    std::string result = "\"";
    for (const char c : value) {
        if (c == '\n')
            result += "\\n";
        else if (c == '"' || c == '\\')
            result += std::string("\\") + c;
        else
            result += c;
    }
    return result + "\"";
}

}  // namespace

struct VenueWorld::Served {
    WorldVenue config;
    std::vector<EmulatedKey> keys;
    std::unique_ptr<EmulatedExchange> exchange;
    std::unique_ptr<EmulatedVenue> venue;
    std::unique_ptr<WorldFaults> faults;
    std::unique_ptr<VenueHost> host;
};

VenueWorld::VenueWorld(WorldConfig config, const Plugins& plugins)
    : config_(std::move(config)), loop_(std::make_unique<net::Loop>(net::Idle::sleep))
{
    if (::mkdir(config_.directory.c_str(), 0700) != 0 && errno != EEXIST)
        throw StartError(ExitCode::usage,
                         fmt::format("{}: cannot be made: {}", config_.directory, std::strerror(errno)));
    make_table(plugins);
    street_ = std::make_unique<MarketStreet>(*table_, config_.instruments, config_.seed);
    const net::Authority authority = net::Authority::make("Arbiter emulated venues");
    ca_file_ = config_.directory + "/ca.pem";
    net::write_certificate_file(ca_file_, authority.certificate_pem());
    const net::ServerIdentity identity = authority.issue({{"localhost"}, {"127.0.0.1", "::1"}});
    for (std::size_t v = 0; v < config_.venues.size(); ++v) {
        const auto id = static_cast<VenueId>(v);
        const ConnectorType& type = *connector_of(plugins, table_->venue(id));
        auto served = std::make_unique<Served>();
        served->config = config_.venues[v];
        ExchangeRules rules;
        rules.fee_taking = type.fees_from_received ? FeeTaking::received : FeeTaking::quote;
        rules.maker_fee = served->config.maker_fee;
        rules.taker_fee = served->config.taker_fee;
        served->exchange = std::make_unique<EmulatedExchange>(*table_, id, rules);
        for (const auto& [asset, amount] : config_.balances)
            served->exchange->deposit(kAccount, asset, amount);
        served->keys = type.make_emulated_keys(config_.seed + v, static_cast<std::uint32_t>(kAccount));
        EmulatedVenueSetup setup;
        setup.id = id;
        setup.table = table_.get();
        setup.market = table_->venue(id).market;
        setup.definitions = listings_[v].definitions;
        setup.exchange = served->exchange.get();
        setup.keys = &served->keys;
        setup.seed = config_.seed * 31 + v;
        served->venue = type.make_emulated_venue(setup);
        if (config_.faults) served->faults = std::make_unique<WorldFaults>(config_.seed * 7 + v);
        Served* self = served.get();
        served->host = std::make_unique<VenueHost>(
            *loop_, identity, *served->venue, served->faults.get(), [this, self] { return now(*self); },
            [this, self](SessionOutbox& out) { self->exchange->deliver(*self->venue, now(*self), out); });
        std::uint16_t port = 0;
        try {
            port = served->host->listen(served->config.port);
        } catch (const std::runtime_error& error) {
            throw StartError(ExitCode::usage, fmt::format("{}: port {}: {}", served->config.label,
                                                          served->config.port, error.what()));
        }
        WorldPlace place;
        place.label = served->config.label;
        place.endpoint = fmt::format("127.0.0.1:{}", port);
        place.addresses = served->venue->addresses(place.endpoint);
        write_keys(*served, place, type);
        places_.push_back(std::move(place));
        venues_.push_back(std::move(served));
    }
}

EmulatedExchange& VenueWorld::exchange(std::size_t venue)
{
    return *venues_[venue]->exchange;
}

VenueWorld::~VenueWorld()
{
    stop();
}

void VenueWorld::make_table(const Plugins& plugins)
{
    for (const WorldVenue& venue : config_.venues) {
        const std::size_t cut = venue.label.find('_');
        VenueKey key{venue.label.substr(0, cut),
                     cut == std::string::npos ? "spot" : venue.label.substr(cut + 1)};
        if (connector_of(plugins, key) == nullptr && key.market == "spot") key.market.clear();
        const ConnectorType* type = connector_of(plugins, key);
        if (type == nullptr || type->make_emulated_venue == nullptr)
            throw StartError(ExitCode::usage,
                             fmt::format("venue '{}': there is no emulated venue of it", venue.label));
        InstrumentTable::VenueListings listings{key, {}};
        for (const StreetInstrument& pair : config_.instruments) {
            if (auto d = listing_of(*type, key.market, pair)) listings.definitions.push_back(*d);
        }
        listings_.push_back(std::move(listings));
    }
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings_).take());
}

void VenueWorld::write_keys(Served& venue, WorldPlace& place, const ConnectorType&)
{
    for (const EmulatedKey& key : venue.keys) {
        WorldKey out;
        out.label = key.label;
        out.key_id = key.key_id;
        out.secret = key.secret;
        out.passphrase = key.passphrase;
        if (key.can_read) out.scopes.emplace_back("read");
        if (key.can_trade) out.scopes.emplace_back("trade");
        if (key.can_withdraw) out.scopes.emplace_back("withdraw");
        out.file = fmt::format("{}/{}-{}.key.toml", config_.directory, place.label, key.label);
        std::string text =
            fmt::format("# a thrown-away key of an emulated venue\nvenue = \"{}\"\nlabel = \"{}\"\n",
                        place.label, key.label);
        text += fmt::format("key_id = {}\nsecret = {}\n", toml_text(key.key_id), toml_text(key.secret));
        if (!key.passphrase.empty()) text += fmt::format("passphrase = {}\n", toml_text(key.passphrase));
        net::write_key_file(out.file, text);
        place.keys.push_back(std::move(out));
    }
}

Timestamp VenueWorld::now(const Served& venue) const
{
    return clock_.now() + venue.config.clock_skew;
}

void VenueWorld::turn()
{
    (void)loop_->run_once(std::chrono::milliseconds(1));
    const Timestamp time = clock_.now();
    // After a pause of the machine the street goes on from now instead of making up for it.
    if (time - stepped_ > seconds(1)) stepped_ = time;
    while (time - stepped_ >= MarketStreet::kStep) {
        stepped_ = stepped_ + MarketStreet::kStep;
        std::vector<EmulatedExchange*> exchanges;
        for (const auto& venue : venues_) exchanges.push_back(venue->exchange.get());
        street_->step(exchanges, time);
        for (const auto& venue : venues_) {
            venue->exchange->on_time(now(*venue));
            venue->exchange->deliver(*venue->venue, now(*venue), *venue->host);
        }
    }
    for (const auto& venue : venues_) venue->host->on_time();
    std::vector<std::function<void(VenueWorld&)>> orders;
    {
        const std::lock_guard lock(orders_mutex_);
        orders.swap(orders_);
    }
    for (const auto& order : orders) order(*this);
}

void VenueWorld::run()
{
    while (!stop_.load()) turn();
}

void VenueWorld::start()
{
    stepped_ = clock_.now();
    thread_ = std::thread([this] { run(); });
}

void VenueWorld::stop()
{
    stop_.store(true);
    loop_->wake();
    if (thread_.joinable()) thread_.join();
}

void VenueWorld::tell(std::function<void(VenueWorld&)> order)
{
    const std::lock_guard lock(orders_mutex_);
    orders_.push_back(std::move(order));
}

void VenueWorld::revoke(std::size_t venue, std::string_view label)
{
    Served& served = *venues_[venue];
    for (EmulatedKey& key : served.keys) {
        if (key.label != label) continue;
        key.revoked = true;
        served.venue->on_key_changed(key, now(served), *served.host);
    }
}

std::uint64_t VenueWorld::faults_played() const
{
    std::uint64_t sum = 0;
    for (const auto& venue : venues_) sum += venue->faults != nullptr ? venue->faults->played() : 0;
    return sum;
}

}  // namespace arb
