#pragma once
// How often threads of this process were put on a processor, by the kernel's word
// (/proc/self/task/*/schedstat): whether one lost its own in between. Throws std::runtime_error where the
// kernel does not tell. Any thread.
#include <cstdint>
#include <vector>

namespace arb {

class SchedReader {
  public:
    SchedReader() = default;
    ~SchedReader();
    SchedReader(const SchedReader&) = delete;
    SchedReader& operator=(const SchedReader&) = delete;
    /// `thread` as the system numbers it.
    void watch(int thread);
    /// Summed over the threads that are watched.
    std::uint64_t read() const;

  private:
    std::vector<int> files_;
};

}  // namespace arb
