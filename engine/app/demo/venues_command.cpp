// arbiter venues: emulated venues on loopback ports, for any client of those exchanges.
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/demo/demo_command.hpp"
#include "engine/app/demo/venues_config.hpp"
#include "engine/app/shell/signals.hpp"
#include "engine/report/json_writer.hpp"

namespace arb {
namespace {

struct VenuesOptions {
    std::string config;
    std::string directory = "arbiter-venues";
    std::string faults;
    std::string output = "table";
    std::uint64_t seed = 0;
    bool seed_given = false;
    std::int64_t seconds = 0;
};

bool is_websocket(const std::string& url)
{
    return url.starts_with("wss:");
}

std::string rest_url(const EmulatedPlace& place)
{
    for (const auto& [what, url] : place.addresses) {
        if (!is_websocket(url)) return url;
    }
    return "https://" + place.host_port;
}

std::string ready_json(const EmulatedWorld& world)
{
    JsonWriter json;
    json.begin_object();
    json.key("ca_file").text(world.ca_file());
    json.key("venues").begin_array();
    for (const EmulatedPlace& place : world.places()) {
        json.begin_object();
        json.key("venue").text(place.venue);
        json.key("endpoint").text(place.host_port);
        json.key("rest").text(rest_url(place));
        json.key("websockets").begin_object();
        for (const auto& [what, url] : place.addresses) {
            if (is_websocket(url)) json.key(what).text(url);
        }
        json.end_object();
        json.key("keys").begin_array();
        for (const EmulatedKeyFile& key : place.keys) {
            json.begin_object();
            json.key("label").text(key.label);
            json.key("scopes").begin_array();
            for (const std::string& scope : key.scopes) json.text(scope);
            json.end_array();
            json.key("key_id").text(key.key_id);
            json.key("secret").text(key.secret);
            json.key("passphrase").text(key.passphrase);
            json.key("file").text(key.file);
            json.end_object();
        }
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take();
}

std::string one_line(std::string text)
{
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at))
        text.replace(at, 1, "\\n");
    return text;
}

std::string ready_text(const EmulatedWorld& world)
{
    std::string text = fmt::format("CA file: {}\n", world.ca_file());
    auto out = std::back_inserter(text);
    for (const EmulatedPlace& place : world.places()) {
        fmt::format_to(out, "\n{} at {}\n", place.venue, place.host_port);
        for (const auto& [what, url] : place.addresses) fmt::format_to(out, "  {:<18} {}\n", what, url);
        for (const EmulatedKeyFile& key : place.keys) {
            fmt::format_to(out, "  key {:<14} {}\n", key.label, fmt::join(key.scopes, ", "));
            fmt::format_to(out, "      id         {}\n", one_line(key.key_id));
            fmt::format_to(out, "      secret     {}\n", one_line(key.secret));
            if (!key.passphrase.empty()) fmt::format_to(out, "      passphrase {}\n", key.passphrase);
            fmt::format_to(out, "      file       {}\n", key.file);
        }
    }
    text += "\nThe keys are thrown away with the venues and are worth nothing anywhere else. Ctrl-C ends.\n";
    return text;
}

ExitCode run_venues(const VenuesOptions& options)
{
    EmulatedWorldConfig config = load_emulated_world(options.config);
    if (options.seed_given) config.seed = options.seed;
    if (!options.faults.empty()) config.faults = load_fault_plan(options.faults);
    const Signals signals;
    // Whoever reads the paths may stand in another directory.
    EmulatedWorld world(std::move(config), plugins(), std::filesystem::absolute(options.directory).string());
    fmt::print("{}", options.output == "json" ? ready_json(world) : ready_text(world));
    // Whoever started this reads it through a pipe and waits for it.
    std::fflush(stdout);
    const LiveClock clock;
    const Timestamp end = clock.now() + seconds(options.seconds);
    while (signals.count() == 0 && (options.seconds == 0 || clock.now() < end)) world.turn(milliseconds(20));
    return ExitCode::ok;
}

}  // namespace

Command add_venues(CLI::App& app)
{
    auto options = std::make_shared<VenuesOptions>();
    CLI::App* command =
        app.add_subcommand("venues", "Serve emulated venues over TLS on loopback, until stopped");
    command->add_option("config", options->config, "Venues, pairs, balances (.toml)")->required();
    command->add_option("--directory", options->directory, "Where the CA file and the key files go")
        ->capture_default_str();
    CLI::Option* seed =
        command->add_option("--seed", options->seed, "Of market, keys and faults (default: the file's)");
    command->add_option("--faults", options->faults, "Plan of faults (.toml)");
    command->add_option("--seconds", options->seconds, "Stop after so long (0: until stopped)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{31'536'000}));
    command->add_option("--output", options->output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    return {command, [options, seed] {
                options->seed_given = seed->count() > 0;
                return run_venues(*options);
            }};
}

}  // namespace arb
