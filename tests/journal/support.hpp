#pragma once
// Shared by the journal's tests: a folder of their own in the temporary directory, small files, gzip and
// zstd, and a VenueDirectory of one invented exchange.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "engine/journal/import.hpp"
#include "engine/journal/reader.hpp"
#include "engine/journal/writer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace arb::test {

using Folder = TemporaryFolder;

inline std::string read_file(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline std::string zstd(std::string_view text)
{
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

inline std::string gzip(std::string_view text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// A record as text, to compare what was written with what is read. Touches every byte.
inline std::string describe(const Record& r)
{
    std::ostringstream out;
    out << static_cast<int>(r.kind) << " v" << index(r.venue) << " c" << index(r.connection) << " t"
        << r.time.ns << " s" << r.status << " l" << r.listing << (r.snapshot ? " snapshot" : "")
        << " url=" << r.url << " text=" << r.text.view();
    if (r.venue_time.known()) out << " venue=" << r.venue_time.ns;
    for (const RecordedLevel& level : r.bids) out << " b" << level.price << "x" << level.quantity;
    for (const RecordedLevel& level : r.asks) out << " a" << level.price << "x" << level.quantity;
    return out.str();
}

/// All records of a journal; `trouble` and `error` take what is wrong.
struct Contents {
    std::vector<std::string> records;
    std::string trouble;  ///< of the reader, or why it did not open
    bool opened = false;
    JournalHeader header;
};

inline Contents read_journal(const std::string& path)
{
    Contents out;
    Result<JournalReader> reader = JournalReader::open(path);
    if (!reader) {
        EXPECT_EQ(reader.error().code, ExitCode::data);
        out.trouble = reader.error().message;
        return out;
    }
    out.opened = true;
    out.header = reader->header();
    while (const Record* record = reader->next()) {
        EXPECT_EQ(record->number, out.records.size() + 1);
        out.records.push_back(describe(*record));
    }
    EXPECT_EQ(reader->next(), nullptr);
    if (reader->trouble()) {
        EXPECT_EQ(reader->trouble()->code, ExitCode::data);
        out.trouble = reader->trouble()->message;
    }
    return out;
}

/// The exchange "fake" with the markets spot and linear. Its frames are `{"s":"SYMBOL","p":"1.25"}`; its
/// instrument list is "SYMBOL BASE QUOTE tick;..." at .../instruments.
class FakeDirectory : public VenueDirectory {
  public:
    std::optional<VenueKey> venue_of_url(std::string_view url) const override
    {
        if (url.find("fake.example/spot") != std::string_view::npos) return VenueKey{"fake", "spot"};
        if (url.find("fake.example/linear") != std::string_view::npos) return VenueKey{"fake", "linear"};
        return std::nullopt;
    }
    std::optional<VenueKey> venue_of_tardis(std::string_view name) const override
    {
        if (name == "fake") return VenueKey{"fake", "linear"};
        if (name == "fake-spot") return VenueKey{"fake", "spot"};
        return std::nullopt;
    }
    bool known(const VenueKey& key) const override
    {
        return key.exchange == "fake" && (key.market == "spot" || key.market == "linear");
    }
    std::string stream_url(const VenueKey& key) const override { return "wss://fake.example/" + key.market; }
    std::string snapshot_url(const VenueKey& key, std::string_view symbol) const override
    {
        return "https://fake.example/" + key.market + "/depth?symbol=" + std::string(symbol);
    }
    Result<std::vector<ListingDefinition>> read_instruments(const VenueKey& key, std::string_view url,
                                                            std::string_view body) const override
    {
        std::vector<ListingDefinition> out;
        if (url.find("/instruments") == std::string_view::npos) return out;
        if (body == "damaged") return Error{ExitCode::data, "no list"};
        std::istringstream in{std::string(body)};
        std::string symbol, base, quote, tick;
        while (in >> symbol >> base >> quote >> tick) {
            ListingDefinition d;
            d.market = key.market;
            d.symbol = symbol;
            d.base = base;
            d.quote = quote;
            d.tick = *Decimal::parse(tick);
            d.lot = Decimal(1, 3);
            out.push_back(d);
        }
        return out;
    }
    std::optional<ListingDefinition> guess_listing(const VenueKey&, std::string_view symbol) const override
    {
        if (symbol.size() != 6) return std::nullopt;
        ListingDefinition d;
        d.market = "spot";
        d.symbol = symbol;
        d.base = symbol.substr(0, 3);
        d.quote = symbol.substr(3);
        return d;
    }

    class FakeLearner : public Learner {
      public:
        FakeLearner(const FakeDirectory& owner, VenueKey key, std::vector<ListingDefinition> known)
            : owner_(owner), key_(std::move(key)), known_(std::move(known))
        {
        }
        void open(std::uint16_t connection, std::string_view url, Timestamp) override
        {
            owner_.log.push_back("open " + std::to_string(connection) + " " + std::string(url));
        }
        void frame(std::uint16_t connection, std::string_view text, Timestamp) override
        {
            owner_.log.push_back("frame " + std::to_string(connection) + " " + std::string(text));
            const std::size_t at = text.find("\"s\":\"");
            if (at == std::string_view::npos) return;
            const std::string_view rest = text.substr(at + 5);
            learn(std::string(rest.substr(0, rest.find('"'))));
        }
        void http(std::string_view url, std::string_view, Timestamp) override
        {
            owner_.log.push_back("http " + std::string(url));
        }
        std::vector<ListingDefinition> result() const override { return seen_; }

      private:
        void learn(const std::string& symbol)
        {
            for (const ListingDefinition& d : seen_) {
                if (d.symbol == symbol) return;
            }
            for (const ListingDefinition& d : known_) {
                if (d.symbol == symbol) return seen_.push_back(d);
            }
            ListingDefinition d = owner_.guess_listing(key_, symbol).value_or(ListingDefinition{});
            d.symbol = symbol;
            d.tick = Decimal(1, 2);
            d.lot = Decimal(1, 0);
            d.inferred = true;
            seen_.push_back(d);
        }
        const FakeDirectory& owner_;
        VenueKey key_;
        std::vector<ListingDefinition> known_, seen_;
    };

    std::unique_ptr<Learner> learn(const VenueKey& key,
                                   const std::vector<ListingDefinition>& known) const override
    {
        return std::make_unique<FakeLearner>(*this, key, known);
    }

    mutable std::vector<std::string> log;
};

}  // namespace arb::test
