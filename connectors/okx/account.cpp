#include "connectors/okx/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/signer.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kPrivateUrl = "wss://ws.okx.com:8443/ws/v5/private";
constexpr Duration kPingAfter = seconds(20);
constexpr Duration kSilenceMax = seconds(30);
constexpr Duration kAnswerMax = seconds(10);
constexpr std::string_view kTypes[] = {"ioc", "fok", "limit", "post_only"};
constexpr std::size_t kPrivateChannels = 2;  // orders, account

}  // namespace

TradingFeatures trading_features()
{
    TradingFeatures features;
    features.order_socket = true;
    features.dead_man = true;
    features.dead_man_note = "OKX cancels all orders 60 s after we stop refreshing its timer";
    features.orders_per_second = 20;
    features.cancels_reserved = 6;
    return features;
}

Account::Account(const VenueSetup& setup) : setup_(setup)
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
}

void Account::end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view code,
                  std::string_view text, bool complete, Duration retry_after)
{
    RequestEnd e;
    e.kind = kind;
    e.outcome = verdict.outcome;
    e.reason = verdict.reason;
    e.order = order;
    e.complete = complete;
    e.retry_after = retry_after;
    e.code = code;
    e.text = text;
    sink.on_request_end(e);
}

void Account::start(Timestamp now, Outbox& outbox)
{
    outbox.connect(setup_.id, kPrivateUrl);
    query_time(now, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox)
{
    if (url != kPrivateUrl) return false;
    connection_ = connection;
    stage_ = Stage::log_on;
    confirmed_ = 0;
    pinged_ = false;
    heard_ = now;
    stage_due_ = now + kAnswerMax;
    // The log-on counts in whole seconds of the venue's clock.
    const std::string seconds_text = fmt::format("{}", stamp(now).ns / 1'000'000'000);
    const std::string signature =
        sign_request(*setup_.credentials, seconds_text, "GET", "/users/self/verify", {});
    const auto phrase = setup_.credentials->passphrase.bytes();
    outbox.used_key(setup_.id, "/ws/v5/private login");
    outbox.send(
        connection,
        fmt::format(
            R"({{"op":"login","args":[{{"apiKey":"{}","passphrase":"{}","timestamp":"{}","sign":"{}"}}]}})",
            setup_.credentials->key_id,
            std::string_view(reinterpret_cast<const char*>(phrase.data()), phrase.size()), seconds_text,
            signature));
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

Account::Flight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now)
{
    if (stage_ != Stage::ready) return nullptr;
    for (Flight& flight : flights_) {
        if (flight.used) continue;
        flight = {true, next_number_++, kind, order, listing, now + kAnswerMax};
        return &flight;
    }
    return nullptr;
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    Flight* flight = take_flight(RequestKind::place, order.id(), intent.listing, now);
    if (flight == nullptr) {
        // Nothing has left: that is certain.
        end(RequestKind::place, {Outcome::refused, RejectReason::other}, order.id(), sink, {},
            "order entry is down");
        return;
    }
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    // Since 2026-03 the websocket knows instruments by number alone.
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"id":"{}","op":"order","args":[{{"instIdCode":{},"tdMode":"{}","clOrdId":"{}","side":"{}","ordType":"{}",)"
        R"("px":"{}","sz":"{}"}}],"expTime":"{}"}})",
        flight->number, listing.code.empty() ? std::string_view("0") : std::string_view(listing.code),
        listing.market == "spot" ? "cash" : "cross", client_order_id(order.id()).view(), name(intent.side),
        kTypes[static_cast<std::size_t>(intent.time_in_force)], digits.price(), digits.quantity(),
        (stamp(now) + seconds(5)).ns / 1'000'000);
    outbox.used_key(setup_.id, "order");
    outbox.send(connection_, {line_.data(), std::min(written.size, line_.size())});
    outbox.wake_at(setup_.id, flight->due);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Listing& listing = setup_.table->listing(order.listing);
    Flight* flight = take_flight(RequestKind::cancel, order.order, order.listing, now);
    if (flight == nullptr) {
        end(RequestKind::cancel, {Outcome::refused, RejectReason::other}, order.order, sink, {},
            "order entry is down");
        return;
    }
    outbox.used_key(setup_.id, "cancel-order");
    outbox.send(
        connection_,
        fmt::format(R"({{"id":"{}","op":"cancel-order","args":[{{"instIdCode":{},"clOrdId":"{}"}}]}})",
                    flight->number, listing.code.empty() ? "0" : listing.code,
                    client_order_id(order.order).view()));
    outbox.wake_at(setup_.id, flight->due);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (stage_ == Stage::closed || connection != connection_) return false;
    heard_ = now;
    pinged_ = false;
    if (frame.view() == "pong") return true;
    Json message;
    if (parser_.parse(frame.data, frame.size, false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    AccountFields fields(message);
    if (fields.has("event"))
        on_event(message, now, sink, outbox);
    else if (fields.has("op"))
        on_reply(message, sink);
    else
        on_data(message, sink);
    return true;
}

void Account::on_event(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    AccountFields fields(message);
    const std::string_view event = fields.text("event", false);
    const std::string_view code = fields.text("code", false);
    if (event == "login" && code == "0") {
        stage_ = Stage::subscribing;
        stage_due_ = now + kAnswerMax;
        outbox.send(
            connection_,
            R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},{"channel":"account"}]})");
        outbox.wake_at(setup_.id, stage_due_);
    } else if (event == "subscribe") {
        if (++confirmed_ == kPrivateChannels) {
            stage_due_ = {};
            set_ready(true, sink);
            arm_dead_man(now, outbox);
        }
    } else if (event == "error" || event == "login") {
        Verdict verdict = judge(200, code);
        if (stage_ == Stage::log_on && verdict.outcome == Outcome::unknown)
            verdict = {Outcome::key_trouble, RejectReason::permission};
        end(RequestKind::session, verdict, kForeignOrder, sink, code, fields.text("msg", false));
        if (stage_ != Stage::ready) outbox.reconnect(connection_, "log-on refused");
    } else if (event == "notice") {
        outbox.reconnect(connection_, "the venue announces that it closes the connection");
    }
}

void Account::on_reply(const Json& message, FactSink& sink)
{
    AccountFields fields(message);
    const auto number = static_cast<std::uint64_t>(fields.integer("id", false));
    for (Flight& flight : flights_) {
        if (!flight.used || flight.number != number) continue;
        flight.used = false;
        std::string_view code = fields.text("code", false);
        std::string_view text = fields.text("msg", false);
        std::string_view venue_id;
        simdjson::dom::array data;
        if (message["data"].get(data) == simdjson::SUCCESS && data.size() > 0) {
            AccountFields item(data.at(0).value_unsafe());
            // The item's own code tells; the outer one says only that something failed.
            if (item.has("sCode")) {
                code = item.text("sCode", false);
                text = item.text("sMsg", false);
            }
            venue_id = item.text("ordId", false);
        }
        const Verdict verdict = judge(200, code);
        if (flight.kind == RequestKind::place && verdict.outcome == Outcome::done) {
            OrderReport report;
            report.order = flight.order;
            report.listing = flight.listing;
            report.source = ReportSource::reply;
            report.venue_id = venue_id;
            sink.on_order_report(report);
        }
        end(flight.kind, verdict, flight.order, sink, code, text);
        return;
    }
}

bool Account::on_close(ConnectionId connection, FactSink& sink, Outbox& outbox)
{
    if (stage_ == Stage::closed || connection != connection_) return false;
    set_ready(false, sink);
    stage_ = Stage::closed;
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        flight.used = false;
        end(flight.kind, {Outcome::unknown, RejectReason::none}, flight.order, sink, {},
            "the connection ended");
    }
    outbox.connect(setup_.id, kPrivateUrl);
    return true;
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ != Stage::closed) {
        const bool late = stage_due_.known() && now >= stage_due_;
        if (late || now - heard_ >= kSilenceMax) {
            stage_due_ = {};
            heard_ = now;
            outbox.reconnect(connection_, "no answer");
        } else if (now - heard_ >= kPingAfter && !pinged_) {
            pinged_ = true;
            outbox.send(connection_, "ping");
        }
        outbox.wake_at(setup_.id, heard_ + (pinged_ ? kSilenceMax : kPingAfter));
        if (stage_due_.known()) outbox.wake_at(setup_.id, stage_due_);
        if (stage_ == Stage::ready && dead_man_due_.known()) {
            if (now >= dead_man_due_) arm_dead_man(now, outbox);
            outbox.wake_at(setup_.id, dead_man_due_);
        }
    }
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        if (now < flight.due) {
            outbox.wake_at(setup_.id, flight.due);
            continue;
        }
        flight.used = false;
        end(flight.kind, {Outcome::unknown, RejectReason::none}, flight.order, sink, {},
            "no reply within 10 s");
    }
}

}  // namespace arb::okx
