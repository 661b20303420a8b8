#include "connectors/kraken/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/errors.hpp"
#include "engine/venue/quoted_numbers.hpp"

namespace arb::kraken {
namespace {

constexpr Duration kRenewedLately = seconds(5);
constexpr Duration kTokenAgain = seconds(5);
// A token is good for 15 minutes where no private subscription keeps it alive.
constexpr Duration kTokenRefresh = seconds(600);

bool is_dead_session(std::string_view error)
{
    return error.starts_with("ESession:Invalid session");
}

void end(RequestKind kind, Verdict verdict, FactSink& sink, std::string_view text = {}, bool complete = true,
         Duration retry_after = {})
{
    tell_request_end(kind, verdict, kForeignOrder, {}, text, sink, complete, retry_after);
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
      session_(setup.id),
      dead_man_(setup.id, session_),
      rows_(setup, orders_),
      questions_(setup, orders_, rows_),
      inquiries_(setup, questions_, inquiry_rules(),
                 [this](const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox) {
                     on_own_end(asked, now, sink, outbox);
                 }),
      entry_(setup, session_, orders_, inquiries_),
      news_(setup, session_, orders_, rows_, entry_, inquiries_)
{
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
    quoted_.reserve(64 * 1024);
}

void Account::start(Timestamp now, FactSink& sink, Outbox& outbox)
{
    session_.is_shut = false;
    token_again_ = {};
    ask_token(now, sink, outbox);
}

bool Account::on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox)
{
    const PrivateSocket::Event event = session_.socket.on_open(connection, url, now, outbox);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    subscribed_ = 0;
    dead_man_.disarm();
    session_.entry_trouble = {};
    subscribe("executions", outbox);
    if (has_stream()) subscribe("balances", outbox);
    // There is no log-on for order entry: the timer's answer shows that the token opens it.
    if (!has_stream()) dead_man_.arm(now, outbox);
    return true;
}

void Account::subscribe(std::string_view channel, Outbox& outbox)
{
    // On the session of orders alone only the confirmation is wanted: it tells how many orders the venue
    // grants.
    const std::string_view more = channel != "executions" ? ""
                                  : has_stream()          ? R"(,"snap_orders":true,"snap_trades":false)"
                                                          : R"(,"snap_orders":false,"snap_trades":false)";
    outbox.used_key(setup_.id, channel);
    outbox.send(
        session_.connection(),
        fmt::format(R"({{"method":"subscribe","params":{{"channel":"{}","token":"{}"{}}},"req_id":{}}})",
                    channel, session_.token, more, session_.next_number++));
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
    const bool ready = session_.is_open() && has_orders() && dead_man_.is_armed() && is_venue_online_;
    if (ready == session_.is_entry_ready) return;
    session_.is_entry_ready = ready;
    sink.on_channel(Channel::order_entry, ready);
}

void Account::judge_session(FactSink& sink)
{
    const bool streams = !has_stream() || is_stream_ready_;
    const bool orders = !has_orders() || dead_man_.is_armed();
    if (!streams || !orders || !session_.socket.is_logging_on()) return;
    session_.socket.logged_on();
    end(RequestKind::session, {Outcome::done, RejectReason::none}, sink);
}

bool Account::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                       Outbox& outbox)
{
    const PrivateSocket::Event event = session_.socket.heard(connection, now);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
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
    if (const std::string_view flood = fields.text("Error", false); !flood.empty()) {
        // {"Error":"Exceeded msg rate"}
        end(RequestKind::session, {Outcome::rate_limited, RejectReason::rate_limited}, sink, flood, false);
        return true;
    }
    const std::string_view channel = fields.text("channel", false);
    simdjson::dom::array data;
    if (message["data"].get(data) != simdjson::SUCCESS) return true;
    if (channel == "status") {
        for (const Json entry : data)
            is_venue_online_ = AccountFields(entry).text("system", false) == "online";
        judge_entry(sink);
        return true;
    }
    if (has_stream()) news_.read(channel, data, fields.text("type", false) == "snapshot", now, sink, outbox);
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
        if (dead_man_.expects(number)) on_dead_man(success, error, now, sink, outbox);
        return;
    }
    if (OrderFlight* const flight = entry_.find(number, method, success); flight != nullptr) {
        const OrderFlight ended = entry_.land(*flight);
        const std::string_view named = entry_.name_order(ended, message, success, sink);
        if (!named.empty()) news_.release(named, false, now, sink, outbox);
        entry_.on_reply(ended, message, error, success, now, sink);
    }
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
            const Tier tier = tier_of(ceiling);
            questions_.set_tier(tier, now);
            entry_.set_tier(tier, now);
        }
    }
    if (!has_stream()) {
        // Heard. The account's news is another key's.
        if (success)
            outbox.send(
                session_.connection(),
                fmt::format(R"({{"method":"unsubscribe","params":{{"channel":"executions","token":"{}"}},)"
                            R"("req_id":{}}})",
                            session_.token, session_.next_number++));
        return;
    }
    if (!success) {
        give_up(error, "private channel refused", now, sink, outbox);
    } else if (++subscribed_ == 2) {
        set_stream(true, sink);
        if (has_orders()) dead_man_.arm(now, outbox);
        judge_session(sink);
    }
}

