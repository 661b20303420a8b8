#pragma once
// The trading half of OKX: one private websocket for log-on, orders and account news, questions by REST.
// Owned by OkxVenue when it has credentials; core thread, sans-I/O. Every request ends in one RequestEnd.
#include <array>
#include <string>
#include <vector>

#include <simdjson.h>

#include "connectors/okx/errors.hpp"
#include "engine/venue/venue.hpp"

namespace arb::okx {

TradingFeatures trading_features();

class Account {
  public:
    explicit Account(const VenueSetup& setup);

    void start(Timestamp now, Outbox& outbox);
    void send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox);
    void cancel_all(Timestamp now, FactSink& sink, Outbox& outbox);
    void query_order(const OrderReference& order, Timestamp now, Outbox& outbox);
    void query_open_orders(Timestamp now, Outbox& outbox);
    void query_fills(Timestamp since, Timestamp now, Outbox& outbox);
    void query_balances(Timestamp now, Outbox& outbox);
    void query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox);
    void query_time(Timestamp now, Outbox& outbox);
    void set_clock_offset(Duration offset) { offset_ = offset; }

    // Each true when the input was meant for this half.
    bool on_open(ConnectionId connection, std::string_view url, Timestamp now, Outbox& outbox);
    bool on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    bool on_close(ConnectionId connection, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    using Json = simdjson::dom::element;
    enum class Stage : std::uint8_t { closed, log_on, subscribing, ready };
    /// A request on the websocket that waits for its reply.
    struct Flight {
        bool used = false;
        std::uint64_t number = 0;
        RequestKind kind = RequestKind::place;
        OrderId order{};
        ListingId listing = kNoListing;
        Timestamp due;
    };
    /// A REST request.
    struct Question {
        std::uint64_t tag = 0;
        RequestKind kind = RequestKind::time;
        OrderId order{};
        ListingId listing = kNoListing;
        Timestamp asked, due;
        std::string path;  ///< with query, without the place of a further page
        bool told = true;  ///< its end is a RequestEnd
    };

    Timestamp stamp(Timestamp now) const { return now + offset_; }
    void end(RequestKind kind, Verdict verdict, OrderId order, FactSink& sink, std::string_view code = {},
             std::string_view text = {}, bool complete = true, Duration retry_after = {});
    void set_ready(bool ready, FactSink& sink);
    void on_event(const Json& message, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_reply(const Json& message, FactSink& sink);
    void on_data(const Json& message, FactSink& sink);
    void read_order(const Json& entry, ReportSource source, FactSink& sink);
    void read_fill(const Json& entry, ReportSource source, FactSink& sink, bool from_order);
    void read_balances(const Json& entry, ReportSource source, FactSink& sink);
    bool read_answer(const Question& question, const Json& data, const HttpReply& reply, Timestamp now,
                     FactSink& sink, Outbox& outbox);
    void next_page(const Question& question, std::string_view key, const Json& data, Timestamp now,
                   Outbox& outbox);
    void ask(Question question, std::string_view page, Timestamp now, Outbox& outbox);
    void post(Question question, const std::string& body, Timestamp now, Outbox& outbox);
    HttpRequest signed_request(const std::string& method, const std::string& path, const std::string& body,
                               Timestamp now) const;
    Flight* take_flight(RequestKind kind, OrderId order, ListingId listing, Timestamp now);
    void arm_dead_man(Timestamp now, Outbox& outbox);
    const Listing* listing(std::string_view symbol) const
    {
        return setup_.table->find_symbol(setup_.id, symbol);
    }

    VenueSetup setup_;
    Duration offset_;
    ConnectionId connection_{};
    Stage stage_ = Stage::closed;
    std::size_t confirmed_ = 0;  ///< private channels
    bool pinged_ = false;
    Timestamp heard_, stage_due_, dead_man_due_;
    simdjson::dom::parser parser_;
    std::array<char, 1024> line_{};
    std::array<Flight, 512> flights_{};
    std::vector<Question> questions_;
    std::vector<OrderReference> to_cancel_;
    std::size_t fees_open_ = 0;
    std::uint64_t next_number_ = 1, next_tag_ = 1;
};

}  // namespace arb::okx
