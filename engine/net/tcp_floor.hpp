#pragma once
// Round trips of a bare TCP connection over loopback whose two ends spin: what no websocket over TLS can be
// faster than. For measurements alone. Throws std::runtime_error where the system gives no socket.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace arb::net {

/// ns of each of `count` round trips of 300 bytes, after a warm-up. The answering end is a thread of its own,
/// which calls `on_other_thread` first.
std::vector<std::int64_t> tcp_echo_times(std::size_t count, const std::function<void()>& on_other_thread);

}  // namespace arb::net
