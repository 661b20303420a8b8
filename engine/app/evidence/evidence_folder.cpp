#include "engine/app/evidence/evidence_folder.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>

#include "engine/keys/audit_record.hpp"

namespace arb {
namespace {

constexpr std::size_t kBufferBytes = 64U << 10;
constexpr int kNamesTried = 100;

/// One file on its way to disk.
class Output {
  public:
    explicit Output(const std::string& path)
        : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)),
          error_(file_ < 0 ? errno : 0)
    {
        buffer_.reserve(kBufferBytes);
    }
    ~Output()
    {
        if (file_ >= 0) ::close(file_);
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    bool write(std::string_view text)
    {
        if (error_ != 0) return false;
        buffer_ += text;
        return buffer_.size() < kBufferBytes || flush();
    }
    bool flush()
    {
        std::size_t done = 0;
        while (error_ == 0 && done < buffer_.size()) {
            const ssize_t n = ::write(file_, buffer_.data() + done, buffer_.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) {
                error_ = n < 0 ? errno : ENOSPC;
                break;
            }
            done += static_cast<std::size_t>(n);
        }
        bytes_ += done;
        buffer_.clear();
        return error_ == 0;
    }
    void sync()
    {
        if (flush() && ::fsync(file_) != 0) error_ = errno;
    }
    /// Of what lies in the file, read back from it.
    std::string sha256() const
    {
        if (bytes_ == 0) return hex_text(audit_hash({}));
        void* const data = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, file_, 0);
        if (data == MAP_FAILED) return {};
        std::string text = hex_text(audit_hash({static_cast<const char*>(data), bytes_}));
        ::munmap(data, bytes_);
        return text;
    }
    std::size_t bytes() const { return bytes_; }
    int error() const { return error_; }

  private:
    int file_;
    int error_;
    std::size_t bytes_ = 0;
    std::string buffer_;
};

/// 20260809T210548Z
std::string compact_utc(Timestamp time)
{
    const std::string text = format_utc(time);
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2) + "T" + text.substr(11, 2) +
           text.substr(14, 2) + text.substr(17, 2) + "Z";
}

}  // namespace

Result<EvidenceFolder> EvidenceFolder::make(const std::string& below, Timestamp now)
{
    const std::string name = below + "/evidence-" + compact_utc(now);
    for (int i = 1; i <= kNamesTried; ++i) {
        const std::string path = i == 1 ? name : fmt::format("{}-{}", name, i);
        if (::mkdir(path.c_str(), 0700) == 0) return EvidenceFolder(path);
        if (errno != EEXIST) break;
    }
    return Error{ExitCode::data, fmt::format("{}: the evidence directory cannot be made: {}; give another "
                                             "place with --into",
                                             name, std::strerror(errno))};
}

void EvidenceFolder::fail(const std::string& file, int error)
{
    if (trouble_) return;
    trouble_ = Error{ExitCode::data, fmt::format("{}: cannot be written: {}; what is there stays, and --into "
                                                 "puts a bundle elsewhere",
                                                 path_of(file), std::strerror(error))};
}

void EvidenceFolder::add(const std::string& file, const std::string& what, const Fill& fill)
{
    EvidencePart part;
    part.file = file;
    part.what = what;
    Output output(path_of(file));
    if (const auto why = fill([&](std::string_view text) { return output.write(text); })) part.missing = *why;
    output.sync();
    part.bytes = output.bytes();
    if (output.error() != 0) {
        part.missing = std::strerror(output.error());
        fail(file, output.error());
    }
    part.there = part.missing.empty() || part.bytes > 0;
    if (part.there)
        part.sha256 = output.sha256();
    else
        (void)::unlink(path_of(file).c_str());
    parts_.push_back(std::move(part));
}

void EvidenceFolder::add_text(const std::string& file, const std::string& what, std::string_view text)
{
    add(file, what, [&](const Sink& sink) -> std::optional<std::string> {
        (void)sink(text);
        return std::nullopt;
    });
}

void EvidenceFolder::add_missing(const std::string& file, const std::string& what, const std::string& why)
{
    EvidencePart part;
    part.file = file;
    part.what = what;
    part.missing = why;
    parts_.push_back(std::move(part));
}

void EvidenceFolder::add_copy(const std::string& file, const std::string& what, const std::string& source)
{
    add(file, what, [&](const Sink& sink) -> std::optional<std::string> {
        std::ifstream input(source, std::ios::binary);
        if (!input) return fmt::format("{}: {}", source, std::strerror(errno));
        std::string bytes(kBufferBytes, '\0');
        while (input.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || input.gcount() > 0) {
            if (!sink(std::string_view(bytes).substr(0, static_cast<std::size_t>(input.gcount())))) break;
        }
        if (input.bad()) return fmt::format("{}: cannot be read to its end", source);
        return std::nullopt;
    });
}

void EvidenceFolder::finish()
{
    const int directory = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    if (::fsync(directory) != 0) fail("", errno);
    ::close(directory);
}

}  // namespace arb
