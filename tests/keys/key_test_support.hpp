#pragma once
// What the tests of the audit log and of the signer process share: a directory of their own, whole files,
// and uses of keys. Tests only, one thread.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/keys/audit_record.hpp"

namespace arb::test {

/// Mode 0700, removed with all it holds.
class PrivateDirectory {
  public:
    PrivateDirectory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "arbiter_keys_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~PrivateDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline void write_file(const std::string& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    ::chmod(path.c_str(), 0600);
}

inline std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

inline KeyUse use_of(std::int64_t second, std::string_view endpoint = "POST /order",
                     KeyOutcome outcome = KeyOutcome::done, std::string_view reason = {})
{
    KeyUse use;
    use.time = {second * 1'000'000'000};
    use.venue = std::string_view("somewhere");
    use.label = std::string_view("trade");
    use.endpoint = endpoint;
    use.request = audit_hash(endpoint);
    use.outcome = outcome;
    use.reason = reason;
    return use;
}

}  // namespace arb::test
