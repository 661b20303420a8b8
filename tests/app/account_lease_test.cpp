// One writer a key: the second run is refused and told who has it, and the lock goes with its holder.
#include "engine/app/keys/account_lease.hpp"

#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

TEST(AccountLeases, a_key_has_one_run_at_a_time)
{
    const test::PrivateDirectory directory;
    const std::string at = directory.file("leases");
    {
        AccountLeases first(at);
        EXPECT_FALSE(first.take("okx", "", "key-1", "/state/one"));
        EXPECT_FALSE(first.take("okx", "", "key-1", "/state/one")) << "its own";
        AccountLeases second(at);
        const std::optional<Error> refused = second.take("okx", "", "key-1", "/state/two");
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->code, ExitCode::refused);
        EXPECT_NE(refused->message.find("state directory /state/one"), std::string::npos) << refused->message;
        EXPECT_NE(refused->message.find("arbiter stop"), std::string::npos) << refused->message;
        EXPECT_EQ(refused->message.find("key-1"), std::string::npos) << "no id of a key in a text";
        EXPECT_FALSE(second.take("okx", "", "key-2", "/state/two"));
        EXPECT_FALSE(second.take("okx", "127.0.0.1:9", "key-1", "/state/two")) << "another place";
        EXPECT_FALSE(second.take("bybit", "", "key-1", "/state/two"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(at)) << "nothing is left behind";
    AccountLeases later(at);
    EXPECT_FALSE(later.take("okx", "", "key-1", "/state/three"));
}

TEST(AccountLeases, a_directory_that_others_may_change_is_refused)
{
    const test::PrivateDirectory directory;
    const std::string at = directory.file("leases");
    std::filesystem::create_directory(at);
    ::chmod(at.c_str(), 0777);
    AccountLeases leases(at);
    const std::optional<Error> refused = leases.take("okx", "", "key-1", "/state");
    ASSERT_TRUE(refused);
    EXPECT_NE(refused->message.find("mode 0700"), std::string::npos) << refused->message;
    std::filesystem::remove(at);
    std::filesystem::create_symlink("/", at);
    EXPECT_TRUE(AccountLeases(at).take("okx", "", "key-1", "/state"));
}

}  // namespace
}  // namespace arb
