#include "connectors/okx/account_session.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "connectors/okx/errors.hpp"
#include "connectors/okx/signer.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

// "Connection": data must flow within 30 s; ask with a text ping before that, expect the text pong.
constexpr SocketRules private_socket_rules()
{
    SocketRules rules;
    rules.url = "wss://ws.okx.com/ws/v5/private";
    rules.silence = seconds(30);
    rules.silence_text = "nothing heard for 30 s";
    rules.ping_after = seconds(20);
    rules.ping_when_silent = true;
    return rules;
}

// The private channels that must be confirmed; positions where there are contracts.
constexpr unsigned kOrders = 1, kAccount = 2, kPositions = 4;
// Too many sockets listen to the account. Those whose client died are cut after 30 s of silence, but often
// one leaves at once: a new socket is tried soon, and less often each time that there is no room for it.
constexpr Duration kCrowdedPause = seconds(1);
constexpr Duration kCrowdedPauseMost = seconds(20);
constexpr Duration kCrowdedForgotten = seconds(60);
constexpr Duration kModeAgain = seconds(2);
// "Cancel All After": one request a second at most.
constexpr Duration kDeadManRefresh = seconds(15);

}  // namespace

AccountSession::AccountSession(const VenueSetup& setup, const AccountFacts& facts, const Questions& questions,
                               Inquiries& inquiries)
    : setup_(setup),
      facts_(facts),
      questions_(questions),
      inquiries_(inquiries),
      socket_(setup.id, private_socket_rules(), shut_),
      channels_(setup.scope)
{
}

void AccountSession::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    shut_ = false;
    socket_.start(now, outbox);
    inquiries_.begin(Inquiry(RequestKind::time), now, sink, outbox);
}

PrivateSocket::Event AccountSession::on_open(ConnectionId connection, std::string_view url, Timestamp now,
                                             FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_open(connection, url, now, outbox);
    if (event == PrivateSocket::Event::ours) log_on(now, sink, outbox);
    return event;
}

void AccountSession::log_on(Timestamp now, FactSink& sink, Outbox& outbox)
{
    subscribed_ = false;
    confirmed_ = 0;
    mode_known_ = false;
    mode_due_ = crowded_due_ = {};
    // The log-on counts in whole seconds of the venue's clock.
    const std::string seconds_text = fmt::format("{}", stamp(now).ns / 1'000'000'000);
    const std::string signature =
        sign_request(*setup_.credentials, seconds_text, "GET", "/users/self/verify", {});
    if (signature.empty()) {
        tell_request_end(RequestKind::session, {Outcome::refused, RejectReason::permission}, kForeignOrder,
                         {}, "the signer refused", sink);
        socket_.close("nothing to log on with", outbox);
        return;
    }
    const auto phrase = setup_.credentials->passphrase.bytes();
    std::string text = fmt::format(
        R"({{"op":"login","args":[{{"apiKey":"{}","passphrase":"{}","timestamp":"{}","sign":"{}"}}]}})",
        setup_.credentials->key_id,
        std::string_view(reinterpret_cast<const char*>(phrase.data()), phrase.size()), seconds_text,
        signature);
    outbox.used_key(setup_.id, "login");
    outbox.send(socket_.connection(), text);
    wipe(text.data(), text.size());
}

// What is up is told once, when it changes. Order entry waits for the account's settings; a stream whose
// subscription the venue ended is down while orders still go out.
void AccountSession::tell_channels(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool stood = subscribed_ && socket_.connection() != kNoConnection;
    channels_.set(Channel::private_stream, stood && !crowded_due_.known(), sink);
    if (channels_.set(Channel::order_entry, stood && mode_known_, sink)) arm_dead_man(now, sink, outbox);
}

void AccountSession::on_event(const simdjson::dom::element& message, Timestamp now, FactSink& sink,
                              Outbox& outbox)
{
    AccountFields fields(message);
    const std::string_view event = fields.text("event", false);
    const std::string_view code = fields.text("code", false);
    if (event == "login" && code == "0") {
        if (!socket_.is_logging_on()) return;
        socket_.logged_on();
        subscribed_ = !channels_.wants(Channel::private_stream);
        if (channels_.wants(Channel::order_entry)) ask_mode(now, sink, outbox);
        channels_.wants(Channel::private_stream) ? subscribe(now, outbox) : tell_channels(now, sink, outbox);
    } else if (event == "subscribe") {
        simdjson::dom::element argument;
        if (message["arg"].get(argument) == simdjson::SUCCESS)
            on_subscribed(AccountFields(argument).text("channel", false), now, sink, outbox);
    } else if (event == "channel-conn-count-error") {
        on_crowded(fields.text("channel", false), now, sink, outbox);
    } else if (event == "error" || event == "login") {
        on_refused(code, fields.text("msg", false), now, sink, outbox);
    } else if (event == "notice" && code == "64008") {
        socket_.close("the venue announces that it closes the connection", outbox);
    }
}

void AccountSession::subscribe(Timestamp now, Outbox& outbox)
{
    socket_.await(now, outbox);
    outbox.send(socket_.connection(),
                facts_.has_contracts() ? R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},)"
                                         R"({"channel":"account"},{"channel":"positions","instType":"ANY"}]})"
                                       : R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},)"
                                         R"({"channel":"account"}]})");
}

