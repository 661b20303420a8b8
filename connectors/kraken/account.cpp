#include "connectors/kraken/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/quoted.hpp"

namespace arb::kraken {
namespace {

constexpr std::string_view kAuthUrl = "wss://ws-auth.kraken.com/v2";
constexpr Duration kPingEvery = seconds(15);
constexpr Duration kSilenceMax = seconds(30);
constexpr Duration kAnswerMax = seconds(10);
constexpr Duration kDeadManRefresh = seconds(20);
constexpr Duration kRefusedPause = seconds(5);
constexpr std::string_view kTifs[] = {"ioc", "fok", "gtc", "gtc"};

}  // namespace

TradingFeatures trading_features()
{
    TradingFeatures features;
    features.order_socket = true;
    features.dead_man = true;
    features.dead_man_note =
        "Kraken cancels all orders of the account 60 s after we stop refreshing its timer";
    features.orders_per_second = 10;
    features.cancels_reserved = 4;
    return features;
}

Account::Account(const VenueSetup& setup) : setup_(setup)
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
    quoted_.reserve(64 * 1024);
    for (const Listing& listing : setup_.table->listings()) {
        if (listing.venue != setup_.id) continue;
        std::string name = listing.symbol;
        std::erase(name, '/');
        altnames_.emplace_back(name, listing.id);
        // The old names of REST.
        const Instrument& instrument = setup_.table->instrument(listing.instrument);
        const auto old = [](const std::string& asset) {
            return asset == "BTC" ? "XBT" : asset == "DOGE" ? "XDG" : asset;
        };
        altnames_.emplace_back(old(instrument.base) + old(instrument.quote), listing.id);
    }
}

const Listing* Account::by_altname(std::string_view name) const
{
    for (const auto& [known, id] : altnames_) {
        if (known == name) return &setup_.table->listing(id);
    }
    return nullptr;
}

void Account::end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view text,
                  bool complete, Duration retry_after)
{
    RequestEnd e;
    e.kind = kind;
    e.outcome = verdict.outcome;
    e.reason = verdict.reason;
    e.order = order;
    e.complete = complete;
    e.retry_after = retry_after;
    e.text = text;
    sink.on_request_end(e);
}

void Account::start(Timestamp now, Outbox& outbox)
{
    ask_token(now, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox)
{
    if (url != kAuthUrl) return false;
    connection_ = connection;
    stage_ = Stage::subscribing;
    confirmed_ = 0;
    heard_ = now;
    ping_due_ = now + kPingEvery;
    stage_due_ = now + kAnswerMax;
    outbox.wake_at(setup_.id, stage_due_);
    if (!has_stream()) {
        // There is no log-on for order entry: the timer's answer shows that the token opens it.
        arm_dead_man(now, outbox);
        return true;
    }
    for (const char* channel : {"executions", "balances"}) {
        outbox.used_key(setup_.id, channel);
        outbox.send(
            connection,
            fmt::format(
                R"({{"method":"subscribe","params":{{"channel":"{}","token":"{}"{}}},"req_id":{}}})", channel,
                token_,
                std::string_view(channel) == "executions" ? R"(,"snap_orders":true,"snap_trades":false)" : "",
                next_number_++));
    }
    return true;
}

void Account::set_ready(bool ready, FactSink& sink)
{
    if (ready == (stage_ == Stage::ready)) return;
    stage_ = ready ? Stage::ready : Stage::closed;
    if (has_stream()) sink.on_channel(Channel::private_stream, ready);
    if (has_orders()) sink.on_channel(Channel::order_entry, ready);
    if (ready) end(RequestKind::session, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
}

bool Account::refused_here(RequestKind kind, OrderId order, FactSink& sink)
{
    if (has_orders()) return false;
    end(kind, {Outcome::refused, RejectReason::permission}, order, sink, "this key is for the account alone");
    return true;
}

Account::Flight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now)
{
    if (stage_ != Stage::ready) return nullptr;
    for (Flight& flight : flights_) {
        if (flight.used) continue;
        flight = {true, next_number_++, kind, order, listing, now, now + kAnswerMax};
        return &flight;
    }
    return nullptr;
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::place, order.id(), sink)) return;
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    Flight* flight = take_flight(RequestKind::place, order.id(), intent.listing, now);
    if (flight == nullptr) {
        // Nothing has left: that is certain.
        end(RequestKind::place, {Outcome::refused, RejectReason::other}, order.id(), sink,
            "order entry is down");
        return;
    }
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"method":"add_order","params":{{"order_type":"limit","side":"{}","order_qty":{},"symbol":"{}","limit_price":{},)"
        R"("time_in_force":"{}"{},"cl_ord_id":"{}","token":"{}"}},"req_id":{}}})",
        name(intent.side), digits.quantity(), listing.symbol, digits.price(),
        kTifs[static_cast<std::size_t>(intent.time_in_force)],
        intent.time_in_force == TimeInForce::post_only ? R"(,"post_only":true)" : "",
        client_order_id(order.id()).view(), token_, flight->number);
    outbox.used_key(setup_.id, "add_order");
    outbox.send(connection_, {line_.data(), std::min(written.size, line_.size())});
    outbox.wake_at(setup_.id, flight->due);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::cancel, order.order, sink)) return;
    Flight* flight = take_flight(RequestKind::cancel, order.order, order.listing, now);
    if (flight == nullptr) {
        end(RequestKind::cancel, {Outcome::refused, RejectReason::other}, order.order, sink,
            "order entry is down");
        return;
    }
    outbox.used_key(setup_.id, "cancel_order");
    outbox.send(
        connection_,
        fmt::format(R"({{"method":"cancel_order","params":{{"cl_ord_id":["{}"],"token":"{}"}},"req_id":{}}})",
                    client_order_id(order.order).view(), token_, flight->number));
    outbox.wake_at(setup_.id, flight->due);
}

