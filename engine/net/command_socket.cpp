#include "engine/net/command_socket.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "engine/net/loop_core.hpp"

namespace arb::net {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

namespace {

struct Talk : std::enable_shared_from_this<Talk> {
    explicit Talk(Protocol::socket accepted) : socket(std::move(accepted)) {}
    Protocol::socket socket;
    TimePoint until;
    char bytes[CommandServer::kLineBytesMax];
    std::size_t size = 0;
    std::string answer;
};

void close_quietly(Protocol::socket& socket)
{
    boost::system::error_code ignored;
    socket.close(ignored);
}

bool fits(const std::string& path)
{
    return !path.empty() && path.size() < sizeof(sockaddr_un::sun_path);
}

}  // namespace

struct CommandServer::State : Ticking, std::enable_shared_from_this<CommandServer::State> {
    State(LoopCore& loop_core, Handler line_handler, std::chrono::milliseconds idle_max)
        : core(loop_core), handler(std::move(line_handler)), idle(idle_max), acceptor(loop_core.io())
    {
        core.add(this);
    }
    virtual ~State() { core.remove(this); }

    void listen(const std::string& file);
    void accept();
    void read(const std::shared_ptr<Talk>& talk);
    void on_line(const std::shared_ptr<Talk>& talk, std::size_t length);
    void on_tick(TimePoint now) override;
    void stop();

    LoopCore& core;
    Handler handler;
    const std::chrono::milliseconds idle;
    Protocol::acceptor acceptor;
    std::vector<std::shared_ptr<Talk>> talks;
    std::string path;
    bool stopped = false;
};

void CommandServer::State::listen(const std::string& file)
{
    if (!fits(file)) throw std::runtime_error("the command socket's path is empty or too long: " + file);
    boost::system::error_code error;
    struct stat status {};
    if (::lstat(file.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) throw std::runtime_error(file + " is in the way: it is no socket");
        Protocol::socket probe(core.io());
        probe.connect(Protocol::endpoint(file), error);
        if (error != asio::error::connection_refused)
            throw std::runtime_error("somebody listens on " + file + " already");
        ::unlink(file.c_str());
    }
    acceptor.open(Protocol(), error);
    // The file must never be there with wider rights, not even between bind() and a chmod().
    const mode_t before = ::umask(0177);
    if (!error) acceptor.bind(Protocol::endpoint(file), error);
    ::umask(before);
    if (!error) path = file;
    if (!error) acceptor.listen(static_cast<int>(kClientsMax), error);
    if (error) {
        stop();
        throw std::runtime_error("cannot listen on " + file + ": " + error.message());
    }
    accept();
}

void CommandServer::State::accept()
{
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, Protocol::socket socket) {
            if (self->stopped || error == asio::error::operation_aborted) return;
            if (!error && self->talks.size() < kClientsMax) {
                const auto talk = std::make_shared<Talk>(std::move(socket));
                talk->until = self->core.now() + self->idle;
                self->talks.push_back(talk);
                self->read(talk);
            }
            if (!error) self->accept();
        });
}

void CommandServer::State::read(const std::shared_ptr<Talk>& talk)
{
    talk->socket.async_read_some(
        asio::buffer(talk->bytes + talk->size, kLineBytesMax - talk->size),
        [self = shared_from_this(), talk](const boost::system::error_code& error, std::size_t got) {
            if (self->stopped || error) {
                close_quietly(talk->socket);
                return;
            }
            talk->size += got;
            const void* newline = std::memchr(talk->bytes, '\n', talk->size);
            if (newline != nullptr) {
                self->on_line(talk,
                              static_cast<std::size_t>(static_cast<const char*>(newline) - talk->bytes));
            } else if (talk->size == kLineBytesMax) {
                close_quietly(talk->socket);
            } else {
                self->read(talk);
            }
        });
}

void CommandServer::State::on_line(const std::shared_ptr<Talk>& talk, std::size_t length)
{
    talk->answer = handler({talk->bytes, length});
    talk->until = core.now() + idle;
    asio::async_write(talk->socket, asio::buffer(talk->answer),
                      [talk](const boost::system::error_code&, std::size_t) { close_quietly(talk->socket); });
}

void CommandServer::State::on_tick(TimePoint now)
{
    for (std::size_t i = talks.size(); i-- > 0;) {
        const Talk& talk = *talks[i];
        boost::system::error_code ignored;
        // A program that was not run for a while finds words that have long been there: they are no silence.
        const bool unread = talk.answer.empty() && talk.socket.available(ignored) > 0;
        if (talk.socket.is_open() && (now < talk.until || unread)) continue;
        close_quietly(talks[i]->socket);
        talks.erase(talks.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void CommandServer::State::stop()
{
    stopped = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    for (const auto& talk : talks) close_quietly(talk->socket);
    talks.clear();
    if (!path.empty()) ::unlink(path.c_str());
    path.clear();
}

CommandServer::CommandServer(Loop& loop, const std::string& path, Handler handler,
                             std::chrono::milliseconds idle)
    : state_(std::make_shared<State>(loop.core(), std::move(handler), idle))
{
    state_->listen(path);
}

CommandServer::~CommandServer()
{
    state_->stop();
}

}  // namespace arb::net
