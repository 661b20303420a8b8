// The emulated OKX: subscriptions, what a channel says at once, and what the venue says to sockets by itself.
#include <algorithm>

#include <fmt/format.h>

#include "connectors/okx/emulated_core.hpp"

namespace arb::okx {
namespace {

// "Connection count limit": sockets of an account a private channel.
constexpr std::size_t kCrowd = 30;
// With manners: a server is upgraded when its socket is so old; a minute before, that is announced.
constexpr Duration kUpgradeNotice = seconds(300), kUpgradeCut = seconds(360);

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

void EmulatedOkx::subscribe(SessionId id, Session& session, const Json& argument, std::string_view op,
                            Timestamp now, SessionOutbox& out)
{
    const Subscription wanted{member(argument, "channel"), simdjson::minify(argument),
                              member(argument, "instId"), member(argument, "instType"),
                              member(argument, "ccy")};
    const std::string& channel = wanted.channel;
    const bool personal = is_personal(channel);
    // These books want a log-on and a fee tier.
    if (channel == "books-l2-tbt" || channel == "books50-l2-tbt") {
        out.send(id, error_text("64003",
                                "Your trading fee tier doesn't meet the requirement to access this channel"));
        return;
    }
    const bool ours = personal || about_one(channel) || channel == "instruments" || channel == "status";
    if (!ours || personal != session.personal)
        return out.send(id, error_text("60018", "Wrong URL or channel"));
    const EmulatedKey* key = key_of(session, now);
    if (personal && key == nullptr) return out.send(id, error_text("60011", "Please log in"));
    const bool typed = channel == "orders" || channel == "positions" || channel == "instruments";
    if (typed && !is_kind(wanted.kind) && (wanted.kind != "ANY" || channel == "instruments"))
        return out.send(id, error_text("60013", "Invalid args"));
    const Listing* l = about_one(channel) ? listing(wanted.symbol) : nullptr;
    if (about_one(channel) && l == nullptr) return out.send(id, error_text("60018", "Wrong URL or channel"));
    const auto had = std::find_if(session.subscriptions.begin(), session.subscriptions.end(),
                                  [&](const Subscription& s) { return s.argument == wanted.argument; });
    if (had != session.subscriptions.end()) session.subscriptions.erase(had);
    out.send(id, fmt::format(R"({{"event":"{}","arg":{},"connId":"emulated"}})", op, wanted.argument));
    if (op == "unsubscribe") {
        if (channel == "books" && l != nullptr) session.books.erase(l->id);
        return;
    }
    if (personal && crowded(id, wanted, *key, now, out)) return;
    session.subscriptions.push_back(wanted);
    if (personal)
        start_personal(id, session, wanted, *key, now, out);
    else
        start_channel(id, session, wanted, l, now, out);
}

std::size_t EmulatedOkx::crowd_of(AccountId account, std::string_view channel, SessionId but,
                                  Timestamp now) const
{
    std::size_t count = 0;
    for (const auto& [id, session] : sessions_) {
        const EmulatedKey* key = key_of(session, now);
        if (id == but || key == nullptr || key->account != account) continue;
        count += std::any_of(session.subscriptions.begin(), session.subscriptions.end(),
                             [&](const Subscription& s) { return s.channel == channel; })
                     ? 1
                     : 0;
    }
    return count;
}

bool EmulatedOkx::crowded(SessionId id, const Subscription& wanted, const EmulatedKey& key, Timestamp now,
                          SessionOutbox& out)
{
    const std::size_t count = crowd_of(key.account, wanted.channel, id, now) + 1;
    // With manners every other stream of orders finds sockets that died without the venue's noticing.
    const bool haunted =
        setup_.manners && wanted.channel == "orders" && ++order_streams_[key.account] % 2 == 0;
    const bool refused = count > kCrowd || haunted;
    out.send(id, fmt::format(R"({{"event":"channel-conn-count{}","channel":"{}","connCount":"{}",)"
                             R"("connId":"emulated"}})",
                             refused ? "-error" : "", wanted.channel, refused ? kCrowd : count));
    return refused;
}

// What an account's channel says at once: the money and positions that are there. Orders are told as they
// change.
void EmulatedOkx::start_personal(SessionId id, Session& session, const Subscription& wanted,
                                 const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    if (wanted.channel == "orders") return;
    if (wanted.channel == "balance_and_position") return start_both(id, session, wanted, key, now, out);
    const bool positions = wanted.channel == "positions";
    std::string entries;
    for (const EmulatedBalance& balance : setup_.exchange->balances(key.account)) {
        if (balance.asset.empty() || balance.position != positions || balance.total.zero()) continue;
        if (!wanted.asset.empty() && wanted.asset != balance.asset) continue;
        entries += (entries.empty() ? "" : ",") +
                   (positions ? position_json(balance, now) : detail_json(balance, now));
    }
    if (!positions) {
        entries = fmt::format(R"({{"uTime":"{}","totalEq":"{}","details":[{}]}})", ms_of(now),
                              worth_of_all(key.account).text(), entries);
    }
    say(id, session,
        fmt::format(R"({{"arg":{},"eventType":"snapshot","curPage":1,"lastPage":true,"data":[{}]}})",
                    wanted.argument, entries),
        out);
}

void EmulatedOkx::start_both(SessionId id, Session& session, const Subscription& wanted,
                             const EmulatedKey& key, Timestamp now, SessionOutbox& out)
{
    std::string money, positions;
    for (const EmulatedBalance& balance : setup_.exchange->balances(key.account)) {
        if (balance.asset.empty()) continue;
        cash_told_[{key.account, balance.asset}] = balance.position ? balance.total : balance.wallet();
        if (balance.total.zero()) continue;
        std::string& list = balance.position ? positions : money;
        list += (list.empty() ? "" : ",") +
                (balance.position ? position_json(balance, now) : cash_json(balance, now));
    }
    say(id, session,
        fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument,
                    both_json("snapshot", money, positions, "", now)),
        out);
}

void EmulatedOkx::start_channel(SessionId id, Session& session, const Subscription& wanted, const Listing* l,
                                Timestamp now, SessionOutbox& out)
{
    if (wanted.channel == "instruments") {
        const std::string list = instruments(wanted.kind, {}).data;
        return say(id, session, fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument, list), out);
    }
    if (wanted.channel == "status") {
        // The last change is told to whoever comes.
        return say(id, session,
                   fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument, service_json(now)), out);
    }
    if (l == nullptr || wanted.channel == "trades") return;
    if (wanted.channel == "tickers")
        return say(id, session, ticker_frame(wanted.argument, ticker_body(*l)), out);
    const EmulatedBook shown = setup_.exchange->book(l->id);
    std::int64_t& sequence = sequence_[l->id];
    if (sequence == 0) sequence = 123'456;
    if (wanted.channel != "books") return out.send(id, top_frame(wanted.channel, *l, shown, now));
    session.books[l->id] = {sequence, now};
    const auto top = [](std::span<const Level> side) {
        return side.first(std::min(std::size_t{400}, side.size()));
    };
    out.send(
        id,
        fmt::format(
            R"({{"arg":{},"action":"snapshot","data":[{{"asks":[{}],"bids":[{}],"ts":"{}","checksum":0,)"
            R"("prevSeqId":-1,"seqId":{}}}]}})",
            wanted.argument, levels(top(shown.asks), *l), levels(top(shown.bids), *l), ms_of(now), sequence));
}

