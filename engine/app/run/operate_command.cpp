// The commands that operate a running engine: what it does, and words to it.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/run/operate.hpp"
#include "engine/app/run/run_commands.hpp"

namespace arb {
namespace {

struct Words {
    std::string directory = "arbiter-state";
    std::string first, second, amount;
    bool out = false;
    std::string output = "text";
    std::string done;
};

std::string told_line(const std::string& name, const Words& words)
{
    std::string line = name;
    for (const std::string& word : {words.first, words.second}) {
        if (!word.empty()) line += " " + word;
    }
    if (!words.amount.empty()) line += (words.out ? " -" : " ") + words.amount;
    return line;
}

/// Its options are added by `options`, before the directory that all of them have.
Command add_word(CLI::App& app, const char* name, const char* text, const char* done,
                 void (*options)(CLI::App&, Words&) = nullptr, const char* group = "")
{
    auto words = std::make_shared<Words>();
    words->done = done;
    CLI::App* const command = app.add_subcommand(name, text);
    if (options != nullptr) options(*command, *words);
    command->add_option("directory", words->directory, "State directory of the running arbiter")
        ->capture_default_str();
    command->add_option("--output", words->output, "text, or json: the engine's own answer")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    return {command, [words, line = std::string(group) + name] {
                return tell_engine(
                    {words->directory, told_line(line, *words), words->done, words->output == "json"});
            }};
}

void clear_options(CLI::App& command, Words& words)
{
    command.add_option("market", words.first, "The market, as the flag names it, or the venue")->required();
}

void key_options(CLI::App& command, Words& words)
{
    command.add_option("venue", words.first, "The venue, as the configuration names it")->required();
    command.add_option("label", words.second, "The key that takes over")->required();
}

void release_options(CLI::App& command, Words& words)
{
    command.add_option("package", words.first, "Its number, as `held` of the status names it")->required();
}

void adopt_options(CLI::App& command, Words& words)
{
    command.add_option("venue", words.first, "The venue, as the configuration names it")->required();
    command.add_option("asset", words.second, "Which asset")->required();
    command.add_option("amount", words.amount, "How much exactly: 1000 or 0.25")->required();
    command.add_flag("--out", words.out, "It was taken out");
}

void transfer_options(CLI::App& command, Words& words)
{
    command.add_option("from", words.first, "The venue that it leaves")->required();
    command
        .add_option_function<std::string>(
            "to", [&words](const std::string& to) { words.first += " " + to; },
            "The venue where it arrives, less what the way costs")
        ->required();
    command.add_option("asset", words.second, "Which asset")->required();
    command.add_option("amount", words.amount, "How much leaves exactly, fees included: 1000 or 0.25")
        ->required();
}

}  // namespace

std::vector<Command> add_operations(CLI::App& app)
{
    CLI::App* const transfer = app.add_subcommand("transfer", "Money that you move between two venues");
    transfer->require_subcommand(1);
    std::vector<Command> commands;
    commands.push_back(add_word(app, "status", "What a running arbiter is doing", ""));
    commands.push_back(
        add_word(app, "pause", "No new risk; what is open goes on",
                 "paused: nothing new is opened, what is open goes on; `arbiter resume` ends it"));
    commands.push_back(add_word(app, "resume", "Trade again after a pause", "trading again"));
    commands.push_back(
        add_word(app, "flatten", "Pause, cancel all, close exposure inside the band",
                 "paused; orders are cancelled and exposure is closed: `arbiter status` shows what is left"));
    commands.push_back(add_word(app, "clear",
                                "Trade again in a flagged market, or ask a venue again that refused its key",
                                "cleared", clear_options));
    commands.push_back(add_word(
        app, "adopt", "Money that you moved into or out of an account is part of the record from here on",
        "part of the record from here on", adopt_options));
    commands.push_back(add_word(app, "release",
                                "What a package holds is given back now, at the books of the moment",
                                "being given back: `arbiter status` shows it", release_options));
    commands.push_back(add_word(app, "use-key", "Let another key of a venue take over, without a stop",
                                "the key is read and judged; the log says whether it takes over",
                                key_options));
    commands.push_back(add_word(app, "stop", "Pause, cancel all, flatten, settle, exit",
                                "stopping: cancel, flatten, settle; the run's exit code says how it went"));
    commands.push_back(
        add_word(app, "kill",
                 "Pause, cancel all, exit without flattening; while it stops: at once, flagging what is open",
                 "stopping at once: orders are cancelled, nothing is closed"));
    commands.push_back(add_word(
        *transfer, "announce",
        "For a day this amount may leave the one and arrive at the other without an alarm",
        "announced: for a day it may leave the one and arrive at the other", transfer_options, "transfer "));
    return commands;
}

}  // namespace arb
