#include "engine/app/evidence/evidence_journal.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/app/recordings/venue_directory.hpp"
#include "engine/journal/reader.hpp"
#include "engine/report/json_writer.hpp"

namespace arb {
namespace {

constexpr std::size_t kTokenLeast = 32;

bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_token_character(char c, bool path)
{
    return is_letter_or_digit(c) || c == '+' || c == '=' || c == '_' || c == '-' || (c == '/' && !path);
}

/// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view run)
{
    if (run.size() != 36) return false;
    for (std::size_t i = 0; i < run.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = run[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

std::string_view without_query(std::string_view url)
{
    return url.substr(0, url.find_first_of("?#"));
}

/// Tells market data from the trading side, by where it came from.
class Sorter {
  public:
    Sorter(const JournalHeader& header, const Plugins& plugins) : header_(header)
    {
        const ConnectorDirectory directory(plugins.connectors);
        for (const InstrumentTable::VenueListings& venue : header.venues)
            streams_.push_back(directory.known(venue.key) ? directory.stream_url(venue.key) : std::string());
    }

    /// A record that tells about orders, keys or sessions.
    bool wanted(const Record& record)
    {
        const auto connection = std::pair(index(record.venue), index(record.connection));
        switch (record.kind) {
            case RecordKind::open:
                if (is_stream(record)) {
                    market_data_.insert(connection);
                } else {
                    market_data_.erase(connection);
                }
                return market_data_.count(connection) == 0;
            case RecordKind::close:
            case RecordKind::frame:
                return market_data_.count(connection) == 0;
            case RecordKind::command:
            case RecordKind::output:
                return !record.text.view().empty();
            case RecordKind::http:
                return true;
            case RecordKind::wake:
            case RecordKind::book:
                return false;
        }
        return false;
    }
    std::string venue(const Record& record) const
    {
        return index(record.venue) < header_.venues.size() ? header_.venues[index(record.venue)].key.label()
                                                           : std::string();
    }

  private:
    bool is_stream(const Record& record) const
    {
        return index(record.venue) < streams_.size() && !streams_[index(record.venue)].empty() &&
               without_query(record.url) == without_query(streams_[index(record.venue)]);
    }

    const JournalHeader& header_;
    std::vector<std::string> streams_;                           // by venue of the journal
    std::set<std::pair<std::size_t, std::size_t>> market_data_;  // venue and connection
};

const char* kind_name(RecordKind kind)
{
    switch (kind) {
        case RecordKind::frame:
            return "frame";
        case RecordKind::http:
            return "reply";
        case RecordKind::open:
            return "open";
        case RecordKind::close:
            return "close";
        case RecordKind::output:
            return "decision";
        case RecordKind::command:
            return "command";
        default:
            return "other";
    }
}

std::string line_of(const Record& record, const std::string& venue, std::size_t text_max)
{
    const bool of_venue = record.kind != RecordKind::command && record.kind != RecordKind::output;
    const std::string_view text = record.text.view();
    JsonWriter json;
    json.begin_object();
    json.key("time").time(record.time);
    json.key("number").integer(record.number);
    json.key("kind").text(kind_name(record.kind));
    if (of_venue) json.key("venue").text(venue);
    if (of_venue && record.kind != RecordKind::http) json.key("connection").integer(index(record.connection));
    if (!record.url.empty()) {
        // A query may hold a signature; the mark behind # is ours.
        const std::size_t mark = record.url.rfind('#');
        const std::string_view behind = mark == std::string_view::npos ? "" : record.url.substr(mark);
        json.key("url").text(mask_tokens(without_query(record.url), true) + std::string(behind));
    }
    if (record.kind == RecordKind::http) json.key("status").signed_integer(record.status);
    // Masked as a whole: a token that is cut must not look too short to be one.
    if (!text.empty()) json.key("text").text(std::string_view(mask_tokens(text)).substr(0, text_max));
    if (text.size() > text_max) json.key("text_bytes").integer(text.size());
    json.end_object();
    std::string line = json.take();
    if (!line.ends_with('\n')) line += '\n';
    return line;
}

}  // namespace

std::string mask_tokens(std::string_view text, bool path)
{
    std::string masked(text);
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= masked.size(); ++i) {
        if (i < masked.size() && is_token_character(masked[i], path)) continue;
        const std::string_view run = std::string_view(masked).substr(begin, i - begin);
        const bool number = std::all_of(run.begin(), run.end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool words = std::any_of(run.begin(), run.end(), is_letter_or_digit);
        if (run.size() >= kTokenLeast && words && !number && !is_uuid(run))
            std::fill(masked.begin() + static_cast<std::ptrdiff_t>(begin),
                      masked.begin() + static_cast<std::ptrdiff_t>(i), 'x');
        begin = i + 1;
    }
    return masked;
}

std::string newest_journal(const std::string& directory)
{
    std::string newest;
    std::uint64_t best = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::string_view digits = name;
        constexpr std::string_view kHead = "session-", kTail = ".arb", kOpen = ".part";
        // The journal of an engine that runs, or died, still has its working name.
        if (digits.ends_with(kOpen)) digits.remove_suffix(kOpen.size());
        if (!digits.starts_with(kHead) || !digits.ends_with(kTail) ||
            digits.size() <= kHead.size() + kTail.size())
            continue;
        digits = digits.substr(kHead.size(), digits.size() - kHead.size() - kTail.size());
        std::uint64_t number = 0;
        const auto [stop, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (wrong != std::errc{} || stop != digits.data() + digits.size()) continue;
        if (!newest.empty() && number < best) continue;
        best = number;
        newest = at->path().string();
    }
    return newest;
}

JournalExtract extract_journal(const std::string& path, const Plugins& plugins,
                               const JournalExtractOptions& options,
                               const std::function<bool(std::string_view)>& line)
{
    JournalExtract extract;
    Result<JournalReader> reader = JournalReader::open(path);
    if (!reader) {
        extract.trouble = reader.error().message;
        return extract;
    }
    extract.config_text = reader->header().config_text;
    Sorter sorter(reader->header(), plugins);
    struct Line {
        Timestamp time;
        std::string text;
    };
    // How far back the span reaches is known only at the end: lines wait here until they are too old.
    std::deque<Line> lines;
    std::uint64_t bytes = 0;
    Timestamp last, dropped;
    const auto drop = [&] {
        bytes -= lines.front().text.size();
        lines.pop_front();
    };
    while (const Record* record = reader->next()) {
        ++extract.records;
        last = std::max(last, record->time);
        if (sorter.wanted(*record)) {
            lines.push_back({record->time, line_of(*record, sorter.venue(*record), options.text_max)});
            bytes += lines.back().text.size();
        }
        while (!lines.empty() && last - lines.front().time > options.span) drop();
        for (; bytes > options.bytes_max; ++extract.left_out) {
            dropped = lines.front().time;
            drop();
        }
    }
    if (last - dropped > options.span) extract.left_out = 0;
    if (reader->trouble()) extract.trouble = reader->trouble()->message;
    for (const Line& waiting : lines) {
        if (!line(waiting.text)) break;
        if (!extract.first.known()) extract.first = waiting.time;
        extract.last = waiting.time;
        ++extract.lines;
    }
    return extract;
}

}  // namespace arb
