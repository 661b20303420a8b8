#include "connectors/okx/emulated_frames.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_parts.hpp"

namespace arb::okx {
namespace {

constexpr std::size_t kFrameMax = std::size_t{1} << 16;
// "Connection count limit": sockets of an account a private channel.
constexpr std::size_t kCrowd = 30;
// With manners: each so-manieth reply to an order comes after the order's news.
constexpr std::uint64_t kLateReply = 5;

bool is_personal(std::string_view channel)
{
    return channel == "orders" || channel == "account" || channel == "positions" ||
           channel == "balance_and_position";
}

bool about_one(std::string_view channel)
{
    return channel == "books" || channel == "books5" || channel == "bbo-tbt" || channel == "trades" ||
           channel == "tickers";
}

bool is_kind(std::string_view kind)
{
    return kind == "SPOT" || kind == "SWAP" || kind == "FUTURES" || kind == "MARGIN";
}

std::string error_text(std::string_view code, std::string_view why)
{
    return fmt::format(R"({{"event":"error","code":"{}","msg":"{}","connId":"emulated"}})", code, why);
}

}  // namespace

void EmulatedFrames::read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    if (!parts_.sessions.heard(id, now)) return;
    if (text == "ping") return out.send(id, "pong");
    simdjson::dom::parser parser;
    JsonBody message;
    std::string_view op;
    simdjson::dom::array arguments;
    if (text.size() > kFrameMax || parser.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
        message["op"].get(op) != simdjson::SUCCESS || message["args"].get(arguments) != simdjson::SUCCESS)
        return out.send(id, error_text("60012", "Illegal request"));
    constexpr std::string_view kOrderOps[] = {"order",        "amend-order",        "cancel-order",
                                              "batch-orders", "batch-amend-orders", "batch-cancel-orders"};
    if (std::find(std::begin(kOrderOps), std::end(kOrderOps), op) != std::end(kOrderOps))
        return order(id, message, op, now, out);
    if (op != "login" && op != "subscribe" && op != "unsubscribe") {
        // An answer without the request's id would leave its client waiting.
        return out.send(
            id, fmt::format(R"({{"id":{},"op":{},"event":"error","code":"60012","msg":"Illegal request",)"
                            R"("data":[],"connId":"emulated"}})",
                            json_text(member(message, "id")), json_text(op)));
    }
    if (parts_.limits.control_too_fast(parts_.sessions.requests(id), now))
        return out.send(id, error_text("60014", "Requests too frequent"));
    for (const JsonBody argument : arguments) {
        if (op == "login")
            out.send(id, log_on(id, argument, now));
        else
            subscribe(id, argument, op, now, out);
    }
}

std::string EmulatedFrames::log_on(SessionId id, const JsonBody& argument, Timestamp now)
{
    const Refusal refusal = parts_.identity.log_on(argument, parts_.sessions.remote(id), now);
    if (!refusal.code.empty()) return error_text(refusal.code, refusal.text);
    parts_.sessions.log_on(id, member(argument, "apiKey"));
    return R"({"event":"login","code":"0","msg":"","connId":"emulated"})";
}

