#pragma once
// One writer a key: a lock in this user's run-time directory, held while a run may send orders under it,
// whatever state directory the run has. Two engines that trade on one account take each other's orders for
// their own trouble. It ends with the process. What runs on another machine, or under another key of the
// account, is noticed by its orders instead (order_desk.hpp). Main thread.
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"

namespace arb {

class AccountLeases {
  public:
    /// `directory` is made when it is missing, mode 0700, and must be ours.
    explicit AccountLeases(std::string directory) : directory_(std::move(directory)) {}
    AccountLeases(const AccountLeases&) = delete;
    AccountLeases& operator=(const AccountLeases&) = delete;
    ~AccountLeases();

    /// The key of that id at the venue (its label, and the address it is reached at) is this run's; once more
    /// is nothing new. Error (ExitCode::refused): another run has it, which one, and what to do.
    std::optional<Error> take(const std::string& venue, const std::string& address, const std::string& key_id,
                              const std::string& state_directory);

    /// Where this user's leases are: XDG_RUNTIME_DIR, else a directory of our own where
    /// temporary files go: runs that are told different ones do not see each other.
    static std::string usual_directory();

  private:
    struct Lease {
        std::string path;
        int file = -1;
    };
    std::string directory_;
    std::vector<Lease> leases_;
};

}  // namespace arb