// A timer that was not renewed guards nothing: order entry is closed until a fresh token renews it.
void Account::on_dead_man(bool success, std::string_view error, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (success) {
        dead_man_.confirmed();
        session_.entry_trouble = {};
        judge_entry(sink);
        judge_session(sink);
        return;
    }
    const Verdict verdict = judge(200, error);
    const bool was_open = dead_man_.refused();
    judge_entry(sink);
    if (!has_stream() && !was_open) {
        give_up(error, "order entry refused", now, sink, outbox);
        return;
    }
    end(RequestKind::dead_man, verdict, sink, error, false);
    if (verdict.outcome == Outcome::key_trouble && has_stream()) {
        // The key may look and not trade: what it may see goes on.
        session_.entry_trouble = verdict;
        session_.socket.logged_on();
        dead_man_.stop();
        return;
    }
    renew(error, now, sink, outbox);
}

// The session ends; a fresh token after a pause, unless asking for it shows that the key is gone.
void Account::give_up(std::string_view error, std::string_view why, Timestamp now, FactSink& sink,
                      Outbox& outbox)
{
    end(RequestKind::session, judge(200, error), sink, error);
    session_.socket.log_on_failed(why, now, outbox);
}

// The token is dead. A new connection with a new one, at once where the last time was not just now.
void Account::renew(std::string_view why, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (!session_.is_open()) return;
    dead_man_.disarm();
    judge_entry(sink);
    if (renewed_.known() && now - renewed_ < kRenewedLately)
        session_.socket.log_on_failed(why, now, outbox);
    else
        session_.socket.close(why, outbox);
    renewed_ = now;
}

bool Account::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = session_.socket.on_close(connection, now, outbox);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    is_venue_online_ = true;
    dead_man_.on_close();
    set_stream(false, sink);
    judge_entry(sink);
    entry_.on_close(sink);
    ask_token_if_due(now, sink, outbox);
    return true;
}

void Account::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    wake_session(now, sink, outbox);
    ask_token_if_due(now, sink, outbox);
    news_.on_wake(now, sink, outbox);
    inquiries_.on_wake(now, sink, outbox);
    entry_.on_wake(now, sink, outbox);
}

void Account::wake_session(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Due due = session_.socket.on_wake(now, outbox);
    if (due == PrivateSocket::Due::no_answer) session_.socket.close("no answer", outbox);
    if (!session_.is_open()) return;
    if (dead_man_.is_overdue(now)) {
        end(RequestKind::dead_man, {}, sink, "no reply within 10 s", false);
        renew("the dead-man timer was not confirmed", now, sink, outbox);
        return;
    }
    if (due == PrivateSocket::Due::ping)
        outbox.send(session_.connection(),
                    fmt::format(R"({{"method":"ping","req_id":{}}})", session_.next_number++));
    dead_man_.on_wake(now, outbox);
}

void Account::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.order = order;
    begin_question(inquiries_, std::move(inquiry), now, sink, outbox);
}

void Account::query(RequestKind kind, std::span<const ListingId> listings, Timestamp since, Timestamp now,
                    FactSink& sink, Outbox& outbox)
{
    if (kind == RequestKind::cancel_all) return entry_.cancel_all(now, sink, outbox);
    if (kind == RequestKind::time) return entry_.query_time(now, sink, outbox);
    Inquiry inquiry(kind);
    if (kind == RequestKind::fees) inquiry.listings.assign(listings.begin(), listings.end());
    inquiry.since = since;
    begin_question(inquiries_, std::move(inquiry), now, sink, outbox);
}

// A token serves one connection; one that no private subscription keeps alive is replaced in time.
void Account::ask_token_if_due(Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool ages = !has_stream() && dead_man_.is_armed() && now >= token_made_ + kTokenRefresh;
    if (session_.socket.is_idle() || ages) ask_token(now, sink, outbox);
}

void Account::ask_token(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (asking_token_ || session_.is_shut) return;
    if (token_again_ > now) {
        outbox.wake_at(setup_.id, token_again_);
        return;
    }
    asking_token_ = true;
    Inquiry inquiry(RequestKind::session);
    inquiry.own = true;
    begin_question(inquiries_, std::move(inquiry), now, sink, outbox);
}

// Nobody waits for these. What shuts the venue is told all the same.
void Account::on_own_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const Verdict verdict = asked.verdict;
    if (asked.kind == RequestKind::session && !asked.is_public) {
        on_token(asked, now, sink, outbox);
        return;
    }
    if (verdict.outcome == Outcome::rate_limited || verdict.outcome == Outcome::banned ||
        verdict.outcome == Outcome::key_trouble)
        end(asked.kind, verdict, sink, asked.text, false, asked.retry_after);
    if (!asked.is_public)
        news_.on_answer(asked, now, sink, outbox);
    else if (!asked.ids.empty() && !verdict.done() && verdict.outcome != Outcome::refused)
        rows_.forget(asked.ids.front());  // only the venue's own word on a name ends the asking for it
}

// The session ends well when its channels are subscribed, not before.
void Account::on_token(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox)
{
    asking_token_ = false;
    if (!asked.verdict.done()) {
        if (asked.verdict.outcome == Outcome::key_trouble) {
            session_.is_shut = true;
        } else {
            token_again_ = now + std::max(kTokenAgain, asked.retry_after);
            outbox.wake_at(setup_.id, token_again_);
        }
        end(RequestKind::session, asked.verdict, sink, asked.text, false, asked.retry_after);
        return;
    }
    session_.token = questions_.take_token();
    token_made_ = now;
    if (session_.is_open() && has_orders()) dead_man_.arm(now, outbox);  // for the connection that stands
    session_.socket.start(now, outbox);
    if (!rows_.knows_assets()) begin_question(inquiries_, Questions::names_of({}), now, sink, outbox);
}

}  // namespace arb::kraken
