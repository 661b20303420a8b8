#pragma once
// A venue that does what tests of keys tell it, one instance a key, and somebody who hears and sends for it.
// Header only, one thread.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline/keyed_venue.hpp"

namespace arb::test {

/// What instances were asked, in order: "trade: start", "market: plan"; and the instances, by their key's
/// label
/// ("market" without a key).
struct KeyedLog {
    std::vector<std::string> calls;
    std::map<std::string, class KeyedInstance*> instances;
    std::map<std::string, SessionScope> scopes;
    std::size_t count(std::string_view call) const
    {
        return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
    }
};
inline KeyedLog& keyed_log()
{
    static KeyedLog log;
    return log;
}

class KeyedInstance final : public Venue {
  public:
    explicit KeyedInstance(const VenueSetup& setup)
        : setup_(setup), name_(setup.credentials != nullptr ? setup.credentials->label : "market")
    {
        keyed_log().instances[name_] = this;
        keyed_log().scopes[name_] = setup.scope;
    }
    ~KeyedInstance() override { keyed_log().instances.erase(name_); }

    SequenceRule sequence_rule(const Listing&) const override { return {}; }
    std::vector<ConnectionPlan> plan(std::span<const ListingId>) override
    {
        add("plan");
        return {};
    }
    void on_open(ConnectionId connection, std::string_view url, Timestamp, FactSink&, Outbox&) override
    {
        connections.push_back(connection);
        add("open " + std::string(url));
    }
    void on_frame(ConnectionId, PaddedText frame, Timestamp, FactSink& sink, Outbox&) override
    {
        add("frame " + std::string(frame.view()));
        if (frame.view() == "up") up(sink, true);
        if (frame.view() == "down") up(sink, false);
        if (frame.view() == "bad key") end(RequestKind::session, Outcome::key_trouble, sink);
        if (frame.view() == "order key trouble") end(RequestKind::place, Outcome::key_trouble, sink);
        if (frame.view() == "placed") end(RequestKind::place, Outcome::done, sink);
    }
    void on_http(const HttpReply& reply, Timestamp, FactSink&, Outbox&) override
    {
        add("http " + std::to_string(reply.tag));
    }
    void on_close(ConnectionId, Timestamp, FactSink&, Outbox&) override { add("close"); }
    void on_wake(Timestamp, FactSink&, Outbox&) override { add("wake"); }
    void resync(ListingId, Timestamp, Outbox&) override { add("resync"); }
    void start_session(Timestamp, FactSink&, Outbox& outbox) override
    {
        add("start");
        outbox.connect(setup_.id, "wss://venue.example/private?token=1");
    }
    void send_order(const ApprovedOrder&, Timestamp, FactSink&, Outbox& outbox) override
    {
        add("place");
        ask(outbox, "/order");
    }
    void cancel_all(std::span<const ListingId>, Timestamp, FactSink&, Outbox& outbox) override
    {
        add("cancel_all");
        ask(outbox, "/cancel_all");
    }
    void query_balances(Timestamp, FactSink&, Outbox& outbox) override
    {
        add("balances");
        ask(outbox, "/balances");
    }
    void query_key(Timestamp, FactSink&, Outbox& outbox) override
    {
        add("key");
        ask(outbox, "/key");
    }
    void set_clock_offset(Duration offset) override { add("offset " + std::to_string(offset.ns)); }

    void up(FactSink& sink, bool ready)
    {
        // SessionScope that are not this key's are told as well: the filter is what is tested.
        sink.on_channel(Channel::order_entry, ready);
        sink.on_channel(Channel::private_stream, ready);
    }
    std::vector<ConnectionId> connections;
    std::uint64_t next_tag = 1;

  private:
    void add(const std::string& what) { keyed_log().calls.push_back(name_ + ": " + what); }
    void ask(Outbox& outbox, std::string path)
    {
        HttpRequest request;
        request.venue = setup_.id;
        request.tag = next_tag++;
        request.url = std::move(path);
        outbox.used_key(setup_.id, request.url);
        outbox.request(request);
    }
    void end(RequestKind kind, Outcome outcome, FactSink& sink)
    {
        RequestEnd e;
        e.kind = kind;
        e.outcome = outcome;
        e.text = "key revoked";
        sink.on_request_end(e);
    }
    VenueSetup setup_;
    std::string name_;
};

/// Hears facts and keeps wishes.
class KeyedEar final : public TradingSink, public Outbox {
  public:
    void on_undecoded(const Undecoded&) override {}
    void on_channel(Channel channel, bool ready) override
    {
        heard.push_back(std::string(name(channel)) + (ready ? " up" : " down"));
    }
    void on_request_end(const RequestEnd& end) override
    {
        heard.push_back(std::string(name(end.kind)) + " " + name(end.outcome));
    }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest& request) override { requests.push_back(request); }
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId connection, std::string_view) override { closed.push_back(connection); }
    void connect(VenueId, std::string_view url) override { dialed.emplace_back(url); }
    void used_key_of(VenueId, std::string_view label, std::string_view endpoint) override
    {
        uses.push_back(std::string(label) + " " + std::string(endpoint));
    }

    std::vector<std::string> heard, dialed, uses;
    std::vector<HttpRequest> requests;
    std::vector<ConnectionId> closed;
};

inline Credentials keyed_credentials(std::string label, KeyRole role)
{
    Credentials credentials;
    credentials.label = std::move(label);
    credentials.role = role;
    credentials.signer = std::make_unique<ReplaySigner>(KeyAlgorithm::hmac_sha256);
    return credentials;
}

}  // namespace arb::test
