// Changes of the keystore: what each does, that SIGKILL at any step leaves the old or the new file, and that
// writers do not undo each other.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <set>

#include "tests/keys/keystore_support.hpp"

namespace arb {
namespace {

using namespace keystore_test;

class KeystoreChange : public KeystoreFolder {};

constexpr WriteStep kSteps[] = {WriteStep::made,         WriteStep::half_written, WriteStep::written,
                                WriteStep::synced,       WriteStep::locked,       WriteStep::renamed,
                                WriteStep::folder_synced};

TEST_F(KeystoreChange, rotation_retirement_removal_and_attestation_are_kept)
{
    {
        Keystore store = made();
        ASSERT_FALSE(
            store.rotate("two", entry_of("alpha", "three", KeyRole::trade), key_secret("test-secret-three")));
        EXPECT_TRUE(store.rotate("two", entry_of("alpha", "four"), key_secret("x")))
            << "it is retiring already";
        EXPECT_TRUE(store.rotate("none", entry_of("alpha", "four"), key_secret("x")));
        EXPECT_TRUE(store.rotate("three", entry_of("alpha", "one"), key_secret("x"))) << "the label is taken";
        ASSERT_FALSE(store.retire("alpha", "one"));
        ASSERT_FALSE(store.remove("beta", "one"));
        EXPECT_TRUE(store.remove("beta", "one"));
        EXPECT_TRUE(store.retire("beta", "one"));
        const KeyAttestation first{"no ip list", "somebody", *parse_day("2026-02-01"),
                                   *parse_day("2026-03-01")};
        KeyAttestation later = first;
        later.until = *parse_day("2026-04-01");
        ASSERT_FALSE(store.attest("alpha", "three", first));
        ASSERT_FALSE(store.attest("alpha", "three", later));
        KeyAttestation over = first;
        over.until = over.date;
        EXPECT_TRUE(store.attest("alpha", "three", over));
        EXPECT_TRUE(store.attest("alpha", "none", first));
        ASSERT_FALSE(store.save());
    }
    const auto store = open();
    ASSERT_TRUE(store);
    const std::vector<KeyEntry> entries = store->list();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(store->find("alpha", "one")->state, KeyState::retired);
    EXPECT_EQ(store->find("alpha", "two")->state, KeyState::retiring);
    EXPECT_EQ(store->find("alpha", "three")->state, KeyState::active);
    ASSERT_EQ(store->find("alpha", "three")->attestations.size(), 1U);
    EXPECT_EQ(format_day(store->find("alpha", "three")->attestations[0].until), "2026-04-01");
    EXPECT_EQ(text_of(store->take_secret("alpha", "one")->secret), "test-secret-one");
    EXPECT_EQ(text_of(store->take_secret("alpha", "two")->passphrase), "pass two");
    EXPECT_EQ(text_of(store->take_secret("alpha", "three")->secret), "test-secret-three");
}

TEST_F(KeystoreChange, a_new_passphrase_takes_the_old_ones_place)
{
    {
        Keystore store = made();
        ASSERT_FALSE(store.change_passphrase(secret_of("another test passphrase")));
        EXPECT_TRUE(open()) << "not saved yet";
        ASSERT_FALSE(store.save());
    }
    EXPECT_FALSE(open());
    const auto store = open("another test passphrase");
    ASSERT_TRUE(store);
    EXPECT_EQ(text_of(store->take_secret("alpha", "two")->secret), "test-secret-two");
    EXPECT_EQ(text_of(store->take_secret("alpha", "two")->passphrase), "pass two");
}

TEST_F(KeystoreChange, opened_to_read_it_does_not_save)
{
    made();
    auto store = open();
    ASSERT_TRUE(store);
    const std::string before = read(path());
    EXPECT_TRUE(store->save());
    EXPECT_EQ(read(path()), before);
}

TEST_F(KeystoreChange, the_steps_are_in_their_order)
{
    made();
    std::vector<WriteStep> steps;
    auto store = open_for_change([&](WriteStep step) {
        steps.push_back(step);
        EXPECT_EQ(files_here(), step < WriteStep::renamed ? 2U : 1U);
    });
    ASSERT_FALSE(store->save());
    EXPECT_EQ(steps, std::vector<WriteStep>(std::begin(kSteps), std::end(kSteps)));
    EXPECT_EQ(files_here(), 1U);
}

/// Runs it in a child that ends itself by SIGKILL at that step; true when it did.
template <class Body>
bool killed_at(WriteStep step, Body body)
{
    const pid_t child = ::fork();
    if (child == 0) {
        body([step](WriteStep at) {
            if (at == step) ::kill(::getpid(), SIGKILL);
        });
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST_F(KeystoreChange, killed_at_any_step_it_is_the_old_or_the_new)
{
    made();
    std::size_t expected = 3;
    for (const WriteStep step : kSteps) {
        SCOPED_TRACE(static_cast<int>(step));
        const std::string before = read(path());
        const std::string label = "k" + std::to_string(static_cast<int>(step));
        ASSERT_TRUE(killed_at(step, [&](const WriteHook& hook) {
            auto store = open_for_change(hook);
            if (!store || store->add(entry_of("alpha", label), key_secret("test-secret-" + label)))
                ::_exit(1);
            (void)store->save();
        }));
        const bool is_new = step >= WriteStep::renamed;
        EXPECT_EQ(read(path()) == before, !is_new);
        auto store = open_for_change();
        ASSERT_TRUE(store) << "its lock went with it: " << store.error().message;
        expected += is_new ? 1 : 0;
        EXPECT_EQ(store->list().size(), expected);
        EXPECT_EQ(text_of(store->take_secret("alpha", "one")->secret), "test-secret-one");
        const auto added = store->take_secret("alpha", label);
        EXPECT_EQ(added ? text_of(added->secret) : "", is_new ? "test-secret-" + label : "");
        EXPECT_EQ(files_here(), is_new ? 1U : 2U);
        ASSERT_FALSE(store->save());
        EXPECT_EQ(files_here(), 1U) << "the next writer clears away what the dead one left";
    }
}

TEST_F(KeystoreChange, killed_while_the_passphrase_changes_one_of_them_opens_all)
{
    made();
    for (const WriteStep step : kSteps) {
        SCOPED_TRACE(static_cast<int>(step));
        ASSERT_TRUE(killed_at(step, [&](const WriteHook& hook) {
            auto store = open_for_change(hook);
            if (!store || store->change_passphrase(secret_of("another test passphrase"))) ::_exit(1);
            (void)store->save();
        }));
        const bool is_new = step >= WriteStep::renamed;
        const auto store = open(is_new ? "another test passphrase" : kPassphrase);
        ASSERT_TRUE(store);
        for (const KeyEntry& entry : store->list()) EXPECT_TRUE(store->take_secret(entry.venue, entry.label));
        if (is_new) {
            std::filesystem::remove(path());
            made();
        }
    }
}

TEST_F(KeystoreChange, killed_while_it_is_made_there_is_none_or_a_whole_one)
{
    for (const WriteStep step : kSteps) {
        SCOPED_TRACE(static_cast<int>(step));
        ASSERT_TRUE(killed_at(step, [&](const WriteHook& hook) {
            (void)Keystore::create(path(), secret_of(kPassphrase), quick(hook));
        }));
        if (step < WriteStep::renamed) {
            EXPECT_FALSE(std::filesystem::exists(path()));
        } else {
            EXPECT_TRUE(open());
            std::filesystem::remove(path());
        }
    }
}

TEST_F(KeystoreChange, a_full_disk_leaves_the_old_one)
{
    made();
    const std::string before = read(path());
    const pid_t child = ::fork();
    if (child == 0) {
        // The limit stands in for the disk.
        ::signal(SIGXFSZ, SIG_IGN);
        auto store = open_for_change([](WriteStep step) {
            const struct rlimit small {
                256, 256
            };
            if (step == WriteStep::made) ::setrlimit(RLIMIT_FSIZE, &small);
        });
        if (!store) ::_exit(2);
        const auto error = store->save();
        ::_exit(error && error->message.find("cannot be written") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_EQ(read(path()), before);
    EXPECT_EQ(files_here(), 1U);
}

// ---- two writers

TEST_F(KeystoreChange, one_writer_at_a_time)
{
    made();
    std::optional<Keystore> first;
    first.emplace(open_for_change().take());
    const auto second = open_for_change();
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another process"), std::string::npos) << second.error().message;
    EXPECT_TRUE(open()) << "reading needs no lock";
    ASSERT_FALSE(first->add(entry_of("gamma", "one"), key_secret("test-secret")));
    ASSERT_FALSE(first->save());
    EXPECT_FALSE(open_for_change()) << "the new file is locked, too";
    ASSERT_FALSE(first->save());
    EXPECT_FALSE(open_for_change());
    first.reset();
    EXPECT_TRUE(open_for_change());
}

TEST_F(KeystoreChange, a_file_put_in_its_place_is_not_overwritten)
{
    auto store = made();
    const std::string other = read(path());
    write(at("restored"), other);
    std::filesystem::rename(at("restored"), path());
    const auto error = store.save();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ExitCode::refused);
    EXPECT_EQ(read(path()), other);
    std::filesystem::remove(path());
    EXPECT_TRUE(store.save());
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(KeystoreChange, many_writers_lose_nothing)
{
    made();
    constexpr int kWriters = 4, kEach = 4;
    std::vector<pid_t> children;
    for (int writer = 0; writer < kWriters; ++writer) {
        const pid_t child = ::fork();
        if (child != 0) {
            children.push_back(child);
            continue;
        }
        ::alarm(600);
        for (int i = 0; i < kEach;) {
            auto store = open_for_change();
            if (!store) {
                // Busy is the only trouble there may be.
                if (store.error().code != ExitCode::usage) ::_exit(1);
                ::sched_yield();
                continue;
            }
            const std::string label = "w" + std::to_string(writer) + "-" + std::to_string(i);
            if (store->add(entry_of("alpha", label), key_secret("test-secret-" + label)) || store->save())
                ::_exit(2);
            ++i;
        }
        ::_exit(0);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
    const auto store = open();
    ASSERT_TRUE(store);
    EXPECT_EQ(store->list().size(), 3U + kWriters * kEach);
    EXPECT_EQ(files_here(), 1U);
}

}  // namespace
}  // namespace arb
