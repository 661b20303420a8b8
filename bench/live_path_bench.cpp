// `arbiter latency` as a benchmark among the others, for bench/compare: the same flags, the same figures.
#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "engine/app/latency/latency_command.hpp"

int main(int argc, char** argv)
{
    CLI::App app{"The live path over loopback TLS websockets; see engine/app/latency/README.md",
                 "live_path_bench"};
    const arb::Command command = arb::add_latency(app);
    std::vector<std::string> words{"latency"};
    for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(arb::ExitCode::usage);
    }
    try {
        return static_cast<int>(command.run());
    } catch (const std::exception& error) {
        fmt::print(stderr, "live_path_bench: {}\n", error.what());
        return static_cast<int>(arb::ExitCode::internal);
    }
}