void AccountSession::on_subscribed(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!socket_.is_open() || subscribed_) return;
    if (channel == "orders") confirmed_ |= kOrders;
    if (channel == "account") confirmed_ |= kAccount;
    if (channel == "positions") confirmed_ |= kPositions;
    const unsigned wanted = kOrders | kAccount | (facts_.has_contracts() ? kPositions : 0U);
    if (confirmed_ != wanted) return;
    subscribed_ = true;
    socket_.answered();
    tell_channels(now, sink, outbox);
}

// "Connection count limit": it comes after the confirmation, or at any later time, and ends that one
// subscription; the socket stands and takes orders. What the stream would have told is asked for when a new
// socket has it.
void AccountSession::on_crowded(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (crowded_due_.known() || !socket_.is_open()) return;
    const bool again = crowded_at_.known() && now - crowded_at_ < kCrowdedForgotten;
    crowded_pause_ = again ? std::min(Duration{crowded_pause_.ns * 2}, kCrowdedPauseMost) : kCrowdedPause;
    crowded_at_ = now;
    crowded_due_ = now + crowded_pause_;
    outbox.wake_at(setup_.id, crowded_due_);
    tell_request_end(
        RequestKind::session, {Outcome::refused, RejectReason::too_many}, kForeignOrder, {},
        fmt::format("the venue ended the subscription of '{}': too many connections listen to this account",
                    channel.substr(0, 32)),
        sink);
    tell_channels(now, sink, outbox);
}

void AccountSession::on_refused(std::string_view code, std::string_view text, Timestamp now, FactSink& sink,
                                Outbox& outbox)
{
    if (subscribed_) {
        // Nothing that we wait for: requests are answered with their `op`.
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), text});
        return;
    }
    const Verdict verdict = judge(200, code);
    // A clock can be set right, another key is another start.
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock) shut_ = true;
    tell_request_end(RequestKind::session, verdict, kForeignOrder, code, text, sink);
    socket_.log_on_failed("log-on refused", now, outbox);
}

void AccountSession::ask_mode(Timestamp now, FactSink& sink, Outbox& outbox)
{
    mode_due_ = {};
    if (inquiries_.is_out(RequestKind::session)) return;
    Inquiry inquiry(RequestKind::session);
    inquiry.own = true;
    inquiries_.begin(std::move(inquiry), now, sink, outbox);
}

void AccountSession::on_mode(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asked.verdict.done()) {
        mode_ = questions_.mode().mode;
        mode_known_ = true;
        tell_channels(now, sink, outbox);
        return;
    }
    tell_request_end(RequestKind::session, asked.verdict, kForeignOrder, asked.code, asked.text, sink);
    const bool key =
        asked.verdict.outcome == Outcome::key_trouble && asked.verdict.reason != RejectReason::clock;
    if (key || questions_.mode().wrong) {
        shut_ = true;
        socket_.close(asked.text, outbox);
        return;
    }
    mode_due_ = now + std::max(asked.retry_after, kModeAgain);
    outbox.wake_at(setup_.id, mode_due_);
}

void AccountSession::arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    inquiries_.begin(Inquiry(RequestKind::dead_man), now, sink, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
}

PrivateSocket::Event AccountSession::on_close(ConnectionId connection, Timestamp now, FactSink& sink,
                                              Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_close(connection, now, outbox);
    if (event == PrivateSocket::Event::ours) {
        subscribed_ = false;
        tell_channels(now, sink, outbox);
    }
    return event;
}

void AccountSession::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Due due = socket_.on_wake(now, outbox);
    if (due == PrivateSocket::Due::ping) {
        outbox.send(socket_.connection(), "ping");
    } else if (due == PrivateSocket::Due::no_answer) {
        tell_request_end(RequestKind::session, {}, kForeignOrder, {}, "no answer to the log-on within 10 s",
                         sink);
        socket_.log_on_failed("no answer to the log-on", now, outbox);
    }
    if (socket_.connection() == kNoConnection) return;
    wake_timers(now, sink, outbox);
}

void AccountSession::wake_timers(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (mode_due_.known()) {
        if (now >= mode_due_)
            ask_mode(now, sink, outbox);
        else
            outbox.wake_at(setup_.id, mode_due_);
    }
    if (crowded_due_.known()) {
        if (now >= crowded_due_)
            socket_.close("the venue ended a subscription", outbox);
        else
            outbox.wake_at(setup_.id, crowded_due_);
    }
    if (!channels_.is_up(Channel::order_entry)) return;
    if (now >= dead_man_due_) arm_dead_man(now, sink, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
}

}  // namespace arb::okx
