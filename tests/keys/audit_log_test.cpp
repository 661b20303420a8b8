// The chain of the audit log: every change, cut and exchange is found, a killed process loses nothing, and a
// log goes on after it.
#include "engine/keys/audit_log.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <gtest/gtest.h>

#include "engine/keys/audit_verify.hpp"
#include "tests/keys/key_test_support.hpp"

namespace arb {
namespace {

using test::PrivateDirectory;
using test::read_file;
using test::use_of;
using test::write_file;

constexpr std::int64_t kStart = 1'700'000'000;

AuditOptions direct()
{
    AuditOptions options;
    options.direct = true;
    options.now = [] { return Timestamp{kStart * 1'000'000'000}; };
    return options;
}

std::unique_ptr<AuditLog> opened(const std::string& path, AuditOptions options = direct())
{
    Result<std::unique_ptr<AuditLog>> log = AuditLog::open(path, std::move(options));
    EXPECT_TRUE(log) << (log ? "" : log.error().message);
    return log ? std::move(*log) : nullptr;
}

AuditVerdict verdict_of(const std::string& path)
{
    return verify_audit(path).take();
}

/// begin, `uses` uses, close.
void write_log(const std::string& path, int uses)
{
    const auto log = opened(path);
    for (int i = 0; i < uses; ++i) EXPECT_TRUE(log->record(use_of(kStart + i)));
    EXPECT_TRUE(log->close());
}

TEST(AuditLog, says_what_it_was_told_and_shows_no_text_of_a_request)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    {
        const auto log = opened(path);
        KeyUse use = use_of(kStart, "POST /order");
        use.request = audit_hash("test-signed-text");
        EXPECT_TRUE(log->record(use));
        EXPECT_TRUE(
            log->record(use_of(kStart + 1, "bad\tname\nof %41 \x80", KeyOutcome::refused, "quantity")));
        EXPECT_TRUE(log->record(use_of(kStart + 2, "", KeyOutcome::failed)));
        EXPECT_TRUE(log->retire("somewhere", "trade", {kStart * 1'000'000'000}));
        EXPECT_TRUE(log->close());
        EXPECT_FALSE(log->record(use)) << "closed";
    }
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
    std::vector<AuditRecord> records;
    const AuditVerdict verdict =
        verify_audit(path, [&](const AuditRecord& r) { records.push_back(r); }).take();
    EXPECT_TRUE(verdict.whole) << verdict.trouble;
    EXPECT_TRUE(verdict.checkpointed);
    ASSERT_EQ(records.size(), 6U);
    EXPECT_EQ(records[0].kind, AuditKind::begin);
    EXPECT_EQ(records[1].venue, "somewhere");
    EXPECT_EQ(records[1].label, "trade");
    EXPECT_EQ(records[1].endpoint, "POST /order");
    EXPECT_EQ(records[1].hash, audit_hash("test-signed-text"));
    EXPECT_EQ(records[2].endpoint, "bad%09name%0Aof %2541 %80");
    EXPECT_EQ(records[2].outcome, KeyOutcome::refused);
    EXPECT_EQ(records[2].reason, "quantity");
    EXPECT_EQ(records[3].endpoint, "");
    EXPECT_EQ(records[3].outcome, KeyOutcome::failed);
    EXPECT_EQ(records[4].kind, AuditKind::retire);
    EXPECT_EQ(records[5].kind, AuditKind::close);
    EXPECT_EQ(read_file(path).find("test-signed-text"), std::string::npos);
}

TEST(AuditLog, two_logs_have_no_line_in_common)
{
    const PrivateDirectory directory;
    write_log(directory.file("a"), 1);
    write_log(directory.file("b"), 1);
    const auto a = test::lines_of(read_file(directory.file("a")));
    const auto b = test::lines_of(read_file(directory.file("b")));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NE(a[i], b[i]);
}

TEST(AuditLog, every_changed_byte_is_found)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    write_log(path, 3);
    const std::string good = read_file(path);
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char other : {static_cast<char>(good[i] ^ 1), '\n', '\t', '0'}) {
            if (other == good[i]) continue;
            std::string bad = good;
            bad[i] = other;
            write_file(path, bad);
            const AuditVerdict verdict = verdict_of(path);
            EXPECT_FALSE(verdict.whole) << i << " " << static_cast<int>(other);
            const auto line = static_cast<std::uint64_t>(
                std::count(good.begin(), good.begin() + static_cast<long>(i), '\n'));
            EXPECT_EQ(verdict.first_broken, line) << i;
        }
    }
    write_file(path, good);
    EXPECT_TRUE(verdict_of(path).whole);
    const std::string checkpoint = read_file(checkpoint_path(path));
    for (std::size_t i = 0; i < checkpoint.size(); ++i) {
        std::string bad = checkpoint;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        write_file(checkpoint_path(path), bad);
        EXPECT_FALSE(verdict_of(path).whole) << i;
    }
}

TEST(AuditLog, a_cut_end_is_found_by_the_checkpoint)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    write_log(path, 3);
    const std::string good = read_file(path);
    for (std::size_t size = 0; size < good.size(); ++size) {
        write_file(path, good.substr(0, size));
        // The last line feed alone carries nothing.
        EXPECT_EQ(verdict_of(path).whole, size + 1 == good.size()) << size;
    }
    write_file(path, good.substr(0, good.size() - 80));
    const auto refused = AuditLog::open(path, direct());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::data);
}

TEST(AuditLog, goes_on_after_a_cut_at_any_length)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    write_log(path, 1);
    const std::string good = read_file(path);
    for (std::size_t size = 0; size <= good.size(); ++size) {
        // Each byte near the ends of lines, some between.
        const bool edge = good.substr(size < 3 ? 0 : size - 3, 6).find('\n') != std::string::npos;
        if (!edge && size % 61 != 0 && size > 12) continue;
        ::unlink(checkpoint_path(path).c_str());
        write_file(path, good.substr(0, size));
        const auto lines = static_cast<std::uint64_t>(
            std::count(good.begin(), good.begin() + static_cast<long>(size), '\n'));
        const std::size_t start = size == 0 ? 0 : good.rfind('\n', size - 1) + 1;
        const bool feed_alone = size < good.size() && good[size] == '\n';
        const bool torn = lines > 0 && start < size && !feed_alone;
        {
            const auto log = opened(path);
            ASSERT_TRUE(log) << size;
            EXPECT_TRUE(log->record(use_of(kStart)));
        }
        const AuditVerdict verdict = verdict_of(path);
        EXPECT_TRUE(verdict.whole) << size << " " << verdict.trouble;
        EXPECT_EQ(verdict.torn, torn ? 1U : 0U) << size;
        const bool anew = lines == 0 && !feed_alone;
        EXPECT_EQ(verdict.records, anew ? 3U : lines + (feed_alone ? 1 : 0) + (torn ? 1 : 0) + 3) << size;
        if (!torn) continue;
        // The cut line stays, and may not be changed any more.
        std::string text = read_file(path);
        EXPECT_EQ(text.substr(0, size), good.substr(0, size));
        text[start] = static_cast<char>(text[start] ^ 1);
        write_file(path, text);
        EXPECT_FALSE(verdict_of(path).whole) << size;
    }
}

