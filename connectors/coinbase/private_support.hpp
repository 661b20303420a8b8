#pragma once
// What the tests of private messages share: facts written down as lines, an outbox that keeps requests, an
// account whose user channel is connection 9, and the venue's messages with numbers of our own. Tests only,
// one thread.
#include "connectors/coinbase/account.hpp"
#include "connectors/coinbase/signer.hpp"
#include "connectors/coinbase/test_support.hpp"
#include "connectors/coinbase/urls.hpp"

namespace arb::coinbase::test {

inline constexpr Timestamp kStart{1'700'000'000'000'000'000};
inline const OrderId kOurs = make_order_id(5, 77);

inline std::string uuid()
{
    return std::string(client_order_uuid(kOurs).view());
}

class PrivateRecorder final : public TradingSink {
  public:
    std::vector<std::string> lines;
    std::size_t facts = 0;

    void on_undecoded(const Undecoded& u) override
    {
        // A private message spoils no book.
        lines.push_back(std::string(u.listing == kNoListing ? "undecoded " : "spoilt ") + name(u.reason) +
                        " " + std::string(u.text));
    }
    void on_order_report(const OrderReport& r) override
    {
        ++facts;
        lines.push_back("order " + who(r.order) + " " + name(r.status) + " " + name(r.reason) + " " +
                        arb::name(r.side) + " " + std::to_string(r.filled.units) + "/" +
                        std::to_string(r.quantity.units) + "@" + std::to_string(r.price.units) + " " +
                        std::string(r.venue_id) + " " + name(r.source));
    }
    void on_fill_report(const FillReport& r) override
    {
        ++facts;
        lines.push_back("fill " + who(r.order) + " " + arb::name(r.side) + " " +
                        std::to_string(r.quantity.units) + "@" + std::to_string(r.price.units) +
                        (r.maker ? " maker " : " taker ") + r.fee.text() + " " + std::string(r.fee_asset) +
                        " " + std::string(r.trade_id) + " of " + std::string(r.venue_id));
    }
    void on_balance_report(const BalanceReport& r) override
    {
        ++facts;
        lines.push_back("balance " + std::string(r.asset) + " " + r.total.text() + " " + r.free.text());
    }
    void on_fee_report(const FeeReport& r) override
    {
        ++facts;
        lines.push_back("fees " + std::to_string(r.maker.units) + " " + std::to_string(r.taker.units));
    }
    void on_request_end(const RequestEnd& e) override
    {
        lines.push_back(std::string("end ") + name(e.kind) + " " + name(e.outcome) +
                        (e.complete ? "" : " incomplete"));
    }
    void on_channel(Channel channel, bool ready) override
    {
        lines.push_back(std::string("channel ") + name(channel) + (ready ? " up" : " down"));
    }

  private:
    static std::string who(OrderId id)
    {
        if (id == kForeignOrder) return "foreign";
        return id == kOurs ? "ours" : "another";
    }
};

class Requests final : public Outbox {
  public:
    std::vector<HttpRequest> sent;
    std::vector<std::string> frames, reconnects, connects;
    void send(ConnectionId, std::string_view text) override { frames.emplace_back(text); }
    void request(const HttpRequest& request) override { sent.push_back(request); }
    void wake_at(VenueId, Timestamp) override {}
    void reconnect(ConnectionId, std::string_view why) override { reconnects.emplace_back(why); }
    void connect(VenueId, std::string_view url) override { connects.emplace_back(url); }
};

// A venue with a user channel on connection 9.
class AccountBench {
  public:
    AccountBench()
    {
        credentials_.key_id = "test-key";
        credentials_.signer = std::make_unique<ReplaySigner>(KeyAlgorithm::ecdsa_p256);
        VenueSetup s = setup();
        s.credentials = &credentials_;
        account = std::make_unique<Account>(s);
        // The user channel is dialled once the clock was asked; the key's rights stay unanswered.
        account->start(kStart - seconds(2), sink, outbox);
        answer("{}", 200, kStart - seconds(2));
        account->on_open(ConnectionId{9}, kUserUrl, kStart, sink, outbox);
        outbox.sent.clear();
        sink.lines.clear();
        sink.facts = 0;
    }
    void frame(const std::string& text)
    {
        const PaddedBuffer buffer(text);
        account->on_frame(ConnectionId{9}, buffer.text_of(), kStart, sink, outbox);
    }
    /// The answer to the latest request.
    void answer(const std::string& text, int status = 200, Timestamp now = kStart)
    {
        const PaddedBuffer buffer(text);
        HttpReply reply;
        reply.status = status;
        reply.tag = outbox.sent.back().tag;
        reply.body = buffer.text_of();
        account->on_http(reply, now, sink, outbox);
    }
    std::vector<std::string> taken() { return std::exchange(sink.lines, {}); }

    PrivateRecorder sink;
    Requests outbox;
    std::unique_ptr<Account> account;

  private:
    Credentials credentials_;
};

using Lines = std::vector<std::string>;

inline std::string user_order(std::string_view status, std::string_view cumulative,
                              std::string_view more = "")
{
    return R"({"order_id":"v-1","client_order_id":")" + uuid() +
           R"(","product_id":"BTC-USD","order_side":"BUY","order_type":"Limit","limit_price":"30000.5","status":")" +
           std::string(status) + R"(","cumulative_quantity":")" + std::string(cumulative) +
           R"(","leaves_quantity":"0.25","avg_price":"30000.1","total_fees":"1.5","reject_reason":"")" +
           std::string(more) + "}";
}

inline std::string user_frame(int sequence, const std::string& orders)
{
    return R"({"channel":"user","client_id":"","timestamp":"2026-03-04T05:06:08.123456789Z","sequence_num":)" +
           std::to_string(sequence) + R"(,"events":[{"type":"update","orders":[)" + orders + "]}]}";
}

inline std::string fill(std::string_view id, std::string_view order, std::string_view size,
                        std::string_view more = "")
{
    return R"({"entry_id":"e-1","trade_id":")" + std::string(id) + R"(","order_id":")" + std::string(order) +
           R"(","trade_time":"2026-03-04T05:06:08Z","trade_type":"FILL","price":"30000.5","size":")" +
           std::string(size) +
           R"(","commission":"0.0000000000000000015","product_id":"BTC-USD","liquidity_indicator":"MAKER",)"
           R"("size_in_quote":false,"side":"BUY")" +
           std::string(more) + "}";
}

}  // namespace arb::coinbase::test
