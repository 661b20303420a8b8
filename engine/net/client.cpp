#include "engine/net/client.hpp"

#include <unordered_map>

#include "engine/net/http_pool.hpp"
#include "engine/net/link.hpp"
#include "engine/net/loop_core.hpp"
#include "engine/net/tls.hpp"

namespace arb::net {

struct Client::Parts : Ticking, LinkOwner {
    struct Entry {
        std::unique_ptr<Link> link;
        bool silent = false;  ///< abandoned, or its end was told
    };

    Parts(LoopCore& loop_core, const TlsTrust& trust, ClientHandler& client_handler, const HttpPolicy& policy)
        : core(loop_core),
          handler(client_handler),
          context(make_client_context(trust)),
          pool(loop_core, context, policy,
               [this](RequestId id, HttpOutcome& outcome) { handler.on_reply(id, outcome); })
    {
        core.add(this);
    }
    virtual ~Parts() { core.remove(this); }

    Link* find(LinkId id)
    {
        const auto found = links.find(static_cast<std::uint64_t>(id));
        return found == links.end() || found->second.silent ? nullptr : found->second.link.get();
    }

    void on_link_open(LinkId id) override { handler.on_open(id); }
    void on_link_message(LinkId id, char* data, std::size_t size) override
    {
        handler.on_frame(id, data, size);
    }

    void on_link_closed(LinkId id, const CloseInfo& info) override
    {
        // The end may be found inside of the user's own send() or open(): tell of it from the loop.
        core.defer([this, weak = std::weak_ptr<bool>(alive), id, info] {
            if (weak.expired()) return;
            const auto found = links.find(static_cast<std::uint64_t>(id));
            if (found == links.end() || found->second.silent) return;
            found->second.silent = true;
            handler.on_closed(id, info);
        });
    }

    void on_tick(TimePoint now) override
    {
        for (auto it = links.begin(); it != links.end();) {
            it->second.link->on_tick(now);
            it = it->second.silent && it->second.link->is_finished() ? links.erase(it) : std::next(it);
        }
        pool.on_tick(now);
    }

    LoopCore& core;
    ClientHandler& handler;
    TlsContext context;
    HttpPool pool;
    std::unordered_map<std::uint64_t, Entry> links;
    std::uint64_t link_last = 0;
    std::uint64_t request_last = 0;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Client::Client(Loop& loop, const TlsTrust& trust, ClientHandler& handler, HttpPolicy policy)
    : parts_(std::make_unique<Parts>(loop.core(), trust, handler, policy))
{
}

Client::~Client() = default;

LinkId Client::open(const std::string& url, const Headers& headers, const Limits& limits)
{
    const LinkId id{++parts_->link_last};
    auto& entry = parts_->links[static_cast<std::uint64_t>(id)];
    entry.link = std::make_unique<Link>(parts_->core, *parts_, id, limits);
    entry.link->start(parts_->context, url, headers);
    return id;
}

bool Client::send(LinkId link, std::string_view text)
{
    Link* found = parts_->find(link);
    return found != nullptr && found->send(text);
}

void Client::close(LinkId link, int code, std::string_view reason)
{
    if (Link* found = parts_->find(link)) found->close(code, reason);
}

void Client::abandon(LinkId link)
{
    const auto found = parts_->links.find(static_cast<std::uint64_t>(link));
    if (found == parts_->links.end()) return;
    found->second.silent = true;
    found->second.link->abandon();
}

RequestId Client::request(HttpCall call)
{
    const RequestId id{++parts_->request_last};
    parts_->pool.request(id, std::move(call));
    return id;
}

const TlsFacts& Client::tls_facts() const
{
    return parts_->pool.facts();
}

void Client::warm(const std::string& url)
{
    parts_->pool.warm(url);
}

}  // namespace arb::net
