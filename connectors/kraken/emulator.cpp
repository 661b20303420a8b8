#include "connectors/kraken/emulator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_core.hpp"

namespace arb::kraken {
namespace {

constexpr std::size_t kDepth = 1000;
constexpr std::size_t kChecksumLevels = 10;

// Kraken writes every number of a pair with the pair's own decimals: those of its tick and of its lot.
std::string fixed(std::int64_t units, unsigned unit_decimals, std::int64_t step)
{
    unsigned decimals = unit_decimals;
    while (decimals > 0 && step % 10 == 0 && units % 10 == 0) {
        step /= 10;
        units /= 10;
        --decimals;
    }
    char text[kDecimalTextMax];
    return {text, print_scaled(units, decimals, text)};
}

std::string price_text(const Instrument& instrument, const Listing& listing, Price price)
{
    return fixed(price.units, instrument.price_decimals, listing.tick.units);
}

std::string quantity_text(const Instrument& instrument, const Listing& listing, Quantity quantity)
{
    return fixed(quantity.units, instrument.quantity_decimals, listing.lot.units);
}

std::string levels_text(const Instrument& instrument, const Listing& listing, std::span<const Level> levels)
{
    std::string text = "[";
    for (const Level& level : levels) {
        if (text.size() > 1) text += ',';
        fmt::format_to(std::back_inserter(text), R"({{"price":{},"qty":{}}})",
                       price_text(instrument, listing, level.price),
                       quantity_text(instrument, listing, level.quantity));
    }
    return text + "]";
}

// CRC-32 of IEEE 802.3, bit by bit: a few hundred bytes a message.
std::uint32_t crc32(std::string_view text)
{
    std::uint32_t crc = 0xffffffffU;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

void append_digits(std::string& out, std::string text)
{
    std::erase(text, '.');
    out.append(text, std::min(text.find_first_not_of('0'), text.size()), std::string::npos);
}

std::uint32_t checksum(const Instrument& instrument, const Listing& listing, const EmulatedBook& book)
{
    std::string digits;
    for (const std::span<const Level> side : {book.asks, book.bids}) {
        for (const Level& level : side.first(std::min(kChecksumLevels, side.size()))) {
            append_digits(digits, price_text(instrument, listing, level.price));
            append_digits(digits, quantity_text(instrument, listing, level.quantity));
        }
    }
    return crc32(digits);
}

std::string percent(const std::optional<Decimal>& fee, const char* otherwise)
{
    const std::optional<Decimal> value = fee ? fee->times(Decimal(100, 0)) : std::nullopt;
    return value ? value->text() : otherwise;
}

}  // namespace

std::string Emulator::stream_url() const
{
    return "wss://ws.kraken.com/v2";
}

VenueMessage Emulator::instruments(const std::vector<ListingDefinition>& definitions)
{
    std::string text = R"({"error":[],"result":{)";
    for (const ListingDefinition& d : definitions) {
        if (text.back() != '{') text += ',';
        const std::string base = old_asset(d.base);
        const std::string quote = old_asset(d.quote);
        const std::string key = d.code.empty() ? key_of_pair(d.base, d.quote) : d.code;
        fmt::format_to(
            std::back_inserter(text),
            R"("{10}":{{"altname":"{0}{1}","wsname":"{0}\/{1}","aclass_base":"currency","base":"{11}",)"
            R"("aclass_quote":"currency","quote":"{12}","lot":"unit","cost_decimals":5,"pair_decimals":{2},)"
            R"("lot_decimals":{3},"lot_multiplier":1,"fees":[[0,{4}]],"fees_maker":[[0,{5}]],)"
            R"("ordermin":"{6}","costmin":"{7}","tick_size":"{8}","status":"{9}"}})",
            base, quote, d.tick.decimals(), d.lot.decimals(), percent(d.fee_taker, "0.4"),
            percent(d.fee_maker, "0.25"), d.quantity_min.text(), d.notional_min.text(), d.tick.text(),
            d.status == ListingStatus::trading ? "online" : "cancel_only", key, asset_id(d.base),
            asset_id(d.quote));
    }
    return {true, "https://api.kraken.com/0/public/AssetPairs", text + "}}"};
}

std::string Emulator::book(std::string_view type, const Instrument& instrument, const Listing& listing,
                           std::span<const Level> bids, std::span<const Level> asks,
                           const EmulatedBook& after, Timestamp venue_time)
{
    return fmt::format(
        R"({{"channel":"book","type":"{}","data":[{{"symbol":"{}","bids":{},"asks":{},"checksum":{},)"
        R"("timestamp":"{}"}}]}})",
        type, listing.symbol, levels_text(instrument, listing, bids), levels_text(instrument, listing, asks),
        checksum(instrument, listing, after), micros(venue_time));
}

// What Kraken sends of a change: nothing beyond its depth, no word about levels pushed out, but those that
// come (back) into view at the far end.
std::vector<Level> Emulator::visible(std::span<const Level> changed, std::span<const Level> after,
                                     std::optional<Price>& edge, bool bids)
{
    const auto beyond = [&](Price price) { return edge && (bids ? price < *edge : price > *edge); };
    std::vector<Level> sent;
    for (const Level& level : changed) {
        if (!beyond(level.price)) sent.push_back(level);
    }
    const std::span<const Level> window = after.first(std::min(kDepth, after.size()));
    for (const Level& level : window) {
        if (beyond(level.price)) sent.push_back(level);
    }
    edge.reset();
    if (window.size() == kDepth) edge = window.back().price;
    return sent;
}

void Emulator::subscribe(const Instrument& instrument, const Listing& listing, const EmulatedBook& after,
                         Timestamp venue_time, std::vector<VenueMessage>& out)
{
    const std::string time = micros(venue_time);
    if (edges_.empty()) {
        out.push_back({false,
                       {},
                       R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online",)"
                       R"("api_version":"v2","connection_id":1}]})"});
    }
    out.push_back({false,
                   {},
                   fmt::format(R"({{"method":"subscribe","result":{{"channel":"book","depth":{},)"
                               R"("snapshot":true,"symbol":"{}"}},"success":true,"time_in":"{}",)"
                               R"("time_out":"{}","req_id":1}})",
                               kDepth, listing.symbol, time, time)});
    Edges& edges = edges_[listing.id];
    edges = {};
    visible({}, after.bids, edges.bid, true);  // fixes the edges
    visible({}, after.asks, edges.ask, false);
    const auto cut = [](std::span<const Level> side) { return side.first(std::min(kDepth, side.size())); };
    out.push_back(
        {false,
         {},
         book("snapshot", instrument, listing, cut(after.bids), cut(after.asks), after, venue_time)});
}

void Emulator::change(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                      std::span<const Level> asks, const EmulatedBook& after, Timestamp venue_time,
                      std::vector<VenueMessage>& out)
{
    Edges& edges = edges_[listing.id];
    const std::vector<Level> bids_sent = visible(bids, after.bids, edges.bid, true);
    const std::vector<Level> asks_sent = visible(asks, after.asks, edges.ask, false);
    if (bids_sent.empty() && asks_sent.empty()) return;
    out.push_back({false, {}, book("update", instrument, listing, bids_sent, asks_sent, after, venue_time)});
}

void Emulator::trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
                     std::vector<VenueMessage>& out)
{
    out.push_back(
        {false,
         {},
         fmt::format(R"({{"channel":"trade","type":"update","data":[{{"symbol":"{}","side":"{}",)"
                     R"("price":{},"qty":{},"ord_type":"market","trade_id":{},"timestamp":"{}"}}]}})",
                     listing.symbol, name(trade.aggressor), price_text(instrument, listing, trade.price),
                     quantity_text(instrument, listing, trade.quantity), ++trade_id_,
                     micros(trade.venue_time))});
}

}  // namespace arb::kraken
