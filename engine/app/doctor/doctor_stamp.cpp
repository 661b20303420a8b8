#include "engine/app/doctor/doctor_stamp.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "engine/report/json_writer.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb {
namespace {

constexpr unsigned kVersion = 1;
constexpr off_t kBytesMax = 64 << 10;

std::string path_of(const std::string& directory)
{
    return directory + "/" + kDoctorStampFile;
}

Error trouble(const std::string& path, std::string_view what)
{
    return {ExitCode::doctor, fmt::format("{}: {}; run arbiter doctor", path, what)};
}

std::string stamp_text(const DoctorReport& report)
{
    JsonWriter json(1);
    json.begin_object().key("version").integer(kVersion).key("time").time(report.time);
    json.key("config_hash").hash(report.config_hash).key("build").text(report.build);
    json.key("live").flag(report.live).key("keys").begin_array();
    for (const std::string& key : report.keys) json.text(key);
    return json.end_array().end_object().take();
}

bool write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t put = ::write(file, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

Result<std::string> read_stamp_file(const std::string& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return trouble(path, errno == ENOENT ? "the doctor has not passed here" : std::strerror(errno));
    struct stat about {};
    const bool ours = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == ::geteuid() &&
                      (about.st_mode & 0077) == 0 && about.st_size > 0 && about.st_size <= kBytesMax;
    std::string text(ours ? static_cast<std::size_t>(about.st_size) : 0, '\0');
    const bool whole = ours && ::read(file, text.data(), text.size()) == about.st_size;
    ::close(file);
    if (!ours) return trouble(path, "somebody else may have written it");
    if (!whole) return trouble(path, "cannot be read");
    return text;
}

bool read_fields(JsonDocument& document, DoctorStamp& stamp)
{
    std::uint64_t version = 0;
    std::string_view time, hash, build;
    if (document["version"].get(version) != simdjson::SUCCESS || version != kVersion) return false;
    if (document["time"].get(time) != simdjson::SUCCESS) return false;
    const auto at = parse_utc(time);
    if (document["config_hash"].get(hash) != simdjson::SUCCESS) return false;
    const auto [end, error] = std::from_chars(hash.data(), hash.data() + hash.size(), stamp.config_hash, 16);
    if (!at || error != std::errc() || hash.size() != 16 || end != hash.data() + hash.size()) return false;
    stamp.time = *at;
    if (document["build"].get(build) != simdjson::SUCCESS) return false;
    stamp.build = std::string(build);
    if (document["live"].get(stamp.live) != simdjson::SUCCESS) return false;
    JsonArray keys;
    if (document["keys"].get(keys) != simdjson::SUCCESS) return false;
    for (auto key : keys) {
        std::string_view label;
        if (key.get(label) != simdjson::SUCCESS) return false;
        stamp.keys.emplace_back(label);
    }
    return true;
}

}  // namespace

std::optional<Error> write_doctor_stamp(const std::string& directory, const DoctorReport& report)
{
    const std::string path = path_of(directory);
    const std::string beside = path + ".new";
    ::unlink(beside.c_str());
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = file >= 0 && write_all(file, stamp_text(report)) && ::fsync(file) == 0;
    int why = errno;
    if (file >= 0) ::close(file);
    if (good && ::rename(beside.c_str(), path.c_str()) != 0) {
        why = errno;
        good = false;
    }
    if (good) return std::nullopt;
    ::unlink(beside.c_str());
    return Error{ExitCode::doctor, fmt::format("{}: cannot be written: {}", path, std::strerror(why))};
}

void remove_doctor_stamp(const std::string& directory)
{
    ::unlink(path_of(directory).c_str());
}

Result<DoctorStamp> read_doctor_stamp(const std::string& directory)
{
    const std::string path = path_of(directory);
    auto text = read_stamp_file(path);
    if (!text) return text.error();
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(*text);
    JsonDocument document;
    DoctorStamp stamp;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS || !read_fields(document, stamp))
        return trouble(path, "is no stamp of this version");
    return stamp;
}

std::optional<std::string> doctor_stamp_trouble(const DoctorStamp& stamp, std::uint64_t config_hash,
                                                const std::string& build, Timestamp now)
{
    constexpr std::string_view kAgain = "run arbiter doctor --live again";
    if (!stamp.live)
        return fmt::format("the doctor passed without --live, so no trade key was checked; {}", kAgain);
    if (stamp.config_hash != config_hash)
        return fmt::format("the doctor passed for another configuration; {}", kAgain);
    if (stamp.build != build)
        return fmt::format("the doctor passed for another build ('{}'); {}", stamp.build, kAgain);
    // A stamp from the future was made while the clock was wrong.
    if (stamp.time > now) return fmt::format("the doctor's pass lies in the future; {}", kAgain);
    if (now - stamp.time > kDoctorStampLife)
        return fmt::format("the doctor passed more than 24 h ago, at {}; {}",
                           format_utc(stamp.time).substr(0, 19), kAgain);
    return std::nullopt;
}

}  // namespace arb
