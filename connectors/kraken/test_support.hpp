#pragma once
// For this folder's tests alone: a sink and an outbox that write everything down as text, golden frames from
// disk, a table of two pairs, and the checksum rule in its plainest form. One thread.
#include <string>
#include <vector>

#include "connectors/kraken/emulator.hpp"
#include "connectors/kraken/instruments.hpp"
#include "connectors/kraken/kraken.hpp"

namespace arb::kraken {

/// A golden frame of frames/, defined in decoder_test.cpp.
std::string golden(const std::string& name);

/// DOGE/USD with four price decimals and BTC/USD with one.
inline const InstrumentTable& table()
{
    static const InstrumentTable built = [] {
        ListingDefinition doge = *guess_listing("spot", "DOGE/USD");
        ListingDefinition btc = *guess_listing("spot", "BTC/USD");
        doge.tick = Decimal(1, 4);
        btc.tick = Decimal(1, 1);
        doge.lot = btc.lot = Decimal(1, 8);
        return InstrumentTable::build({{{"kraken", "spot"}, {doge, btc}}}).take();
    }();
    return built;
}

inline VenueSetup setup(std::uint32_t depth = 0)
{
    return {VenueId{0}, &table(), depth};
}

class Recorder final : public FactSink {
  public:
    std::vector<std::string> lines;
    std::vector<UndecodedReason> reasons;
    std::size_t books = 0;

    void on_book(const BookUpdate& update) override
    {
        ++books;
        std::string line = (update.snapshot ? "snapshot " : "update ") + symbol(update.listing);
        if (update.venue_time.known()) line += " " + format_utc(update.venue_time).substr(11);
        line += " bids" + levels(update.listing, update.bids) + " asks" + levels(update.listing, update.asks);
        if (update.has_checksum) line += " crc " + std::to_string(update.checksum);
        line += " text " + std::to_string(update.text.price) + "." + std::to_string(update.text.quantity);
        add("book", line + " depth " + std::to_string(update.depth));
    }
    void on_quote(const BestQuote& quote) override
    {
        add("quote", symbol(quote.listing) + levels(quote.listing, {&quote.bid, 1}) +
                         levels(quote.listing, {&quote.ask, 1}));
    }
    void on_trade(const Trade& trade) override
    {
        const Level level{trade.price, trade.quantity};
        add("trade", symbol(trade.listing) + " " + name(trade.aggressor) +
                         levels(trade.listing, {&level, 1}) + " " + format_utc(trade.venue_time).substr(11));
    }
    void on_connection_sequence(ConnectionId, std::uint64_t) override { add("sequence", "unexpected"); }
    void on_acknowledged(ConnectionId, ListingId listing, bool subscribed) override
    {
        add(subscribed ? "subscribed" : "ended", symbol(listing));
    }
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        add("status", symbol(listing) + " " + arb::name(status));
    }
    void on_venue_time(Timestamp time, Timestamp) override { add("time", format_utc(time).substr(11)); }
    void on_undecoded(const Undecoded& undecoded) override
    {
        reasons.push_back(undecoded.reason);
        std::string line = arb::name(undecoded.reason);
        if (undecoded.listing != kNoListing) line += " " + symbol(undecoded.listing);
        if (!undecoded.text.empty()) line += " [" + std::string(undecoded.text) + "]";
        add("undecoded", line);
    }

    std::string text() const
    {
        std::string all;
        for (const std::string& line : lines) all += line + "\n";
        return all;
    }

  private:
    void add(const std::string& kind, const std::string& line) { lines.push_back(kind + " " + line); }
    static std::string symbol(ListingId id) { return table().listing(id).symbol; }
    static std::string levels(ListingId id, std::span<const Level> all)
    {
        const Instrument& instrument = table().instrument_of(id);
        std::string text;
        for (const Level& l : all) text += " " + instrument.text(l.price) + "x" + instrument.text(l.quantity);
        return text;
    }
};

class Letters final : public Outbox {
  public:
    std::vector<std::string> lines;
    Timestamp wake;

    void send(ConnectionId connection, std::string_view text) override
    {
        lines.push_back(std::to_string(index(connection)) + " " + std::string(text));
    }
    void request(const HttpRequest& request) override { lines.push_back("GET " + request.url); }
    void wake_at(VenueId, Timestamp time) override { wake = time; }
    void reconnect(ConnectionId connection, std::string_view) override
    {
        lines.push_back(std::to_string(index(connection)) + " reconnect");
    }
};

inline void feed(Decoder& decoder, const std::string& frame, FactSink& sink, const std::string& behind = "")
{
    PaddedBuffer buffer(frame + behind);
    decoder.decode(ConnectionId{1}, {buffer.text_of().data, frame.size()}, Timestamp{7}, sink);
}

/// What a fresh decoder makes of one frame. The bytes behind the frame are `behind`, as in a buffer of many
/// frames.
inline Recorder decoded(const std::string& frame, const std::string& behind = "")
{
    Decoder decoder(setup());
    Recorder recorder;
    feed(decoder, frame, recorder, behind);
    return recorder;
}

}  // namespace arb::kraken
