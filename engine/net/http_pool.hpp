#pragma once
// HTTPS requests over a few kept connections a host; for the .cpp files of engine/net alone, on the loop's
// thread. One request at a time on a connection, a bounded queue before them, a deadline for each request
// from the moment it was asked. What may have been sent is never sent again. `reply` is called once for every
// request, from run_once.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/net/client.hpp"
#include "engine/net/http_codec.hpp"
#include "engine/net/stream.hpp"

namespace arb::net {

class HttpPool {
  public:
    using Reply = std::function<void(RequestId, HttpOutcome&)>;

    HttpPool(LoopCore& core, const TlsContext& context, const HttpPolicy& policy, Reply reply);
    ~HttpPool();

    void request(RequestId id, HttpCall call);
    void warm(const std::string& url);
    void on_tick(TimePoint now);
    const TlsFacts& facts() const { return facts_; }  ///< of the connection that stood last

    class Connection;

  private:
    friend class Connection;
    struct Waiting {
        RequestId id{};
        Url url;
        HttpCall call;
        TimePoint until;
    };
    struct Host {
        std::vector<std::unique_ptr<Connection>> connections;
        std::deque<Waiting> queue;
    };
    void serve(Host& host);
    void open_connection(Host& host, const Url& url);
    void refuse(RequestId id, CloseKind trouble, const std::string& error);
    void finish_later(RequestId id, HttpOutcome outcome);
    void on_unreachable(Host& host, const StreamEnd& end);

    LoopCore& core_;
    TlsContext context_;
    const HttpPolicy policy_;
    const Reply reply_;
    std::map<std::string, Host> hosts_;  ///< by authority; stays where it is when others are added
    TlsFacts facts_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace arb::net
