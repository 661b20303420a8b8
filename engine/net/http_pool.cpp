#include "engine/net/http_pool.hpp"

#include <algorithm>

namespace arb::net {

class HttpPool::Connection final : StreamHandler {
  public:
    enum class State { connecting, idle, busy, dead };

    Connection(HttpPool& pool, Host& host, const Url& url)
        : pool_(pool),
          host_(host),
          stream_(pool.core_, *this, pool.policy_.limits),
          reader_(HttpReader::Kind::reply, pool.policy_.limits),
          idle_since_(pool.core_.now())
    {
        stream_.connect(pool.context_, url.host, url.port);
    }

    State state() const { return state_; }

    void start(Waiting&& waiting)
    {
        state_ = State::busy;
        id_ = waiting.id;
        until_ = waiting.until;
        reader_.next(waiting.call.method == "HEAD");
        write_request(text_, waiting.call.method, waiting.url, waiting.call.headers, waiting.call.body);
        if (!stream_.write(text_))
            fail(CloseKind::peer_closed, "the connection broke while the request was sent");
    }

    void on_tick(TimePoint now)
    {
        if (state_ == State::busy && now >= until_) {
            fail(CloseKind::silence, "no whole reply within the request's deadline");
        } else if (state_ == State::idle && now - idle_since_ >= pool_.policy_.idle) {
            die();
        }
    }

  private:
    void on_stream_open() override
    {
        state_ = State::idle;
        idle_since_ = pool_.core_.now();
        pool_.facts_ = stream_.facts();
        pool_.serve(host_);
    }

    void on_stream_bytes(char* data, std::size_t size) override
    {
        if (state_ != State::busy) {
            die();  // an answer to nothing: whatever it is, the next reply could be taken for another's
            return;
        }
        const HttpReader::State read = reader_.feed({data, size});
        if (read == HttpReader::State::failed) fail(CloseKind::protocol, reader_.error());
        if (read == HttpReader::State::done) deliver();
    }

    void on_stream_end(const StreamEnd& end) override
    {
        if (state_ == State::connecting) {
            state_ = State::dead;
            pool_.on_unreachable(host_, end);
        } else if (state_ == State::busy) {
            // A reply that only the end delimits counts when TLS vouches for the end; a bare FIN may be an
            // attacker's.
            if (end.clean && reader_.end() == HttpReader::State::done)
                deliver();
            else
                fail(end.kind, end.clean ? "the reply was cut off" : end.text);
        } else {
            state_ = State::dead;
        }
    }

    void deliver()
    {
        const RequestId id = id_;  // serve() may start the next request here
        HttpMessage message = reader_.take();
        HttpOutcome outcome;
        outcome.status = message.status;
        outcome.sent = true;
        outcome.headers = std::move(message.headers);
        outcome.body = PaddedText(std::move(message.body));
        const bool reusable =
            message.keep_alive && message.status != 101 && stream_.is_open() && reader_.rest().empty();
        state_ = State::idle;
        idle_since_ = pool_.core_.now();
        if (!reusable) die();
        pool_.serve(host_);
        pool_.reply_(id, outcome);
    }

    void fail(CloseKind trouble, const std::string& error)
    {
        if (state_ != State::busy) return;
        HttpOutcome outcome;
        outcome.sent = true;
        outcome.trouble = trouble;
        outcome.error = error;
        state_ = State::dead;
        stream_.cut();
        pool_.finish_later(id_, std::move(outcome));
    }

    void die()
    {
        state_ = State::dead;
        stream_.close();
    }

