#include "connectors/gate/account_session.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "connectors/gate/errors.hpp"
#include "engine/connect/request_end.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::gate {
namespace {

// A ping every 10 to 20 s is enough, and each is answered.
SocketRules account_socket_rules(const MarketNames& words)
{
    SocketRules rules;
    rules.url = words.account_url;
    rules.silence = seconds(45);
    rules.silence_text = "nothing heard for 45 s";
    rules.ping_after = seconds(15);
    rules.pause_first = seconds(5);
    rules.pause_most = seconds(60);
    return rules;
}

struct PrivateChannel {
    std::string_view name;
    bool by_market;  ///< wants the markets named: all of them
};
/// The place here is the bit of its confirmation.
constexpr PrivateChannel kSpotChannels[] = {
    {"spot.orders", true}, {"spot.usertrades", true}, {"spot.balances", false}};
constexpr PrivateChannel kContractChannels[] = {{"futures.orders", true},
                                                {"futures.usertrades", true},
                                                {"futures.balances", false},
                                                {"futures.positions", true}};

std::span<const PrivateChannel> channels_of(const MarketNames& words)
{
    return words.spot ? std::span<const PrivateChannel>(kSpotChannels) : kContractChannels;
}

/// Contracts name the user first.
std::string channel_payload(const PrivateChannel& channel, std::string_view user)
{
    if (user.empty()) return channel.by_market ? R"(["!all"])" : "";
    return fmt::format(R"(["{}"{}])", user, channel.by_market ? R"(,"!all")" : "");
}

constexpr Duration kModeAgain = seconds(2);
constexpr Duration kDeadManRefresh = seconds(15);

}  // namespace

AccountSession::AccountSession(const VenueSetup& setup, Encoder& encoder, const Questions& questions,
                               Inquiries& inquiries)
    : venue_(setup.id),
      words_(&words_of(setup)),
      encoder_(&encoder),
      questions_(&questions),
      inquiries_(&inquiries),
      socket_(setup.id, account_socket_rules(*words_), shut_),
      channels_(setup.scope)
{
}

void AccountSession::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    shut_ = false;
    inquiries_->begin(Inquiry(RequestKind::time), now, sink, outbox);
    socket_.start(now, outbox);
}

PrivateSocket::Event AccountSession::on_open(ConnectionId connection, std::string_view url, Timestamp now,
                                             FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_open(connection, url, now, outbox);
    if (event == PrivateSocket::Event::ours) log_on(now, sink, outbox);
    return event;
}

// Private channels prove the key each for itself: without orders there is nothing to log on to.
void AccountSession::log_on(Timestamp now, FactSink& sink, Outbox& outbox)
{
    logged_on_ = mode_known_ = subscribed_ = false;
    confirmed_ = 0;
    mode_due_ = {};
    if (!channels_.wants(Channel::order_entry)) {
        if (words_->spot) return subscribe(now, sink, outbox);
        return ask_mode(now, sink, outbox);
    }
    const std::string frame = encoder_->log_on(venue_now(now));
    if (frame.empty()) return signer_refused(sink, outbox);
    outbox.used_key(venue_, words_->log_on);
    outbox.send(socket_.connection(), frame);
}

void AccountSession::on_logged_on(Verdict verdict, std::string_view label, std::string_view message,
                                  Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!socket_.is_logging_on()) return;
    if (!verdict.done()) return session_failed(verdict, label, message, now, sink, outbox);
    socket_.logged_on();
    logged_on_ = true;
    ask_mode(now, sink, outbox);
    if (words_->spot && channels_.wants(Channel::private_stream)) {
        socket_.await(now, outbox);
        subscribe(now, sink, outbox);
    }
    tell_channels(now, sink, outbox);
}

unsigned AccountSession::all_channels() const
{
    return (1U << channels_of(*words_).size()) - 1;
}

// The channels of contracts wait for the answer that tells whose account it is.
bool AccountSession::may_subscribe() const
{
    const bool stands =
        socket_.is_open() || (socket_.is_logging_on() && !channels_.wants(Channel::order_entry));
    return !words_->spot && stands && !subscribed_ && channels_.wants(Channel::private_stream);
}

void AccountSession::subscribe(Timestamp now, FactSink& sink, Outbox& outbox)
{
    subscribed_ = true;
    const std::string_view user = words_->spot ? std::string_view() : questions_->user();
    for (const PrivateChannel& channel : channels_of(*words_)) {
        const std::string payload = channel_payload(channel, user);
        const std::string frame = encoder_->subscribe(channel.name, payload, venue_now(now));
        if (frame.empty()) return signer_refused(sink, outbox);
        outbox.used_key(venue_, channel.name);
        outbox.send(socket_.connection(), frame);
    }
}

