#pragma once
// A venue of the tests with a protocol of its own that asks the time, a key and balances by REST, and a
// script that makes it do wrong. For tests of what asks single questions. Tests only; the script is set
// before the venue is made and read on its thread.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::test {

inline constexpr std::string_view kHost = "https://probe.test";
// 2027-01-31T00:00:00Z in seconds.
inline constexpr std::int64_t kDay = 1'801'353'600;

/// What the next scripted venue does; set before the probe is made.
struct Script {
    std::string key_host = std::string(kHost);
    bool wishes_more = false;  ///< a connection, a message and a reconnect beside the question
    bool asks_nothing = false;
    std::int64_t ahead_ns = 0;
    Duration patience = seconds(60);  ///< with the answer about a key
};
inline Script script;

// Time and key are asked for by REST; the reply to the key is "RIGHTS TEXT".
class ScriptedVenue final : public Venue {
  public:
    explicit ScriptedVenue(const VenueSetup& setup) : credentials_(setup.credentials) {}
    SequenceRule sequence_rule(const Listing&) const override { return {}; }
    std::vector<ConnectionPlan> plan(std::span<const ListingId>) override { return {}; }
    void on_open(ConnectionId, std::string_view, Timestamp, FactSink&, Outbox&) override {}
    void on_frame(ConnectionId, PaddedText, Timestamp, FactSink&, Outbox&) override {}
    void on_close(ConnectionId, Timestamp, FactSink&, Outbox&) override {}
    void resync(ListingId, Timestamp, Outbox&) override {}

    void query_time(Timestamp now, FactSink&, Outbox& outbox) override
    {
        sent_ = now;
        if (script.asks_nothing) return;
        ask(1, std::string(kHost) + "/time", false, outbox);
    }
    void query_key(Timestamp now, FactSink&, Outbox& outbox) override
    {
        if (script.asks_nothing) return;
        if (script.wishes_more) {
            outbox.connect(VenueId{}, "wss://probe.test/private?token=hidden");
            outbox.send(ConnectionId{0}, "order");
            outbox.reconnect(ConnectionId{0}, "why not");
        }
        outbox.used_key(VenueId{}, "/key");
        ask(2, script.key_host + "/key?signature=hidden", true, outbox);
        outbox.wake_at(VenueId{}, now + script.patience);
        asked_ = true;
    }
    void query_balances(Timestamp, FactSink&, Outbox& outbox) override
    {
        ask(3, std::string(kHost) + "/balances", true, outbox);
    }
    void set_clock_offset(Duration offset) override { offset_ = offset; }
    void on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox&) override
    {
        const std::string text(reply.body.view());
        const Outcome outcome = reply.status == 200 ? Outcome::done : Outcome::unknown;
        if (reply.tag == 1) {
            if (reply.status == 200) sink.on_clock_sample(now + nanoseconds(script.ahead_ns), sent_, now);
            end(RequestKind::time, outcome, text, sink);
        } else if (reply.tag == 2) {
            asked_ = false;
            tell_key(reply.status, text, sink);
            end(RequestKind::key_info, outcome, text, sink);
        } else {
            BalanceReport balance;
            balance.asset = "USDT";
            balance.has_free = true;
            balance.free = {offset_.ns};
            sink.on_balance_report(balance);
            end(RequestKind::balances, outcome, text, sink);
        }
    }
    // A connector of its own gives up on a silent venue.
    void on_wake(Timestamp, FactSink& sink, Outbox&) override
    {
        if (!std::exchange(asked_, false)) return;
        tell_key(0, "", sink);
        end(RequestKind::key_info, Outcome::unknown, "", sink);
    }

  private:
    static void ask(std::uint64_t tag, std::string url, bool is_signed, Outbox& outbox)
    {
        HttpRequest request;
        request.tag = tag;
        request.url = std::move(url);
        request.is_signed = is_signed;
        outbox.request(request);
    }
    static void end(RequestKind kind, Outcome outcome, const std::string& text, FactSink& sink)
    {
        RequestEnd end;
        end.kind = kind;
        end.outcome = outcome;
        if (outcome != Outcome::done) end.text = text;
        sink.on_request_end(end);
    }
    void tell_key(int status, const std::string& text, FactSink& sink) const
    {
        KeyReport report;
        report.label = credentials_->label;
        report.answer = status == 200   ? KeyAnswer::told
                        : status == 403 ? KeyAnswer::refused
                                        : KeyAnswer::none;
        report.text = status == 403 ? std::string_view(text) : std::string_view();
        report.rights.add(KeyRight::read);
        report.rights.add(KeyRight::other);
        report.foreign = text;
        report.missing = "spot";
        report.addresses = KeyTold::some;
        report.address_list = "203.0.113.7";
        report.expiry = KeyTold::some;
        report.expires = {kDay * 1'000'000'000};
        sink.on_key_report(report);
    }

    const Credentials* credentials_;
    Timestamp sent_;
    Duration offset_;
    bool asked_ = false;
};

inline const ConnectorType& scripted_type()
{
    static const ConnectorType type = [] {
        ConnectorType t;
        t.exchange = "probe";
        t.markets = {""};
        t.make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<ScriptedVenue>(setup);
        };
        return t;
    }();
    return type;
}

}  // namespace arb::test
