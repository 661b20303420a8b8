#include "connectors/kraken/emulator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "connectors/kraken/emulated_dialect.hpp"
#include "engine/emulate/answer_text.hpp"

namespace arb::kraken {
namespace {

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

std::string levels_text(const Instrument& instrument, const Listing& listing, std::span<const Level> levels)
{
    const auto row = [&](const Level& level) {
        return fmt::format(R"({{"price":{},"qty":{}}})", price_text(instrument, listing, level.price),
                           quantity_text(instrument, listing, level.quantity));
    };
    return "[" + json_list(levels, row) + "]";
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

std::string percent(const std::optional<Decimal>& fee, const char* otherwise)
{
    const std::optional<Decimal> value = fee ? fee->times(Decimal(100, 0)) : std::nullopt;
    return value ? value->text() : otherwise;
}

}  // namespace

std::uint32_t book_checksum(const Instrument& instrument, const Listing& listing, const EmulatedBook& book)
{
    std::string digits;
    for (const std::span<const Level> side : {book.asks, book.bids}) {
        for (const Level& level : best_levels(side, kChecksumLevels)) {
            append_digits(digits, price_text(instrument, listing, level.price));
            append_digits(digits, quantity_text(instrument, listing, level.quantity));
        }
    }
    return crc32(digits);
}

std::string price_text(const Instrument& instrument, const Listing& listing, Price price)
{
    return fixed(price.units, instrument.price_decimals, listing.tick.units);
}

std::string quantity_text(const Instrument& instrument, const Listing& listing, Quantity quantity)
{
    return fixed(quantity.units, instrument.quantity_decimals, listing.lot.units);
}

std::string public_trade_row(const Instrument& instrument, const Listing& listing, const Trade& trade,
                             std::uint64_t id)
{
    return fmt::format(
        R"({{"symbol":"{}","side":"{}","price":{},"qty":{},"ord_type":"market","trade_id":{},"timestamp":"{}"}})",
        listing.symbol, name(trade.aggressor), price_text(instrument, listing, trade.price),
        quantity_text(instrument, listing, trade.quantity), id, micros(trade.venue_time));
}

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
            R"("lot_decimals":{3},"lot_multiplier":1,"leverage_buy":[],"leverage_sell":[],"fees":[[0,{4}]],)"
            R"("fees_maker":[[0,{5}]],"fee_volume_currency":"ZUSD","margin_call":80,"margin_stop":40,)"
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
        book_checksum(instrument, listing, after), micros(venue_time));
}

std::vector<Level> Emulator::visible(std::span<const Level> changed, std::span<const Level> after,
                                     std::optional<Price>& edge, bool bids) const
{
    const auto beyond = [&](Price price) { return edge && (bids ? price < *edge : price > *edge); };
    std::vector<Level> sent;
    for (const Level& level : changed) {
        if (!beyond(level.price)) sent.push_back(level);
    }
    const std::span<const Level> window = best_levels(after, depth_);
    for (const Level& level : window) {
        if (beyond(level.price)) sent.push_back(level);
    }
    edge.reset();
    if (window.size() == depth_) edge = window.back().price;
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
                               depth_, listing.symbol, time, time)});
    const Shown first = first_shown(listing, after);
    out.push_back(
        {false, {}, book("snapshot", instrument, listing, first.bids, first.asks, after, venue_time)});
}

Emulator::Shown Emulator::first_shown(const Listing& listing, const EmulatedBook& after)
{
    edges_[listing.id] = {};
    (void)shown(listing, {}, {}, after);
    const auto cut = [this](std::span<const Level> side) {
        const std::span<const Level> best = best_levels(side, depth_);
        return std::vector<Level>(best.begin(), best.end());
    };
    return {cut(after.bids), cut(after.asks)};
}

Emulator::Shown Emulator::shown(const Listing& listing, std::span<const Level> bids,
                                std::span<const Level> asks, const EmulatedBook& after)
{
    Edges& edges = edges_[listing.id];
    return {visible(bids, after.bids, edges.bid, true), visible(asks, after.asks, edges.ask, false)};
}

void Emulator::change(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                      std::span<const Level> asks, const EmulatedBook& after, Timestamp venue_time,
                      std::vector<VenueMessage>& out)
{
    const Shown told = shown(listing, bids, asks, after);
    if (told.bids.empty() && told.asks.empty()) return;
    out.push_back({false, {}, book("update", instrument, listing, told.bids, told.asks, after, venue_time)});
}

void Emulator::trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
                     std::vector<VenueMessage>& out)
{
    out.push_back({false,
                   {},
                   fmt::format(R"({{"channel":"trade","type":"update","data":[{}]}})",
                               public_trade_row(instrument, listing, trade, ++trade_id_))});
}

}  // namespace arb::kraken
