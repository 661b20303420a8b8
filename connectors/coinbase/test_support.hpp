#pragma once
// For this folder's tests alone: a sink and an outbox that write everything down as text, golden frames from
// disk, and a table of two products. One thread.
#include <string>
#include <vector>

#include "connectors/coinbase/coinbase.hpp"
#include "connectors/coinbase/instruments.hpp"

namespace arb::coinbase {

/// A golden frame of frames/, defined in decoder_test.cpp.
std::string golden(const std::string& name);

/// BTC-USD and ETH-USD; another venue's finer lot does not change what is read.
inline const InstrumentTable& table()
{
    static const InstrumentTable built = [] {
        std::vector<ListingDefinition> definitions;
        for (const char* symbol : {"BTC-USD", "ETH-USD"}) {
            ListingDefinition definition = *guess_listing("spot", symbol);
            definition.tick = Decimal(1, 2);
            definition.lot = Decimal(1, 8);
            definitions.push_back(definition);
        }
        return InstrumentTable::build({{{"coinbase", "spot"}, definitions}}).take();
    }();
    return built;
}

inline VenueSetup setup()
{
    return {VenueId{0}, &table(), 0};
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
        add("book", line + " bids" + levels(update.listing, update.bids) + " asks" +
                        levels(update.listing, update.asks));
    }
    void on_quote(const BestQuote& quote) override
    {
        add("quote", symbol(quote.listing) + levels(quote.listing, {&quote.bid, 1}) +
                         levels(quote.listing, {&quote.ask, 1}) + " #" + std::to_string(quote.sequence));
    }
    void on_trade(const Trade& trade) override
    {
        const Level level{trade.price, trade.quantity};
        add("trade", symbol(trade.listing) + " " + name(trade.aggressor) +
                         levels(trade.listing, {&level, 1}) + " " + format_utc(trade.venue_time).substr(11));
    }
    void on_connection_sequence(ConnectionId, std::uint64_t sequence) override
    {
        add("sequence", std::to_string(sequence));
    }
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
    bool has(const std::string& start) const
    {
        for (const std::string& line : lines) {
            if (line.starts_with(start)) return true;
        }
        return false;
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

/// What a fresh decoder makes of one frame. The bytes behind the frame are `behind`, as in a buffer of many
/// frames.
inline Recorder decoded(const std::string& frame, const std::string& behind = "")
{
    Decoder decoder(setup());
    Recorder recorder;
    PaddedBuffer buffer(frame + behind);
    decoder.decode(ConnectionId{1}, {buffer.text_of().data, frame.size()}, Timestamp{7}, recorder);
    return recorder;
}

}  // namespace arb::coinbase
