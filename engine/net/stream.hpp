#pragma once
// One TLS connection as a stream of plain bytes, client's or server's, for the .cpp files of engine/net
// alone. It resolves, connects and shakes hands within its deadlines, reads into the loop's one buffer,
// writes at once when the socket takes it and keeps the rest up to a limit. Loop thread. The handler may call
// anything here from its callbacks but must not destroy the stream in them: defer that to the loop.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/net/loop_core.hpp"
#include "engine/net/tls.hpp"
#include "engine/net/types.hpp"

namespace arb::net {

/// How a stream ended by itself; close() and cut() are silent.
struct StreamEnd {
    CloseKind kind = CloseKind::peer_closed;
    Distrust distrust = Distrust::none;
    bool clean = false;  ///< peer_closed: with close_notify, so nothing was cut off
    std::string text;
};

class StreamHandler {
  public:
    virtual void on_stream_open() = 0;  ///< TLS stands: host verified, bytes may be written
    virtual void on_stream_bytes(char* data, std::size_t size) = 0;
    virtual void on_stream_end(const StreamEnd& end) = 0;  ///< once; the descriptor is closed already

  protected:
    ~StreamHandler() = default;
};

class Stream {
  public:
    Stream(LoopCore& core, StreamHandler& handler, const Limits& limits);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void connect(const TlsContext& context, const std::string& host, std::uint16_t port);
    void accept(const TlsContext& context, int descriptor);  ///< takes the descriptor

    /// False: not open, or the buffer would pass its limit (then nothing of `bytes` is kept). A failing
    /// socket is told by on_stream_end, later.
    bool write(std::string_view bytes);
    bool is_open() const;
    bool pending() const;    ///< bytes wait for the socket
    TlsFacts facts() const;  ///< while it is open

    void close();   ///< close_notify and FIN, as far as the socket takes them now; no callbacks afterwards
    void finish();  ///< the same after what is pending; later bytes are read and dropped until the peer's
                    ///< end, which is told
    void cut();     ///< TCP reset; no callbacks afterwards
    void pause(bool paused);  ///< paused: nothing is read

    struct Core;

  private:
    std::shared_ptr<Core> stream_;
};

}  // namespace arb::net
