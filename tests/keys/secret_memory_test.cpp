// Where secrets lie while they are loaded: locked, kept out of dumps, between guards, and nowhere else; and
// the process that holds them is shut to others of its user.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>

#include "engine/keys/process_guard.hpp"
#include "tests/keys/keystore_support.hpp"

namespace arb {
namespace {

using namespace keystore_test;

/// The lines of smaps about the mapping that holds this address.
std::string mapping_of(const void* address)
{
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream smaps("/proc/self/smaps");
    std::string line, found;
    bool inside = false;
    while (std::getline(smaps, line)) {
        std::uintptr_t begin = 0, end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
            inside = begin <= wanted && wanted < end;
        if (inside) found += line + "\n";
    }
    return found;
}

std::string line_of(const std::string& text, const std::string& name)
{
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        if (line.starts_with(name + ":")) return line;
    }
    return {};
}

TEST(SecretMemory, is_locked_and_kept_out_of_dumps)
{
    const Secret secret = secret_of("test secret in memory");
    const std::string mapping = mapping_of(secret.bytes().data());
    const std::string flags = line_of(mapping, "VmFlags") + " ";
    if (flags == " ") GTEST_SKIP() << "this kernel shows no smaps";
    EXPECT_NE(flags.find(" dd "), std::string::npos) << mapping;
    struct rlimit limit {};
    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    if (!secret.locked() && limit.rlim_cur < 65'536) GTEST_SKIP() << "this user may not lock memory";
    ASSERT_TRUE(secret.locked());
    EXPECT_NE(flags.find(" lo "), std::string::npos) << mapping;
    EXPECT_NE(line_of(mapping, "Locked").find("4 kB"), std::string::npos) << mapping;
    std::array<unsigned char, 1> resident{};
    auto* const page =
        reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(secret.bytes().data()) & ~4095UL);
    EXPECT_EQ(::mincore(page, 4096, resident.data()), 0);
    EXPECT_EQ(resident[0] & 1, 1);
}

TEST(SecretMemory, without_the_right_to_lock_it_works_and_says_so)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const struct rlimit none {
            0, 0
        };
        if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) ::_exit(2);
        // Root may lock whatever the limit is.
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
        const Secret secret = secret_of("test secret in memory");
        ::_exit(!secret.locked() && text_of(secret) == "test secret in memory" && Secret().locked() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

int read_at(const unsigned char* address)
{
    return *static_cast<const volatile unsigned char*>(address);
}

TEST(SecretMemoryDeathTest, lies_between_guards)
{
    for (const std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}}) {
        const Secret secret = secret_of(std::string(size, 'x'));
        const unsigned char* const begin = secret.bytes().data();
        const std::size_t page_offset = reinterpret_cast<std::uintptr_t>(begin) & 4095U;
        EXPECT_EQ(read_at(begin + size - 1), 'x');
        EXPECT_DEATH(read_at(begin + size), "") << size;
        EXPECT_DEATH(read_at(begin - page_offset - 1), "") << size;
    }
}

// ---- the keystore leaves no copies

/// A text that stands in memory only XORed, so that looking for it does not find the looker.
class Canary {
  public:
    explicit Canary(unsigned seed)
    {
        for (std::size_t i = 0; i < masked_.size(); ++i)
            masked_[i] = static_cast<unsigned char>(clear(i, seed) ^ kMask);
    }
    Secret secret() const
    {
        return Secret::made(masked_.size(), [&](std::span<unsigned char> out) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = masked_[i] ^ kMask;
        });
    }
    /// How often it stands in what this process can write to.
    int seen() const
    {
        std::ifstream maps("/proc/self/maps");
        const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
        EXPECT_GE(memory, 0);
        int count = 0;
        std::string line;
        while (std::getline(maps, line)) {
            std::uintptr_t begin = 0, end = 0;
            char rights[5] = {};
            if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3) continue;
            // Larger ones are the sanitizers' books.
            if (std::strncmp(rights, "rw", 2) != 0 || end - begin > (256UL << 20U)) continue;
            count += seen_in(memory, begin, end);
        }
        ::close(memory);
        return count;
    }

  private:
    static constexpr unsigned char kMask = 0xa5;
    static unsigned char clear(std::size_t i, unsigned seed)
    {
        return static_cast<unsigned char>('A' + (i * 7 + seed * 11 + i * i) % 26);
    }
    int seen_in(int memory, std::uintptr_t begin, std::uintptr_t end) const
    {
        constexpr std::size_t kChunk = 1U << 20U;
        const auto chunk = std::make_unique<unsigned char[]>(kChunk);
        int count = 0;
        for (std::uintptr_t at = begin; at < end; at += kChunk - masked_.size()) {
            const std::size_t size = std::min<std::size_t>(kChunk, end - at);
            const ssize_t got = ::pread(memory, chunk.get(), size, static_cast<off_t>(at));
            if (got <= 0) break;
            count += seen_in({chunk.get(), static_cast<std::size_t>(got)});
            // The copy that was looked through must not be found in a later chunk.
            wipe(chunk.get(), kChunk);
        }
        return count;
    }
    int seen_in(std::span<const unsigned char> bytes) const
    {
        int count = 0;
        while (bytes.size() >= masked_.size()) {
            const void* const found = std::memchr(bytes.data(), masked_[0] ^ kMask, bytes.size());
            if (found == nullptr) break;
            bytes = bytes.subspan(
                static_cast<std::size_t>(static_cast<const unsigned char*>(found) - bytes.data()));
            if (bytes.size() >= masked_.size()) count += is_at(bytes.data());
            bytes = bytes.subspan(1);
        }
        return count;
    }
    int is_at(const unsigned char* bytes) const
    {
        for (std::size_t i = 0; i < masked_.size(); ++i) {
            if ((bytes[i] ^ kMask) != masked_[i]) return 0;
        }
        return 1;
    }
    std::array<unsigned char, 48> masked_{};
};

