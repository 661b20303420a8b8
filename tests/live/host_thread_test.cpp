// What the engine's thread takes of the machine, and that threads it begins do not keep it.
#include <sched.h>
#include <thread>

#include <gtest/gtest.h>

#include "engine/live/host_thread.hpp"

namespace arb {
namespace {

int processors()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

int one_of_ours()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return -1;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<std::size_t>(i), &set)) return i;
    }
    return -1;
}

TEST(HostThread, a_bound_thread_runs_on_one_processor_and_what_it_begins_on_all)
{
    const int all = processors();
    std::thread engine([&] {
        HostConfig host;
        host.core = one_of_ours();
        ASSERT_TRUE(take_host(host));
        EXPECT_EQ(processors(), 1);
        EXPECT_EQ(::sched_getcpu(), host.core);
        std::thread([&] {
            EXPECT_EQ(processors(), 1) << "inherited";
            leave_engine_core();
            EXPECT_EQ(processors(), all);
        }).join();
    });
    engine.join();
    EXPECT_EQ(processors(), all) << "nobody else is bound";
}

TEST(HostThread, what_cannot_be_had_says_what_to_allow)
{
    std::thread([] {
        const int before = processors();
        EXPECT_TRUE(take_host({})) << "nothing is wanted";
        EXPECT_EQ(processors(), before);
        HostConfig host;
        host.core = 1023;
        const Result<bool> taken = take_host(host);
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().code, ExitCode::usage);
        EXPECT_NE(taken.error().message.find("[host] core: processor 1023 is not allowed"), std::string::npos)
            << taken.error().message;
        EXPECT_NE(taken.error().message.find("Cpus_allowed_list"), std::string::npos);
    }).join();
}

TEST(HostThread, haste_is_not_inherited)
{
    std::thread([] {
        HostConfig host;
        host.core = one_of_ours();
        host.fifo_priority = 1;
        const Result<bool> taken = take_host(host);
        if (!taken) {
            EXPECT_NE(taken.error().message.find("LimitRTPRIO"), std::string::npos) << taken.error().message;
            return;
        }
        EXPECT_EQ(::sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
        std::thread([] { EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER); }).join();
    }).join();
}

}  // namespace
}  // namespace arb
