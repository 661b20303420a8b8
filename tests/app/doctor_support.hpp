#pragma once
// A healthy machine, healthy venues and a healthy key for tests of `arbiter doctor` and `arbiter keys check`,
// each part of which a test makes sick. Tests only, one thread.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "engine/app/config/config_file.hpp"
#include "engine/app/doctor/doctor.hpp"
#include "engine/app/doctor/doctor_stamp.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb::test {

inline Timestamp doctor_day()
{
    return *parse_day("2026-03-01") + seconds(3600);
}

inline Amount whole(std::int64_t n)
{
    return *amount_of(Decimal(n, 0));
}

inline ProbedKey clean_key()
{
    ProbedKey key;
    key.bare.answer = KeyAnswer::told;
    key.bare.rights.add(KeyRight::read);
    key.bare.rights.add(KeyRight::trade);
    key.bare.addresses = KeyTold::some;
    key.bare.expiry = KeyTold::none;
    key.address_list = "203.0.113.7";
    return key;
}

/// What one venue answers, and what it was asked.
struct VenueScript {
    Duration ahead;
    Duration trip = milliseconds(20);
    TimeTold told = TimeTold::exactly;
    std::string time_error;
    bool untrusted = false;
    net::TlsFacts tls{"TLSv1.3", 1'790'000'000};
    ProbedKey key = clean_key();
    std::vector<ProbedBalance> balances;
    std::string balances_error;
    Result<std::vector<ListingDefinition>> listed = std::vector<ListingDefinition>{};
    int times = 0, key_questions = 0, balance_questions = 0;
    std::vector<Duration> offsets;  ///< told before signed questions
};

class ScriptedQuestions final : public VenueQuestions {
  public:
    ScriptedQuestions(VenueScript& script, const ProbeSetup& setup)
        : script_(&script), on_key_use_(setup.on_key_use)
    {
    }
    Result<ProbedTime> time(Duration) override
    {
        ++script_->times;
        if (!script_->time_error.empty()) return Error{ExitCode::network, script_->time_error};
        const Timestamp sent = doctor_day();
        const Duration half{script_->trip.ns / 2};
        return ProbedTime{sent + half + script_->ahead, sent, sent + script_->trip, script_->told};
    }
    ProbedKey key(Duration) override
    {
        ++script_->key_questions;
        if (on_key_use_) on_key_use_("/key");
        return script_->key;
    }
    Result<std::vector<ProbedBalance>> balances(Duration) override
    {
        ++script_->balance_questions;
        if (!script_->balances_error.empty()) return Error{ExitCode::network, script_->balances_error};
        return script_->balances;
    }
    void set_clock_offset(Duration offset) override { script_->offsets.push_back(offset); }
    net::TlsFacts tls() const override
    {
        return script_->time_error.empty() ? script_->tls : net::TlsFacts{};
    }
    bool untrusted() const override { return script_->untrusted; }

  private:
    VenueScript* script_;
    std::function<void(std::string_view)> on_key_use_;
};

inline const ConnectorType& type_called(std::string_view exchange)
{
    for (const ConnectorType* type : connectors()) {
        if (type->exchange == exchange) return *type;
    }
    ENSURE(false, "the connector is in this build");
    return *connectors()[0];
}

inline std::unique_ptr<HeldKey> held_key(const std::string& venue, const std::string& label, KeyRole role)
{
    auto key = std::make_unique<HeldKey>();
    key->facts.venue = venue;
    key->facts.label = label;
    key->facts.role = role;
    key->type = &type_called(venue.substr(0, venue.find('_')));
    key->market = std::string(key->type->markets.front());
    key->credentials = std::make_unique<Credentials>();
    key->credentials->label = label;
    return key;
}

inline ListingDefinition pair_of(const char* exchange, const char* symbol)
{
    const ConnectorType& type = type_called(exchange);
    ListingDefinition d = *type.guess_listing(type.markets.front(), symbol);
    d.tick = Decimal(1, 2);
    d.lot = Decimal(1, 4);
    return d;
}

/// Two venues, one pair, a key each; everything as it should be.
class Clinic {
  public:
    static constexpr const char* kConfig = R"(
name = "test"
mode = "emulated"
quote = "USDT"
instruments = ["BTC/USDT"]
[risk]
order_max_quote = "3000"
net_exposure_max_quote = "20000"
price_band_bps = "200"
instrument_max_quote = "400000"
venue_max_quote = "400000"
gross_max_quote = "2000000"
loss_day_max_quote = "5000"
[venue.binance]
endpoint = "127.0.0.1:1"
key_file = "binance_key.toml"
[venue.okx]
endpoint = "127.0.0.1:1"
key_file = "okx_key.toml"
)";

