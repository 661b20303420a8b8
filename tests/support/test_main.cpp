// The main of every test program. A failing test prints the command that runs it alone, also when it takes
// the whole program with it: many tests share a process.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace {

char command_of_now[1024];  // of the test that runs; fixed memory, for a process that dies

std::string command_of(const testing::TestInfo& test, const std::string& program)
{
    return program + " --gtest_filter=" + test.test_suite_name() + "." + test.name();
}

void tell_last_words()
{
    if (command_of_now[0] == '\0') return;
    const char before[] = "\n[ DIED     ] run it alone: ";
    (void)!::write(STDERR_FILENO, before, sizeof before - 1);
    (void)!::write(STDERR_FILENO, command_of_now, std::strlen(command_of_now));
    (void)!::write(STDERR_FILENO, "\n", 1);
}

// abort() goes on when this returns.
void aborted(int)
{
    tell_last_words();
}

class CommandPrinter final : public testing::EmptyTestEventListener {
  public:
    explicit CommandPrinter(std::string program) : program_(std::move(program)) {}

    void OnTestStart(const testing::TestInfo& test) override
    {
        const std::string command = command_of(test, program_);
        std::strncpy(command_of_now, command.c_str(), sizeof command_of_now - 1);
    }
    void OnTestEnd(const testing::TestInfo& test) override
    {
        command_of_now[0] = '\0';
        if (test.result()->Failed())
            std::printf("[  FAILED  ] run it alone: %s\n", command_of(test, program_).c_str());
        std::fflush(stdout);
    }

  private:
    std::string program_;
};

}  // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    testing::UnitTest::GetInstance()->listeners().Append(new CommandPrinter(argv[0]));
    std::signal(SIGABRT, aborted);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell_last_words);
    return RUN_ALL_TESTS();
}
