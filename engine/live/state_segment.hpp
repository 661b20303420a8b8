#pragma once
// One segment of the state log as bytes: what its head and its records look like, and what can be believed of
// them after a crash. A segment begins with a checkpoint (all that was true then) and grows by records. Each
// record's checksum covers its length, the segment's random run id and its own sequence number, so a record
// of another segment, or of another place, is none. Functions over memory; any thread.
//
//   offset  0  magic "ARBSTAT\n"   8  version (4)   12  checksum of bytes 16..47 and the version (4)
//          16  run id (8)   24  generation (8)   32  first sequence number (8)   40  size of the file (8)
//          48  records of the checkpoint (4), their seal (4)   56  on the disk up to here (4), its seal (4)
//          64  records: checksum (4), length of the text (4), run id (8), sequence number (8), text, zeros up
//          to
//              a multiple of 8
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arb {

/// What a segment is known by.
struct SegmentHead {
    std::uint64_t run = 0;         ///< random
    std::uint64_t generation = 0;  ///< one more than the segment before
    std::uint64_t first = 0;       ///< sequence number of its first record
};

enum class SegmentState : std::uint8_t {
    whole,       ///< every record to the end
    torn,        ///< what follows the last good record had not reached the disk: it never counted
    damaged,     ///< a record that had been whole is not any more
    unfinished,  ///< it was being begun: its checkpoint is not whole
    other,       ///< another version, or nothing of ours
};

struct SegmentReading {
    SegmentState state = SegmentState::other;
    std::uint32_t version = 0;
    SegmentHead head;
    std::vector<std::string> lines;
    std::size_t end = 0;      ///< where the next record would stand; `damaged`: where the damage is
    std::size_t dropped = 0;  ///< `torn`: bytes between the end and the last that is not zero
};

inline constexpr std::uint32_t kSegmentVersion = 2;
inline constexpr std::size_t kSegmentHead = 64;

/// The bytes that a line takes.
std::size_t segment_record_size(std::size_t text);
/// Begins a segment in zeroed memory: its checkpoint is not sealed yet.
void begin_segment(char* memory, std::size_t size, const SegmentHead& head);
/// Writes a record at `at`; the caller has seen to the room.
void put_segment_record(char* memory, std::size_t at, std::uint64_t run, std::uint64_t sequence,
                        std::string_view text);
/// The checkpoint is whole: from here on the segment counts.
void seal_segment(char* memory, std::uint64_t run, std::uint32_t records);
/// Everything before this offset is on the disk.
void mark_segment_synced(char* memory, std::uint64_t run, std::size_t offset);
/// What `bytes` are; shorter ones than the head says are a file that was cut.
SegmentReading read_segment(std::string_view bytes);

/// The lines of a log of version 1; `state` is whole, damaged or other. Bytes behind the last line make it
/// damaged: that version could leave lines of long ago there.
SegmentReading read_first_version(std::string_view bytes);

}  // namespace arb
