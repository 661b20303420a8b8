#include "connectors/coinbase/user_stream.hpp"

#include "connectors/coinbase/own_questions.hpp"
#include "connectors/coinbase/urls.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr Duration kRefusedPause = seconds(30);  // a refused key is not better at once
constexpr Duration kBusyPause = seconds(5);
constexpr Duration kTroublePause = seconds(1);

// Heartbeats come once a second, so it is never pinged; the confirmation is awaited for as long as any
// answer.
constexpr SocketRules kUserRules{
    kUserUrl, seconds(10), "no frame for ten seconds on the user channel", {}, false, kAnswerMax, {}, {}};

}  // namespace

UserStream::UserStream(AccountTools& tools, OwnQuestions& own)
    : tools_(&tools), own_(&own), socket_(tools.setup.id, kUserRules, kShut)
{
}

bool UserStream::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_open(connection, url, now, outbox);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    next_sequence_ = 0;
    // One channel a message, each with its own token, the first within five seconds.
    const Timestamp venue_now = tools_->venue_now(now);
    const std::string beats = tools_->encoder.subscribe("heartbeats", venue_now);
    const std::string user = tools_->encoder.subscribe("user", venue_now);
    if (beats.empty() || user.empty()) {
        tools_->end_session({Outcome::key_trouble, RejectReason::permission}, {}, "the signer refused", sink);
        give_up("the signer refused", sink, outbox, now + kRefusedPause);
        return true;
    }
    outbox.used_key(tools_->setup.id, "heartbeats");
    outbox.send(connection, beats);
    outbox.used_key(tools_->setup.id, "user");
    outbox.send(connection, user);
    return true;
}

void UserStream::give_up(std::string_view why, FactSink& sink, Outbox& outbox, Timestamp again)
{
    tools_->channels.set(Channel::private_stream, false, sink);
    socket_.close(why, outbox, again);
}

bool UserStream::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_close(connection, now, outbox);
    if (event == PrivateSocket::Event::ours) tools_->channels.set(Channel::private_stream, false, sink);
    return event != PrivateSocket::Event::not_ours;
}

void UserStream::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (socket_.on_wake(now, outbox) == PrivateSocket::Due::no_answer)
        give_up("the user channel was not confirmed", sink, outbox);
    // After silence, too.
    if (!socket_.is_open()) tools_->channels.set(Channel::private_stream, false, sink);
}

bool UserStream::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                          Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.heard(connection, now);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    if (!socket_.is_open() && !socket_.is_logging_on()) return true;
    dom::object object;
    const bool readable =
        frame.size != 0 && !tools_->parser.parse(frame.data, frame.size, false).get_object().get(object);
    if (!readable) {
        // What it held is not known, and its number neither: the next one shows the hole.
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    read(object, now, sink, outbox);
    return true;
}

// Numbers count every frame of the connection from 0. A lower one is old news; a hole may have held anything.
bool UserStream::in_sequence(dom::object frame, FactSink& sink, Outbox& outbox)
{
    std::uint64_t number = 0;
    if (frame.at_key("sequence_num").get_uint64().get(number)) {
        sink.on_undecoded({UndecodedReason::missing_field, kNoListing, socket_.connection(), "sequence_num"});
        return false;
    }
    if (number < next_sequence_) return false;
    if (number > next_sequence_) {
        give_up("a message of the user channel was lost", sink, outbox);
        return false;
    }
    ++next_sequence_;
    return true;
}

