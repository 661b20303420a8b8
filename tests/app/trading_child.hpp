#pragma once
// A run of the program in a process of its own, led by its own words instead of by the clock: how long a start takes
// depends on the machine. Tests only, one thread.
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/net/command_socket.hpp"
#include "tests/app/program_child.hpp"

namespace arb::test {

/// What the run of that state directory says of itself as soon as `done` likes it; nothing when it ends before.
inline std::optional<nlohmann::json> status_when(ProgramChild& engine, const std::string& state,
                                                 const std::function<bool(const nlohmann::json&)>& done)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(kHangSeconds);
    while (std::chrono::steady_clock::now() < until) {
        const net::Answer answer =
            net::ask(state + "/control.sock", "status", std::chrono::milliseconds(5'000));
        if (answer.ok) {
            nlohmann::json status = nlohmann::json::parse(answer.text);
            if (done(status)) return status;
        }
        if (engine.ended_within(50)) break;
    }
    return std::nullopt;
}

inline bool has_traded(const nlohmann::json& status)
{
    return status["phase"] == "trading" && status["fills"] > 0;
}

/// The program, told to stop over its socket, has stopped: its exit code.
inline int stopped(ProgramChild& engine, const std::string& state)
{
    (void)net::ask(state + "/control.sock", "stop", std::chrono::seconds(60));
    return engine.code();
}

}  // namespace arb::test
