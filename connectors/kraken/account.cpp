// The session of Kraken's trading half: tokens, the websocket and its subscriptions, the dead-man switch, and
// when each road counts as open.
#include "connectors/kraken/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/venue/quoted_numbers.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kPingEvery = seconds(15);
constexpr Duration kSilenceMax = seconds(30);
constexpr Duration kLogOnMax = seconds(10);
constexpr Duration kDeadManRefresh = seconds(20);
constexpr Duration kDeadManAnswerMax = seconds(10);
constexpr Duration kRefusedPause = seconds(5);
// A token is good for 15 minutes where no private subscription keeps it alive.
constexpr Duration kTokenRefresh = seconds(600);

bool is_dead_session(std::string_view error)
{
    return error.starts_with("ESession:Invalid session");
}

}  // namespace

TradingFeatures trading_features()
{
    TradingFeatures features;
    features.order_socket = true;
    features.dead_man = true;
    features.amends = true;
    features.dead_man_note =
        "Kraken cancels all orders of the account 60 s after we stop refreshing its timer";
    features.orders_per_second = 10;
    features.cancels_reserved = 4;
    return features;
}

Account::Account(const VenueSetup& setup)
    : setup_(setup),
      flights_(setup.id),
      rows_(setup, orders_),
      questions_(setup, orders_, rows_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     on_own_end(asked, now, sink, outbox);
                 })
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
    quoted_.reserve(64 * 1024);
    counters_.assign(setup.table->listings().size(), DecayingCounter(tier_.orders_decay));
}

void Account::end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view text,
                  bool complete, Duration retry_after)
{
    tell_request_end(kind, verdict, order, {}, text, sink, complete, retry_after);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox)
{
    if (url != kAuthUrl) return false;
    connection_ = connection;
    is_open_ = true;
    is_renewing_ = false;
    subscribed_ = 0;
    is_armed_ = false;
    entry_trouble_ = {};
    heard_ = now;
    ping_due_ = now + kPingEvery;
    log_on_due_ = now + kLogOnMax;
    outbox.wake_at(setup_.id, log_on_due_);
    subscribe("executions", outbox);
    if (has_stream()) subscribe("balances", outbox);
    // There is no log-on for order entry: the timer's answer shows that the token opens it.
    if (!has_stream()) arm_dead_man(now, outbox);
    return true;
}

void Account::subscribe(std::string_view channel, Outbox& outbox)
{
    // On the road of orders alone only the confirmation is wanted: it tells how many orders the venue grants.
    const std::string_view more = channel != "executions" ? ""
                                  : has_stream()          ? R"(,"snap_orders":true,"snap_trades":false)"
                                                          : R"(,"snap_orders":false,"snap_trades":false)";
    outbox.used_key(setup_.id, channel);
    outbox.send(
        connection_,
        fmt::format(R"({{"method":"subscribe","params":{{"channel":"{}","token":"{}"{}}},"req_id":{}}})",
                    channel, token_, more, next_number_++));
}

void Account::set_stream(bool ready, FactSink& sink)
{
    if (ready == is_stream_ready_) return;
    is_stream_ready_ = ready;
    sink.on_channel(Channel::private_stream, ready);
}

// Open for new orders: the venue runs and has confirmed that it watches over them.
void Account::judge_entry(FactSink& sink)
{
    const bool ready = is_open_ && has_orders() && is_armed_ && is_venue_online_;
    if (ready == is_entry_ready_) return;
    is_entry_ready_ = ready;
    sink.on_channel(Channel::order_entry, ready);
}

void Account::judge_session(FactSink& sink)
{
    const bool streams = !has_stream() || is_stream_ready_;
    const bool orders = !has_orders() || is_armed_;
    if (!streams || !orders || !log_on_due_.known()) return;
    log_on_due_ = {};
    end(RequestKind::session, {Outcome::done, RejectReason::none}, kForeignOrder, sink);
}

