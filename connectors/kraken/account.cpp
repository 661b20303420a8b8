#include "connectors/kraken/account.hpp"

#include <algorithm>

#include "connectors/kraken/quoted.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kAuthUrl = "wss://ws-auth.kraken.com/v2";
constexpr std::string_view kChannels[] = {"executions", "balances"};
constexpr Duration kPingEvery = seconds(20);  // the venue closes after a minute without a request
constexpr Duration kSilenceMax = seconds(10);
constexpr Duration kAnswerMax = seconds(10);
constexpr Duration kOrderLife = seconds(5);  // to the matching engine; the venue allows 2 to 60 s
constexpr Duration kDeadManRefresh = seconds(20);
constexpr Duration kDeadManTimeout = seconds(60);
constexpr std::size_t kFrameUsual = 64 * 1024;

}  // namespace

TradingFeatures trading_features()
{
    TradingFeatures features;
    features.order_socket = true;
    features.dead_man = true;
    features.dead_man_note =
        "Kraken cancels all orders of the account, also those of other programs, 60 s after we stop "
        "refreshing its timer";
    features.orders_per_second = 10;
    features.cancels_reserved = 4;
    return features;
}

Account::Account(const VenueSetup& setup)
    : setup_(setup), pairs_(*setup.table, setup.id), decoder_(setup)
{
    [[maybe_unused]] const auto error = parser_.allocate(kFrameUsual);
    quoted_.reserve(kFrameUsual);
}

void Account::end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink,
                  std::string_view text) const
{
    RequestEnd e;
    e.kind = kind;
    e.outcome = verdict.outcome;
    e.reason = verdict.reason;
    e.order = order;
    e.text = text;
    sink.on_request_end(e);
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    shut_ = false;
    token_due_ = {};
    if (stage_ == Stage::closed) ask_token(now, sink, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    if (url != kAuthUrl) return false;
    connection_ = connection;
    stage_ = Stage::subscribing;
    confirmed_ = 0;
    decoder_.restart();
    heard_ = now;
    ping_due_ = now + kPingEvery;
    stage_due_ = now + kAnswerMax;
    for (const std::string_view channel : kChannels) {
        const std::string_view text = encode_subscribe(line_, channel, token_, next_number_++);
        if (text.empty()) {
            drop("the token does not fit", sink, outbox);
            return true;
        }
        outbox.used_key(setup_.id, channel);
        outbox.send(connection, text);
    }
    outbox.wake_at(setup_.id, stage_due_);
    return true;
}

void Account::set_ready(bool ready, FactSink& sink)
{
    if (ready == (stage_ == Stage::ready)) return;
    stage_ = ready ? Stage::ready : Stage::closed;
    sink.on_channel(Channel::private_stream, ready);
    sink.on_channel(Channel::order_entry, ready);
    if (ready) end(RequestKind::session, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
}

void Account::end_flights(FactSink& sink, std::string_view why)
{
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        flight.used = false;
        end(flight.kind, {}, flight.order, sink, why);
    }
}

// The session is over before the connection is: what is in flight there will not be believed any more.
void Account::drop(std::string_view why, FactSink& sink, Outbox& outbox)
{
    set_ready(false, sink);
    stage_ = Stage::dropped;
    stage_due_ = {};
    end_flights(sink, why);
    outbox.reconnect(connection_, why);
}

Account::Flight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                                      FactSink& sink)
{
    if (stage_ == Stage::ready) {
        for (Flight& flight : flights_) {
            if (flight.used) continue;
            flight = {true, next_number_++, kind, order, listing, now, now + kAnswerMax};
            return &flight;
        }
    }
    // Nothing has left: that is certain.
    end(kind, {Outcome::refused, RejectReason::other}, order, sink,
        stage_ == Stage::ready ? "too many requests wait for a reply" : "order entry is down");
    return nullptr;
}

void Account::launch(Flight& flight, std::string_view text, std::string_view endpoint, FactSink& sink,
                     Outbox& outbox)
{
    if (text.empty()) {
        flight.used = false;
        end(flight.kind, {Outcome::refused, RejectReason::other}, flight.order, sink,
            "the request cannot be written");
        return;
    }
    if (!endpoint.empty()) outbox.used_key(setup_.id, endpoint);
    outbox.send(connection_, text);
    outbox.wake_at(setup_.id, flight.due);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Listing& listing = setup_.table->listing(order.intent().listing);
    Flight* flight = take_flight(RequestKind::place, order.id(), listing.id, now, sink);
    if (flight == nullptr) return;
    launch(*flight,
           encode_order(line_, order, setup_.table->instrument(listing.instrument), listing, token_,
                        now + offset_ + kOrderLife, flight->number),
           "add_order", sink, outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Flight* flight = take_flight(RequestKind::cancel, order.order, order.listing, now, sink);
    if (flight != nullptr)
        launch(*flight, encode_cancel(line_, order, token_, flight->number), "cancel_order", sink, outbox);
}

void Account::cancel_all(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Flight* flight = take_flight(RequestKind::cancel_all, kForeignOrder, kNoListing, now, sink);
    if (flight != nullptr)
        launch(*flight, encode_cancel_all(line_, token_, flight->number), "cancel_all", sink, outbox);
}

// REST tells whole seconds alone; the websocket's pong tells microseconds.
void Account::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Flight* flight = take_flight(RequestKind::time, kForeignOrder, kNoListing, now, sink);
    if (flight != nullptr) launch(*flight, encode_ping(line_, flight->number), {}, sink, outbox);
}

