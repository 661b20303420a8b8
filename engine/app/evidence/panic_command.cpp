// arbiter panic: cancel everything, stop, and write down what happened. The order is the point: first the
// orders, then the pages where keys are revoked, then the evidence.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config/config_file.hpp"
#include "engine/app/evidence/evidence.hpp"
#include "engine/app/evidence/panic_command.hpp"
#include "engine/app/run/operate.hpp"
#include "engine/app/run/run_session.hpp"
#include "engine/live/clock.hpp"
#include "engine/net/command_socket.hpp"
#include "engine/report/ledger.hpp"
#include "engine/report/ledger_reader.hpp"
#include "engine/report/utf8.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb {
namespace {

constexpr auto kAnswerMost = std::chrono::seconds(5);
constexpr auto kStatusMost = std::chrono::milliseconds(500);
constexpr auto kPoll = std::chrono::milliseconds(200);
constexpr Duration kGoneMost = seconds(30);
constexpr Duration kTellEvery = seconds(2);
constexpr Duration kTradingMost = seconds(60);  // an engine of our own must be ready by then
constexpr Duration kOwnMost = seconds(180);     // and over by then

struct PanicOptions {
    std::string directory = "arbiter-state";
    std::string config;
    std::string into;
    std::string audit;
    std::int64_t minutes = 10;
    bool flatten = false;
    bool yes = false;
    bool unsafe_endpoint = false;
    int passphrase_fd = -1;
};

enum class Listening { yes, no, forbidden };

/// Whether anybody holds the engine's socket. Unlike a question it needs no answer: an engine that hangs
/// listens.
Listening listening(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Listening::no;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return Listening::forbidden;
    const bool there = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                       errno == EAGAIN;
    const int error = errno;
    ::close(socket);
    if (there) return Listening::yes;
    return error == EACCES || error == EPERM ? Listening::forbidden : Listening::no;
}

class Panic {
  public:
    explicit Panic(const PanicOptions& options)
        : options_(options), socket_(options.directory + "/control.sock")
    {
        if (options.config.empty()) return;
        config_ = load_config(options.config);
        for (const VenueConfig& venue : config_->venues) venues_.push_back(venue.label);
        keys_ = keys_of_config(*config_);
    }

    ExitCode run()
    {
        if (!agreed()) return ExitCode::usage;
        ExitCode code = ExitCode::network;
        switch (listening(socket_)) {
            case Listening::yes:
                code = stop_engine();
                break;
            case Listening::no:
                code = without_engine();
                break;
            case Listening::forbidden:
                say(fmt::format("{}: this user may not reach it: run as the engine's user", socket_));
                break;
        }
        return finish(code);
    }

  private:
    void say(const std::string& text)
    {
        const std::string line = format_utc(clock_.now()).substr(0, 19) + "Z " + text;
        fmt::print(stderr, "{}\n", line);
        story_.push_back(line);
    }

    bool agreed() const
    {
        if (options_.yes || ::isatty(STDIN_FILENO) != 1) return true;
        fmt::print(stderr,
                   "panic in {}: cancel every order at every venue, {}stop the engine.\nType yes to go on: ",
                   options_.directory, options_.flatten ? "close exposure inside the band, " : "");
        char word[16] = {};
        if (std::fgets(word, sizeof word, stdin) != nullptr && std::strcmp(word, "yes\n") == 0) return true;
        fmt::print(stderr, "nothing was done\n");
        return false;
    }

    /// The engine's answer to a word, or empty.
    std::string ask(const std::string& word)
    {
        const net::Answer answer = net::ask(socket_, word, kAnswerMost);
        const bool kept = answer.ok && keep_status_of(answer.text);
        const std::string text = plain_text(answer.text.substr(0, answer.text.find('\n')));
        say(fmt::format("engine, to \"{}\": {}", word, kept ? "it stops, and told its status" : text));
        return answer.ok ? answer.text : std::string();
    }

    /// The status that comes with the answer to a word that stops; false: there is none in it.
    bool keep_status_of(const std::string& answer)
    {
        simdjson::ondemand::parser parser;
        const simdjson::padded_string padded(answer);
        simdjson::ondemand::document document;
        simdjson::ondemand::object status;
        std::string_view text;
        if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
            document["status"].get(status) != simdjson::SUCCESS ||
            status.raw_json().get(text) != simdjson::SUCCESS)
            return false;
        status_ = text;
        return true;
    }

