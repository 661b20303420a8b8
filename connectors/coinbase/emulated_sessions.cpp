#include "connectors/coinbase/emulated_sessions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/coinbase/emulated_parts.hpp"

namespace arb::coinbase {
namespace {

namespace dom = simdjson::dom;

constexpr Duration kFirstMessage = seconds(5);
constexpr Duration kIdleMax = seconds(90);
constexpr int kMessagesASecond = 8;
constexpr Duration kSlow = seconds(5);
constexpr std::size_t kUserBatch = 50;
constexpr std::size_t kMessageMax = 64 * 1024;
constexpr int kPolicyClose = 1008;

bool takes_products(std::string_view channel)
{
    return channel != "heartbeats" && channel != "user" && channel != "futures_balance_summary";
}

bool known_channel(std::string_view channel)
{
    static constexpr std::string_view kChannels[] = {
        "heartbeats", "candles",       "status",
        "ticker",     "level2",        "ticker_batch",
        "user",       "market_trades", "futures_balance_summary"};
    return std::find(std::begin(kChannels), std::end(kChannels), channel) != std::end(kChannels);
}

}  // namespace

void EmulatedSessions::frame(Session& session, std::string_view channel, std::string_view events,
                             Timestamp now, SessionOutbox& out)
{
    session.alive = now;
    out.send(
        session.id,
        fmt::format(R"({{"channel":"{}","client_id":"","timestamp":"{}","sequence_num":{},"events":[{}]}})",
                    channel, format_utc(now), session.sequence++, events));
}

void EmulatedSessions::refuse(Session& session, std::string_view message, Timestamp now, SessionOutbox& out)
{
    session.alive = now;
    out.send(session.id, fmt::format(R"({{"type":"error","message":{}}})", json_text(message)));
}

// Both hosts are served; the host asked for tells which of them is meant.
bool EmulatedSessions::open(SessionId id, const ServerRequest& upgrade, Timestamp now)
{
    if (upgrade.path() != "/" && !upgrade.path().empty()) return false;
    Session session;
    session.id = id;
    session.user_host = upgrade.header("Host").starts_with("advanced-trade-ws-user");
    session.remote = upgrade.remote;
    session.opened = session.alive = now;
    sessions_[id] = std::move(session);
    return true;
}

bool EmulatedSessions::identify(Session& session, JsonBody message, bool required, Timestamp now,
                                SessionOutbox& out)
{
    const std::string_view token = body_text(message, "jwt");
    if (token.empty() && !required) return true;
    const EmulatedKey* const key = parts_.identity.prove(token, {}, session.remote, now);
    if (key == nullptr || !key->can_read || parts_.manners.strikes(50)) {
        refuse(session, "authentication failure", now, out);
        return false;
    }
    session.key_id = key->key_id;
    session.account = key->account;
    return true;
}

void EmulatedSessions::read(SessionId id, std::string_view text, Timestamp now, SessionOutbox& out)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    (void)begin_span(session.messages, seconds(1), now);
    if (++session.messages.used > kMessagesASecond && setup_.rate_limits && session.key_id.empty())
        return refuse(session, "rate limit exceeded", now, out);
    dom::parser parser;
    dom::object message;
    if (text.size() > kMessageMax || parser.parse(std::string(text)).get_object().get(message))
        return refuse(session, "failed to parse the message", now, out);
    const std::string_view type = body_text(message, "type");
    const std::string_view channel = body_text(message, "channel");
    if (type != "subscribe" && type != "unsubscribe")
        return refuse(session, "unknown message type", now, out);
    if (!known_channel(channel)) return refuse(session, "unknown channel", now, out);
    if (!identify(session, message, session.user_host || channel == "user", now, out)) return;
    Products products;
    dom::array list;
    if (!message.at_key("product_ids").get_array().get(list)) {
        for (const auto element : list) {
            std::string_view product;
            const Listing* const book =
                element.get_string().get(product) ? nullptr : dialect_.find_book(product);
            if (book == nullptr) return refuse(session, "invalid product_ids", now, out);
            products.emplace_back(book_name(book->symbol, book->code));
        }
    }
    if (products.empty() && takes_products(channel)) {
        for (const ListingDefinition& d : setup_.definitions)
            products.emplace_back(book_name(d.symbol, d.code));
    }
    if (type == "subscribe")
        subscribe(session, channel, products, now, out);
    else
        unsubscribe(session, channel, products, now, out);
}

void EmulatedSessions::subscribe(Session& session, std::string_view channel, const Products& products,
                                 Timestamp now, SessionOutbox& out)
{
    std::set<std::string>& subscribed = session.channels[std::string(channel)];
    if (takes_products(channel)) subscribed.insert(products.begin(), products.end());
    if (channel == "level2") {
        for (const std::string& product : products) {
            const Listing& listing = *dialect_.find_book(product);
            const EmulatedBook book = exchange_.book(listing.id);
            frame(session, "l2_data", dialect_.book_event("snapshot", listing, book, now), now, out);
        }
    } else if (channel == "user") {
        user_snapshot(session, now, out);
    } else if (channel == "heartbeats") {
        session.beat_due = now + seconds(1);
    } else if (channel == "status" || channel == "ticker_batch") {
        tell_slowly(session, channel, now, out);
    } else if (channel == "ticker") {
        for (const std::string& product : products)
            frame(session, "ticker",
                  R"({"type":"snapshot","tickers":[)" +
                      parts_.market.ticker_json(*dialect_.find_book(product), true, now) + "]}",
                  now, out);
    } else if (channel == "market_trades") {
        frame(session, "market_trades", R"({"type":"snapshot","trades":[]})", now, out);
    }
    acknowledge(session, now, out);
}