void Account::cancel_all(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (refused_here(RequestKind::cancel_all, kForeignOrder, sink)) return;
    Flight* flight = take_flight(RequestKind::cancel_all, kForeignOrder, kNoListing, now);
    if (flight == nullptr) {
        end(RequestKind::cancel_all, {Outcome::refused, RejectReason::other}, kForeignOrder, sink,
            "order entry is down");
        return;
    }
    outbox.used_key(setup_.id, "cancel_all");
    outbox.send(connection_, fmt::format(R"({{"method":"cancel_all","params":{{"token":"{}"}},"req_id":{}}})",
                                         token_, flight->number));
    outbox.wake_at(setup_.id, flight->due);
}

// REST tells whole seconds alone; the websocket's pong tells microseconds.
void Account::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    Flight* flight = take_flight(RequestKind::time, kForeignOrder, kNoListing, now);
    if (flight == nullptr) {
        end(RequestKind::time, {Outcome::refused, RejectReason::other}, kForeignOrder, sink,
            "the websocket is down");
        return;
    }
    outbox.send(connection_, fmt::format(R"({{"method":"ping","req_id":{}}})", flight->number));
    outbox.wake_at(setup_.id, flight->due);
}

void Account::arm_dead_man(Timestamp now, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    outbox.used_key(setup_.id, "cancel_all_orders_after");
    outbox.send(
        connection_,
        fmt::format(
            R"({{"method":"cancel_all_orders_after","params":{{"timeout":60,"token":"{}"}},"req_id":{}}})",
            token_, next_number_++));
    outbox.wake_at(setup_.id, dead_man_due_);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (stage_ == Stage::closed || connection != connection_) return false;
    heard_ = now;
    const std::string_view text = quote_numbers(frame.view(), quoted_);
    Json message;
    if (parser_.parse(text.data(), text.size(), false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    AccountFields fields(message);
    if (fields.has("method")) {
        on_answer(message, now, sink, outbox);
        return true;
    }
    const std::string_view channel = fields.text("channel", false);
    simdjson::dom::array data;
    if ((channel != "executions" && channel != "balances") || message["data"].get(data) != simdjson::SUCCESS)
        return true;
    for (const Json entry : data) {
        if (channel == "executions")
            read_execution(entry, sink);
        else
            read_balance(entry, sink);
    }
    return true;
}

void Account::on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    AccountFields fields(message);
    const std::string_view method = fields.text("method", false);
    const bool success = fields.flag("success");
    const std::string_view error = fields.text("error", false);
    if (method == "subscribe") {
        if (!success) {
            give_up(error, "private channel refused", now, sink, outbox);
        } else if (++confirmed_ == 2 && stage_ == Stage::subscribing) {
            stage_due_ = {};
            set_ready(true, sink);
            if (has_orders()) arm_dead_man(now, outbox);
        }
        return;
    }
    if (method == "cancel_all_orders_after" && stage_ == Stage::subscribing && !has_stream()) {
        stage_due_ = {};
        if (success)
            set_ready(true, sink);
        else
            give_up(error, "order entry refused", now, sink, outbox);
        return;
    }
    const auto number = static_cast<std::uint64_t>(fields.integer("req_id", false));
    for (Flight& flight : flights_) {
        if (!flight.used || flight.number != number) continue;
        flight.used = false;
        if (method == "pong") {
            const std::optional<Timestamp> time = parse_utc(fields.text("time_in", false));
            if (time) sink.on_clock_sample(*time, flight.sent, now);
            end(RequestKind::time, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
            return;
        }
        const Verdict verdict = success ? Verdict{Outcome::done, RejectReason::none}
                                        : judge(200, error.empty() ? std::string_view("?") : error);
        Json result;
        if (success && flight.kind == RequestKind::place &&
            message["result"].get(result) == simdjson::SUCCESS) {
            OrderReport report;
            report.order = flight.order;
            report.listing = flight.listing;
            report.source = ReportSource::reply;
            report.venue_id = AccountFields(result).text("order_id", false);
            remember(report.venue_id, flight.order);
            sink.on_order_report(report);
        }
        end(flight.kind, verdict, flight.order, sink, error);
        return;
    }
}

// The session ends; a fresh token after a pause, unless asking for it shows that the key is gone.
void Account::give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    // A refusal without a word is no success.
    end(RequestKind::session, judge(200, error.empty() ? std::string_view("?") : error), kForeignOrder, sink,
        error);
    token_.clear();
    token_again_ = now + kRefusedPause;
    outbox.wake_at(setup_.id, token_again_);
    outbox.reconnect(connection_, why);
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ == Stage::closed || connection != connection_) return false;
    set_ready(false, sink);
    stage_ = Stage::closed;
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        flight.used = false;
        end(flight.kind, {Outcome::unknown, RejectReason::none}, flight.order, sink, "the connection ended");
    }
    // A token serves one connection.
    if (!token_again_.known()) ask_token(now, outbox);
    return true;
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (token_again_.known() && now >= token_again_) {
        token_again_ = {};
        ask_token(now, outbox);
    }
    if (token_again_.known()) outbox.wake_at(setup_.id, token_again_);
    if (stage_ != Stage::closed) {
        const bool late = stage_due_.known() && now >= stage_due_;
        if (late || now - heard_ >= kSilenceMax) {
            stage_due_ = {};
            heard_ = now;
            outbox.reconnect(connection_, "no answer");
        } else if (now >= ping_due_) {
            ping_due_ = now + kPingEvery;
            outbox.send(connection_, fmt::format(R"({{"method":"ping","req_id":{}}})", next_number_++));
        }
        if (stage_ == Stage::ready && has_orders() && now >= dead_man_due_) arm_dead_man(now, outbox);
        outbox.wake_at(setup_.id, std::min(ping_due_, heard_ + kSilenceMax));
        if (stage_due_.known()) outbox.wake_at(setup_.id, stage_due_);
        if (dead_man_due_.known()) outbox.wake_at(setup_.id, dead_man_due_);
    }
    wake_questions(now, sink, outbox);
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        if (now < flight.due) {
            outbox.wake_at(setup_.id, flight.due);
            continue;
        }
        flight.used = false;
        end(flight.kind, {Outcome::unknown, RejectReason::none}, flight.order, sink, "no reply within 10 s");
    }
}

}  // namespace arb::kraken
