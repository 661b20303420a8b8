#pragma once
// What a run shows while it runs, on standard error: on a terminal its status (status_text.hpp), redrawn in
// place twice a second, with the last log lines below it, cut to the terminal's size; else plain log lines
// with the time. NO_COLOR and a redirected output are respected. Main thread.
#include <deque>
#include <string>
#include <string_view>

#include "engine/app/run/run_session.hpp"

namespace arb {

class StatusView {
  public:
    explicit StatusView(bool quiet);
    /// A log line (may hold line ends).
    void line(std::string_view text);
    /// Redraws the view when it is time.
    void show(const RunSession& session);
    /// Leaves the terminal tidy.
    void end();

  private:
    static constexpr std::size_t kLinesKept = 8;

    bool quiet_;
    bool terminal_;
    Timestamp shown_;
    std::size_t drawn_ = 0;         ///< lines on the screen
    std::deque<std::string> last_;  ///< the last log lines, shown below the view
};

}  // namespace arb
