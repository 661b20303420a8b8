#pragma once
// The program as a process of its own, for tests: its output in files, its end awaited.
// Tests only, one thread.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

namespace arb::test {

/// Nothing that works takes so long, on whatever machine: what does, hangs.
inline constexpr unsigned kHangSeconds = 600;

class ProgramChild {
  public:
    struct Place {
        std::string out, err;   ///< files that take its output
        std::string directory;  ///< works there; empty: where we are
        bool core = false;      ///< a core dump is allowed
        std::string program = ARBITER_PROGRAM;
    };

    ProgramChild(const std::vector<std::string>& arguments, const Place& place)
    {
        // Other threads of this process may hold the allocator's locks when it forks: all that needs memory
        // is made before.
        std::vector<char*> words = {const_cast<char*>(place.program.c_str())};
        for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        // A process that is closed to others cannot be searched for leaks, and a sanitizer would catch the
        // signal that a dump is made of.
        std::string sanitizer = "ASAN_OPTIONS=detect_leaks=0:handle_segv=0:disable_coredump=0";
        std::vector<char*> surroundings = {sanitizer.data()};
        for (char** variable = environ; *variable != nullptr; ++variable) {
            if (std::string_view(*variable).starts_with("ASAN_OPTIONS=")) continue;
            surroundings.push_back(*variable);
        }
        surroundings.push_back(nullptr);
        const char* const out = place.out.empty() ? "/dev/null" : place.out.c_str();
        const char* const err = place.err.empty() ? "/dev/null" : place.err.c_str();
        pid_ = ::fork();
        if (pid_ == 0) become(words.data(), surroundings.data(), out, err, place);
    }
    ~ProgramChild()
    {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    ProgramChild(const ProgramChild&) = delete;
    ProgramChild& operator=(const ProgramChild&) = delete;

    pid_t pid() const { return pid_; }
    void kill(int signal) const { ::kill(pid_, signal); }
    /// What waitpid says.
    int wait()
    {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return status;
    }
    bool ended()
    {
        siginfo_t about{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               about.si_pid == pid_;
    }
    /// Waits for its end, at most so long.
    bool ended_within(int milliseconds)
    {
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        struct pollfd end {
            process, POLLIN, 0
        };
        (void)::poll(&end, process < 0 ? 0 : 1, milliseconds);
        if (process >= 0) ::close(process);
        return ended();
    }
    /// Its exit code; -1: a signal ended it.
    int code()
    {
        const int status = wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    static bool put(const char* path, int flags, int descriptor)
    {
        const int file = ::open(path, flags, 0600);
        return file >= 0 && ::dup2(file, descriptor) == descriptor &&
               (file == descriptor || ::close(file) == 0);
    }
    [[noreturn]] static void become(char* const* words, char* const* surroundings, const char* out,
                                    const char* err, const Place& place)
    {
        ::alarm(kHangSeconds);
        if (!place.directory.empty() && ::chdir(place.directory.c_str()) != 0) ::_exit(126);
        if (place.core) {
            struct rlimit all {};
            ::getrlimit(RLIMIT_CORE, &all);
            all.rlim_cur = all.rlim_max;
            ::setrlimit(RLIMIT_CORE, &all);
        }
        constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
        if (!put("/dev/null", O_RDONLY, 0) || !put(out, kWrite, 1) || !put(err, kWrite, 2)) ::_exit(126);
        ::execve(words[0], words, surroundings);
        ::_exit(127);
    }

    pid_t pid_ = -1;
};

}  // namespace arb::test