TEST(AuditLog, lines_out_of_place_are_found)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    write_log(path, 4);
    const std::vector<std::string> good = test::lines_of(read_file(path));
    const auto broken_at = [&](const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        write_file(path, text);
        const AuditVerdict verdict = verdict_of(path);
        return verdict.whole ? -1 : static_cast<int>(verdict.first_broken);
    };
    EXPECT_EQ(broken_at(good), -1);
    auto lines = good;
    std::swap(lines[2], lines[3]);
    EXPECT_EQ(broken_at(lines), 2);
    lines = good;
    lines.erase(lines.begin() + 3);
    EXPECT_EQ(broken_at(lines), 3);
    lines = good;
    lines.insert(lines.begin() + 2, lines[1]);
    EXPECT_EQ(broken_at(lines), 2);
    lines = good;
    lines.insert(lines.begin() + 2, "");
    EXPECT_EQ(broken_at(lines), 2);
    lines = good;
    lines.erase(lines.begin());
    EXPECT_EQ(broken_at(lines), 0);
    lines = good;
    lines.insert(lines.end(), good.begin(), good.end());
    EXPECT_EQ(broken_at(lines), static_cast<int>(good.size()));
    EXPECT_EQ(broken_at({std::string(200'000, 'x')}), 0);
    EXPECT_EQ(broken_at({}), 0);
}

TEST(AuditLog, is_opened_only_where_it_may_be)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    {
        const auto log = opened(path);
        const auto second = AuditLog::open(path, direct());
        ASSERT_FALSE(second);
        EXPECT_NE(second.error().message.find("another process"), std::string::npos);
    }
    ::chmod(path.c_str(), 0640);
    ASSERT_FALSE(AuditLog::open(path, direct()));
    ::chmod(path.c_str(), 0600);
    ASSERT_EQ(::symlink(path.c_str(), directory.file("link").c_str()), 0);
    const auto link = AuditLog::open(directory.file("link"), direct());
    ASSERT_FALSE(link);
    EXPECT_NE(link.error().message.find("symbolic link"), std::string::npos);
    EXPECT_FALSE(AuditLog::open(directory.file("none/keys.audit"), direct()));
    // Nothing that is not a log of ours is ever written to.
    write_file(directory.file("notes"), "my notes, without a line feed");
    EXPECT_FALSE(AuditLog::open(directory.file("notes"), direct()));
    EXPECT_EQ(read_file(directory.file("notes")), "my notes, without a line feed");
    EXPECT_TRUE(opened(path) != nullptr);
}

TEST(AuditLog, a_full_queue_never_blocks_and_is_told)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    AuditOptions options;
    options.queue_uses = 4;
    options.write_period = seconds(3600);
    options.sync_period = seconds(3600);
    const auto log = opened(path, options);
    int taken = 0;
    for (int i = 0; i < 7; ++i) taken += log->record(use_of(kStart + i)) ? 1 : 0;
    EXPECT_EQ(taken, 4);
    EXPECT_EQ(log->dropped(), 3U);
    EXPECT_TRUE(log->flush());
    EXPECT_TRUE(log->record(use_of(kStart + 9)));
    EXPECT_FALSE(log->close()) << "uses were lost";
    const AuditVerdict verdict = verdict_of(path);
    EXPECT_TRUE(verdict.whole) << verdict.trouble;
    EXPECT_EQ(verdict.lost_uses, 3U);
    EXPECT_EQ(verdict.records, 1U + 4 + 1 + 1 + 1);
}

TEST(AuditLog, a_killed_process_has_lost_nothing_it_wrote)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    std::uint64_t before = 0;
    for (int round = 0; round < 5; ++round) {
        int told[2];
        ASSERT_EQ(::pipe(told), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto log = AuditLog::open(path, direct());
            for (int i = 0; log; ++i) {
                if (!(*log)->record(use_of(kStart + i)) || ::write(told[1], "x", 1) != 1) break;
            }
            ::_exit(1);
        }
        ::close(told[1]);
        char seen[64];
        std::uint64_t uses = 0;
        while (uses < 200U + 30U * static_cast<unsigned>(round)) {
            const ssize_t got = ::read(told[0], seen, sizeof seen);
            if (got <= 0) break;
            uses += static_cast<std::uint64_t>(got);
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(told[0]);
        std::uint64_t found = 0;
        const AuditVerdict verdict = verify_audit(path, [&](const AuditRecord& r) {
                                         found += r.kind == AuditKind::use ? 1 : 0;
                                     }).take();
        EXPECT_TRUE(verdict.whole) << verdict.trouble;
        EXPECT_GE(found, before + uses);
        before = found;
    }
    EXPECT_TRUE(opened(path)->close());
    EXPECT_TRUE(verdict_of(path).whole);
}

TEST(AuditLog, a_full_disk_is_refused_and_gone_on_from)
{
    const PrivateDirectory directory;
    const std::string path = directory.file("keys.audit");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        // The size limit stands for the disk: a write is cut in the middle of a line, the next one fails.
        ::signal(SIGXFSZ, SIG_IGN);
        auto log = AuditLog::open(path, direct());
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlim_t wide = limit.rlim_cur;
        limit.rlim_cur = 2'000;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        int written = 0;
        while (written < 100 && (*log)->record(use_of(kStart + written))) ++written;
        if (written == 0 || written == 100 || !(*log)->failing()) ::_exit(2);
        if ((*log)->record(use_of(kStart))) ::_exit(3);
        limit.rlim_cur = wide;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        if (!(*log)->record(use_of(kStart + 100))) ::_exit(4);
        (void)(*log)->close();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    const AuditVerdict verdict = verdict_of(path);
    EXPECT_TRUE(verdict.whole) << verdict.trouble;
    EXPECT_EQ(verdict.torn, 0U);
    EXPECT_GE(verdict.lost_uses, 1U);
}

}  // namespace
}  // namespace arb
