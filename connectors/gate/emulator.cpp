#include "connectors/gate/emulator.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace arb::gate {
namespace {

constexpr std::size_t kLevelsTold = 50;
constexpr unsigned kChangesBetweenBooks = 64;

std::int64_t whole_milliseconds(Timestamp time)
{
    return time.ns / milliseconds(1).ns;
}

std::string_view word_of(ListingStatus status, bool spot)
{
    if (status == ListingStatus::trading) return spot ? "tradable" : "trading";
    return spot ? "untradable" : "delisting";
}

std::string pair_entry(const ListingDefinition& d)
{
    return fmt::format(
        R"({{"id":"{}_{}","base":"{}","quote":"{}","fee":"0.2","min_base_amount":"{}","min_quote_amount":{},)"
        R"("max_quote_amount":"5000000","amount_precision":{},"precision":{},"trade_status":"{}","sell_start":0,)"
        R"("buy_start":0,"delisting_time":0,"type":"normal","st_tag":false}})",
        d.base, d.quote, d.base, d.quote, d.quantity_min.text(),
        d.notional_min.zero() ? "null" : fmt::format("\"{}\"", d.notional_min.text()), d.lot.decimals(),
        d.tick.decimals(), word_of(d.status, true));
}

std::string contract_entry(const ListingDefinition& d)
{
    const bool decimal = d.quantity_min.decimals() > 0 || !d.quantity_unit.zero();
    const std::string least = d.quantity_min.text();
    return fmt::format(
        R"({{"name":"{}_{}","type":"direct","quanto_multiplier":"{}","order_price_round":"{}",)"
        R"("order_size_min":{},"order_size_max":1000000,"enable_decimal":{},"order_price_deviate":"0.5",)"
        R"("leverage_min":"1","leverage_max":"100","maintenance_rate":"0.005","maker_fee_rate":"0.0002",)"
        R"("taker_fee_rate":"0.0005","funding_rate":"0.0001","funding_interval":28800,"funding_next_apply":0,)"
        R"("status":"{}","in_delisting":{},"config_change_time":0}})",
        d.base, d.quote, d.multiplier.text(), d.tick.text(), decimal ? fmt::format("\"{}\"", least) : least,
        decimal, word_of(d.status, false), d.status != ListingStatus::trading);
}

/// What the client was told of one book last.
struct Told {
    std::vector<Level> bids, asks;
    std::int64_t id = 73'777'715'168;
    unsigned changes = 0;
};

std::vector<Level> best_of(std::span<const Level> levels)
{
    const auto seen = levels.first(std::min(levels.size(), kLevelsTold));
    return {seen.begin(), seen.end()};
}

/// What differs between two views of one side. A level that was pushed out of sight is not told as gone.
std::vector<Level> difference(const std::vector<Level>& before, const std::vector<Level>& now)
{
    std::vector<Level> changes;
    const auto find = [](const std::vector<Level>& side, Price price) {
        return std::find_if(side.begin(), side.end(), [price](const Level& l) { return l.price == price; });
    };
    for (const Level& level : before) {
        if (find(now, level.price) != now.end()) continue;
        // Prices of a full view run one way from the best to the last.
        const bool behind = now.size() == kLevelsTold &&
                            (now.front().price < now.back().price ? level.price > now.back().price
                                                                  : level.price < now.back().price);
        if (!behind) changes.push_back({level.price, {0}});
    }
    for (const Level& level : now) {
        const auto same = find(before, level.price);
        if (same == before.end() || same->quantity != level.quantity) changes.push_back(level);
    }
    return changes;
}

class GateEmulator final : public Emulator {
  public:
    explicit GateEmulator(std::string_view market)
        : spot_(market == "spot"), prefix_(spot_ ? "spot" : "futures")
    {
    }

    std::string stream_url() const override
    {
        return spot_ ? "wss://api.gateio.ws/ws/v4/" : "wss://fx-ws.gateio.ws/v4/ws/usdt";
    }

    VenueMessage instruments(const std::vector<ListingDefinition>& definitions) override
    {
        std::string entries;
        for (const ListingDefinition& d : definitions) {
            if (!entries.empty()) entries += ',';
            entries += spot_ ? pair_entry(d) : contract_entry(d);
        }
        return {true,
                std::string("https://api.gateio.ws/api/v4") +
                    (spot_ ? "/spot/currency_pairs" : "/futures/usdt/contracts"),
                '[' + entries + ']'};
    }

    void subscribe(const Instrument& instrument, const Listing& listing, const EmulatedBook& book,
                   Timestamp venue_time, std::vector<VenueMessage>& out) override
    {
        const std::string book_reply = reply("obu", fmt::format("ob.{}.50", listing.symbol), venue_time);
        Told& told = told_[listing.symbol];
        told.bids = best_of(book.bids);
        told.asks = best_of(book.asks);
        told.id += 10;
        const bool book_first = subscriptions_++ % 2 == 1;
        if (!book_first) put(out, book_reply);
        put_whole(instrument, listing, told, venue_time, out);
        if (book_first) put(out, book_reply);
        put(out, reply("trades", listing.symbol, venue_time));
    }

