#pragma once
// Which lines of a state log a checkpoint must keep: those of packages that are still open, and of their
// orders, in their order. Reads the lines as text, oldest first. Checkpoints only; allocates.
#include <set>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"

namespace arb {

class OpenPackageLines {
  public:
    void add(PackageId package) { packages_.insert(static_cast<std::uint64_t>(package)); }
    bool empty() const { return packages_.empty(); }
    /// True: the line is kept, as `kept`. A fill is kept as one whose money is in the accounts already.
    bool keep(std::string_view line, std::string& kept);

  private:
    void learn_orders(std::string_view line);

    std::set<std::uint64_t> packages_, orders_;
};

}  // namespace arb
