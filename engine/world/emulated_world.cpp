#include "engine/world/emulated_world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/hash.hpp"
#include "engine/keys/private_directory.hpp"

namespace arb {
namespace {

constexpr Amount kPlenty{Int128{1'000'000'000} * power_of_ten(kAmountDecimals)};
constexpr Duration kTurnMax = milliseconds(5);

std::map<std::string, Decimal> prices_of(const std::vector<EmulatedPairConfig>& pairs)
{
    std::map<std::string, Decimal> prices;
    for (const EmulatedPairConfig& pair : pairs) prices[pair.base + "/" + pair.quote] = pair.price;
    return prices;
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

std::vector<EmulatedKey> keys_of(const ConnectorType& type, unsigned accounts, std::uint64_t seed)
{
    std::vector<EmulatedKey> keys;
    for (unsigned number = 1; number <= accounts; ++number) {
        const auto account = static_cast<std::uint32_t>(EmulatedWorld::client(number));
        for (EmulatedKey& key : type.make_emulated_keys(seed, account)) {
            if (number > 1) key.label += fmt::format("_{}", number);
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

void deposit(const EmulatedWorldConfig& config, const EmulatedVenueConfig& venue, EmulatedExchange& exchange)
{
    std::map<std::string, Amount> amounts;
    for (const auto& [asset, amount] : config.balances) amounts[asset] = amount;
    for (const auto& [asset, amount] : venue.balances) amounts[asset] = amount;
    for (unsigned number = 1; number <= venue.accounts; ++number) {
        for (const auto& [asset, amount] : amounts)
            exchange.deposit(EmulatedWorld::client(number), asset, amount);
    }
    for (const EmulatedPairConfig& pair : config.pairs) {
        exchange.deposit(EmulatedWorld::kStranger, pair.base, kPlenty);
        exchange.deposit(EmulatedWorld::kStranger, pair.quote, kPlenty);
    }
}

ListingId listed(const ServedVenue& venue, const std::string& instrument)
{
    const ListingId id = venue.listing(instrument);
    ENSURE(id != kNoListing, "the venue lists that instrument");
    return id;
}

}  // namespace

EmulatedWorld::EmulatedWorld(EmulatedWorldConfig config, const Plugins& plugins, const std::string& directory)
    : config_(std::move(config)),
      listings_(listings_of(config_, plugins)),
      table_(InstrumentTable::build(listings_).take()),
      loop_(config_.idle),
      street_(table_, prices_of(config_.pairs), config_.street, config_.seed)
{
    check_faults(config_, table_);
    make_directory(directory, false);
    make_directory(directory + "/keys", true);
    try {
        make_venues(plugins, directory);
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

void EmulatedWorld::make_venues(const Plugins& plugins, const std::string& directory)
{
    const Timestamp begun = clock_.now();
    const net::Authority authority = net::Authority::make("Arbiter emulated venues");
    net::CertificateRequest request{
        {"localhost"}, {"127.0.0.1", "::1"}, std::chrono::hours(-1), std::chrono::hours(24 * 30)};
    if (config_.address != "127.0.0.1" && config_.address != "::1")
        request.ip_addresses.push_back(config_.address);
    const net::ServerIdentity identity = authority.issue(request);
    std::map<std::string_view, std::shared_ptr<EmulatedWindows>> windows_of;  // by exchange
    for (std::size_t v = 0; v < config_.venues.size(); ++v) {
        const EmulatedVenueConfig& config = config_.venues[v];
        const EmulatedConnector connector = connector_of(plugins, config);
        // A venue's keys and ids depend on its name and the seed, not on its neighbours.
        Hash hash;
        hash.add(config_.seed);
        hash.add_text(config.label);
        EmulatedVenueSetup setup;
        setup.id = static_cast<VenueId>(v);
        setup.table = &table_;
        setup.market = connector.market;
        setup.definitions = listings_[v].definitions;
        setup.seed = hash.value();
        std::shared_ptr<EmulatedWindows>& windows = windows_of[connector.type->exchange];
        if (windows == nullptr) windows = std::make_shared<EmulatedWindows>();
        setup.windows = windows;
        auto venue = std::make_unique<ServedVenue>(config, *connector.type, setup,
                                                   keys_of(*connector.type, config.accounts, setup.seed));
        if (!config_.faults.rules.empty()) venue->plan_faults(config_.faults, config_.seed, begun);
        deposit(config_, config, venue->exchange());
        places_.push_back(venue->open(loop_, clock_, identity, config_.address));
        exchanges_.push_back(&venue->exchange());
        venues_.push_back(std::move(venue));
    }
    // Only now: a second world that cannot have its ports must not replace the files of the first.
    ca_file_ = directory + "/ca.pem";
    net::write_certificate_file(ca_file_, authority.certificate_pem());
    for (std::size_t v = 0; v < venues_.size(); ++v) places_[v].keys = venues_[v]->write_keys(directory);
}

void EmulatedWorld::turn(Duration max_wait)
{
    run_posted();
    run_faults();
    move_street();
    Timestamp next = clock_.now() + std::min(max_wait, kTurnMax);
    for (const auto& venue : venues_) {
        venue->server().turn();
        next = std::min(next, venue->server().next_due());
    }
    const Duration wait = next - clock_.now();
    loop_.run_once(std::chrono::nanoseconds(std::max<std::int64_t>(wait.ns, 0)));
}

void EmulatedWorld::move_street()
{
    std::vector<Timestamp> times;
    for (const auto& venue : venues_) times.push_back(venue->now());
    if (street_.advance(exchanges_, times, clock_.now()) == 0) return;
    for (const auto& venue : venues_) venue->server().deliver();
}

void EmulatedWorld::run_faults()
{
    const Timestamp now = clock_.now();
    // On a slow machine the end of a fault and its next beginning are due in one turn: the venue is without
    // it for that turn at least, or it would never be seen without.
    bool ended = false;
    while (later_.run_one(now)) ended = true;
    if (ended) return;
    for (const auto& venue : venues_) venue->run_faults(now, later_);
}

void EmulatedWorld::start()
{
    ENSURE(!thread_.joinable(), "a world is started once at a time");
    stop_.store(false);
    thread_ = std::thread([this] {
        while (!stop_.load()) turn(kTurnMax);
        run_posted();
    });
}

void EmulatedWorld::stop()
{
    stop_.store(true);
    loop_.wake();
    if (thread_.joinable()) thread_.join();
}

void EmulatedWorld::post(std::function<void()> action)
{
    {
        const std::lock_guard<std::mutex> lock(posted_mutex_);
        posted_.push_back(std::move(action));
    }
    loop_.wake();
}

void EmulatedWorld::run_posted()
{
    std::vector<std::function<void()>> actions;
    {
        const std::lock_guard<std::mutex> lock(posted_mutex_);
        actions.swap(posted_);
    }
    for (const std::function<void()>& action : actions) action();
}

ServedVenue& EmulatedWorld::served(const std::string& venue) const
{
    const auto found = std::find_if(venues_.begin(), venues_.end(),
                                    [&](const auto& v) { return v->config().label == venue; });
    ENSURE(found != venues_.end(), "the world has that venue");
    return **found;
}

void EmulatedWorld::revoke_key(const std::string& venue, const std::string& label)
{
    post([&v = served(venue), label] { v.revoke_key(label); });
}

void EmulatedWorld::set_halted(const std::string& venue, const std::string& instrument, bool halted)
{
    ServedVenue& v = served(venue);
    post([&v, id = listed(v, instrument), halted] { v.exchange().set_halted(id, halted); });
}

void EmulatedWorld::set_cancel_only(const std::string& venue, const std::string& instrument, bool only)
{
    ServedVenue& v = served(venue);
    post([&v, id = listed(v, instrument), only] { v.exchange().set_cancel_only(id, only); });
}

void EmulatedWorld::set_clock_skew(const std::string& venue, Duration ahead)
{
    post([&server = served(venue).server(), ahead] { server.set_skew(ahead); });
}

void EmulatedWorld::ban(const std::string& venue, Duration lasts)
{
    post([&server = served(venue).server(), lasts] { server.ban(lasts); });
}

void EmulatedWorld::cut_connections(const std::string& venue)
{
    post([&server = served(venue).server()] {
        while (server.session_count() > 0) server.cut_session(0);
    });
}

void EmulatedWorld::freeze_connections(const std::string& venue, Duration lasts)
{
    post([&server = served(venue).server(), lasts] {
        for (std::size_t i = 0; i < server.session_count(); ++i) server.freeze_session(i, lasts);
    });
}

void EmulatedWorld::place_stranger(const std::string& venue, const std::string& instrument, Side side,
                                   Decimal price, Decimal quantity, TimeInForce time_in_force,
                                   AccountId account)
{
    ServedVenue& v = served(venue);
    PlaceOrder order;
    order.account = account;
    order.listing = listed(v, instrument);
    const Instrument& rules = table_.instrument_of(order.listing);
    const auto price_units = price.scaled(rules.price_decimals);
    const auto quantity_units = quantity.scaled(rules.quantity_decimals);
    ENSURE(price_units && quantity_units, "price and quantity are no finer than the instrument's units");
    order.side = side;
    order.time_in_force = time_in_force;
    order.price = {*price_units};
    order.quantity = {*quantity_units};
    post([&v, order] {
        (void)v.exchange().place(order, v.now());
        v.server().deliver();
    });
}

EmulatedExchange& EmulatedWorld::exchange(const std::string& venue)
{
    ENSURE(!thread_.joinable(), "the exchange is looked at when the world stands still");
    return served(venue).exchange();
}

std::uint64_t EmulatedWorld::faults_struck() const
{
    std::uint64_t sum = 0;
    for (const auto& venue : venues_) sum += venue->faults_struck();
    return sum;
}

const VenueServerCounts& EmulatedWorld::counts(const std::string& venue) const
{
    return served(venue).server().counts();
}

std::vector<EmulatedTruth> EmulatedWorld::truth() const
{
    ENSURE(!thread_.joinable(), "the truth is told when the world stands still");
    std::vector<EmulatedTruth> result;
    for (const auto& venue : venues_) {
        std::vector<AccountId> accounts{kClient, kStranger};
        for (unsigned number = 2; number <= venue->config().accounts; ++number)
            accounts.push_back(client(number));
        for (const AccountId account : accounts) {
            EmulatedTruth truth;
            truth.venue = venue->config().label;
            truth.account = account;
            truth.balances = venue->exchange().balances(account);
            for (const EmulatedOrder* order : venue->exchange().orders(account, kNoListing, false))
                truth.orders.push_back(*order);
            for (const EmulatedTrade* trade : venue->exchange().trades(account, kNoListing, {}))
                truth.trades.push_back(*trade);
            result.push_back(std::move(truth));
        }
    }
    return result;
}

}  // namespace arb
