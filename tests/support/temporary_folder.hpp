#pragma once
// Folders of tests: each made anew under a name that nobody else has, so that two runs of one test at the
// same time (two builds, a loop under load) never meet in a file. Tests only.
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace arb::test {

/// Mode 0700, removed with all it holds.
class TemporaryFolder {
  public:
    TemporaryFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "arbiter-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("tests need a temporary directory: " + name);
        path_ = name;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string at(std::string_view name) const { return path_ + "/" + std::string(name); }
    /// The file's path.
    std::string write(std::string_view name, std::string_view bytes, mode_t mode = 0600) const
    {
        std::string file = at(name);
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
        ::chmod(file.c_str(), mode);
        return file;
    }

  private:
    std::string path_;
};

}  // namespace arb::test