void AccountSession::on_subscription(const simdjson::dom::element& message, std::string_view channel,
                                     Timestamp now, FactSink& sink, Outbox& outbox)
{
    simdjson::dom::element error;
    if (message["error"].get(error) == simdjson::SUCCESS && !error.is_null()) {
        AccountFields fields(error);
        const std::int64_t code = fields.integer("code", false);
        const std::string_view text = fields.text("message", false);
        if (confirmed_ == all_channels()) {
            sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), text});
            return;
        }
        return session_failed(judge_subscription(code, text), {}, text, now, sink, outbox);
    }
    const std::span<const PrivateChannel> channels = channels_of(*words_);
    for (std::size_t i = 0; i < channels.size(); ++i) {
        if (channel == channels[i].name) confirmed_ |= 1U << i;
    }
    if (confirmed_ != all_channels()) return;
    if (!channels_.wants(Channel::order_entry)) socket_.logged_on();
    socket_.answered();
    tell_channels(now, sink, outbox);
}

// A clock can be set right; another key is another start.
void AccountSession::session_failed(Verdict verdict, std::string_view code, std::string_view text,
                                    Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (verdict.outcome == Outcome::key_trouble) shut_ = true;
    tell_request_end(RequestKind::session, verdict, kForeignOrder, code, text, sink);
    socket_.log_on_failed("log-on refused", now, outbox);
    tell_channels(now, sink, outbox);
}

void AccountSession::signer_refused(FactSink& sink, Outbox& outbox)
{
    tell_request_end(RequestKind::session, {Outcome::refused, RejectReason::permission}, kForeignOrder, {},
                     "the signer refused", sink);
    socket_.close("nothing to log on with", outbox);
}

// What is up is told once, when it changes; a connection that is to close takes no orders any more. They wait
// for the word that the account is one of the kind that they are written for.
void AccountSession::tell_channels(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool stands = socket_.is_open();
    channels_.set(Channel::private_stream, stands && confirmed_ == all_channels(), sink);
    if (channels_.set(Channel::order_entry, stands && logged_on_ && mode_known_, sink))
        arm_dead_man(now, sink, outbox);
}

void AccountSession::ask_mode(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry mode(RequestKind::session);
    mode.own = true;
    mode_due_ = {};
    if (!inquiries_->is_out(mode.kind)) inquiries_->begin(std::move(mode), now, sink, outbox);
}

void AccountSession::on_mode(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    mode_known_ = asked.verdict.done();
    if (mode_known_) {
        if (may_subscribe()) {
            if (socket_.is_open()) socket_.await(now, outbox);
            subscribe(now, sink, outbox);
        }
        return tell_channels(now, sink, outbox);
    }
    tell_request_end(RequestKind::session, asked.verdict, kForeignOrder, asked.code, asked.text, sink);
    shut_ = shut_ || questions_->is_wrong_account() || asked.verdict.outcome == Outcome::key_trouble;
    if (shut_) return leave(asked.text, now, sink, outbox);
    mode_due_ = now + std::max(asked.retry_after, kModeAgain);
    outbox.wake_at(venue_, mode_due_);
}

void AccountSession::leave(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox)
{
    socket_.close(why, outbox);
    tell_channels(now, sink, outbox);
}

// The mode was changed while we were logged on: orders would not do what they are meant to do.
void AccountSession::leave_hedged(Timestamp now, FactSink& sink, Outbox& outbox)
{
    shut_ = true;
    tell_request_end(RequestKind::session, {Outcome::key_trouble, RejectReason::permission}, kForeignOrder,
                     {}, kHedgedText, sink);
    leave("the account holds both sides of a contract", now, sink, outbox);
}

void AccountSession::arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    outbox.wake_at(venue_, dead_man_due_);
    inquiries_->begin(Inquiry(RequestKind::dead_man), now, sink, outbox);
}

PrivateSocket::Event AccountSession::on_close(ConnectionId connection, Timestamp now, FactSink& sink,
                                              Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_close(connection, now, outbox);
    if (event == PrivateSocket::Event::ours) tell_channels(now, sink, outbox);
    return event;
}

void AccountSession::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    switch (socket_.on_wake(now, outbox)) {
        case PrivateSocket::Due::ping:
            outbox.send(socket_.connection(), encoder_->ping(venue_now(now)));
            break;
        case PrivateSocket::Due::no_answer:
            session_failed({}, {}, logged_on_ ? "no answer to the subscription" : "no answer to the log-on",
                           now, sink, outbox);
            break;
        case PrivateSocket::Due::nothing:
            break;
    }
    if (!socket_.is_open()) return tell_channels(now, sink, outbox);
    if (mode_due_.known()) {
        if (now >= mode_due_)
            ask_mode(now, sink, outbox);
        else
            outbox.wake_at(venue_, mode_due_);
    }
    if (!channels_.is_up(Channel::order_entry)) return;
    if (now >= dead_man_due_)
        arm_dead_man(now, sink, outbox);
    else
        outbox.wake_at(venue_, dead_man_due_);
}

}  // namespace arb::gate
