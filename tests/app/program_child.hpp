#pragma once
// The program as a process of its own, for tests: its output in files, its end awaited, at most 90 seconds.
// Tests only, one thread.
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace arb::test {

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
        pid_ = ::fork();
        if (pid_ == 0) become(arguments, place);
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
    [[noreturn]] static void become(const std::vector<std::string>& arguments, const Place& place)
    {
        ::alarm(90);
        // A process that is closed to others cannot be searched for leaks, and a sanitizer would catch the
        // signal that a dump is made of.
        ::setenv("ASAN_OPTIONS", "detect_leaks=0:handle_segv=0:disable_coredump=0", 1);
        if (!place.directory.empty() && ::chdir(place.directory.c_str()) != 0) ::_exit(126);
        if (place.core) {
            struct rlimit all {};
            ::getrlimit(RLIMIT_CORE, &all);
            all.rlim_cur = all.rlim_max;
            ::setrlimit(RLIMIT_CORE, &all);
        }
        if (std::freopen("/dev/null", "r", stdin) == nullptr) ::_exit(126);
        if (std::freopen(place.out.empty() ? "/dev/null" : place.out.c_str(), "w", stdout) == nullptr)
            ::_exit(126);
        if (std::freopen(place.err.empty() ? "/dev/null" : place.err.c_str(), "w", stderr) == nullptr)
            ::_exit(126);
        std::vector<char*> words = {const_cast<char*>(place.program.c_str())};
        for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        ::execv(place.program.c_str(), words.data());
        ::_exit(127);
    }

    pid_t pid_ = -1;
};

}  // namespace arb::test
