#include "engine/journal/crc32c.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace arb {
namespace {

struct Vector {
    std::string bytes;
    std::uint32_t checksum;
};

// RFC 3720, B.4 (the checksums there are written in the order of the bytes), and the check value of the
// catalogue of parametrised CRC algorithms.
std::vector<Vector> published()
{
    std::string up, down;
    for (int i = 0; i < 32; ++i) up += static_cast<char>(i);
    for (int i = 31; i >= 0; --i) down += static_cast<char>(i);
    std::string read_command(48, '\0');
    const auto set = [&read_command](std::size_t at, int value) {
        read_command[at] = static_cast<char>(value);
    };
    set(0, 0x01);
    set(1, 0xc0);
    set(16, 0x14);
    set(22, 0x04);
    set(27, 0x14);
    set(31, 0x18);
    set(32, 0x28);
    set(40, 0x02);
    return {{"123456789", 0xE3069283},
            {"", 0},
            {std::string(32, '\0'), 0x8A9136AA},
            {std::string(32, '\xff'), 0x62A8AB43},
            {up, 0x46DD794E},
            {down, 0x113FDB5C},
            {read_command, 0xD9963A56}};
}

TEST(Crc32c, published_vectors)
{
    for (const Vector& v : published()) {
        EXPECT_EQ(crc32c(v.bytes.data(), v.bytes.size()), v.checksum);
        EXPECT_EQ(crc32c_by_table(v.bytes.data(), v.bytes.size()), v.checksum);
    }
}

TEST(Crc32c, both_ways_agree_at_every_length_and_alignment)
{
    std::mt19937 random(7);
    std::string bytes(300, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (std::size_t begin = 0; begin < 9; ++begin) {
        for (std::size_t size = 0; begin + size <= bytes.size(); ++size) {
            ASSERT_EQ(crc32c(bytes.data() + begin, size), crc32c_by_table(bytes.data() + begin, size));
        }
    }
}

TEST(Crc32c, parts_continue_each_other)
{
    const std::string text = "frames of a venue, one after the other";
    const std::uint32_t whole = crc32c(text.data(), text.size());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(crc32c(text.data() + cut, text.size() - cut, crc32c(text.data(), cut)), whole);
    }
}

}  // namespace
}  // namespace arb
