// What Kraken's emulator says, read by the decoder and judged by the checksum rule, over a book deeper than
// the depth.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "connectors/kraken/test_support.hpp"

namespace arb::kraken {
namespace {

constexpr Timestamp kEmulatorStart{1'700'000'000'000'000'000};

/// One book kept as the venue's documentation tells: apply, cut to the depth, check.
class Keeper final : public FactSink {
  public:
    std::map<std::int64_t, std::int64_t> bids, asks;  // bids under negative prices: best first
    std::size_t checked = 0, failed = 0, undecoded = 0;

    void on_book(const BookUpdate& update) override
    {
        if (update.snapshot) {
            bids.clear();
            asks.clear();
        }
        apply(bids, update.bids, -1, update.depth);
        apply(asks, update.asks, 1, update.depth);
        if (!update.has_checksum) return;
        ++checked;
        const Instrument& instrument = table().instrument_of(update.listing);
        if (crc32(digits(asks, instrument, update.text) + digits(bids, instrument, update.text)) !=
            update.checksum) {
            ++failed;
        }
    }
    void on_quote(const BestQuote&) override {}
    void on_trade(const Trade&) override {}
    void on_connection_sequence(ConnectionId, std::uint64_t) override {}
    void on_acknowledged(ConnectionId, ListingId, bool) override {}
    void on_venue_time(Timestamp, Timestamp) override {}
    void on_undecoded(const Undecoded&) override { ++undecoded; }

  private:
    using Side = std::map<std::int64_t, std::int64_t>;
    static void apply(Side& side, std::span<const Level> levels, int sign, std::uint32_t depth)
    {
        for (const Level& level : levels) {
            if (level.quantity.zero())
                side.erase(sign * level.price.units);
            else
                side[sign * level.price.units] = level.quantity.units;
        }
        while (side.size() > depth) side.erase(std::prev(side.end()));
    }
    // The digits of a number written with `decimals` decimals: the integer itself, zeros appended or taken
    // away.
    static std::string number(std::int64_t units, unsigned unit_decimals, unsigned decimals)
    {
        std::string text = std::to_string(units < 0 ? -units : units);
        for (; unit_decimals < decimals; ++unit_decimals) text += '0';
        for (; unit_decimals > decimals; --unit_decimals) text.pop_back();
        return text;
    }
    static std::string digits(const Side& side, const Instrument& instrument, TextDecimals text)
    {
        std::string all;
        std::size_t count = 0;
        for (const auto& [price, quantity] : side) {
            if (count++ == 10) break;
            all += number(price, instrument.price_decimals, text.price);
            all += number(quantity, instrument.quantity_decimals, text.quantity);
        }
        return all;
    }
    static std::uint32_t crc32(const std::string& text)
    {
        std::uint32_t crc = 0xffffffffU;
        for (const char c : text) {
            crc ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) * 0xedb88320U);
        }
        return ~crc;
    }
};

std::vector<Level> flat(const std::map<std::int64_t, std::int64_t>& side, int sign, std::size_t limit)
{
    std::vector<Level> levels;
    for (const auto& [price, quantity] : side) {
        if (levels.size() == limit) break;
        levels.push_back({Price{sign * price}, Quantity{quantity}});
    }
    return levels;
}

TEST(KrakenEmulator, golden_frames_pass_the_checksum_rule)
{
    for (const std::vector<const char*>& run :
         {std::vector<const char*>{"book_snapshot", "book_update"},
          std::vector<const char*>{"v1_book_snapshot", "v1_book_update"}}) {
        Decoder decoder(setup());
        Keeper keeper;
        for (const char* name : run) feed(decoder, golden(name), keeper);
        EXPECT_GT(keeper.checked, 0U);
        EXPECT_EQ(keeper.failed, 0U);
    }
}