void Account::arm_dead_man(Timestamp now, Outbox& outbox)
{
    dead_man_due_ = now + kDeadManRefresh;
    dead_man_number_ = next_number_++;
    dead_man_sent_ = now;
    outbox.used_key(setup_.id, "cancel_all_orders_after");
    outbox.send(
        connection_,
        fmt::format(
            R"({{"method":"cancel_all_orders_after","params":{{"timeout":60,"token":"{}"}},"req_id":{}}})",
            token_, dead_man_number_));
    outbox.wake_at(setup_.id, dead_man_sent_ + kDeadManAnswerMax);
    outbox.wake_at(setup_.id, dead_man_due_);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    if (!is_open_ || connection != connection_) return false;
    heard_ = now;
    const std::string_view text = quote_numbers(frame.view(), quoted_);
    Json message;
    if (parser_.parse(text.data(), text.size(), false).get(message) != simdjson::SUCCESS ||
        !message.is_object()) {
        undecoded(UndecodedReason::malformed, {}, sink);
        return true;
    }
    AccountFields fields(message);
    if (fields.has("method")) {
        on_answer(message, now, sink, outbox);
        return true;
    }
    if (const std::string_view flood = fields.text("Error", false); !flood.empty()) {
        // {"Error":"Exceeded msg rate"}
        end(RequestKind::session, {Outcome::rate_limited, RejectReason::rate_limited}, kForeignOrder, sink,
            flood, false);
        return true;
    }
    const std::string_view channel = fields.text("channel", false);
    simdjson::dom::array data;
    if (message["data"].get(data) != simdjson::SUCCESS) return true;
    const bool snapshot = fields.text("type", false) == "snapshot";
    if (channel == "status") {
        for (const Json entry : data)
            is_venue_online_ = AccountFields(entry).text("system", false) == "online";
        judge_entry(sink);
        return true;
    }
    if (!has_stream()) return true;
    for (const Json entry : data) {
        if (channel == "executions")
            read_execution(entry, snapshot, now, sink, outbox);
        else if (channel == "balances")
            read_balance(entry, snapshot, sink);
    }
    if (!wanted_.empty()) ask_wanted(now, sink, outbox);
    return true;
}

void Account::on_answer(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox)
{
    AccountFields fields(message);
    const std::string_view method = fields.text("method", false);
    const bool success = fields.flag("success");
    std::string_view error = fields.text("error", false);
    // A refusal without a word is no success.
    if (!success && error.empty() && method != "pong") error = "?";
    const auto number = static_cast<std::uint64_t>(fields.integer("req_id", false));
    if (method == "subscribe") {
        on_subscribed(message, success, error, now, sink, outbox);
        return;
    }
    if (method == "cancel_all_orders_after") {
        if (number == dead_man_number_ || number == 0) on_dead_man(success, error, now, sink, outbox);
        return;
    }
    // What is refused before it was read comes without our number: it is the oldest of its kind.
    OrderFlight* flight = flights_.find(number);
    if (number == 0 && !success)
        flight = flights_.oldest([&](const OrderFlight& f) { return method == method_of(f.kind); });
    if (flight != nullptr) end_flight(flights_.land(*flight), message, error, success, now, sink, outbox);
    if (!success && is_dead_session(error)) renew(error, now, sink, outbox);
}

void Account::on_subscribed(const Json& message, bool success, std::string_view error, Timestamp now,
                            FactSink& sink, Outbox& outbox)
{
    Json result;
    if (success && message["result"].get(result) == simdjson::SUCCESS) {
        AccountFields told(result);
        const std::int64_t ceiling = told.integer("maxratecount", false);
        if (ceiling > 0 && told.ok()) {
            tier_ = tier_of(ceiling);
            questions_.set_tier(tier_, now);
            for (DecayingCounter& counter : counters_) counter.set_decay(tier_.orders_decay, now);
        }
    }
    if (!has_stream()) {
        // Heard. The account's news is another key's.
        if (success)
            outbox.send(
                connection_,
                fmt::format(R"({{"method":"unsubscribe","params":{{"channel":"executions","token":"{}"}},)"
                            R"("req_id":{}}})",
                            token_, next_number_++));
        return;
    }
    if (!success) {
        give_up(error, "private channel refused", now, sink, outbox);
    } else if (++subscribed_ == 2) {
        set_stream(true, sink);
        if (has_orders()) arm_dead_man(now, outbox);
        judge_session(sink);
    }
}