void EmulatedSessions::unsubscribe(Session& session, std::string_view channel, const Products& products,
                                   Timestamp now, SessionOutbox& out)
{
    const auto subscribed = session.channels.find(std::string(channel));
    if (subscribed != session.channels.end()) {
        for (const std::string& product : products) subscribed->second.erase(product);
        if (subscribed->second.empty()) session.channels.erase(subscribed);
    }
    acknowledge(session, now, out);
}

void EmulatedSessions::acknowledge(Session& session, Timestamp now, SessionOutbox& out)
{
    std::string channels;
    for (const auto& [channel, products] : session.channels) {
        const std::string list = takes_products(channel) ? quoted_list(products)
                                 : channel == "user"
                                     ? fmt::format("\"user-{}\"", static_cast<unsigned>(session.account))
                                     : json_text(channel);
        channels += fmt::format("{}\"{}\":[{}]", channels.empty() ? "" : ",", channel, list);
    }
    frame(session, "subscriptions", "{\"subscriptions\":{" + channels + "}}", now, out);
}

// Batches of fifty; one with fewer is the last.
void EmulatedSessions::user_snapshot(Session& session, Timestamp now, SessionOutbox& out)
{
    std::vector<const EmulatedOrder*> open = exchange_.orders(session.account, kNoListing, true);
    // Orders that are not open yet, or not just now, are left out: REST tells them.
    std::erase_if(open, [this](const EmulatedOrder* order) { return parts_.notes.is_settling(order->id); });
    for (std::size_t begin = 0; begin <= open.size(); begin += kUserBatch) {
        const std::size_t end = std::min(begin + kUserBatch, open.size());
        const std::string list =
            json_list(std::span(open).subspan(begin, end - begin),
                      [&](const EmulatedOrder& order) { return parts_.notes.stream_order_json(order); });
        frame(session, "user",
              R"({"type":"snapshot","orders":[)" + list +
                  R"(],"positions":{"perpetual_futures_positions":[],"expiring_futures_positions":[]}})",
              now, out);
    }
}

void EmulatedSessions::tell(const std::string& product, std::initializer_list<Event> events, Timestamp now,
                            SessionOutbox& out)
{
    for (auto& [id, session] : sessions_) {
        for (const Event& event : events) {
            const auto found = session.channels.find(std::string(event.channel));
            if (found == session.channels.end() || found->second.count(product) == 0) continue;
            frame(session, event.channel == "level2" ? "l2_data" : event.channel, event.json, now, out);
        }
    }
}

void EmulatedSessions::tell_order(const EmulatedOrder& order, Timestamp now, SessionOutbox& out)
{
    const std::string event = R"({"type":"update","orders":[)" + parts_.notes.stream_order_json(order) + "]}";
    for (auto& [id, session] : sessions_) {
        if (session.channels.count("user") != 0 && session.account == order.account)
            frame(session, "user", event, now, out);
    }
}

// Channels that speak every five seconds: the state of the products, and prices without the best quote.
// `only`: that one alone; empty: each that is subscribed.
void EmulatedSessions::tell_slowly(Session& session, std::string_view only, Timestamp now, SessionOutbox& out)
{
    session.slow_due = now + kSlow;
    for (const auto& [channel, products] : session.channels) {
        if ((channel != "status" && channel != "ticker_batch") || (!only.empty() && channel != only))
            continue;
        const bool states = channel == "status";
        const auto entry = [&, &told = products](const ListingDefinition& d) -> std::string {
            const Listing* const listing = dialect_.find_product(d.symbol);
            if (listing == nullptr || told.count(std::string(book_name(d.symbol, d.code))) == 0) return {};
            return states ? parts_.market.state_json(d, *listing)
                          : parts_.market.ticker_json(*listing, false, now);
        };
        const std::string list = json_list(setup_.definitions, entry);
        const std::string_view name = states ? "products" : "tickers";
        frame(session, channel, fmt::format(R"({{"type":"snapshot","{}":[{}]}})", name, list), now, out);
    }
}

void EmulatedSessions::on_tick(Timestamp now, SessionOutbox& out)
{
    std::vector<std::pair<SessionId, const char*>> closing;
    for (auto& [id, session] : sessions_) {
        if (session.channels.count("heartbeats") != 0 && now >= session.beat_due) {
            session.beat_due = now + seconds(1);
            const std::string time = format_utc(now);
            frame(session, "heartbeats",
                  fmt::format(R"({{"current_time":"{} {} +0000 UTC m=+1.000000001","heartbeat_counter":{}}})",
                              time.substr(0, 10), time.substr(11, 18),
                              setup_.manners ? fmt::format("\"{}\"", ++session.beats)
                                             : fmt::to_string(++session.beats)),
                  now, out);
        }
        const bool slow = session.channels.count("status") + session.channels.count("ticker_batch") != 0;
        if (slow && now >= session.slow_due) tell_slowly(session, {}, now, out);
        if (session.channels.empty() && now >= session.opened + kFirstMessage)
            closing.emplace_back(id, "no subscription within five seconds");
        else if (now >= session.alive + kIdleMax)
            closing.emplace_back(id, "idle");
    }
    for (const auto& [id, why] : closing) {
        sessions_.erase(id);
        out.close(id, kPolicyClose, why);
    }
}

void EmulatedSessions::end(const EmulatedKey& key, SessionOutbox& out)
{
    for (const SessionId id :
         sessions_where(sessions_, [&](const Session& s) { return s.key_id == key.key_id; })) {
        sessions_.erase(id);
        out.close(id, kPolicyClose, "authentication failure");
    }
}

}  // namespace arb::coinbase
