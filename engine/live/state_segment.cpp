#include "engine/live/state_segment.hpp"

#include <atomic>
#include <cstring>

#include "engine/journal/crc32c.hpp"

namespace arb {
namespace {

constexpr char kMagic[8] = {'A', 'R', 'B', 'S', 'T', 'A', 'T', '\n'};
constexpr std::size_t kVersionAt = 8, kSumAt = 12, kRunAt = 16, kGenerationAt = 24, kFirstAt = 32,
                      kSizeAt = 40, kCheckpointAt = 48, kSyncedAt = 56;
constexpr std::size_t kRecordHead = 24;
constexpr std::size_t kFirstVersionHead = 16, kFirstVersionLineHead = 8;

template <class Value>
Value get(const char* at)
{
    Value value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class Value>
void put(char* at, Value value)
{
    std::memcpy(at, &value, sizeof value);
}

constexpr std::size_t round_up(std::size_t size)
{
    return (size + 7) / 8 * 8;
}

std::uint32_t head_sum(const char* memory)
{
    return crc32c(memory + kRunAt, kCheckpointAt - kRunAt, crc32c(memory + kVersionAt, 4));
}

// A number and its seal in one word of eight bytes, which reaches memory and disk whole or not at all.
std::uint64_t sealed(std::uint64_t run, std::uint32_t number)
{
    char bytes[12];
    put(bytes, run);
    put(bytes + 8, number);
    return (std::uint64_t{crc32c(bytes, sizeof bytes)} << 32) | number;
}

void store_word(char* at, std::uint64_t word)
{
    std::atomic_thread_fence(std::memory_order_release);
    __atomic_store_n(reinterpret_cast<std::uint64_t*>(at), word, __ATOMIC_RELEASE);
}

/// False: the word is not one that was written for this run.
bool unseal(const char* at, std::uint64_t run, std::uint32_t& number)
{
    const auto word = get<std::uint64_t>(at);
    number = static_cast<std::uint32_t>(word);
    return word == sealed(run, number);
}

std::uint32_t record_sum(const char* at, std::size_t text)
{
    return crc32c(at + 4, segment_record_size(text) - 4);
}

/// The length of the text of a good record of this run at `at`; 0: there is none. `sequence`: what it
/// carries.
std::size_t record_at(std::string_view bytes, std::size_t at, std::uint64_t run, std::uint64_t& sequence)
{
    if (at + kRecordHead > bytes.size()) return 0;
    const char* record = bytes.data() + at;
    const auto length = get<std::uint32_t>(record + 4);
    if (length == 0 || length > bytes.size() - at - kRecordHead || get<std::uint64_t>(record + 8) != run)
        return 0;
    if (at + segment_record_size(length) > bytes.size()) return 0;
    sequence = get<std::uint64_t>(record + 16);
    return get<std::uint32_t>(record) == record_sum(record, length) ? length : 0;
}

bool record_behind(std::string_view bytes, std::size_t at, std::uint64_t run, std::uint64_t sequence)
{
    for (; at + kRecordHead <= bytes.size(); at += 8) {
        std::uint64_t found = 0;
        if (record_at(bytes, at, run, found) != 0 && found > sequence) return true;
    }
    return false;
}

std::size_t last_written(std::string_view bytes)
{
    std::size_t end = bytes.size();
    while (end > 0 && bytes[end - 1] == '\0') --end;
    return end;
}

// What stands where the next record should: the end, an end that did not reach the disk, or damage.
void judge_end(std::string_view bytes, std::uint64_t next, SegmentReading& reading)
{
    std::uint32_t checkpoint = 0, synced = 0;
    const std::uint64_t run = reading.head.run;
    const bool begun = unseal(bytes.data() + kCheckpointAt, run, checkpoint);
    if (!begun || reading.lines.size() < checkpoint) {
        // Nothing was renamed into its place before it was on the disk: there, this is damage.
        reading.state = SegmentState::unfinished;
        return;
    }
    const bool known = unseal(bytes.data() + kSyncedAt, run, synced);
    const std::size_t written = last_written(bytes);
    if (known && reading.end < synced)
        reading.state = SegmentState::damaged;
    else if (!known && record_behind(bytes, reading.end, run, next))
        reading.state = SegmentState::damaged;
    else
        reading.state = written > reading.end ? SegmentState::torn : SegmentState::whole;
    if (reading.state == SegmentState::torn) reading.dropped = written - reading.end;
}

}  // namespace

std::size_t segment_record_size(std::size_t text)
{
    return round_up(kRecordHead + text);
}

void begin_segment(char* memory, std::size_t size, const SegmentHead& head)
{
    std::memcpy(memory, kMagic, sizeof kMagic);
    put(memory + kVersionAt, kSegmentVersion);
    put(memory + kRunAt, head.run);
    put(memory + kGenerationAt, head.generation);
    put(memory + kFirstAt, head.first);
    put(memory + kSizeAt, std::uint64_t{size});
    put(memory + kSumAt, head_sum(memory));
    mark_segment_synced(memory, head.run, kSegmentHead);
}

void put_segment_record(char* memory, std::size_t at, std::uint64_t run, std::uint64_t sequence,
                        std::string_view text)
{
    char* record = memory + at;
    put(record + 4, static_cast<std::uint32_t>(text.size()));
    put(record + 8, run);
    put(record + 16, sequence);
    std::memcpy(record + kRecordHead, text.data(), text.size());
    const std::size_t written = kRecordHead + text.size();
    std::memset(record + written, 0, segment_record_size(text.size()) - written);
    const std::uint32_t sum = record_sum(record, text.size());
    // The checksum makes the record count: it must not be seen before the rest.
    std::atomic_thread_fence(std::memory_order_release);
    put(record, sum);
}

void seal_segment(char* memory, std::uint64_t run, std::uint32_t records)
{
    store_word(memory + kCheckpointAt, sealed(run, records));
}

void mark_segment_synced(char* memory, std::uint64_t run, std::size_t offset)
{
    store_word(memory + kSyncedAt, sealed(run, static_cast<std::uint32_t>(offset)));
}

SegmentReading read_segment(std::string_view bytes)
{
    SegmentReading reading;
    if (bytes.size() < kSegmentHead || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) return reading;
    reading.version = get<std::uint32_t>(bytes.data() + kVersionAt);
    if (reading.version != kSegmentVersion) return reading;
    if (get<std::uint32_t>(bytes.data() + kSumAt) != head_sum(bytes.data())) {
        reading.state = SegmentState::damaged;
        return reading;
    }
    reading.head.run = get<std::uint64_t>(bytes.data() + kRunAt);
    reading.head.generation = get<std::uint64_t>(bytes.data() + kGenerationAt);
    reading.head.first = get<std::uint64_t>(bytes.data() + kFirstAt);
    reading.end = kSegmentHead;
    std::uint64_t next = reading.head.first;
    for (;; ++next) {
        std::uint64_t sequence = 0;
        const std::size_t length = record_at(bytes, reading.end, reading.head.run, sequence);
        if (length == 0 || sequence != next) break;
        reading.lines.emplace_back(bytes.data() + reading.end + kRecordHead, length);
        reading.end += segment_record_size(length);
    }
    judge_end(bytes, next, reading);
    return reading;
}

SegmentReading read_first_version(std::string_view bytes)
{
    SegmentReading reading;
    if (bytes.size() < kFirstVersionHead || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
        return reading;
    reading.version = get<std::uint32_t>(bytes.data() + kVersionAt);
    if (reading.version != 1) return reading;
    reading.end = kFirstVersionHead;
    reading.state = SegmentState::damaged;
    while (reading.end + kFirstVersionLineHead <= bytes.size()) {
        const char* line = bytes.data() + reading.end;
        const auto length = get<std::uint32_t>(line);
        if (length == 0) break;
        const std::size_t most = bytes.size() - reading.end - kFirstVersionLineHead;
        if (length > most || crc32c(line + kFirstVersionLineHead, length) != get<std::uint32_t>(line + 4))
            return reading;
        reading.lines.emplace_back(line + kFirstVersionLineHead, length);
        reading.end += round_up(kFirstVersionLineHead + length);
    }
    if (last_written(bytes) <= reading.end) reading.state = SegmentState::whole;
    return reading;
}

}  // namespace arb
