// What a running engine's answer to a word says: done, refused with its reason, a status, or nothing
// readable.
#include <gtest/gtest.h>

#include "engine/app/run/operate.hpp"

namespace arb {
namespace {

TEST(Operate, an_answer_says_whether_the_wish_was_done)
{
    const Said done = read_answer(R"({"ok":true,"command":"panic","status":{"ok":false}})");
    EXPECT_TRUE(done.done);
    EXPECT_TRUE(done.judged);
    const Said refused = read_answer(R"({"ok":false,"error":"key \"b\" is not there"})");
    EXPECT_FALSE(refused.done);
    EXPECT_TRUE(refused.judged);
    EXPECT_EQ(refused.error, "key \"b\" is not there");
    EXPECT_EQ(read_answer(R"({"ok":false})").error, "it refuses, and does not say why");
}

TEST(Operate, a_status_is_an_answer_by_itself)
{
    const Said status = read_answer(R"({"mode":"paper"})");
    EXPECT_TRUE(status.done);
    EXPECT_FALSE(status.judged) << "panic does not take it for an order that was taken";
}

TEST(Operate, what_cannot_be_read_is_not_done)
{
    for (const char* text : {"", "busy", "[]", R"({"ok":true)", R"({"ok":true}})"}) {
        const Said said = read_answer(text);
        EXPECT_FALSE(said.done) << text;
        EXPECT_FALSE(said.judged) << text;
        EXPECT_NE(said.error, "") << text;
    }
}

}  // namespace
}  // namespace arb
