#include "engine/keys/private_directory.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/result.hpp"

namespace arb {

void make_private_directory(const std::string& path)
{
    std::filesystem::path whole(path);
    // "state/" and "state" are the same directory.
    if (!whole.has_filename()) whole = whole.parent_path();
    std::error_code error;
    if (whole.has_parent_path()) std::filesystem::create_directories(whole.parent_path(), error);
    if (!error && ::mkdir(whole.c_str(), 0700) != 0 && errno != EEXIST)
        error = std::error_code(errno, std::generic_category());
    if (error)
        throw StartError(ExitCode::usage, fmt::format("{}: cannot be made: {}", path, error.message()));
}

}  // namespace arb
