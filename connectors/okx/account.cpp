#include "connectors/okx/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/signer.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kPrivateUrl = "wss://ws.okx.com/ws/v5/private";
constexpr Duration kPrivatePingAfter = seconds(20);
constexpr Duration kPrivateSilenceMax = seconds(30);
constexpr Duration kAnswerMax = seconds(10);
constexpr std::string_view kTypes[] = {"ioc", "fok", "limit", "post_only"};
// "expTime": an order that reaches the venue's matching later than this is dropped.
constexpr Duration kOrderLife = seconds(5);
// The private channels that must be confirmed; positions where there are contracts.
constexpr unsigned kOrders = 1, kAccount = 2, kPositions = 4;

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

Account::Account(const VenueSetup& setup) : setup_(setup), facts_(setup)
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
}

void Account::end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view code,
                  std::string_view text) const
{
    RequestEnd e;
    e.kind = kind;
    e.outcome = verdict.outcome;
    e.reason = verdict.reason;
    e.order = order;
    e.code = code;
    e.text = text;
    sink.on_request_end(e);
}

void Account::connect(Outbox& outbox)
{
    connection_ = kNoConnection;
    stage_ = shut_ ? Stage::closed : Stage::connecting;
    if (!shut_) outbox.connect(setup_.id, kPrivateUrl);
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    shut_ = false;
    if (stage_ == Stage::closed) connect(outbox);
    query_time(now, sink, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink& sink,
                      Outbox& outbox)
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
    if (signature.empty()) {
        end(RequestKind::session, {Outcome::refused, RejectReason::permission}, kForeignOrder, sink, {},
            "the signer refused");
        outbox.reconnect(connection, "nothing to log on with");
        return true;
    }
    const auto phrase = setup_.credentials->passphrase.bytes();
    std::string text = fmt::format(
        R"({{"op":"login","args":[{{"apiKey":"{}","passphrase":"{}","timestamp":"{}","sign":"{}"}}]}})",
        setup_.credentials->key_id,
        std::string_view(reinterpret_cast<const char*>(phrase.data()), phrase.size()), seconds_text,
        signature);
    outbox.used_key(setup_.id, "login");
    outbox.send(connection, text);
    wipe(text.data(), text.size());
    outbox.wake_at(setup_.id, stage_due_);
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

// No flight: nothing has left, which is certain and told here.
Account::Flight* Account::take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now,
                                      FactSink& sink)
{
    const char* why = "order entry is down";
    if (!has_orders()) {
        why = "this key is for the account alone";
    } else if (stage_ == Stage::ready) {
        why = "too many requests wait for their replies";
        // Since 2026-03 the websocket knows instruments by number alone.
        if (setup_.table->listing(listing).code.empty()) {
            why = "the instrument's number (instIdCode) is not known";
        } else {
            for (Flight& flight : flights_) {
                if (flight.used) continue;
                flight = {true, next_number_++, kind, order, listing, now + kAnswerMax};
                return &flight;
            }
        }
    }
    end(kind, {Outcome::refused, has_orders() ? RejectReason::other : RejectReason::permission}, order, sink,
        {}, why);
    return nullptr;
}

void Account::send_line(const Flight& flight, std::size_t size, std::string_view op, Outbox& outbox)
{
    ENSURE(size <= line_.size(), "an order's text fits its line");
    outbox.used_key(setup_.id, op);
    outbox.send(connection_, {line_.data(), size});
    outbox.wake_at(setup_.id, flight.due);
}

void Account::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    const Flight* flight = take_flight(RequestKind::place, order.id(), intent.listing, now, sink);
    if (flight == nullptr) return;
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const auto written = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"id":"{}","op":"order","args":[{{"instIdCode":{},"tdMode":"{}","clOrdId":"{}","side":"{}","ordType":"{}",)"
        R"("px":"{}","sz":"{}"}}],"expTime":"{}"}})",
        flight->number, std::string_view(listing.code), listing.market == "spot" ? "cash" : "cross",
        client_order_id(order.id()).view(), name(intent.side),
        kTypes[static_cast<std::size_t>(intent.time_in_force)], digits.price(), digits.quantity(),
        (stamp(now) + kOrderLife).ns / 1'000'000);
    send_line(*flight, written.size, "order", outbox);
}

