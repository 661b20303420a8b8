#pragma once
// The bytes of a journal, shared by JournalWriter and JournalReader and by nobody else. All numbers are
// little-endian; offsets and lengths count bytes; times are ns since 1970 UTC; every checksum is CRC32C. Each
// byte of a file is under a checksum or compared with what the reader counted itself, so no single damaged
// byte goes unnoticed.
//
//   +-----------+----------------+---------+---------+-- .. --+---------+-------+---------+
//   | file head | header payload | block 1 | block 2 |        | block n | index | trailer |
//   +-----------+----------------+---------+---------+-- .. --+---------+-------+---------+
//
// A writer that dies leaves whole blocks and perhaps a part of one, without index and trailer: such a file
// reads up to its last whole block. Index and trailer let tools find a time without reading all; a reader
// that goes through the file compares them with what it saw.
//
// File head, 24 bytes. These 24 bytes keep their place in every later version.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                     magic "ARBJRNL\n"                         |  0
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                           version                             |  8
//   +---------------------------------------------------------------+
//   |                    length of the payload                      | 12
//   +---------------------------------------------------------------+
//   |                   checksum of the payload                     | 16
//   +---------------------------------------------------------------+
//   |                 checksum of bytes 0 to 19                     | 20
//   +---------------------------------------------------------------+
//
// Header payload: text lines, each ended by \n; a backslash, line feed or carriage return inside a value is
// written as \\, \n or \r.
//
//   build <text>
//   source <text>
//   config_hash <16 hexadecimal digits>
//   venue <exchange> TAB <market>              one a venue; the place is the VenueId
//   listing <ListingDefinition::to_line()>     belongs to the venue above; the place is the listing number
//   config <length>                            the last line; that many bytes of configuration text follow
//
// Block head, 48 bytes, then `stored length` bytes: one zstd frame that unpacks to `raw length` bytes of
// records.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                        magic "ARBB"                           |  0
//   +---------------------------------------------------------------+
//   |             raw length (at most kBlockRawMax)                 |  4
//   +---------------------------------------------------------------+
//   |                       stored length                           |  8
//   +---------------------------------------------------------------+
//   |                 count of records, at least 1                  | 12
//   +---------------------------------------------------------------+
//   |                  time of the first record                     | 16
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                  time of the last record                      | 24
//   |                                                               |
//   +---------------------------------------------------------------+
//   |          number of the first record (the file's first is 1)   | 32
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                checksum of the stored bytes                   | 40
//   +---------------------------------------------------------------+
//   |                 checksum of bytes 0 to 43                     | 44
//   +---------------------------------------------------------------+
//
// Record inside an unpacked block: 24 bytes, then the payload, then zeros up to a multiple of 8. Records
// follow each other without a gap and fill the block exactly.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |     size of the record, head, payload and zeros together      |  0
//   +---------------+---------------+-------------------------------+
//   |S|T|O| kind    |     venue     |             place             |  4
//   +---------------+---------------+-------------------------------+
//   |                         receive time                          |  8
//   |                                                               |
//   +---------------------------------------------------------------+
//   |               length of the text; book: bids                  | 16
//   +---------------------------------------------------------------+
//   |               length of the url;  book: asks                  | 20
//   +---------------------------------------------------------------+
//
//   kind    RecordKind; S is set for a book record that is a snapshot, T for one that carries a venue's time,
//           O for one without levels that says that the recording of this book is over
//   place   frame, open, close: connection; http: status; book: the listing's place at that venue; else 0
//   payload book: the bids, then the asks, each a pair of int64 (price, quantity), then with T the venue's time
//           (int64); all others: text, then url
//
// Index: 16 bytes, then one entry of 40 bytes a block.
//
//   +---------------------------------------------------------------+
//   |                        magic "ARBI"                           |  0
//   +---------------------------------------------------------------+
//   |                       count of blocks                         |  4
//   +---------------------------------------------------------------+
//   |                   checksum of the entries                     |  8
//   +---------------------------------------------------------------+
//   |                 checksum of bytes 0 to 11                     | 12
//   +---------------------------------------------------------------+
//
//   entry:  0 offset of the block head (8)    8 time of the first record (8)  16 time of the last record (8)
//          24 number of the first record (8) 32 count of records (4)          36 raw length (4)
//
// Trailer, 48 bytes, the last of the file.
//
//   +---------------------------------------------------------------+
//   |                        magic "ARBT"                           |  0
//   +---------------------------------------------------------------+
//   |                           version                             |  4
//   +---------------------------------------------------------------+
//   |                     offset of the index                       |  8
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                       count of blocks                         | 16
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                       count of records                        | 24
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                    sum of all raw lengths                     | 32
//   |                                                               |
//   +---------------------------------------------------------------+
//   |                             zero                              | 40
//   +---------------------------------------------------------------+
//   |                 checksum of bytes 0 to 43                     | 44
//   +---------------------------------------------------------------+
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "engine/base/result.hpp"
#include "engine/journal/crc32c.hpp"
#include "engine/journal/record.hpp"

