#include "engine/app/sweep/sweep_results.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "engine/base/hash.hpp"
#include "engine/base/result.hpp"
#include "engine/journal/json_line.hpp"

namespace arb {
namespace {

template <class Each>
bool for_each_member(std::string_view text, Each&& each)
{
    JsonLine line(text);
    while (line.next()) {
        if (!each(line)) return false;
    }
    return line.problem().empty();
}

std::string text_of(std::string_view raw)
{
    std::string text;
    return JsonLine::unescape(raw, text) ? text : std::string(raw);
}

template <class Number>
bool read_number(std::string_view raw, Number& out, int base = 10)
{
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), out, base);
    return error == std::errc() && end == raw.data() + raw.size();
}

bool read_amount(std::string_view raw, Amount& out)
{
    const std::optional<Amount> amount = amount_rounded_down(raw);
    if (amount) out = *amount;
    return amount.has_value();
}

bool read_member(const JsonLine& member, SweepRow& row)
{
    const std::string_view key = member.key(), raw = member.raw();
    for (const SweepAmount& amount : kSweepAmounts) {
        if (key == amount.name) return read_amount(raw, row.*amount.member);
    }
    for (const SweepCount& count : kSweepCounts) {
        if (key == count.name) return read_number(raw, row.*count.member);
    }
    if (key == "variant") return read_number(raw, row.variant);
    if (key == "decision_hash") return read_number(raw, row.decision_hash, 16);
    if (key == "why") row.why = text_of(raw);
    if (key == "trouble") row.trouble = text_of(raw);
    if (key == "by_currency") {
        return for_each_member(raw, [&](const JsonLine& asset) {
            row.currencies.emplace_back(text_of(asset.key()), Amount{});
            return read_amount(asset.raw(), row.currencies.back().second);
        });
    }
    if (key == "missed") {
        return for_each_member(raw, [&](const JsonLine& reason) {
            row.missed.emplace_back(text_of(reason.key()), 0);
            return read_number(reason.raw(), row.missed.back().second);
        });
    }
    return true;
}

std::string header_of(const SweepIdentity& identity, std::size_t variants)
{
    JsonWriter json;
    json.begin_object().key("build").text(identity.build);
    json.key("configuration").hash(identity.configuration).key("recordings").hash(identity.recordings);
    json.key("variants").integer(variants).end_object();
    return json.take();
}

[[noreturn]] void fail_file(const std::string& path, const std::string& why)
{
    throw StartError(ExitCode::usage, fmt::format("{}: {}", path, why));
}

}  // namespace

std::uint64_t hash_of_recordings(const std::vector<std::string>& paths)
{
    Hash hash;
    for (const std::string& path : paths) {
        std::ifstream file(path, std::ios::binary);
        if (!file)
            throw StartError(ExitCode::data, fmt::format("{}: cannot be opened; is the path right?", path));
        std::vector<std::uint64_t> block(1U << 17);
        std::uint64_t bytes = 0;
        while (file) {
            file.read(reinterpret_cast<char*>(block.data()),
                      static_cast<std::streamsize>(block.size() * sizeof(block[0])));
            const auto got = static_cast<std::size_t>(file.gcount());
            bytes += got;
            // The last word is filled up with zeros, which the count of bytes tells from zeros of the file.
            std::memset(reinterpret_cast<char*>(block.data()) + got, 0, (8 - got % 8) % 8);
            for (std::size_t i = 0; i < (got + 7) / 8; ++i) hash.add(block[i]);
        }
        hash.add(bytes);
    }
    return hash.value();
}

SweepResults::SweepResults(const std::string& directory, const SweepIdentity& identity,
                           const std::vector<SweepRange>& ranges, std::size_t variants)
    : path_(directory + "/results.jsonl"), ranges_(ranges)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0) fail_file(path_, fmt::format("cannot be opened: {}", std::strerror(errno)));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        ::close(file_);
        fail_file(path_, "another sweep is writing it; give this one another --out");
    }
    try {
        read(header_of(identity, variants), variants);
    } catch (...) {
        ::close(file_);
        throw;
    }
}

SweepResults::~SweepResults()
{
    ::close(file_);
}

void SweepResults::read(const std::string& header, std::size_t variants)
{
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    const std::string text = all.str();
    std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
    // A first line alone says of what nothing is there.
    if (whole == text.find('\n') + 1) whole = 0;
    if (whole < text.size() && ::ftruncate(file_, static_cast<off_t>(whole)) != 0)
        fail_file(path_, fmt::format("cannot be cut: {}", std::strerror(errno)));
    if (whole == 0) return write(header);
    if (!text.starts_with(header)) {
        fail_file(path_, fmt::format("holds results of another configuration, recording or build: its first "
                                     "line is {}, this sweep's is {}; give this one another --out, or take "
                                     "the file away",
                                     text.substr(0, text.find('\n')), header.substr(0, header.size() - 1)));
    }
    std::vector<bool> seen(variants);
    std::size_t number = 1;
    for (std::size_t at = header.size(); at < whole;) {
        const std::size_t end = text.find('\n', at);
        ++number;
        SweepRow row;
        row.variant = variants;
        const bool good = for_each_member(std::string_view(text).substr(at, end - at),
                                          [&](const JsonLine& member) { return read_member(member, row); });
        if (!good || row.variant >= variants || seen[row.variant])
            fail_file(fmt::format("{}:{}", path_, number),
                      "is no result of this sweep; take the line out, and its variant is run again");
        seen[row.variant] = true;
        rows_.push_back(std::move(row));
        at = end + 1;
    }
}

void SweepResults::add(SweepRow row)
{
    JsonWriter json;
    json.begin_object();
    write_sweep_row(json, ranges_, row);
    write(json.end_object().take());
    rows_.push_back(std::move(row));
}

void SweepResults::write(const std::string& line)
{
    std::size_t done = 0;
    while (done < line.size()) {
        const ssize_t put = ::write(file_, line.data() + done, line.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) fail_file(path_, fmt::format("cannot be written: {}", std::strerror(errno)));
        done += static_cast<std::size_t>(put);
    }
}

}  // namespace arb
