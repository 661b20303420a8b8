#include "engine/net/server.hpp"

#include <stdexcept>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "engine/net/loop_core.hpp"
#include "engine/net/server_connection.hpp"
#include "engine/net/tls.hpp"

namespace arb::net {

namespace asio = boost::asio;
using asio::ip::tcp;

Limits ServerPolicy::default_limits()
{
    Limits limits;
    limits.frame_bytes_max = 1U << 20U;
    limits.http_body_bytes_max = 1U << 20U;
    limits.send_buffer_bytes_max = 64U << 20U;
    limits.send_progress = std::chrono::milliseconds(10000);
    limits.ping_interval = std::chrono::milliseconds(0);
    return limits;
}

/// Held by shared_ptr so that an accept that outlives the server finds it gone.
struct ServerState : Ticking, std::enable_shared_from_this<ServerState> {
    ServerState(LoopCore& loop_core, const ServerIdentity& identity, ServerHandler& server_handler,
                const ServerPolicy& server_policy)
        : core(loop_core),
          handler(server_handler),
          policy(server_policy),
          context(make_server_context(identity)),
          acceptor(loop_core.io()),
          retry_at(loop_core.now())
    {
        core.add(this);
    }
    virtual ~ServerState() { core.remove(this); }

    void accept();
    void adopt(tcp::socket socket);
    void on_tick(TimePoint now) override;

    ServerConnection* find(std::uint64_t number)
    {
        const auto found = connections.find(number);
        return found == connections.end() || found->second->is_finished() ? nullptr : found->second.get();
    }
    ServerConnection* of_exchange(ExchangeId exchange, std::uint32_t& turn)
    {
        const auto number = static_cast<std::uint64_t>(exchange);
        turn = static_cast<std::uint32_t>(number & ((1U << ServerConnection::kTurnBits) - 1));
        return find(number >> ServerConnection::kTurnBits);
    }

    LoopCore& core;
    ServerHandler& handler;
    const ServerPolicy policy;
    TlsContext context;
    tcp::acceptor acceptor;
    TimePoint retry_at;
    bool retry = false;
    bool closed = false;
    std::unordered_map<std::uint64_t, std::unique_ptr<ServerConnection>> connections;
    std::uint64_t last = 0;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

struct Server::Parts {
    std::shared_ptr<ServerState> state;
};

void ServerState::accept()
{
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            if (self->closed || !self->acceptor.is_open()) return;
            if (error) {
                // Out of descriptors: accepting again at once would spin.
                self->retry = true;
                self->retry_at = self->core.now() + std::chrono::milliseconds(100);
                return;
            }
            if (self->connections.size() < self->policy.connections_max) self->adopt(std::move(socket));
            self->accept();
        });
}

void ServerState::adopt(tcp::socket socket)
{
    boost::system::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    const tcp::endpoint remote = socket.remote_endpoint(error);
    const int descriptor = socket.release(error);
    if (error || descriptor < 0) return;
    const std::uint64_t number = ++last;
    auto& connection = connections[number];
    connection = std::make_unique<ServerConnection>(core, handler, policy, number,
                                                    remote.address().to_string(), alive);
    connection->start(context, descriptor);
}

void ServerState::on_tick(TimePoint now)
{
    for (auto it = connections.begin(); it != connections.end();) {
        it->second->on_tick(now);
        it = it->second->is_finished() ? connections.erase(it) : std::next(it);
    }
    if (!retry || now < retry_at) return;
    retry = false;
    accept();
}

Server::Server(Loop& loop, const ServerIdentity& identity, ServerHandler& handler, ServerPolicy policy)
    : parts_(std::make_unique<Parts>())
{
    parts_->state = std::make_shared<ServerState>(loop.core(), identity, handler, policy);
}

Server::~Server()
{
    parts_->state->closed = true;
    parts_->state->alive.reset();
    parts_->state->connections.clear();
    stop_listening();
}

std::uint16_t Server::listen(const std::string& address, std::uint16_t port)
{
    tcp::acceptor& acceptor = parts_->state->acceptor;
    boost::system::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    const std::uint16_t bound = error ? port : acceptor.local_endpoint(error).port();
    if (error) {
        stop_listening();
        throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port) + ": " +
                                 error.message());
    }
    parts_->state->accept();
    return bound;
}

void Server::stop_listening()
{
    boost::system::error_code ignored;
    parts_->state->retry = false;
    parts_->state->acceptor.close(ignored);
}

bool Server::respond(ExchangeId exchange, int status, const Headers& headers, std::string_view body)
{
    std::uint32_t turn = 0;
    ServerConnection* connection = parts_->state->of_exchange(exchange, turn);
    return connection != nullptr && connection->respond(turn, status, headers, body);
}

void Server::cut_exchange(ExchangeId exchange)
{
    std::uint32_t turn = 0;
    ServerConnection* connection = parts_->state->of_exchange(exchange, turn);
    if (connection != nullptr && connection->owes(turn)) connection->cut();
}

bool Server::send(SessionId session, std::string_view text)
{
    ServerConnection* connection = parts_->state->find(static_cast<std::uint64_t>(session));
    return connection != nullptr && connection->send(text);
}

bool Server::send_raw(SessionId session, std::string_view bytes)
{
    ServerConnection* connection = parts_->state->find(static_cast<std::uint64_t>(session));
    return connection != nullptr && connection->send_raw(bytes);
}

void Server::close(SessionId session, int code, std::string_view reason)
{
    if (auto* connection = parts_->state->find(static_cast<std::uint64_t>(session)))
        connection->close(code, reason);
}

void Server::cut(SessionId session)
{
    if (auto* connection = parts_->state->find(static_cast<std::uint64_t>(session))) connection->cut();
}

void Server::freeze(SessionId session)
{
    if (auto* connection = parts_->state->find(static_cast<std::uint64_t>(session))) connection->freeze();
}

std::size_t Server::connection_count() const
{
    return parts_->state->connections.size();
}

}  // namespace arb::net
