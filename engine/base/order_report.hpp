#pragma once
// What a venue says about our orders, fills, balances and requests, in Arbiter's words: the private side of a
// decoder's facts. These are pieces of evidence, in whatever order and number the venue sends them; only
// OrderDesk (engine/trading) makes a state of them. Plain values; texts point into the frame and are good
// only during the call. Quantities and prices in the instrument's units, times in ns UTC. Core thread.
#include <cstdint>
#include <string_view>

#include "engine/base/client_order_id.hpp"
#include "engine/base/order.hpp"

namespace arb {

/// How the venue was heard: a reply to a request of ours, its private stream, or a reply to a query.
enum class ReportSource : std::uint8_t { reply, stream, query };

enum class OrderStatus : std::uint8_t {
    pending,    ///< the venue took the request; whether it accepts the order is still open
    working,    ///< accepted and live, maybe partly filled
    filled,     ///< terminal
    cancelled,  ///< terminal: the rest will not fill (also expired, killed, self-trade prevention)
    rejected,   ///< terminal: nothing was filled and nothing will be
    absent,     ///< a query found no such order: evidence only after the venue's certainty window
};

struct OrderReport {
    OrderId order = kForeignOrder;  ///< from the client id; kForeignOrder: not one of ours
    ListingId listing = kNoListing;
    OrderStatus status = OrderStatus::pending;
    RejectReason reason = RejectReason::none;
    ReportSource source = ReportSource::stream;
    bool has_filled = false;
    Quantity filled;  ///< cumulative, when has_filled
    Side side = Side::buy;
    Price price;                 ///< limit, where told
    Quantity quantity;           ///< ordered, where told
    std::string_view venue_id;   ///< the venue's order id; may be empty
    std::string_view client_id;  ///< as sent
    Timestamp venue_time;
};

struct FillReport {
    OrderId order = kForeignOrder;
    ListingId listing = kNoListing;
    ReportSource source = ReportSource::stream;
    Side side = Side::buy;
    Price price;
    Quantity quantity;
    bool maker = false;
    bool has_fee = false;
    Amount fee;                  ///< in `fee_asset`, positive: paid
    std::string_view fee_asset;  ///< canonical name (BTC, USDT)
    std::string_view trade_id;   ///< the venue's, unique within the listing at the venue; never empty
    std::string_view venue_id;   ///< of the order
    Timestamp venue_time;
};

struct BalanceReport {
    std::string_view asset;  ///< canonical name; a derivative's position: the instrument's name
    bool has_total = false;
    Amount total;  ///< free and held together; a position's signed size
    bool has_free = false;
    Amount free;
    ReportSource source = ReportSource::stream;
    Timestamp venue_time;
};

struct FeeReport {
    ListingId listing = kNoListing;
    Rate maker, taker;
};

enum class RequestKind : std::uint8_t {
    session,  ///< log-on, tokens, subscription of private streams
    place,
    cancel,
    cancel_all,
    query_order,
    open_orders,
    fills,
    balances,
    fees,
    dead_man,
    time,
    key_info,  ///< what the key may do; see key_report.hpp
    amend,
    count_,
};

/// How a request ended. Only a venue's documented codes make `refused`; everything not in the table is
/// `unknown`.
enum class Outcome : std::uint8_t {
    done,
    refused,       ///< documented: it did not happen
    unknown,       ///< it may or may not have happened
    rate_limited,  ///< documented: not looked at, come back later
    banned,        ///< documented: the address or account is shut out for a while
    key_trouble,   ///< documented: key, signature, permission, address: asking again will not help
    count_,
};

/// It changes what an order does at the venue.
constexpr bool is_about_order(RequestKind kind)
{
    return kind == RequestKind::place || kind == RequestKind::amend || kind == RequestKind::cancel;
}

const char* name(OrderStatus status);
const char* name(ReportSource source);
const char* name(RequestKind kind);
const char* name(Outcome outcome);

/// The end of a request. Each request made through a Venue's trading side ends in exactly one of these,
/// except `place`, `amend` and `cancel` on a websocket that dies: those are ended as `unknown` by the
/// connector when the connection closes.
struct RequestEnd {
    RequestKind kind = RequestKind::session;
    Outcome outcome = Outcome::done;
    RejectReason reason = RejectReason::none;
    OrderId order = kForeignOrder;  ///< place, amend, cancel, query_order
    bool complete = true;           ///< open_orders, fills, balances: the list is whole (no page was cut)
    Duration retry_after;           ///< rate_limited, banned: zero when the venue did not say
    std::string_view code;          ///< the venue's own
    std::string_view text;          ///< hostile, escape before showing
};

/// What a venue's trading side can do; shown on the start-up page. Constant for a connector.
struct TradingFeatures {
    bool order_socket = false;        ///< orders go over a websocket; else over REST
    bool dead_man = false;            ///< the venue cancels our orders when we stop refreshing its timer
    std::string_view dead_man_note;   ///< in words: the timer's length, or why there is none
    bool cancel_by_client_id = true;  ///< false: cancelling needs the venue's own order id
    bool query_by_client_id = true;
    bool fills_on_stream = true;  ///< false: single fills must be asked for (the stream tells totals only)
    /// The price of an order that rests can be changed: it keeps its ids and its total quantity.
    bool amends = false;
    /// After an order of unknown outcome was sent, how long the venue may take until a query that finds
    /// nothing proves that it does not exist and will not.
    Duration certainty_window = seconds(10);
    Duration clock_ahead_max = milliseconds(1000);  ///< how far ahead of the venue our timestamps may be
    std::uint32_t orders_per_second =
        5;  ///< place, amend and cancel together, as the venue counts, a careful share of it
    std::uint32_t cancels_reserved = 2;  ///< of these, kept for cancelling and unwinding
};

/// An order of ours, as cancelling and asking need it.
struct OrderReference {
    OrderId order{};
    ListingId listing = kNoListing;
    std::string_view venue_id;  ///< empty when never heard
    Timestamp sent;
};

/// The channels to a venue's trading side.
enum class Channel : std::uint8_t { order_entry, private_stream, count_ };
const char* name(Channel channel);

}  // namespace arb
