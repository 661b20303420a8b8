#pragma once
// What the socket tests share: one loop with a client and a server on it, an authority made for the run,
// handlers that record, and a pump that turns the loop until something is true. All on the test's thread;
// nothing sleeps.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/net/certificates.hpp"
#include "engine/net/client.hpp"
#include "engine/net/loop.hpp"
#include "engine/net/server.hpp"

namespace arb::net::test {

using std::chrono::milliseconds;

/// Turns the loop until `done` or a deadline that only a failure reaches.
template <class Done>
bool pump(Loop& loop, Done done, milliseconds deadline = milliseconds(300'000))
{
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) return false;
        loop.run_once(milliseconds(5));
    }
    return true;
}

inline void pump_for(Loop& loop, milliseconds time)
{
    pump(
        loop, [] { return false; }, time);
}

inline std::size_t open_descriptors()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

class ClientRecorder final : public ClientHandler {
  public:
    void on_open(LinkId link) override
    {
        opened.push_back(link);
        if (open_hook) open_hook(link);
    }
    void on_frame(LinkId link, char* data, std::size_t size) override
    {
        for (std::size_t i = 0; i < kPadding; ++i) padding_clean = padding_clean && data[size + i] == 0;
        frames.emplace_back(data, size);
        if (frame_hook) frame_hook(link, data, size);
    }
    void on_closed(LinkId link, const CloseInfo& info) override
    {
        closed.emplace(static_cast<std::uint64_t>(link), info);
        ++closed_count;
    }
    void on_reply(RequestId request, HttpOutcome& outcome) override
    {
        HttpOutcome& kept = replies[static_cast<std::uint64_t>(request)];
        EXPECT_TRUE(kept.error.empty() && kept.status == 0) << "two replies to one request";
        kept = outcome;
        if (reply_hook) reply_hook(request);
    }
    const CloseInfo* end_of(LinkId link) const
    {
        const auto found = closed.find(static_cast<std::uint64_t>(link));
        return found == closed.end() ? nullptr : &found->second;
    }
    HttpOutcome* reply_to(RequestId request)
    {
        const auto found = replies.find(static_cast<std::uint64_t>(request));
        return found == replies.end() ? nullptr : &found->second;
    }

    std::vector<LinkId> opened;
    std::vector<std::string> frames;
    std::map<std::uint64_t, CloseInfo> closed;
    std::map<std::uint64_t, HttpOutcome> replies;
    std::size_t closed_count = 0;
    bool padding_clean = true;
    std::function<void(LinkId)> open_hook;
    std::function<void(LinkId, char*, std::size_t)> frame_hook;
    std::function<void(RequestId)> reply_hook;
};

/// Echoes frames and answers requests with their own target and body, unless a hook says otherwise.
class ServerRecorder final : public ServerHandler {
  public:
    void on_request(ExchangeId exchange, ServerRequest& request) override
    {
        ++requests;
        if (request_hook) {
            request_hook(exchange, request);
            return;
        }
        server->respond(exchange, 200, {{"X-Target", request.target}}, request.body.view());
    }
    int on_upgrade(SessionId, const ServerRequest& request) override
    {
        upgrade_headers = request.headers;
        return upgrade_status;
    }
    void on_session_open(SessionId session) override { sessions.push_back(session); }
    void on_session_frame(SessionId session, char* data, std::size_t size) override
    {
        ++frames;
        if (echo) server->send(session, {data, size});
    }
    void on_session_closed(SessionId, const CloseInfo& info) override { closed.push_back(info); }

    Server* server = nullptr;
    std::size_t requests = 0;
    std::size_t frames = 0;
    int upgrade_status = 101;
    bool echo = true;
    Headers upgrade_headers;
    std::vector<SessionId> sessions;
    std::vector<CloseInfo> closed;
    std::function<void(ExchangeId, ServerRequest&)> request_hook;
};

/// An authority for the whole run; its file is what clients trust.
inline const Authority& authority()
{
    static const Authority made = Authority::make("test authority");
    return made;
}

inline std::string temporary_path(const std::string& name)
{
    return testing::TempDir() + "arbiter_net_" + std::to_string(::getpid()) + "_" + name;
}

inline const std::string& ca_file()
{
    static const std::string path = [] {
        const std::string file = temporary_path("ca.pem");
        write_certificate_file(file, authority().certificate_pem());
        return file;
    }();
    return path;
}

inline ServerIdentity loopback_identity()
{
    return authority().issue({{"localhost"}, {"127.0.0.1"}, std::chrono::hours(-1), std::chrono::hours(1)});
}

/// A client and a server that trust each other, on one loop.
class Net : public testing::Test {
  protected:
    explicit Net(const ServerIdentity& identity = loopback_identity(), ServerPolicy server_policy = {},
                 HttpPolicy http_policy = {})
        : server(loop, identity, at_server, server_policy),
          client(loop, TlsTrust{ca_file()}, at_client, http_policy)
    {
        at_server.server = &server;
        port = server.listen("127.0.0.1", 0);
    }

    std::string address(const std::string& scheme, const std::string& target = "/") const
    {
        return scheme + "://127.0.0.1:" + std::to_string(port) + target;
    }
    LinkId open_link(const Limits& limits = {})
    {
        const std::size_t before = at_client.opened.size();
        const LinkId link = client.open(address("wss", "/stream"), {}, limits);
        EXPECT_TRUE(pump(loop, [&] {
            return at_client.opened.size() > before && at_server.sessions.size() >= at_client.opened.size();
        }));
        return link;
    }
    const CloseInfo& wait_closed(LinkId link)
    {
        static const CloseInfo none;
        EXPECT_TRUE(pump(loop, [&] { return at_client.end_of(link) != nullptr; })) << "the link did not end";
        const CloseInfo* info = at_client.end_of(link);
        return info == nullptr ? none : *info;
    }
    HttpOutcome& wait_reply(RequestId request)
    {
        static HttpOutcome none;
        EXPECT_TRUE(pump(loop, [&] { return at_client.reply_to(request) != nullptr; })) << "no reply";
        HttpOutcome* outcome = at_client.reply_to(request);
        return outcome == nullptr ? none : *outcome;
    }
    HttpCall call(const std::string& method, const std::string& target, const std::string& body = {}) const
    {
        return {method, address("https", target), {}, body, milliseconds(5000)};
    }

    Loop loop;
    ClientRecorder at_client;
    ServerRecorder at_server;
    Server server;
    Client client;
    std::uint16_t port = 0;
};

}  // namespace arb::net::test