// "authentication failure" comes to good tokens, too: the next one is tried after a while, and only a row of
// them, with a clock that is right, is the key's trouble.
void UserStream::refused(std::string_view message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (message.find("rate limit") != std::string_view::npos) {
        tools_->end_session({Outcome::rate_limited, RejectReason::rate_limited}, "error", message, sink);
        return give_up("the user channel was told to slow down", sink, outbox, now + kBusyPause);
    }
    if (message.find("authentication") == std::string_view::npos) {
        tools_->end_session({}, "error", message, sink);
        return give_up("the user channel was not taken", sink, outbox, now + kTroublePause);
    }
    if (refusals_ == 0) refused_since_ = now;
    if (++refusals_ < kRefusalsMax) {
        if (refusals_ == 1) own_->ask_time(now, sink, outbox);
        return give_up("a token of the user channel was refused", sink, outbox,
                       now + refusal_pause(refusals_));
    }
    // Tokens that REST takes meanwhile are good ones: then it is the channel's trouble.
    const bool taken = tools_->taken_at > refused_since_;
    tools_->end_session(taken ? Verdict{} : tools_->judge_refusals(now), "error", message, sink);
    refused_since_ = now;
    refusals_ = kRefusalsMax - 1;  // the next one says the same again
    own_->ask_time(now, sink, outbox);
    give_up("the user channel was refused", sink, outbox, now + kRefusedPause);
}

void UserStream::read(dom::object frame, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (member_text(frame, "type") == "error") {
        const std::string_view message = member_text(frame, "message");
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), message});
        if (socket_.is_logging_on()) refused(message, now, sink, outbox);
        return;
    }
    const std::string_view channel = member_text(frame, "channel");
    if (channel.empty()) {
        sink.on_undecoded({UndecodedReason::missing_field, kNoListing, socket_.connection(), "channel"});
        return;
    }
    if (!in_sequence(frame, sink, outbox)) return;
    const Timestamp time = parse_utc(member_text(frame, "timestamp")).value_or(Timestamp{});
    if (time.known()) sink.on_venue_time(time, now);
    if (channel == "subscriptions") return confirmed(frame, sink, outbox);
    if (channel == "user") return user_events(frame, time, now, sink, outbox);
    if (channel != "heartbeats" && channel != "futures_balance_summary")
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, socket_.connection(), channel});
}

// Lists all that the connection is subscribed to.
void UserStream::confirmed(dom::object frame, FactSink& sink, Outbox& outbox)
{
    dom::object subscriptions;
    if (frame.at_key("events").at(0).at_key("subscriptions").get_object().get(subscriptions)) {
        sink.on_undecoded(
            {UndecodedReason::missing_field, kNoListing, socket_.connection(), "subscriptions"});
        return;
    }
    const bool user = !subscriptions.at_key("user").error();
    if (user && socket_.is_logging_on()) {
        socket_.logged_on();
        refusals_ = 0;
        tools_->channels.set(Channel::private_stream, true, sink);
    } else if (!user && socket_.is_open()) {
        give_up("the user channel was ended by the venue", sink, outbox);
    }
}

void UserStream::user_events(dom::object frame, Timestamp time, Timestamp now, FactSink& sink, Outbox& outbox)
{
    dom::array events;
    if (frame.at_key("events").get_array().get(events)) {
        sink.on_undecoded({UndecodedReason::missing_field, kNoListing, socket_.connection(), "events"});
        return;
    }
    for (const auto event : events) {
        dom::array orders;
        if (event.at_key("orders").get_array().get(orders)) continue;  // positions alone
        for (const auto element : orders) {
            dom::object order;
            if (element.get_object().get(order)) {
                sink.on_undecoded({UndecodedReason::wrong_type, kNoListing, kNoConnection, "user order"});
                continue;
            }
            KnownOrder* entry = nullptr;
            if (tools_->decoder.stream_order(order, time, sink, entry) != Reading::told) continue;
            // "User Channel": totals only, so the single fills are fetched.
            if (entry != nullptr && entry->told > entry->counted)
                own_->chase(entry->venue_id(), now, sink, outbox);
            // The short form leaves out what an amended order's limit is.
            if (entry != nullptr && entry->price_due) own_->ask_price(entry->venue_id(), now, sink, outbox);
        }
    }
}

}  // namespace arb::coinbase
