#include "engine/net/stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "engine/net/dialer.hpp"

namespace arb::net {

namespace asio = boost::asio;
using Wait = asio::posix::descriptor_base;

namespace {

/// Reads in one go before other sockets get their turn.
constexpr int kReadsMax = 64;

}  // namespace

/// Asio's waits hold it by shared_ptr; after close() they find `phase` closed and do nothing.
struct Stream::Core : Ticking, std::enable_shared_from_this<Stream::Core> {
    enum class Phase { idle, dialing, shaking, open, closed };

    Core(LoopCore& loop_core, StreamHandler& stream_handler, const Limits& stream_limits)
        : loop(loop_core), handler(stream_handler), limits(stream_limits), socket(loop_core.io())
    {
        loop.add(this);
    }
    virtual ~Core() { loop.remove(this); }

    void take(const TlsContext& context, int descriptor, const std::string& host);
    void shake();
    void wait_read();
    void wait_write();
    void on_readable();
    void on_writable();
    bool read_some();
    bool flush();
    bool write(std::string_view bytes);
    void on_tick(TimePoint now) override;
    void end(CloseKind kind, const std::string& text, bool clean = false);
    void end_later(CloseKind kind, const std::string& text);
    void close(bool reset);

    LoopCore& loop;
    StreamHandler& handler;
    const Limits limits;
    asio::posix::stream_descriptor socket;
    std::shared_ptr<Dialer> dialer;
    std::unique_ptr<TlsSession> tls;
    Phase phase = Phase::idle;
    TimePoint deadline;  ///< shaking: for the handshake; open: for the socket to take something
    std::string out;     ///< from out_sent on: not taken yet
    std::size_t out_sent = 0;
    bool waits_read = false;
    bool waits_write = false;
    bool paused = false;
    bool finishing = false;  ///< say goodbye once `out` is gone
    bool said_goodbye = false;
};

void Stream::Core::take(const TlsContext& context, int descriptor, const std::string& host)
{
    boost::system::error_code error;
    socket.assign(descriptor, error);
    if (error) {
        ::close(descriptor);
        end_later(CloseKind::connect, "the socket cannot be watched: " + error.message());
        return;
    }
    tls = std::make_unique<TlsSession>(context, descriptor, host);
    phase = Phase::shaking;
    deadline = loop.now() + limits.handshake;
    shake();
}

void Stream::Core::shake()
{
    switch (tls->handshake()) {
        case TlsSession::Status::done:
            phase = Phase::open;
            handler.on_stream_open();
            // The first application bytes may have come in the same read as the end of the handshake.
            if (phase == Phase::open) on_readable();
            return;
        case TlsSession::Status::want_read:
            wait_read();
            return;
        case TlsSession::Status::want_write:
            wait_write();
            return;
        case TlsSession::Status::closed_clean:
        case TlsSession::Status::closed_cut:
            end(CloseKind::tls, "the peer ended the connection during the TLS handshake");
            return;
        case TlsSession::Status::failed:
            end(tls->distrust() == Distrust::none ? CloseKind::tls : CloseKind::tls_untrusted, tls->error());
            return;
    }
}

void Stream::Core::wait_read()
{
    if (waits_read || paused || phase == Phase::closed) return;
    waits_read = true;
    socket.async_wait(Wait::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        self->waits_read = false;
        if (!error) self->on_readable();
    });
}

void Stream::Core::wait_write()
{
    if (waits_write || phase == Phase::closed) return;
    waits_write = true;
    socket.async_wait(Wait::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
        self->waits_write = false;
        if (!error) self->on_writable();
    });
}

void Stream::Core::on_readable()
{
    if (phase == Phase::shaking) {
        shake();
        return;
    }
    for (int reads = 0; phase == Phase::open && !paused && reads < kReadsMax; ++reads) {
        if (!read_some()) {
            wait_read();
            return;
        }
        if (phase != Phase::open || paused) return;
        if (!tls->buffered()) {
            wait_read();
            return;
        }
    }
    if (phase != Phase::open || paused) return;
    // The kernel may have nothing more while TLS has: go on in the next turn by ourselves.
    loop.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock(); self && !self->waits_read) self->on_readable();
    });
}

/// False when nothing more can be read now.
bool Stream::Core::read_some()
{
    const TlsSession::Io io = tls->read(loop.read_buffer(), LoopCore::kReadBufferBytes);
    switch (io.status) {
        case TlsSession::Status::done:
            if (!finishing) handler.on_stream_bytes(loop.read_buffer(), io.bytes);
            return true;
        case TlsSession::Status::want_read:
            return false;
        case TlsSession::Status::want_write:
            wait_write();
            return false;
        case TlsSession::Status::closed_clean:
            end(CloseKind::peer_closed, "the peer ended the connection", true);
            return false;
        case TlsSession::Status::closed_cut:
            end(CloseKind::peer_closed, "the connection was cut");
            return false;
        case TlsSession::Status::failed:
            end(CloseKind::peer_closed, tls->error());
            return false;
    }
    return false;
}

void Stream::Core::on_writable()
{
    if (phase == Phase::shaking) {
        shake();
        return;
    }
    if (phase != Phase::open) return;
    flush();
    if (phase == Phase::open) wait_read();
}

