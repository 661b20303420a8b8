#include "connectors/okx/emulator.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/emulate/answer_text.hpp"

namespace arb::okx {
namespace {

constexpr std::string_view kConnection = "a4d3ae55";

/// Price and size as the venue prints them: shortest digits, contracts where it counts contracts.
struct Printer {
    const Instrument& instrument;
    const Listing& listing;

    std::string price(Price price) const { return instrument.text(price); }
    std::string size(Quantity quantity) const
    {
        return format_scaled(quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
    }
    std::string side(std::span<const Level> levels) const
    {
        std::string text;
        for (const Level& level : levels) {
            // The third element is deprecated and always "0", the fourth counts the orders of the level.
            fmt::format_to(std::back_inserter(text), R"({}["{}","{}","0","{}"])", text.empty() ? "" : ",",
                           price(level.price), size(level.quantity), level.quantity.zero() ? 0 : 1);
        }
        return text;
    }
};

std::string_view instrument_type(const ListingDefinition& d)
{
    if (d.kind == InstrumentKind::spot) return "SPOT";
    return d.kind == InstrumentKind::perpetual ? "SWAP" : "FUTURES";
}

// Contracts expire at 08:00 UTC of the day in their name.
std::string expiry_time(const std::string& expiry)
{
    if (expiry.size() != 6) return "";
    const auto time = parse_utc(
        fmt::format("20{}-{}-{}T08:00:00Z", expiry.substr(0, 2), expiry.substr(2, 2), expiry.substr(4, 2)));
    return time ? fmt::format("{}", ms_of(*time)) : "";
}

std::string entry_of(const ListingDefinition& d)
{
    const bool spot = d.kind == InstrumentKind::spot;
    return fmt::format(
        R"({{"instType":"{}","instId":"{}","instFamily":"{}","uly":"{}","baseCcy":"{}","quoteCcy":"{}",)"
        R"("settleCcy":"{}","ctVal":"{}","ctMult":"{}","ctValCcy":"{}","ctType":"{}","expTime":"{}","tickSz":"{}",)"
        R"("lotSz":"{}","minSz":"{}","state":"{}","ruleType":"normal","lever":"10","optType":"","stk":""}})",
        instrument_type(d), d.symbol, spot ? "" : d.base + "-" + d.quote, spot ? "" : d.base + "-" + d.quote,
        spot ? d.base : "", spot ? d.quote : "", spot ? "" : (d.inverse ? d.base : d.quote),
        spot ? "" : d.multiplier.text(), spot ? "" : "1", spot ? "" : (d.inverse ? d.quote : d.base),
        spot ? "" : (d.inverse ? "inverse" : "linear"), expiry_time(d.expiry), d.tick.text(), d.lot.text(),
        d.quantity_min.text(), d.status == ListingStatus::trading ? "live" : "suspend");
}

class OkxEmulator final : public Emulator {
  public:
    std::string stream_url() const override { return "wss://ws.okx.com/ws/v5/public"; }

    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override
    {
        std::string entries;
        for (const ListingDefinition& d : definitions) {
            if (!entries.empty()) entries += ',';
            entries += entry_of(d);
        }
        const std::string_view kind = definitions.empty() ? "SPOT" : instrument_type(definitions.front());
        return {true, fmt::format("https://www.okx.com/api/v5/public/instruments?instType={}", kind),
                fmt::format(R"({{"code":"0","msg":"","data":[{}]}})", entries)};
    }

    void subscribe(const Instrument& instrument, const Listing& listing, const EmulatedBook& book,
                   Timestamp venue_time, std::vector<VenueMessage>& out) override
    {
        for (const std::string_view channel : {"books", "trades"}) {
            put(out,
                fmt::format(R"({{"event":"subscribe","arg":{{"channel":"{}","instId":"{}"}},"connId":"{}"}})",
                            channel, listing.symbol, kConnection));
        }
        Numbers& numbers = numbers_[listing.symbol];
        numbers.sequence += 10;
        put_book(instrument, listing, book.bids, book.asks, venue_time, "snapshot", -1, numbers.sequence,
                 out);
    }

    void change(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                std::span<const Level> asks, const EmulatedBook&, Timestamp venue_time,
                std::vector<VenueMessage>& out) override
    {
        // The numbers grow by more than one: only the link from prevSeqId to seqId counts.
        Numbers& numbers = numbers_[listing.symbol];
        const std::int64_t previous = numbers.sequence;
        numbers.sequence += bids.empty() && asks.empty() ? 0 : 3;
        put_book(instrument, listing, bids, asks, venue_time, "update", previous, numbers.sequence, out);
    }

    void trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
               std::vector<VenueMessage>& out) override
    {
        const Printer print{instrument, listing};
        Numbers& numbers = numbers_[listing.symbol];
        put(out,
            fmt::format(
                R"({{"arg":{{"channel":"trades","instId":"{0}"}},"data":[{{"instId":"{0}","tradeId":"{1}",)"
                R"("px":"{2}","sz":"{3}","side":"{4}","ts":"{5}","count":"1","source":"0","seqId":{6}}}]}})",
                listing.symbol, ++numbers.trade, print.price(trade.price), print.size(trade.quantity),
                name(trade.aggressor), ms_of(trade.venue_time), numbers.sequence));
    }

  private:
    struct Numbers {
        std::int64_t sequence = 123'450;
        std::int64_t trade = 130'639'470;
    };

    static void put(std::vector<VenueMessage>& out, std::string text)
    {
        out.push_back({false, "", std::move(text)});
    }

    static void put_book(const Instrument& instrument, const Listing& listing, std::span<const Level> bids,
                         std::span<const Level> asks, Timestamp time, std::string_view action,
                         std::int64_t previous, std::int64_t sequence, std::vector<VenueMessage>& out)
    {
        const Printer print{instrument, listing};
        put(out,
            fmt::format(R"({{"arg":{{"channel":"books","instId":"{}"}},"action":"{}","data":[{{"asks":[{}],)"
                        R"("bids":[{}],"ts":"{}","checksum":0,"prevSeqId":{},"seqId":{}}}]}})",
                        listing.symbol, action, print.side(asks), print.side(bids), ms_of(time), previous,
                        sequence));
    }

    std::map<std::string, Numbers> numbers_;
};

}  // namespace

std::unique_ptr<Emulator> make_emulator(std::string_view)
{
    return std::make_unique<OkxEmulator>();
}

}  // namespace arb::okx
