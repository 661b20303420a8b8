#include "engine/app/rehearse/rehearse_recording.hpp"

#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/journal/http_mark.hpp"
#include "engine/journal/reader.hpp"
#include "engine/pipeline/engine_config.hpp"

namespace arb {
namespace {

// A part of an address that long is no word of the venue's documentation: a listen key.
constexpr std::size_t kPathWordMost = 20;
constexpr unsigned kSlotBits = 56;  // of a reply's tag: which key asked; 0: none

/// Tells what is private, record by record, in the order of the journal.
class PrivateRecords {
  public:
    bool is_private(const Record& record)
    {
        const auto connection = std::pair(index(record.venue), index(record.connection));
        switch (record.kind) {
            case RecordKind::open:
                // The mark behind the address of a connection that was opened under a key.
                private_[connection] = record.url.find('#') != std::string_view::npos;
                return private_[connection];
            case RecordKind::frame:
            case RecordKind::close:
                return private_[connection];
            case RecordKind::http: {
                std::string_view url = record.url;
                return take_mark(url).tag >> kSlotBits != 0;
            }
            default:
                return false;
        }
    }

  private:
    std::map<std::pair<std::size_t, std::size_t>, bool> private_;
};

void learn_path(Mask& mask, std::string_view url)
{
    url = url.substr(0, url.find_first_of("?#"));
    for (std::size_t at = url.find("://") + 3; at < url.size();) {
        const std::size_t end = std::min(url.find('/', at), url.size());
        if (end - at > kPathWordMost && url.substr(at, end - at).find('.') == std::string_view::npos)
            mask.know(url.substr(at, end - at));
        at = end + 1;
    }
}

std::optional<Error> each_record(const std::string& journal,
                                 const std::function<void(const Record&, bool)>& see)
{
    Result<JournalReader> reader = JournalReader::open(journal);
    if (!reader) return reader.error();
    PrivateRecords sorter;
    while (const Record* record = reader->next()) see(*record, sorter.is_private(*record));
    return reader->trouble();
}

}  // namespace

Result<Written> mask_recording(const std::string& journal, const std::string& masked, Mask mask)
{
    // First what there is to hide: an id may stand in a message before the one that tells what it is.
    const auto learn = [&](const Record& record, bool is_private) {
        if (!is_private) return;
        if (record.kind == RecordKind::open) learn_path(mask, record.url);
        mask.learn(record.text.view());
    };
    if (const auto error = each_record(journal, learn)) return *error;
    Result<JournalReader> head = JournalReader::open(journal);
    if (!head) return head.error();
    Result<JournalWriter> writer = JournalWriter::create(masked, head->header());
    if (!writer) return writer.error();
    const auto copy = [&](const Record& record, bool is_private) {
        if (!is_private) {
            writer->copy(record);
            return;
        }
        const std::string text = mask.hidden(record.text.view());
        const std::string url = mask.hidden_url(record.url);
        if (record.kind == RecordKind::open) writer->open(record.venue, record.connection, record.time, url);
        if (record.kind == RecordKind::frame)
            writer->frame(record.venue, record.connection, record.time, text);
        if (record.kind == RecordKind::close)
            writer->close(record.venue, record.connection, record.time, text);
        if (record.kind == RecordKind::http)
            writer->http(record.venue, record.time, url, record.status, text);
    };
    if (const auto error = each_record(journal, copy)) return *error;
    return writer->finish();
}

std::string recording_config(const std::string& venue, const EngineConfig& config)
{
    const auto millis = [](Duration time) { return time.ns / milliseconds(1).ns; };
    return fmt::format(
        "# What a rehearsal judged the books by.\nname = \"rehearsal\"\nmode = \"paper\"\n\n[books]\n"
        "crossed_max_ms = {}\nresync_first_ms = {}\nresync_most_ms = {}\n\n[venue.{}]\n",
        millis(config.books.crossed_max), millis(config.books.resync_first), millis(config.books.resync_most),
        venue);
}

}  // namespace arb
