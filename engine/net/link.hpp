#pragma once
// One websocket that Client opened: connect, TLS, upgrade, then a WsPeer. For the .cpp files of engine/net
// alone; loop thread. The owner hears of the opening, of each message and, once and only then, of the end; it
// deletes the link after is_finished().
#include <optional>
#include <string>
#include <string_view>

#include "engine/net/http_codec.hpp"
#include "engine/net/stream.hpp"
#include "engine/net/ws_peer.hpp"

namespace arb::net {

class LinkOwner {
  public:
    virtual void on_link_open(LinkId id) = 0;
    virtual void on_link_message(LinkId id, char* data, std::size_t size) = 0;
    virtual void on_link_closed(LinkId id, const CloseInfo& info) = 0;

  protected:
    ~LinkOwner() = default;
};

class Link final : StreamHandler, WsOwner {
  public:
    Link(LoopCore& core, LinkOwner& owner, LinkId id, const Limits& limits);

    void start(const TlsContext& context, const std::string& url, const Headers& headers);
    bool send(std::string_view text);
    void close(int code, std::string_view reason);
    void abandon();
    void on_tick(TimePoint now);
    bool is_finished() const { return finished_ && (!peer_ || peer_->is_finished()); }

  private:
    void on_stream_open() override;
    void on_stream_bytes(char* data, std::size_t size) override;
    void on_stream_end(const StreamEnd& end) override;
    void on_ws_message(char* data, std::size_t size) override;
    void on_ws_closed(const CloseInfo& info) override;
    void on_upgrade_bytes(std::string_view bytes);
    void refuse(CloseInfo info);
    void tell(const CloseInfo& info);

    LoopCore& core_;
    LinkOwner& owner_;
    const LinkId id_;
    const Limits limits_;
    Stream stream_;
    HttpReader reader_;
    std::optional<WsPeer> peer_;
    std::string request_;
    std::string key_;
    TimePoint upgrade_deadline_;
    bool upgrading_ = false;
    bool finished_ = false;
};

}  // namespace arb::net