void Account::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Listing& listing = setup_.table->listing(order.listing);
    const Flight* flight = take_flight(RequestKind::cancel, order.order, order.listing, now, sink);
    if (flight == nullptr) return;
    // A stranger's order has no client id of ours; its venue's id is at most 64 characters of a report.
    const bool foreign = order.order == kForeignOrder;
    const ClientOrderId client = client_order_id(order.order);
    const std::string_view id = foreign ? order.venue_id.substr(0, 64) : client.view();
    const auto written =
        fmt::format_to_n(line_.data(), line_.size(),
                         R"({{"id":"{}","op":"cancel-order","args":[{{"instIdCode":{},"{}":"{}"}}]}})",
                         flight->number, std::string_view(listing.code), foreign ? "ordId" : "clOrdId", id);
    send_line(*flight, written.size, "cancel-order", outbox);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (connection_ == kNoConnection || connection != connection_) return false;
    heard_ = now;
    pinged_ = false;
    if (frame.view() == "pong") return true;
    Json message;
    if (parser_.parse(frame.data, frame.size, false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    const AccountFields fields(message);
    if (fields.has("event"))
        on_event(message, now, sink, outbox);
    else if (fields.has("op"))
        on_reply(message, sink);
    else
        facts_.stream(message, connection, sink);
    return true;
}

void Account::on_event(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    AccountFields fields(message);
    const std::string_view event = fields.text("event", false);
    const std::string_view code = fields.text("code", false);
    if (event == "login" && code == "0") {
        if (stage_ != Stage::log_on) return;
        has_stream() ? subscribe(now, outbox) : stand(now, sink, outbox);
    } else if (event == "subscribe") {
        Json argument;
        if (message["arg"].get(argument) == simdjson::SUCCESS)
            on_subscribed(AccountFields(argument).text("channel", false), now, sink, outbox);
    } else if (event == "error" || event == "login" || event == "channel-conn-count-error") {
        on_refused(code, fields.text("msg", false), sink, outbox);
    } else if (event == "notice" && code == "64008") {
        outbox.reconnect(connection_, "the venue announces that it closes the connection");
    }
}

void Account::subscribe(Timestamp now, Outbox& outbox)
{
    stage_ = Stage::subscribing;
    stage_due_ = now + kAnswerMax;
    outbox.send(connection_, facts_.has_contracts()
                                 ? R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},)"
                                   R"({"channel":"account"},{"channel":"positions","instType":"ANY"}]})"
                                 : R"({"op":"subscribe","args":[{"channel":"orders","instType":"ANY"},)"
                                   R"({"channel":"account"}]})");
    outbox.wake_at(setup_.id, stage_due_);
}

// The timer is of those who may trade.
void Account::stand(Timestamp now, FactSink& sink, Outbox& outbox)
{
    stage_due_ = {};
    set_ready(true, sink);
    if (has_orders()) arm_dead_man(now, sink, outbox);
}

void Account::on_subscribed(std::string_view channel, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (stage_ != Stage::subscribing) return;
    if (channel == "orders") confirmed_ |= kOrders;
    if (channel == "account") confirmed_ |= kAccount;
    if (channel == "positions") confirmed_ |= kPositions;
    const unsigned wanted = kOrders | kAccount | (facts_.has_contracts() ? kPositions : 0U);
    if (confirmed_ == wanted) stand(now, sink, outbox);
}

void Account::on_refused(std::string_view code, std::string_view text, FactSink& sink, Outbox& outbox)
{
    if (stage_ == Stage::ready) {
        // Nothing that we wait for: requests are answered with their `op`.
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, connection_, text});
        return;
    }
    const Verdict verdict = judge(200, code);
    // A clock can be set right, another key is another start.
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock) shut_ = true;
    end(RequestKind::session, verdict, kForeignOrder, sink, code, text);
    stage_due_ = {};
    outbox.reconnect(connection_, "log-on refused");
}

void Account::on_reply(const Json& message, FactSink& sink)
{
    AccountFields fields(message);
    const auto number = static_cast<std::uint64_t>(fields.integer("id", false));
    const auto flight = std::find_if(flights_.begin(), flights_.end(),
                                     [&](const Flight& f) { return f.used && f.number == number; });
    if (flight == flights_.end()) return;  // its time was over
    flight->used = false;
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
    if (flight->kind == RequestKind::place && verdict.outcome == Outcome::done) {
        const ClientOrderId client = client_order_id(flight->order);
        OrderReport report;
        report.order = flight->order;
        report.listing = flight->listing;
        report.source = ReportSource::reply;
        report.venue_id = venue_id;
        report.client_id = client.view();
        sink.on_order_report(report);
    }
    end(flight->kind, verdict, flight->order, sink, code, text);
}

bool Account::on_close(ConnectionId connection, FactSink& sink, Outbox& outbox)
{
    if (connection_ == kNoConnection || connection != connection_) return false;
    set_ready(false, sink);
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        flight.used = false;
        end(flight.kind, {}, flight.order, sink, {}, "the connection ended");
    }
    connect(outbox);
    return true;
}

void Account::on_lost_dial(Outbox& outbox)
{
    if (stage_ == Stage::connecting) connect(outbox);
}

void Account::wake_socket(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (connection_ == kNoConnection) return;
    if (stage_due_.known() && now >= stage_due_) {
        stage_due_ = {};
        end(RequestKind::session, {}, kForeignOrder, sink, {}, "no answer to the log-on within 10 s");
        heard_ = now;
        outbox.reconnect(connection_, "no answer to the log-on");
    } else if (now - heard_ >= kPrivateSilenceMax) {
        heard_ = now;
        outbox.reconnect(connection_, "nothing heard for 30 s");
    } else if (now - heard_ >= kPrivatePingAfter && !pinged_) {
        pinged_ = true;
        outbox.send(connection_, "ping");
    }
    outbox.wake_at(setup_.id, heard_ + (pinged_ ? kPrivateSilenceMax : kPrivatePingAfter));
    if (stage_due_.known()) outbox.wake_at(setup_.id, stage_due_);
    if (stage_ != Stage::ready || !has_orders()) return;
    if (now >= dead_man_due_) arm_dead_man(now, sink, outbox);
    outbox.wake_at(setup_.id, dead_man_due_);
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    wake_socket(now, sink, outbox);
    wake_jobs(now, sink, outbox);
    for (Flight& flight : flights_) {
        if (!flight.used) continue;
        if (now < flight.due) {
            outbox.wake_at(setup_.id, flight.due);
            continue;
        }
        flight.used = false;
        end(flight.kind, {}, flight.order, sink, {}, "no reply within 10 s");
    }
}

}  // namespace arb::okx
