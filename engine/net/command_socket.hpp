#pragma once
// Commands to a running program over a Unix socket: one line in, one text out. CommandServer lives on the
// program's loop; ask() is what the command line calls, blocking, in another process. The socket has mode
// 0600. Sizes are bytes.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/net/loop.hpp"

namespace arb::net {

class CommandServer {
  public:
    /// The answer to one line (without its newline); may hold newlines itself. Called from Loop::run_once.
    using Handler = std::function<std::string(std::string_view line)>;
    static constexpr std::size_t kLineBytesMax = 4096;
    static constexpr std::size_t kClientsMax = 16;

    /// A socket file that nobody listens on is replaced; one that somebody does, or any other file, is a
    /// std::runtime_error.
    CommandServer(Loop& loop, const std::string& path, Handler handler,
                  std::chrono::milliseconds idle = std::chrono::milliseconds(2000));
    ~CommandServer();  ///< removes the socket file
    CommandServer(const CommandServer&) = delete;
    CommandServer& operator=(const CommandServer&) = delete;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

struct Answer {
    bool ok = false;
    std::string text;  ///< the answer; when not ok, one sentence
};

/// Any thread. Sends `line` and waits for the whole answer.
Answer ask(const std::string& path, std::string_view line, std::chrono::milliseconds timeout);

}  // namespace arb::net
