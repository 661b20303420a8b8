#include "connectors/gate/emulated_venue.hpp"

#include <fmt/format.h>

#include "connectors/gate/emulated_endpoints.hpp"
#include "connectors/gate/emulated_parts.hpp"
#include "engine/emulate/endpoints.hpp"

namespace arb::gate {
namespace {

constexpr std::string_view kApi = "/api/v4";
constexpr std::size_t kBodyMost = std::size_t{1} << 18;

ServerReply envelope(const VenueAnswer& answer, const RateLeft& budget)
{
    ServerReply reply;
    reply.status = answer.status;
    reply.headers = {{"Content-Type", "application/json"}};
    if (budget.limit > 0) {
        reply.headers.emplace_back("X-Gate-RateLimit-Limit", fmt::format("{}", budget.limit));
        reply.headers.emplace_back("X-Gate-RateLimit-Requests-Remain", fmt::format("{}", budget.left));
        reply.headers.emplace_back("X-Gate-RateLimit-Reset-Timestamp", fmt::format("{}", budget.reset_ms));
    }
    reply.body = answer.good() ? answer.body
                               : fmt::format(R"({{"label":"{}","message":{}}})", answer.label,
                                             json_text(answer.message));
    return reply;
}

// The venue in one: it hands requests and frames to the parts that answer them, and tells the sessions what
// happens.
class EmulatedGate final : public EmulatedVenue {
  public:
    explicit EmulatedGate(const EmulatedVenueSetup& setup) : parts_{setup} {}

    ServerReply on_request(const ServerRequest& request, Timestamp now, SessionOutbox& out) override;
    bool on_session(SessionId session, const ServerRequest& upgrade, Timestamp now, SessionOutbox&) override
    {
        now_ = now;
        if (upgrade.path() != socket_path()) return false;
        parts_.sessions.open(session, upgrade, now);
        return true;
    }
    void on_session_frame(SessionId session, std::string_view text, Timestamp now,
                          SessionOutbox& out) override
    {
        now_ = now;
        parts_.sessions.read(session, text, now, out);
    }
    void on_session_closed(SessionId session) override { parts_.sessions.forget(session); }
    void on_book(ListingId listing, std::span<const Level>, std::span<const Level>, const EmulatedBook& book,
                 Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        for (const PublicNews& news : parts_.market.book_changed(listing, book, now))
            parts_.sessions.tell(news, out);
    }
    void on_public_trade(const Trade& trade, Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        for (const PublicNews& news : parts_.market.traded(trade)) parts_.sessions.tell(news, out);
    }
    void on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                  SessionOutbox& out) override;
    void on_balance(AccountId account, const EmulatedBalance& balance, Timestamp now,
                    SessionOutbox& out) override
    {
        now_ = now;
        const AccountNews news = parts_.accounts.news_of(account, balance, now);
        if (!news.channel.empty()) parts_.sessions.tell(news, now, out);
    }
    void on_tick(Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        parts_.sessions.on_tick(now, out);
    }
    void on_key_changed(const EmulatedKey& key, Timestamp now, SessionOutbox& out) override
    {
        now_ = now;
        if (key.revoked) parts_.sessions.end(key, out);
    }
    ServerReply banned(Duration retry_after) const override
    {
        ServerReply reply = envelope(say_refused("TOO_MANY_REQUESTS", "Request Rate Limit"), {});
        reply.headers.emplace_back("Retry-After", fmt::format("{}", retry_after.ns / kNsPerSecond));
        return reply;
    }
    ServerReply failed() const override { return envelope(say_refused("SERVER_ERROR", "Server error"), {}); }
    std::string failed_frame(std::string_view text) const override
    {
        return parts_.sessions.failed_frame(text, now_);
    }
    std::vector<std::pair<std::string, std::string>> addresses(std::string_view host_port) const override
    {
        return {{"REST", fmt::format("https://{}{}", host_port, kApi)},
                {"websocket", fmt::format("wss://{}{}", host_port, socket_path())}};
    }

  private:
    std::string_view socket_path() const { return parts_.dialect.spot() ? "/ws/v4/" : "/v4/ws/usdt"; }

    EmulatedParts parts_;
    Timestamp now_;  ///< of what happened last
};

}  // namespace

ServerReply EmulatedGate::on_request(const ServerRequest& request, Timestamp now, SessionOutbox&)
{
    now_ = now;
    RateLeft budget;
    EmulatedCall call;
    call.now = now;
    const bool is_api = request.path().starts_with(kApi);
    const std::string_view path = is_api ? request.path().substr(kApi.size()) : std::string_view();
    const auto [endpoint, order, known_path] =
        find_endpoint(emulated_endpoints(parts_.dialect.spot()), request.method, path);
    if (endpoint == nullptr) {
        return envelope(known_path ? say_refused("METHOD_NOT_ALLOWED", "Method not allowed")
                                   : say_refused("NOT_FOUND", "The requested URL was not found"),
                        budget);
    }
    if (!order.empty()) call.fields.emplace_back("order_id", order);
    (void)read_query_params(request.query(), call.fields);
    if (endpoint->right == Right::none) {
        const VenueAnswer answer = run_public(parts_, *endpoint, call, request.remote, path, budget);
        return envelope(answer, budget);
    }
    const VenueAnswer proof = parts_.identity.prove(request, now, call.key);
    if (!proof.good()) return envelope(proof, budget);
    if (request.header("X-Gate-Size-Decimal") != "1") call.form = Form::whole_reply;
    if (request.method != "GET" && !request.body.empty()) {
        simdjson::dom::parser parser;
        simdjson::dom::element body;
        if (request.body.size() > kBodyMost ||
            parser.parse(request.body.data(), request.body.size()).get(body) != simdjson::SUCCESS ||
            !call.read_body(body))
            return envelope(say_refused("INVALID_REQUEST_BODY", "Objects are expected"), budget);
    }
    const VenueAnswer answer = run(parts_, *endpoint, call, request.header("x-gate-exptime"), budget);
    return envelope(answer, budget);
}

void EmulatedGate::on_order(const EmulatedOrder& order, const EmulatedTrade* trade, Timestamp now,
                            SessionOutbox& out)
{
    now_ = now;
    if (parts_.notes.is_hidden(order)) return;
    const std::string& symbol = parts_.setup.table->listing(order.listing).symbol;
    const auto tell = [&](const char* topic, auto write) {
        parts_.sessions.tell(
            AccountNews{order.account, fmt::format("{}.{}", parts_.dialect.prefix(), topic), symbol,
                        write(Form::push), parts_.dialect.spot() ? "" : write(Form::whole_push)},
            now, out);
    };
    const auto tell_fill = [&] {
        if (trade != nullptr)
            tell("usertrades", [&](Form form) { return parts_.fills.fill_news(*trade, form); });
    };
    // Nobody says which of the two comes first.
    if (parts_.setup.manners) tell_fill();
    tell("orders", [&](Form form) { return parts_.notes.order_news(order, trade, form); });
    if (!parts_.setup.manners) tell_fill();
}

std::unique_ptr<EmulatedVenue> make_emulated_venue(const EmulatedVenueSetup& setup)
{
    return std::make_unique<EmulatedGate>(setup);
}

}  // namespace arb::gate