    /// A later one, while the engine is still there.
    void keep_status()
    {
        const net::Answer answer = net::ask(socket_, "status", kStatusMost);
        if (answer.ok && answer.text.starts_with('{')) status_ = answer.text;
    }

    ExitCode stop_engine()
    {
        // The order to stop first: the last status can wait, orders cannot.
        Said said = read_answer(ask(options_.flatten ? "panic flatten" : "panic"));
        // An engine of an older version does not know the word.
        if (said.error.find("unknown command") != std::string::npos)
            said = read_answer(ask(options_.flatten ? "stop" : "kill"));
        if (!(said.done && said.judged) && listening(socket_) == Listening::yes) {
            say("THE ENGINE DOES NOT TAKE THE ORDER. End its process (kill -9), then run panic again with "
                "--config, and revoke the keys below now");
            return ExitCode::network;
        }
        Timestamp told = clock_.now();
        const Timestamp until = told + kGoneMost;
        while (listening(socket_) == Listening::yes) {
            keep_status();
            const Timestamp now = clock_.now();
            if (now > until) {
                say("the engine is still at work after 30 s: `arbiter status` says at what, `arbiter kill` "
                    "ends "
                    "it without flattening");
                return ExitCode::exposed;
            }
            if (now - told >= kTellEvery) {
                told = now;
                say("waiting for the engine to cancel and settle");
            }
            std::this_thread::sleep_for(kPoll);
        }
        say("the engine has closed its socket");
        return code_of_ledger(clock_.now() + seconds(10));
    }

    /// How the engine ended, by its own last word in the ledger: written after the socket is closed.
    ExitCode code_of_ledger(Timestamp until)
    {
        for (;;) {
            std::int32_t code = ledger::kStillRunning;
            if (Result<LedgerReader> reader = LedgerReader::open(options_.directory + "/" + kLedgerFile)) {
                const Result<LedgerReport> report = reader->report(LedgerRuns::last());
                if (report && !report.value().runs.empty()) code = report.value().runs.back().exit_code;
            }
            if (code == static_cast<std::int32_t>(ExitCode::ok)) {
                say("everything is cancelled, nothing is open");
                return ExitCode::ok;
            }
            if (code != ledger::kStillRunning) {
                say(fmt::format(
                    "EXPOSURE IS LEFT (the engine ended with {}): `arbiter report` lists the flags", code));
                return ExitCode::exposed;
            }
            if (clock_.now() > until) break;
            std::this_thread::sleep_for(kPoll);
        }
        say("IT CANNOT BE KNOWN what is left open: the engine did not write how it ended. Look at each "
            "venue");
        return ExitCode::exposed;
    }

    ExitCode without_engine()
    {
        say(fmt::format("NO ENGINE IS RUNNING at {}", socket_));
        if (!config_) {
            say("NOTHING WAS CANCELLED: give --config CONFIG to cancel everything from here, or do it at "
                "each "
                "venue");
            return ExitCode::network;
        }
        try {
            return own_engine();
        } catch (const std::exception& error) {
            say(fmt::format("NOTHING IS KNOWN TO BE CANCELLED: {}", plain_text(error.what())));
            return ExitCode::exposed;
        }
    }