// What is below the depth comes into view, goes and comes again.
void keep_in_step(std::size_t depth)
{
    const Listing& listing = table().listing(ListingId{0});
    const Instrument& instrument = table().instrument_of(listing.id);
    const auto emulator = std::make_unique<kraken::Emulator>(depth);
    std::map<std::int64_t, std::int64_t> bids, asks;  // the whole market; bids under negative prices
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(depth) + 50; ++i) {
        bids[-(20'000 - i)] = 100'000'000 + i;
        asks[20'001 + i] = 5'000'000'000 + i * 10;
    }
    Decoder decoder(setup());
    Keeper keeper;
    std::vector<VenueMessage> out;
    std::uint64_t state = 12'345;  // a fixed sequence of a linear congruential generator
    const auto draw = [&state](std::uint64_t below) {
        state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return static_cast<std::int64_t>((state >> 33) % below);
    };
    std::vector<Level> all_bids = flat(bids, -1, 99'999), all_asks = flat(asks, 1, 99'999);
    emulator->subscribe(instrument, listing, {all_bids, all_asks}, kEmulatorStart, out);
    for (int step = 0; step < 400; ++step) {
        const bool buy = draw(2) == 0;
        auto& side = buy ? bids : asks;
        const std::int64_t off = draw(depth + 50), key = buy ? off - 20'000 : 20'001 + off;
        const Level changed{Price{buy ? -key : key}, Quantity{draw(2) == 0 ? 1 + draw(1'000'000'000) : 0}};
        if (changed.quantity.zero() && side.erase(key) == 0) continue;
        if (!changed.quantity.zero()) side[key] = changed.quantity.units;
        all_bids = flat(bids, -1, 99'999);
        all_asks = flat(asks, 1, 99'999);
        const std::span<const Level> one(&changed, 1);
        emulator->change(instrument, listing, buy ? one : std::span<const Level>{},
                         buy ? std::span<const Level>{} : one, {all_bids, all_asks},
                         kEmulatorStart + milliseconds(step), out);
        for (const VenueMessage& message : out) feed(decoder, message.text, keeper);
        out.clear();
        ASSERT_EQ(flat(keeper.bids, -1, depth), flat(bids, -1, depth)) << "step " << step;
        ASSERT_EQ(flat(keeper.asks, 1, depth), flat(asks, 1, depth)) << "step " << step;
    }
    EXPECT_GT(keeper.checked, 60U);
    EXPECT_EQ(keeper.failed, 0U);
    EXPECT_EQ(keeper.undecoded, 0U);
}

TEST(KrakenEmulator, a_book_stays_in_step_at_every_depth)
{
    for (const std::size_t depth : {10U, 25U, 100U, 500U, 1000U}) keep_in_step(depth);
}

TEST(KrakenEmulator, words_of_the_venue)
{
    const Listing& listing = table().listing(ListingId{1});
    const Instrument& instrument = table().instrument_of(listing.id);
    const std::unique_ptr<arb::Emulator> emulator = type().make_emulator("spot");
    const std::vector<Level> bids = {{Price{300'000}, Quantity{100'000'000}}};
    std::vector<VenueMessage> out;
    emulator->subscribe(instrument, listing, {bids, {}}, kEmulatorStart, out);
    ASSERT_EQ(out.size(), 3U);
    EXPECT_NE(out[2].text.find(R"("bids":[{"price":30000.0,"qty":1.00000000}],"asks":[])"),
              std::string::npos);
    const Trade trade{listing.id, Price{300'000}, Quantity{7}, Side::sell, kEmulatorStart, {}};
    emulator->trade(instrument, listing, trade, out);
    Recorder recorder;
    Decoder decoder(setup());
    for (const VenueMessage& message : out) feed(decoder, message.text, recorder);
    ASSERT_EQ(recorder.lines.size(), 3U);
    EXPECT_EQ(recorder.lines[0], "subscribed BTC/USD");
    EXPECT_EQ(recorder.lines[2], "trade BTC/USD sell 30000x0.00000007 22:13:20.000000000Z");
    EXPECT_EQ(emulator->stream_url(), type().stream_url("spot"));
}

}  // namespace
}  // namespace arb::kraken