// A market that halts or comes back: the entry that changed, alone.
void EmulatedOkx::watch_markets(Timestamp now, SessionOutbox& out)
{
    now_ = now;
    for (const Listing& l : setup_.table->listings()) {
        if (l.venue != setup_.id) continue;
        const bool halted = suspended(l.id);
        bool& told = halted_[l.id];
        if (told == halted) continue;
        told = halted;
        const std::string_view kind = kind_of(l);
        for (auto& [id, session] : sessions_) {
            for (const Subscription& wanted : session.subscriptions) {
                if (wanted.channel != "instruments" || wanted.kind != kind) continue;
                say(id, session,
                    fmt::format(R"({{"arg":{},"data":[{}]}})", wanted.argument,
                                instruments(kind, l.symbol).data),
                    out);
            }
        }
    }
}

// "Notification": said 60 s before the connection is cut.
void EmulatedOkx::upgrade(SessionId id, Session& session, Timestamp now, SessionOutbox& out)
{
    const Duration age = now - session.opened;
    if (age >= kUpgradeNotice && !session.warned) {
        session.warned = true;
        say(id, session,
            R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade.)"
            R"( Please reconnect.","connId":"emulated"})",
            out);
    } else if (session.warned && age >= kUpgradeCut) {
        session.opened = now;
        out.close(id, 1001, "Service upgrade");
    }
}

}  // namespace arb::okx