    void change(const Instrument& instrument, const Listing& listing, std::span<const Level>,
                std::span<const Level>, const EmulatedBook& book, Timestamp venue_time,
                std::vector<VenueMessage>& out) override
    {
        Told& told = told_[listing.symbol];
        std::vector<Level> bids = best_of(book.bids), asks = best_of(book.asks);
        const std::vector<Level> bid_changes = difference(told.bids, bids);
        const std::vector<Level> ask_changes = difference(told.asks, asks);
        told.bids = std::move(bids);
        told.asks = std::move(asks);
        const std::int64_t first = told.id + 1;
        told.id += 3;
        if (++told.changes % kChangesBetweenBooks == 0) {
            put_whole(instrument, listing, told, venue_time, out);
            return;
        }
        std::string sides;
        for (const auto& [name, changes] : {std::pair{'b', &bid_changes}, std::pair{'a', &ask_changes}}) {
            if (!changes->empty())
                sides += fmt::format(R"(,"{}":[{}])", name, side(instrument, listing, *changes));
        }
        put(out,
            fmt::format(
                R"({{"channel":"{}.obu","result":{{"t":{},"s":"ob.{}.50","U":{},"u":{}{}}},"time_ms":{}}})",
                prefix_, whole_milliseconds(venue_time), listing.symbol, first, told.id, sides,
                whole_milliseconds(venue_time) + 1));
    }

    void trade(const Instrument& instrument, const Listing& listing, const Trade& trade,
               std::vector<VenueMessage>& out) override
    {
        const std::int64_t time = whole_milliseconds(trade.venue_time);
        const std::string size = this->size(listing, trade.quantity);
        const std::string price = instrument.text(trade.price);
        ++trades_;
        const std::string result =
            spot_
                ? fmt::format(
                      R"({{"id":{0},"id_market":{0},"create_time":{1},"create_time_ms":"{2}.0000",)"
                      R"("side":"{3}","currency_pair":"{4}","amount":"{5}","price":"{6}","range":"{0}-{0}"}})",
                      trades_, time / 1000, time, name(trade.aggressor), listing.symbol, size, price)
                : fmt::format(R"([{{"size":"{}{}","id":{},"create_time":{},"create_time_ms":{},"price":"{}",)"
                              R"("contract":"{}"}}])",
                              trade.aggressor == Side::sell ? "-" : "", size, trades_, time / 1000, time,
                              price, listing.symbol);
        put(out,
            fmt::format(R"({{"time":{},"time_ms":{},"channel":"{}.trades","event":"update","result":{}}})",
                        time / 1000, time, prefix_, result));
    }

  private:
    static void put(std::vector<VenueMessage>& out, std::string text)
    {
        out.push_back({false, "", std::move(text)});
    }
    std::string reply(std::string_view channel, std::string_view wanted, Timestamp time) const
    {
        return fmt::format(
            R"({{"time":{},"time_ms":{},"conn_id":"d7de96c024f2a5b2","trace_id":"c3a5","channel":"{}.{}",)"
            R"("event":"subscribe","payload":["{}"],"error":null,"result":{{"status":"success"}}}})",
            whole_milliseconds(time) / 1000, whole_milliseconds(time), prefix_, channel, wanted);
    }
    static std::string size(const Listing& listing, Quantity quantity)
    {
        return format_scaled(quantity.units / listing.wire.quantity_factor, listing.wire.quantity_decimals);
    }
    static std::string side(const Instrument& instrument, const Listing& listing,
                            const std::vector<Level>& levels)
    {
        std::string text;
        for (const Level& level : levels)
            text += fmt::format(R"({}["{}","{}"])", text.empty() ? "" : ",", instrument.text(level.price),
                                size(listing, level.quantity));
        return text;
    }
    void put_whole(const Instrument& instrument, const Listing& listing, const Told& told, Timestamp time,
                   std::vector<VenueMessage>& out) const
    {
        put(out, fmt::format(R"({{"channel":"{}.obu","result":{{"t":{},"full":true,"s":"ob.{}.50","u":{},)"
                             R"("b":[{}],"a":[{}]}},"time_ms":{}}})",
                             prefix_, whole_milliseconds(time), listing.symbol, told.id,
                             side(instrument, listing, told.bids), side(instrument, listing, told.asks),
                             whole_milliseconds(time) + 1));
    }

    bool spot_;
    std::string_view prefix_;
    std::map<std::string, Told> told_;
    std::uint64_t subscriptions_ = 0;
    std::int64_t trades_ = 5'736'713;
};

}  // namespace

std::unique_ptr<Emulator> make_emulator(std::string_view market)
{
    return std::make_unique<GateEmulator>(market);
}

}  // namespace arb::gate
