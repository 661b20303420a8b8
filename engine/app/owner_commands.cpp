// What only the owner of the accounts can say: that he moves money between two venues.
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/commands.hpp"
#include "engine/net/command_socket.hpp"

namespace arb {
namespace {

// An engine that stands answers in its next turn, on a busy machine a late one.
constexpr auto kAnnouncedWithin = std::chrono::seconds(30);

struct TransferOptions {
    std::string from, to, asset, amount;
    std::string directory = "arbiter-state";
};

ExitCode announce(const TransferOptions& options)
{
    const net::Answer answer = net::ask(
        options.directory + "/control.sock",
        fmt::format("transfer announce {} {} {} {}", options.from, options.to, options.asset, options.amount),
        kAnnouncedWithin);
    const bool taken = answer.ok && answer.text.find("\"ok\":true") != std::string::npos;
    fmt::print(taken ? stdout : stderr, "{}{}", answer.text, answer.text.ends_with('\n') ? "" : "\n");
    return taken ? ExitCode::ok : answer.ok ? ExitCode::usage : ExitCode::network;
}

}  // namespace

Command add_transfer(CLI::App& app)
{
    auto options = std::make_shared<TransferOptions>();
    CLI::App* const transfer = app.add_subcommand("transfer", "Money that you move between two venues");
    transfer->require_subcommand(1);
    CLI::App* const command = transfer->add_subcommand(
        "announce", "For a day this amount may leave the one and arrive at the other without an alarm");
    command->add_option("from", options->from, "The venue that it leaves")->required();
    command->add_option("to", options->to, "The venue where it arrives, less what the way costs")->required();
    command->add_option("asset", options->asset, "Which asset")->required();
    command->add_option("amount", options->amount, "How much leaves exactly, fees included: 1000 or 0.25")
        ->required();
    command->add_option("directory", options->directory, "State directory of the running arbiter")
        ->capture_default_str();
    return {command, [options] { return announce(*options); }};
}

}  // namespace arb