void EmulatedFrames::subscribe(SessionId id, const JsonBody& argument, std::string_view op, Timestamp now,
                               SessionOutbox& out)
{
    const Subscription wanted{member(argument, "channel"), simdjson::minify(argument),
                              member(argument, "instId"), member(argument, "instType"),
                              member(argument, "ccy")};
    const std::string& channel = wanted.channel;
    const bool personal = is_personal(channel);
    // These books want a log-on and a fee tier.
    if (channel == "books-l2-tbt" || channel == "books50-l2-tbt") {
        return out.send(
            id,
            error_text("64003", "Your trading fee tier doesn't meet the requirement to access this channel"));
    }
    const bool ours = personal || about_one(channel) || channel == "instruments" || channel == "status";
    if (!ours || personal != parts_.sessions.is_personal(id))
        return out.send(id, error_text("60018", "Wrong URL or channel"));
    const EmulatedKey* key = parts_.sessions.key_of(id, now);
    if (personal && key == nullptr) return out.send(id, error_text("60011", "Please log in"));
    const bool typed = channel == "orders" || channel == "positions" || channel == "instruments";
    if (typed && !is_kind(wanted.kind) && (wanted.kind != "ANY" || channel == "instruments"))
        return out.send(id, error_text("60013", "Invalid args"));
    const Listing* l = about_one(channel) ? dialect_.listing(wanted.symbol) : nullptr;
    if (about_one(channel) && l == nullptr) return out.send(id, error_text("60018", "Wrong URL or channel"));
    parts_.sessions.unsubscribe(id, wanted.argument);
    out.send(id, fmt::format(R"({{"event":"{}","arg":{},"connId":"emulated"}})", op, wanted.argument));
    if (op == "unsubscribe") {
        if (channel == "books" && l != nullptr) parts_.feed.forget_book(id, l->id);
        return;
    }
    if (personal && crowded(id, channel, key->account, now, out)) return;
    parts_.sessions.subscribe(id, wanted);
    if (personal)
        parts_.news.start(id, wanted, key->account, now, out);
    else
        parts_.feed.start(id, wanted, l, now, out);
}

bool EmulatedFrames::crowded(SessionId id, std::string_view channel, AccountId account, Timestamp now,
                             SessionOutbox& out)
{
    const std::size_t count = parts_.sessions.others(id, account, channel, now) + 1;
    // With manners every other stream of orders finds sockets that died without the venue's noticing.
    const bool haunted = setup_.manners && channel == "orders" && ++order_streams_[account] % 2 == 0;
    const bool refused = count > kCrowd || haunted;
    out.send(id, fmt::format(R"({{"event":"channel-conn-count{}","channel":"{}","connCount":"{}",)"
                             R"("connId":"emulated"}})",
                             refused ? "-error" : "", channel, refused ? kCrowd : count));
    return refused;
}

void EmulatedFrames::order(SessionId id, const JsonBody& message, std::string_view op, Timestamp now,
                           SessionOutbox& out)
{
    const std::string number = member(message, "id");
    const OrderVerb verb = op.find("cancel") != std::string_view::npos  ? OrderVerb::cancel
                           : op.find("amend") != std::string_view::npos ? OrderVerb::amend
                                                                        : OrderVerb::place;
    const bool expires = verb != OrderVerb::cancel;
    const auto reply = [&](std::string_view code, std::string_view text, std::string_view data) {
        std::string said = fmt::format(
            R"({{"id":{},"op":"{}","code":"{}","msg":{},"data":[{}],"inTime":"{}","outTime":"{}"}})",
            json_text(number), op, code, json_text(text), data, now.ns / 1000, now.ns / 1000);
        // The order's own channel is sometimes faster than the answer.
        if (setup_.manners && expires && code == "0" && ++replies_ % kLateReply == 0)
            parts_.sessions.say_late(id, std::move(said));
        else
            out.send(id, std::move(said));
    };
    const EmulatedKey* key = parts_.sessions.key_of(id, now);
    if (!parts_.sessions.is_personal(id) || key == nullptr) return reply("60011", "Please log in", "");
    if (!key->can_trade)
        return reply("50120", "This API key doesn't have permission to use this function", "");
    const bool batched = op.starts_with("batch");
    simdjson::dom::array arguments;
    if (message["args"].get(arguments) != simdjson::SUCCESS || arguments.size() == 0 ||
        (!batched && arguments.size() != 1))
        return reply("60013", "Invalid args", "");
    const std::string end_text = member(message, "expTime");
    const ScaledNumber end = parse_scaled(end_text, 0);
    if (expires && !end_text.empty() && end.error != DecimalError::none)
        return reply("51000", "Parameter expTime error", "");
    if (expires && !end_text.empty() && end.value < ms_of(now))
        return reply("50036", "The expTime can't be earlier than the current system time.", "");
    const Answer answer = parts_.orders.batch(verb, {*key, message["args"].value_unsafe(), true, now});
    reply(answer.code, answer.text, answer.data);
}

}  // namespace arb::okx