    HttpPool& pool_;
    Host& host_;
    Stream stream_;
    HttpReader reader_;
    State state_ = State::connecting;
    RequestId id_{};
    TimePoint until_;
    TimePoint idle_since_;
    std::string text_;
};

HttpPool::HttpPool(LoopCore& core, const TlsContext& context, const HttpPolicy& policy, Reply reply)
    : core_(core), context_(context), policy_(policy), reply_(std::move(reply))
{
}

HttpPool::~HttpPool() = default;

void HttpPool::request(RequestId id, HttpCall call)
{
    const std::optional<Url> url = parse_url(call.url);
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!url || call.url.compare(0, 8, "https://") != 0) {
        refuse(id, CloseKind::resolve, "a request's address is https://host[:port]/path");
    } else if (!std::all_of(call.headers.begin(), call.headers.end(), is_safe_header) ||
               call.method.empty() || !std::all_of(call.method.begin(), call.method.end(), letter)) {
        refuse(id, CloseKind::local, "the request's method or a header holds a character that it may not");
    } else if (call.body.size() + call.url.size() + (64U << 10U) > policy_.limits.send_buffer_bytes_max) {
        refuse(id, CloseKind::too_big, "the request's body is over the send buffer's limit");
    } else {
        Host& host = hosts_[url->authority];
        serve(host);
        if (host.queue.size() >= policy_.queue_max) {
            refuse(id, CloseKind::local, "too many requests wait for " + url->host);
            return;
        }
        const TimePoint until = core_.now() + call.deadline;
        host.queue.push_back({id, *url, std::move(call), until});
        serve(host);
    }
}

void HttpPool::warm(const std::string& url)
{
    const std::optional<Url> parsed = parse_url(url);
    if (!parsed) return;
    Host& host = hosts_[parsed->authority];
    if (host.connections.size() < policy_.connections_max) open_connection(host, *parsed);
}

void HttpPool::open_connection(Host& host, const Url& url)
{
    host.connections.push_back(std::make_unique<Connection>(*this, host, url));
}

/// Hands waiting requests to idle connections and opens connections for the rest, as far as they may.
void HttpPool::serve(Host& host)
{
    std::size_t connecting = 0;
    std::size_t living = 0;
    for (std::size_t i = 0; i < host.connections.size(); ++i) {
        Connection& connection = *host.connections[i];
        if (connection.state() == Connection::State::idle && !host.queue.empty()) {
            Waiting waiting = std::move(host.queue.front());
            host.queue.pop_front();
            connection.start(std::move(waiting));
        }
        if (connection.state() == Connection::State::connecting) ++connecting;
        if (connection.state() != Connection::State::dead) ++living;
    }
    while (connecting < host.queue.size() && living < policy_.connections_max) {
        open_connection(host, host.queue.front().url);
        ++connecting;
        ++living;
    }
}

void HttpPool::on_unreachable(Host& host, const StreamEnd& end)
{
    const bool others =
        std::any_of(host.connections.begin(), host.connections.end(),
                    [](const auto& connection) { return connection->state() != Connection::State::dead; });
    if (others) return;
    for (Waiting& waiting : host.queue) {
        HttpOutcome outcome;
        outcome.trouble = end.kind;
        outcome.distrust = end.distrust;
        outcome.error = end.text;
        finish_later(waiting.id, std::move(outcome));
    }
    host.queue.clear();
}

void HttpPool::refuse(RequestId id, CloseKind trouble, const std::string& error)
{
    HttpOutcome outcome;
    outcome.trouble = trouble;
    outcome.error = error;
    finish_later(id, std::move(outcome));
}

void HttpPool::finish_later(RequestId id, HttpOutcome outcome)
{
    core_.defer([this, weak = std::weak_ptr<bool>(alive_), id, outcome = std::move(outcome)]() mutable {
        if (!weak.expired()) reply_(id, outcome);
    });
}

void HttpPool::on_tick(TimePoint now)
{
    for (auto& [authority, host] : hosts_) {
        for (const auto& connection : host.connections) connection->on_tick(now);
        auto& list = host.connections;
        list.erase(std::remove_if(list.begin(), list.end(),
                                  [](const auto& one) { return one->state() == Connection::State::dead; }),
                   list.end());
        auto& queue = host.queue;
        const auto late = std::stable_partition(
            queue.begin(), queue.end(), [now](const Waiting& waiting) { return waiting.until > now; });
        for (auto it = late; it != queue.end(); ++it)
            refuse(it->id, CloseKind::silence, "the request's deadline passed before a connection was free");
        queue.erase(late, queue.end());
        serve(host);
    }
}

}  // namespace arb::net