    Clinic()
    {
        write_file(config_path(), kConfig);
        for (const char* venue : {"binance", "okx"}) {
            VenueScript& script = venues[venue];
            script.balances = {{"USDT", true, true, whole(5000), whole(5000)}};
            keys.push_back(held_key(venue, "main", KeyRole::trade));
        }
        venues["binance"].listed = std::vector{pair_of("binance", "BTCUSDT"), pair_of("binance", "ETHUSDT")};
        venues["okx"].listed = std::vector{pair_of("okx", "BTC-USDT")};
        machine.memory_lock_bytes = 8U << 20U;
        machine.secret_locked = machine.closed = true;
        machine.descriptors = 4096;
        machine.governor = "performance";
        machine.threads = 4;
        machine.processors = {0, 1, 2, 3};
        machine.fifo_share_us = 950'000;
        machine.synchronised = true;
    }

    std::string config_path() const { return folder.file("config.toml"); }
    DoctorRequest request(const std::string& text = kConfig) const
    {
        DoctorRequest request;
        request.config = parse_config(text + settings, config_path());
        request.config_path = config_path();
        request.directory = folder.path();
        request.plugins.connectors = connectors();
        request.build = "arbiter test";
        request.unsafe_endpoint = true;
        return request;
    }
    DoctorSurroundings surroundings()
    {
        DoctorSurroundings around;
        around.now = [] { return doctor_day(); };
        around.user = 1000;
        around.file = [this](const std::string& path) { return file(path); };
        around.machine = [this] { return machine; };
        around.free_bytes = [this](const std::string&) { return free_bytes; };
        around.sync_times = [this](const std::string&) { return sync_times; };
        around.instruments = [this](const FetchVenue& venue) { return venues[venue.key.label()].listed; };
        around.questions = questions();
        around.close_process = false;
        return around;
    }
    KeyQuestions questions()
    {
        KeyQuestions questions;
        questions.open = [this](const EngineConfig&, const Plugins&, const KeyAccess& access) {
            accesses.push_back(access.trade);
            if (open_error) throw StartError(*open_error);
            HeldKeys held;
            for (const auto& key : keys) held.keys.push_back(key.get());
            return held;
        };
        questions.ask = [this](const ProbeSetup& setup) {
            return std::make_unique<ScriptedQuestions>(venues[setup.key.label()], setup);
        };
        return questions;
    }
    DoctorReport examine(const std::string& text = kConfig)
    {
        return arb::examine(request(text), surroundings());
    }

    test::PrivateDirectory folder;
    std::map<std::string, VenueScript> venues;
    std::map<std::string, FileFacts> files;  ///< instead of healthy ones, by path
    std::vector<std::unique_ptr<HeldKey>> keys;
    std::vector<bool> accesses;
    std::optional<Error> open_error;
    MachineFacts machine;
    std::string settings;  ///< behind the configuration's text
    Result<std::uint64_t> free_bytes = std::uint64_t{100} << 30U;
    Result<std::vector<Duration>> sync_times = std::vector<Duration>{milliseconds(1), milliseconds(2)};

  private:
    FileFacts file(const std::string& path) const
    {
        if (const auto sick = files.find(path); sick != files.end()) return sick->second;
        FileFacts facts;
        facts.directory = path == folder.path();
        facts.regular = !facts.directory;
        facts.exists = !path.ends_with(kAuditFile) || ::access(path.c_str(), F_OK) == 0;
        facts.mode = facts.directory ? 0700 : 0600;
        facts.owner = 1000;
        return facts;
    }
};

/// The first check of that name (and subject); a failed one says so when there is none.
inline DoctorCheck check_of(const DoctorReport& report, std::string_view name, std::string_view subject = {})
{
    for (const DoctorCheck& check : report.checks) {
        if (check.name == name && (subject.empty() || check.subject == subject)) return check;
    }
    return {"", std::string(name), std::string(subject), CheckState::failed, "there is no such check", ""};
}

}  // namespace arb::test
