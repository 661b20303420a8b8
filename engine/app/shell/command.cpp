#include "engine/app/shell/command.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "connectors/registry.hpp"
#include "strategies/registry.hpp"

namespace arb {

Plugins plugins()
{
    return {connectors(), strategies()};
}

std::string build_text()
{
    return "arbiter " ARBITER_VERSION;
}

ExitCode report_troubles(const std::vector<Error>& troubles)
{
    for (const Error& trouble : troubles) fmt::print(stderr, "arbiter: {}\n", trouble.message);
    return troubles.empty() ? ExitCode::ok : troubles.front().code;
}

void write_file(const std::string& path, const std::string& content)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file)
        throw StartError(ExitCode::usage, fmt::format("{}: cannot be written; is the folder there?", path));
}

bool colour_wanted()
{
    return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace arb