// A timer that was not renewed guards nothing: order entry is closed until a fresh token renews it.
void Account::on_dead_man(bool success, std::string_view error, Timestamp now, FactSink& sink, Outbox& outbox)
{
    dead_man_number_ = 0;
    if (success) {
        is_armed_ = true;
        entry_trouble_ = {};
        judge_entry(sink);
        judge_session(sink);
        return;
    }
    const Verdict verdict = judge(200, error);
    const bool was_open = is_armed_;
    is_armed_ = false;
    judge_entry(sink);
    if (!has_stream() && !was_open) {
        give_up(error, "order entry refused", now, sink, outbox);
        return;
    }
    end(RequestKind::dead_man, verdict, kForeignOrder, sink, error, false);
    if (verdict.outcome == Outcome::key_trouble && has_stream()) {
        // The key may look and not trade: what it may see goes on.
        entry_trouble_ = verdict;
        log_on_due_ = {};
        dead_man_due_ = {};
        return;
    }
    renew(error, now, sink, outbox);
}

// The session ends; a fresh token after a pause, unless asking for it shows that the key is gone.
void Account::give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    end(RequestKind::session, judge(200, error), kForeignOrder, sink, error);
    token_.clear();
    token_again_ = now + kRefusedPause;
    outbox.wake_at(setup_.id, token_again_);
    outbox.reconnect(connection_, why);
}

// The token is dead. A new connection with a new one, at once where the last time was not just now.
void Account::renew(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (is_renewing_) return;
    is_renewing_ = true;
    is_armed_ = false;
    judge_entry(sink);
    token_.clear();
    if (renewed_.known() && now - renewed_ < kRefusedPause) {
        token_again_ = now + kRefusedPause;
        outbox.wake_at(setup_.id, token_again_);
    }
    renewed_ = now;
    outbox.reconnect(connection_, why);
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!is_open_ || connection != connection_) return false;
    is_open_ = false;
    is_venue_online_ = true;
    dead_man_number_ = 0;
    dead_man_due_ = log_on_due_ = {};
    set_stream(false, sink);
    judge_entry(sink);
    flights_.end_all("the connection ended", sink);
    // A token serves one connection.
    if (!token_again_.known()) ask_token(now, sink, outbox);
    return true;
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (token_again_.known() && now >= token_again_) {
        token_again_ = {};
        ask_token(now, sink, outbox);
    }
    if (token_again_.known()) outbox.wake_at(setup_.id, token_again_);
    if (is_open_) wake_session(now, sink, outbox);
    if (!wanted_.empty()) ask_wanted(now, sink, outbox);
    inquiries_.on_wake(now, sink, outbox);
    flights_.on_wake(now, sink, outbox);
}

void Account::wake_session(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool late = log_on_due_.known() && now >= log_on_due_;
    if (late || now - heard_ >= kSilenceMax) {
        log_on_due_ = {};
        heard_ = now;
        outbox.reconnect(connection_, "no answer");
        return;
    }
    if (dead_man_number_ != 0 && is_armed_ && now - dead_man_sent_ >= kDeadManAnswerMax) {
        dead_man_number_ = 0;
        end(RequestKind::dead_man, {}, kForeignOrder, sink, "no reply within 10 s", false);
        renew("the dead-man timer was not confirmed", now, sink, outbox);
        return;
    }
    if (now >= ping_due_) {
        ping_due_ = now + kPingEvery;
        outbox.send(connection_, fmt::format(R"({{"method":"ping","req_id":{}}})", next_number_++));
    }
    if (is_armed_ && now >= dead_man_due_) arm_dead_man(now, outbox);
    if (!has_stream() && is_armed_ && !token_again_.known() && now >= token_made_ + kTokenRefresh)
        ask_token(now, sink, outbox);
    outbox.wake_at(setup_.id, std::min(ping_due_, heard_ + kSilenceMax));
    if (log_on_due_.known()) outbox.wake_at(setup_.id, log_on_due_);
    if (is_armed_ && dead_man_due_.known()) outbox.wake_at(setup_.id, dead_man_due_);
    if (dead_man_number_ != 0) outbox.wake_at(setup_.id, dead_man_sent_ + kDeadManAnswerMax);
}

}  // namespace arb::kraken