class SecretInKeystore : public KeystoreFolder {};

TEST_F(SecretInKeystore, stands_in_memory_only_while_it_is_held)
{
    const Canary secret(1), passphrase(2), master(3);
    {
        const Secret held = secret.secret();
        ASSERT_EQ(secret.seen(), 1) << "the check itself sees nothing";
    }
    ASSERT_EQ(secret.seen(), 0);
    {
        Keystore store = Keystore::create(path(), master.secret(), quick()).take();
        ASSERT_FALSE(store.add(entry_of("alpha", "one"), {secret.secret(), passphrase.secret()}));
        ASSERT_FALSE(store.retire("alpha", "one"));
        ASSERT_FALSE(store.save());
    }
    EXPECT_EQ(secret.seen() + passphrase.seen() + master.seen(), 0) << "after it was put in";
    const Keystore store = Keystore::open(path(), master.secret()).take();
    ASSERT_EQ(store.list().size(), 1U);
    EXPECT_EQ(secret.seen() + passphrase.seen() + master.seen(), 0) << "listed";
    {
        const auto taken = store.take_secret("alpha", "one");
        EXPECT_EQ(secret.seen(), 1);
        EXPECT_EQ(passphrase.seen(), 1);
    }
    EXPECT_EQ(secret.seen() + passphrase.seen() + master.seen(), 0) << "given back";
}

// ---- the process

TEST(SecretProcess, is_shut_to_others)
{
    EXPECT_FALSE(process_is_closed());
    const pid_t child = ::fork();
    if (child == 0) {
        if (close_process_to_others()) ::_exit(1);
        if (!process_is_closed() || ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) ::_exit(2);
        struct rlimit cores {
            1, 1
        };
        if (::getrlimit(RLIMIT_CORE, &cores) != 0 || cores.rlim_cur != 0 || cores.rlim_max != 0) ::_exit(3);
        if (close_process_to_others()) ::_exit(4);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_FALSE(process_is_closed());
}

TEST(SecretProcess, leaves_no_core)
{
    const pid_t child = ::fork();
    if (child == 0) {
        if (close_process_to_others()) ::_exit(1);
        ::signal(SIGABRT, SIG_DFL);
        ::raise(SIGABRT);
        ::_exit(2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_FALSE(WCOREDUMP(status));
}

/// The error of opening a child's memory from a process of the same, ordinary user; 0: it opened.
int error_of_looking_in(bool closed)
{
    int told[2] = {-1, -1};
    int until[2] = {-1, -1};
    if (::pipe(told) != 0 || ::pipe(until) != 0) return -1;
    const auto become_nobody = [] {
        // A change of user clears the flag that is looked at here.
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
        ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    };
    const pid_t looked_at = ::fork();
    if (looked_at == 0) {
        become_nobody();
        ::close(until[1]);
        if (closed && close_process_to_others()) ::_exit(1);
        char byte = 'r';
        if (::write(told[1], &byte, 1) != 1) ::_exit(1);
        (void)!::read(until[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    (void)!::read(told[0], &byte, 1);
    const pid_t looker = ::fork();
    if (looker == 0) {
        become_nobody();
        const std::string path = "/proc/" + std::to_string(looked_at) + "/mem";
        const int file = ::open(path.c_str(), O_RDONLY);
        ::_exit(file >= 0 ? 0 : errno);
    }
    int status = 0;
    ::waitpid(looker, &status, 0);
    for (const int file : {told[0], told[1], until[0], until[1]}) ::close(file);
    ::waitpid(looked_at, nullptr, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(SecretProcess, cannot_be_read_by_its_own_user)
{
    if (error_of_looking_in(false) != 0)
        GTEST_SKIP() << "no process may look into another here, closed or not";
    EXPECT_EQ(error_of_looking_in(true), EACCES);
}

}  // namespace
}  // namespace arb