    /// An engine of our own that only cleans up: paused before it trades, ended as soon as it could.
    ExitCode own_engine()
    {
        RunRequest request;
        request.config = *config_;
        request.plugins = plugins();
        request.build = build_text();
        request.directory = options_.directory;
        request.unsafe_endpoint = options_.unsafe_endpoint;
        // No doctor's pass is asked for: this engine makes no new risk.
        request.live = config_->mode == RunMode::live;
        request.passphrase.descriptor = options_.passphrase_fd;
        if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"))
            request.passphrase.credentials = credentials;
        request.log = [](std::string_view text) { fmt::print(stderr, "  {}\n", text); };
        if (config_->mode == RunMode::backtest || config_->mode == RunMode::paper) {
            say(fmt::format("{}: its mode sends no orders to a venue: there is nothing to cancel",
                            options_.config));
            return ExitCode::ok;
        }
        request.cleans_up = true;
        RunSession session(std::move(request));
        const Timestamp begun = clock_.now();
        bool told = false;
        while (!session.over()) {
            session.turn(milliseconds(20));
            const LiveTrading* const live = session.engine().live();
            const bool ready = live == nullptr || live->phase() == Phase::trading;
            if (!told && (ready || clock_.now() - begun > kTradingMost)) {
                told = true;
                say(ready ? "at the venues: cancelling everything"
                          : "not every venue answers: cancelling where one does");
                (void)session.command(options_.flatten ? "stop" : "kill");
            }
            if (clock_.now() - begun > kOwnMost) {
                say("it takes too long: giving up");
                break;
            }
        }
        const bool over = session.over();
        status_ = session.status_json();
        const RunOutcome outcome = session.finish();
        for (const std::string& trouble : outcome.troubles) say(plain_text(trouble));
        if (over && outcome.code == ExitCode::ok) {
            say("everything is cancelled, nothing is open");
            return ExitCode::ok;
        }
        say("EXPOSURE IS LEFT, or it cannot be known: `arbiter report` lists the flags");
        return ExitCode::exposed;
    }

    ExitCode finish(ExitCode code)
    {
        // Shown before the evidence is gathered: revoking must not wait for a slow disk.
        if (!venues_.empty())
            fmt::print("revoke the keys now:\n{}", revocation_text(plugins(), venues_, keys_));
        (void)std::fflush(stdout);
        EvidenceRequest request;
        request.directory = options_.directory;
        request.into = options_.into;
        request.config_path = options_.config;
        request.audit_path = options_.audit;
        if (request.audit_path.empty() && config_) request.audit_path = config_->keys.audit_log;
        request.plugins = plugins();
        request.now = clock_.now();
        request.span = seconds(60 * options_.minutes);
        request.keys = keys_;
        request.venues = venues_;
        request.status = status_;
        request.story = story_;
        const EvidenceOutcome evidence = write_evidence(request);
        if (venues_.empty())
            fmt::print("revoke the keys now:\n{}",
                       revocation_text(request.plugins, evidence.venues, evidence.keys));
        if (!evidence.path.empty()) fmt::print("evidence: {}\n", evidence.path);
        for (const EvidencePart& part : evidence.parts) {
            if (!part.missing.empty())
                fmt::print(stderr, "evidence: {}: {}\n", part.file, plain_text(part.missing));
        }
        if (evidence.error) {
            fmt::print(stderr, "arbiter: {}\n", evidence.error->message);
            if (code == ExitCode::ok) code = evidence.error->code;
        }
        return code;
    }

    const PanicOptions& options_;
    std::string socket_;
    std::optional<EngineConfig> config_;
    std::vector<std::string> venues_;
    std::vector<EvidenceKey> keys_;
    std::vector<std::string> story_;
    std::string status_;
    LiveClock clock_;
};

}  // namespace

Command add_panic(CLI::App& app)
{
    auto options = std::make_shared<PanicOptions>();
    CLI::App* const command = app.add_subcommand(
        "panic", "Cancel everything, stop, and write an evidence bundle with each venue's revocation page");
    command->add_option("directory", options->directory, "State directory of the arbiter")
        ->capture_default_str();
    command->add_option("--config", options->config,
                        "Configuration (.toml): with it everything is cancelled even when no engine runs");
    command->add_flag("--flatten", options->flatten, "Close exposure inside the band as well");
    command->add_flag("--yes", options->yes, "Ask nothing");
    command->add_option("--minutes", options->minutes, "How much of the journal goes into the bundle")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1440}));
    command->add_option("--into", options->into, "Write the bundle below this directory");
    command->add_option("--audit", options->audit, "Log of every use of a key, where a signer keeps it");
    command->add_option("--passphrase-fd", options->passphrase_fd,
                        "Read the keystore's passphrase from this descriptor, when no engine runs");
    command->add_flag("--unsafe-endpoint", options->unsafe_endpoint,
                      "Allow [venue.*] endpoint: another host in a venue's place (never with real keys)");
    return {command, [options] { return Panic(*options).run(); }};
}

}  // namespace arb