void Account::arm_dead_man(Timestamp now, FactSink& sink, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    outbox.wake_at(setup_.id, dead_man_due_);
    Flight* flight = take_flight(RequestKind::dead_man, kForeignOrder, kNoListing, now, sink);
    if (flight != nullptr)
        launch(*flight, encode_dead_man(line_, kDeadManTimeout, token_, flight->number),
               "cancel_all_orders_after", sink, outbox);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (connection != connection_) return false;
    if (stage_ == Stage::dropped) return true;
    heard_ = now;
    const std::string_view text = quote_numbers(frame.view(), quoted_);
    Json message;
    if (parser_.parse(text.data(), text.size(), false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    if (AccountFields(message).has("method"))
        on_answer(message, now, sink, outbox);
    else if (!decoder_.decode(message, connection, sink))
        drop("messages of the private stream are missing", sink, outbox);
    return true;
}

void Account::on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    AccountFields fields(message);
    if (fields.text("method", false) == "subscribe") {
        on_subscribed(message, now, sink, outbox);
        return;
    }
    const std::int64_t number = fields.integer("req_id", false);
    for (Flight& flight : flights_) {
        if (!flight.used || number <= 0 || flight.number != static_cast<std::uint64_t>(number)) continue;
        flight.used = false;
        on_reply(Flight(flight), message, now, sink, outbox);
        return;
    }
}

void Account::on_subscribed(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ != Stage::subscribing) return;
    AccountFields fields(message);
    if (!fields.flag("success")) {
        const std::string_view error = fields.text("error", false);
        const Verdict verdict = judge(200, error.empty() ? std::string_view("?") : error);
        end(RequestKind::session, verdict, kForeignOrder, sink, error);
        shut_ = verdict.outcome == Outcome::key_trouble;
        drop("a private channel was refused", sink, outbox);
        return;
    }
    Json result;
    if (message["result"].get(result) != simdjson::SUCCESS) return;
    const std::string_view channel = AccountFields(result).text("channel", false);
    for (unsigned i = 0; i < std::size(kChannels); ++i) {
        if (channel == kChannels[i]) confirmed_ |= 1U << i;
    }
    if (confirmed_ != (1U << std::size(kChannels)) - 1) return;
    stage_due_ = {};
    set_ready(true, sink);
    arm_dead_man(now, sink, outbox);
}

void Account::on_reply(const Flight& flight, const Json& message, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    AccountFields fields(message);
    if (flight.kind == RequestKind::time) {
        const std::optional<Timestamp> time = parse_utc(fields.text("time_in", false));
        if (time) sink.on_clock_sample(*time, flight.sent, now);
        end(RequestKind::time, time ? Verdict{Outcome::done, RejectReason::none} : Verdict{}, kForeignOrder,
            sink);
        return;
    }
    const bool success = fields.flag("success");
    const std::string_view error = fields.text("error", false);
    const Verdict verdict = success ? Verdict{Outcome::done, RejectReason::none}
                                    : judge(200, error.empty() ? std::string_view("?") : error);
    Json result;
    if (success && flight.kind == RequestKind::place && message["result"].get(result) == simdjson::SUCCESS) {
        OrderReport report;
        report.order = flight.order;
        report.listing = flight.listing;
        report.source = ReportSource::reply;
        report.venue_id = AccountFields(result).text("order_id", false);
        report.client_id = AccountFields(result).text("cl_ord_id", false);
        decoder_.remember(report.venue_id, flight.order, flight.listing);
        sink.on_order_report(report);
    }
    end(flight.kind, verdict, flight.order, sink, error);
    if (!success && stale_token(error)) drop("the token is not good any more", sink, outbox);
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (connection != connection_) return false;
    set_ready(false, sink);
    stage_ = Stage::closed;
    connection_ = kNoConnection;
    end_flights(sink, "the connection ended");
    // A token serves one connection.
    if (!shut_) ask_token(now, sink, outbox);
    return true;
}

void Account::on_lost_dial(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ != Stage::connecting || shut_) return;
    stage_ = Stage::closed;
    ask_token(now, sink, outbox);
}

void Account::wake_socket(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ != Stage::subscribing && stage_ != Stage::ready) return;
    if (stage_ == Stage::subscribing && now >= stage_due_) {
        drop("no answer to the log-on", sink, outbox);
        return;
    }
    if (now - heard_ >= kSilenceMax) {
        drop("no frame for ten seconds, not even a heartbeat", sink, outbox);
        return;
    }
    if (now >= ping_due_) {
        ping_due_ = now + kPingEvery;
        outbox.send(connection_, encode_ping(line_, next_number_++));
    }
    outbox.wake_at(setup_.id, std::min(ping_due_, heard_ + kSilenceMax));
    if (stage_ == Stage::subscribing) {
        outbox.wake_at(setup_.id, stage_due_);
        return;
    }
    if (now >= dead_man_due_) arm_dead_man(now, sink, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        if (now < flight.due) {
            outbox.wake_at(setup_.id, flight.due);
            continue;
        }
        flight.used = false;
        end(flight.kind, {}, flight.order, sink, "no reply within 10 s");
    }
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (token_due_.known() && now >= token_due_) {
        token_due_ = {};
        if (stage_ == Stage::closed && !shut_) ask_token(now, sink, outbox);
    }
    if (token_due_.known()) outbox.wake_at(setup_.id, token_due_);
    wake_socket(now, sink, outbox);
    wake_jobs(now, sink, outbox);
}

}  // namespace arb::kraken