namespace arb::format {

static_assert(std::endian::native == std::endian::little,
              "the structs below are copied to and from the file");

inline constexpr char kFileMagic[8] = {'A', 'R', 'B', 'J', 'R', 'N', 'L', '\n'};
inline constexpr std::uint32_t kVersion = 1;

constexpr std::uint32_t magic_of(const char (&text)[5])
{
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(text[i])} << (8 * i);
    return value;
}
inline constexpr std::uint32_t kBlockMagic = magic_of("ARBB");
inline constexpr std::uint32_t kIndexMagic = magic_of("ARBI");
inline constexpr std::uint32_t kTrailerMagic = magic_of("ARBT");

/// A block is closed when it has this many bytes; a larger record gets a block of its own.
inline constexpr std::size_t kBlockRawTarget = 1U << 20;
inline constexpr std::size_t kBlockRawMax = 64U << 20;
inline constexpr std::size_t kPayloadMax = kBlockRawMax - 64;
inline constexpr std::size_t kVenuesMax = 255;       // VenueId 0xff means "none"
inline constexpr std::size_t kListingsMax = 65'535;  // places are 16 bits wide
inline constexpr std::size_t kHeaderMax = 64U << 20;
inline constexpr int kCompressionLevel = 3;

struct FileHead {
    char magic[8];
    std::uint32_t version;
    std::uint32_t payload_length;
    std::uint32_t payload_checksum;
    std::uint32_t checksum;
};
static_assert(sizeof(FileHead) == 24);

struct BlockHead {
    std::uint32_t magic;
    std::uint32_t raw_length;
    std::uint32_t stored_length;
    std::uint32_t records;
    std::int64_t time_first;
    std::int64_t time_last;
    std::uint64_t number_first;
    std::uint32_t stored_checksum;
    std::uint32_t checksum;
};
static_assert(sizeof(BlockHead) == 48);

struct RecordHead {
    std::uint32_t size;
    std::uint8_t kind;
    std::uint8_t venue;
    std::uint16_t place;
    std::int64_t time;
    std::uint32_t first;   ///< length of the text, or count of bids
    std::uint32_t second;  ///< length of the url, or count of asks
};
static_assert(sizeof(RecordHead) == 24);
inline constexpr std::uint8_t kSnapshotFlag = 0x80;
inline constexpr std::uint8_t kVenueTimeFlag = 0x40;
inline constexpr std::uint8_t kOverFlag = 0x20;
inline constexpr std::uint8_t kFlags = kSnapshotFlag | kVenueTimeFlag | kOverFlag;

struct IndexHead {
    std::uint32_t magic;
    std::uint32_t blocks;
    std::uint32_t entries_checksum;
    std::uint32_t checksum;
};
static_assert(sizeof(IndexHead) == 16);

struct IndexEntry {
    std::uint64_t offset;
    std::int64_t time_first;
    std::int64_t time_last;
    std::uint64_t number_first;
    std::uint32_t records;
    std::uint32_t raw_length;
};
static_assert(sizeof(IndexEntry) == 40);

struct Trailer {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t index_offset;
    std::uint64_t blocks;
    std::uint64_t records;
    std::uint64_t raw_bytes;
    std::uint32_t zero;
    std::uint32_t checksum;
};
static_assert(sizeof(Trailer) == 48);

static_assert(sizeof(RecordedLevel) == 16 && std::is_trivially_copyable_v<RecordedLevel>);

/// The checksum of a head: of all its bytes before its own checksum, which is the last member.
template <class Head>
std::uint32_t checksum_of(const Head& head)
{
    return crc32c(&head, sizeof(Head) - sizeof(head.checksum));
}

constexpr std::size_t round_up(std::size_t size)
{
    return (size + 7) / 8 * 8;
}

/// The header payload as bytes, and back. Refused: more than kHeaderMax, more than 255 venues or 65,535
/// listings a venue, a definition that its own line cannot carry (a tab in a symbol); a payload that is not
/// of this form.
Result<std::string> write_header(const JournalHeader& header);
Result<JournalHeader> read_header(std::string_view payload);

}  // namespace arb::format