/// Writes what waits. False when the socket took not all of it or failed.
bool Stream::Core::flush()
{
    while (out_sent < out.size()) {
        const TlsSession::Io io = tls->write(out.data() + out_sent, out.size() - out_sent);
        if (io.status == TlsSession::Status::want_write || io.status == TlsSession::Status::want_read) {
            if (io.status == TlsSession::Status::want_write) wait_write();
            return false;
        }
        if (io.status != TlsSession::Status::done) {
            end_later(CloseKind::peer_closed, "the connection was cut while sending");
            return false;
        }
        out_sent += io.bytes;
        deadline = loop.now() + limits.send_progress;
    }
    out.clear();
    out_sent = 0;
    if (finishing && !said_goodbye) {
        said_goodbye = true;
        tls->say_goodbye();
        ::shutdown(socket.native_handle(), SHUT_WR);
    }
    return true;
}

bool Stream::Core::write(std::string_view bytes)
{
    if (phase != Phase::open || finishing || bytes.size() > limits.send_buffer_bytes_max) return false;
    if (out_sent < out.size()) {
        if (out.size() - out_sent + bytes.size() > limits.send_buffer_bytes_max) return false;
        if (out_sent > out.size() / 2) {
            out.erase(0, out_sent);
            out_sent = 0;
        }
        out.append(bytes);
        return true;
    }
    while (!bytes.empty()) {
        const TlsSession::Io io = tls->write(bytes.data(), bytes.size());
        if (io.status == TlsSession::Status::done) {
            bytes.remove_prefix(io.bytes);
            continue;
        }
        if (io.status != TlsSession::Status::want_write && io.status != TlsSession::Status::want_read) {
            end_later(CloseKind::peer_closed, "the connection was cut while sending");
            return false;
        }
        out.assign(bytes);
        out_sent = 0;
        deadline = loop.now() + limits.send_progress;
        wait_write();
        return true;
    }
    return true;
}

void Stream::Core::on_tick(TimePoint now)
{
    const auto self = shared_from_this();
    if (phase == Phase::shaking && now >= deadline) {
        end(CloseKind::tls, "the TLS handshake did not finish in time");
    } else if (phase == Phase::open && out_sent < out.size() && now >= deadline) {
        end(CloseKind::send_blocked, "the peer has stopped taking bytes");
    }
}

void Stream::Core::end(CloseKind kind, const std::string& text, bool clean)
{
    if (phase == Phase::closed) return;
    StreamEnd told{kind, tls ? tls->distrust() : Distrust::none, clean, text};
    close(false);
    handler.on_stream_end(told);
}

void Stream::Core::end_later(CloseKind kind, const std::string& text)
{
    loop.defer([weak = weak_from_this(), kind, text] {
        if (const auto self = weak.lock()) self->end(kind, text);
    });
}

void Stream::Core::close(bool reset)
{
    if (phase == Phase::closed) return;
    const bool was_open = phase == Phase::open;
    phase = Phase::closed;
    if (dialer) dialer->cancel();
    dialer.reset();
    if (!socket.is_open()) return;
    if (reset) {
        const linger now_or_never{1, 0};
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &now_or_never, sizeof now_or_never);
    } else if (was_open && !said_goodbye && out_sent == out.size()) {
        tls->say_goodbye();
    }
    boost::system::error_code ignored;
    socket.close(ignored);
}

Stream::Stream(LoopCore& core, StreamHandler& handler, const Limits& limits)
    : stream_(std::make_shared<Core>(core, handler, limits))
{
}

Stream::~Stream()
{
    stream_->close(false);
}

void Stream::connect(const TlsContext& context, const std::string& host, std::uint16_t port)
{
    stream_->phase = Core::Phase::dialing;
    stream_->dialer = Dialer::start(stream_->loop, host, port, stream_->limits.connect,
                                    [weak = std::weak_ptr<Core>(stream_), context, host](
                                        int descriptor, CloseKind kind, const std::string& text) {
                                        const auto self = weak.lock();
                                        if (!self || self->phase != Core::Phase::dialing) {
                                            if (descriptor >= 0) ::close(descriptor);
                                        } else if (descriptor < 0) {
                                            self->end(kind, text);
                                        } else {
                                            self->take(context, descriptor, host);
                                        }
                                    });
}

void Stream::accept(const TlsContext& context, int descriptor)
{
    stream_->take(context, descriptor, {});
}

bool Stream::write(std::string_view bytes)
{
    return stream_->write(bytes);
}

bool Stream::is_open() const
{
    return stream_->phase == Core::Phase::open;
}

TlsFacts Stream::facts() const
{
    return is_open() ? stream_->tls->facts() : TlsFacts{};
}

bool Stream::pending() const
{
    return stream_->out_sent < stream_->out.size();
}

void Stream::close()
{
    stream_->close(false);
}

void Stream::finish()
{
    if (stream_->phase != Core::Phase::open || stream_->finishing) return;
    stream_->finishing = true;
    stream_->flush();
}

void Stream::cut()
{
    stream_->close(true);
}

void Stream::pause(bool paused)
{
    if (stream_->paused == paused) return;
    stream_->paused = paused;
    if (paused || stream_->phase != Core::Phase::open) return;
    // Bytes may wait inside TLS where the kernel cannot announce them.
    stream_->loop.defer([weak = std::weak_ptr<Core>(stream_)] {
        if (const auto self = weak.lock(); self && !self->waits_read) self->on_readable();
    });
}

}  // namespace arb::net
