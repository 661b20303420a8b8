// arbiter doctor: looks, tells, and leaves its stamp when all is well.
#include "engine/app/doctor_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/config_file.hpp"
#include "engine/app/doctor_stamp.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/keys/process_guard.hpp"

namespace arb {
namespace {

struct DoctorCommandOptions {
    DoctorSurroundings around;
    std::string config, directory;
    bool live = false;
    bool unsafe_endpoint = false;
    std::string output = "text";
    int passphrase_fd = -1;
};

ExitCode run_doctor(const DoctorCommandOptions& options)
{
    DoctorRequest request;
    request.config = load_config(options.config);
    request.config_path = options.config;
    request.directory = !options.directory.empty()                ? options.directory
                        : !request.config.state_directory.empty() ? request.config.state_directory
                                                                  : "arbiter-state";
    request.plugins = plugins();
    request.build = build_text();
    request.passphrase = {options.passphrase_fd, options.around.credentials, options.around.terminal};
    request.live = options.live;
    request.unsafe_endpoint = options.unsafe_endpoint;
    // A refusal is found again by the check of the machine, where it has its place and its fix.
    if (options.around.close_process) (void)close_process_to_others();
    make_private_directory(request.directory);
    const DoctorReport report = examine(request, options.around);
    fmt::print("{}", options.output == "json" ? doctor_json(report) : doctor_text(report, colour_wanted()));
    if (!report.passed()) {
        remove_doctor_stamp(request.directory);
        return ExitCode::doctor;
    }
    if (const auto trouble = write_doctor_stamp(request.directory, report)) throw StartError(*trouble);
    return ExitCode::ok;
}

}  // namespace

Command add_doctor(CLI::App& app, const DoctorSurroundings& surroundings)
{
    auto options = std::make_shared<DoctorCommandOptions>();
    options->around = surroundings;
    CLI::App* const command =
        app.add_subcommand("doctor", "Check keys, venues, files and machine before a run");
    command->add_option("config", options->config, "Configuration (.toml)")->required();
    command->add_option("--directory", options->directory, "State directory of the run");
    command->add_flag("--live", options->live,
                      "Check what `run --live` needs, trade keys too; its pass is good for 24 hours");
    command->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}));
    command
        ->add_option("--passphrase-fd", options->passphrase_fd,
                     "Read the keystore's passphrase from this descriptor (default: systemd credential "
                     "arbiter-passphrase, else ask)")
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--unsafe-endpoint", options->unsafe_endpoint,
                      "Allow [venue.*] endpoint: another host in a venue's place (never with real keys)");
    return {command, [options] { return run_doctor(*options); }};
}

Command add_doctor(CLI::App& app)
{
    return add_doctor(app, doctor_surroundings());
}

}  // namespace arb
