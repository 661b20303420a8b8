#include "connectors/binance/decoder.hpp"

#include <algorithm>

namespace arb::binance {

Market market_of(std::string_view name)
{
    if (name == "usdm") return Market::usdm;
    return name == "coinm" ? Market::coinm : Market::spot;
}

std::uint32_t snapshot_limit(std::string_view url, Market market)
{
    const std::uint32_t usual = market == Market::spot ? 100 : 500;
    const std::size_t query = url.find('?');
    if (query == std::string_view::npos) return usual;
    std::size_t at = url.find("limit=", query);
    if (at == std::string_view::npos || (url[at - 1] != '?' && url[at - 1] != '&')) return usual;
    std::uint32_t limit = 0;
    for (at += 6; at < url.size() && url[at] >= '0' && url[at] <= '9' && limit < 100'000; ++at)
        limit = limit * 10 + static_cast<std::uint32_t>(url[at] - '0');
    return limit != 0 ? limit : usual;
}

Decoder::Decoder(const VenueSetup& setup)
    : setup_(setup),
      market_(market_of(setup.table->venue(setup.id).market)),
      quick_(setup, market_ != Market::spot),
      statuses_(setup.id, *setup.table)
{
    // Larger texts (REST snapshots) make it grow once. A failure shows again, as an error code, in iterate().
    [[maybe_unused]] const auto error = parser_.allocate(64 * 1024);
    stale_.reserve(128);
}

Control Decoder::frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    Message message;
    bids_.clear();
    asks_.clear();
    if (__builtin_expect(quick_.read(frame, message, bids_, asks_), 1)) {
        hand_on(message, now, sink);
        return {};
    }
    const bool delta = message.kind == MessageKind::delta && message.listing != nullptr;
    return general(connection, frame, now, sink, delta ? message.listing->id : kNoListing);
}

Control Decoder::frame_general(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink)
{
    return general(connection, frame, now, sink, kNoListing);
}

void Decoder::hand_on(const Message& message, Timestamp now, FactSink& sink)
{
    const ListingId listing = message.listing->id;
    if (message.kind == MessageKind::quote) {
        BestQuote quote;
        quote.listing = listing;
        // An empty side is sent as zeros.
        if (!message.bid.quantity.zero()) quote.bid = message.bid;
        if (!message.ask.quantity.zero()) quote.ask = message.ask;
        quote.sequence = message.sequence_last;
        quote.venue_time = message.venue_time();
        quote.receive_time = now;
        sink.on_quote(quote);
    } else if (message.kind == MessageKind::trade) {
        Trade trade;
        trade.listing = listing;
        trade.price = message.trade.price;
        trade.quantity = message.trade.quantity;
        trade.aggressor = message.buyer_is_maker ? Side::sell : Side::buy;
        trade.venue_time = message.venue_time();
        trade.receive_time = now;
        sink.on_trade(trade);
    } else {
        BookUpdate update;
        update.listing = listing;
        update.sequence_first = message.sequence_first;
        update.sequence_last = message.sequence_last;
        update.has_previous = market_ != Market::spot;
        if (update.has_previous) update.sequence_previous = message.sequence_previous;
        update.venue_time = message.venue_time();
        update.receive_time = now;
        update.bids = bids_.view();
        update.asks = asks_.view();
        sink.on_book(update);
    }
}

namespace {

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The value of symbol= in a query, percent-decoded: symbols may be non-ASCII since 2025-12.
void symbol_of_query(std::string_view url, std::string& out)
{
    out.clear();
    const std::size_t query = url.find('?');
    if (query == std::string_view::npos) return;
    url.remove_prefix(query + 1);
    while (!url.empty()) {
        const std::size_t length = std::min(url.find('&'), url.size());
        std::string_view field = url.substr(0, length);
        url.remove_prefix(std::min(length + 1, url.size()));
        if (!field.starts_with("symbol=")) continue;
        field.remove_prefix(7);
        for (std::size_t i = 0; i < field.size(); ++i) {
            const bool escaped = field[i] == '%' && i + 2 < field.size() && hex_digit(field[i + 1]) >= 0 &&
                                 hex_digit(field[i + 2]) >= 0;
            if (!escaped) {
                out.push_back(field[i]);
                continue;
            }
            out.push_back(static_cast<char>(hex_digit(field[i + 1]) * 16 + hex_digit(field[i + 2])));
            i += 2;
        }
        return;
    }
}

std::string_view path_end(std::string_view url)
{
    url = url.substr(0, url.find('?'));
    const std::size_t slash = url.rfind('/');
    return slash == std::string_view::npos ? url : url.substr(slash + 1);
}

}  // namespace

ListingId Decoder::http(const HttpReply& reply, Timestamp now, FactSink& sink)
{
    const std::string_view what = path_end(reply.url);
    if (what != "depth") {
        // Instrument lists, server times and fees are read elsewhere, at start.
        static constexpr std::string_view kKnown[] = {"exchangeInfo", "time", "ping", "premiumIndex",
                                                      "fundingInfo"};
        if (std::find(std::begin(kKnown), std::end(kKnown), what) == std::end(kKnown)) {
            sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, {}, what});
        }
        return kNoListing;
    }
    symbol_of_query(reply.url, symbol_);
    const Listing* listing = setup_.table->find_symbol(setup_.id, symbol_);
    if (listing == nullptr) {
        sink.on_undecoded({UndecodedReason::unknown_instrument, kNoListing, {}, symbol_});
        return kNoListing;
    }
    snapshot(*listing, reply, now, sink);
    return listing->id;
}

}  // namespace arb::binance
