// The importers over an invented exchange: what comes out of good inputs, and that bad ones are named by
// place while everything before stays readable.
#include "tests/journal/support.hpp"

namespace arb {
namespace {

using test::Contents;
using test::FakeDirectory;
using test::Folder;
using test::read_journal;

using Texts = std::vector<std::string>;

struct Imported {
    bool ok = false;
    Error error;
    ImportSummary summary;
    Contents contents;
    Texts log;  ///< what the learners saw
};

/// An import request whose other members may be left out.
struct Ask {
    std::string format{};
    std::vector<std::string> inputs{};
    std::string venue{};
    std::string market{};
    std::string instrument{};
    std::vector<InstrumentTable::VenueListings> instruments{};
};

Imported import(const Folder& folder, const Ask& ask)
{
    const FakeDirectory directory;
    ImportRequest request;
    request.format = ask.format;
    request.inputs = ask.inputs;
    request.venue = ask.venue;
    request.market = ask.market;
    request.instrument = ask.instrument;
    request.instruments = ask.instruments;
    request.output = folder.at("out.arb");
    request.build = "test build";
    std::filesystem::remove(request.output);
    std::uint64_t last = 0;
    request.progress = [&last](std::uint64_t done, std::uint64_t total, std::uint64_t) {
        EXPECT_GE(done, last);
        EXPECT_LE(done, total);
        last = done;
    };
    Imported out;
    Result<ImportSummary> result = run_import(request, directory);
    out.ok = static_cast<bool>(result);
    out.log = directory.log;
    if (result)
        out.summary = *result;
    else
        out.error = result.error();
    if (std::filesystem::exists(request.output)) {
        out.contents = read_journal(request.output);
        EXPECT_EQ(out.contents.trouble, "");
    }
    EXPECT_FALSE(std::filesystem::exists(request.output + ".part"));
    if (result) {
        EXPECT_EQ(out.summary.records, out.contents.records.size());
        EXPECT_EQ(out.summary.bytes, std::filesystem::file_size(request.output));
    }
    return out;
}

testing::AssertionResult has(const std::string& text, std::string_view part)
{
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "'" << part << "' is not in '" << text << "'";
}

/// A data error at this line of the file; the output, if any, has `kept` records.
void expect_error(const Imported& imported, const std::string& place, std::string_view part, std::size_t kept)
{
    EXPECT_FALSE(imported.ok);
    EXPECT_EQ(imported.error.code, ExitCode::data);
    EXPECT_EQ(imported.error.message.find(place), 0U) << imported.error.message;
    EXPECT_TRUE(has(imported.error.message, part));
    EXPECT_EQ(imported.contents.records.size(), kept);
    if (kept > 0)
        EXPECT_TRUE(
            has(imported.error.message, "the " + std::to_string(kept) + " records before it are kept"));
    else
        EXPECT_TRUE(has(imported.error.message, "nothing before it"));
}

std::string note(const Imported& imported)
{
    std::string all;
    for (const std::string& text : imported.summary.notes) all += text + "\n";
    return all;
}

const std::string kSpot = "wss://fake.example/spot";
const std::string kLinear = "wss://fake.example/linear";

std::string line(const std::string& type, const std::string& connection, const std::string& time,
                 const std::string& rest)
{
    return "{\"t\":\"" + type + "\",\"conn\":\"" + connection + "\",\"ts\":" + time + "," + rest + "}\n";
}

const std::string kCapture =
    "{\"t\":\"header\",\"format\":2}\n" +
    line("http", "h", "1600000000.5",
         R"("url":"https://fake.example/spot/instruments","data":"AAABBB AAA BBB 0.001")") +
    line("http", "h", "1600000002.5",
         R"("url":"https://fake.example/spot/depth?symbol=AAABBB","data":"{\"x\":1}")") +
    line("http", "h", "1600000002.6",
         R"("url":"https://fake.example/spot/instruments?type=option","data":"")") +
    line("connect", "a", "1600000001", "\"addr\":\"" + kSpot + "\"") +
    line("send", "a", "1600000001.1", R"("data":"{\"op\":\"subscribe\"}")") +
    line("recv", "a", "1600000002.0000001", R"("data":"{\"s\":\"AAABBB\",\"n\":\"\u00e9\"}")") +
    line("recv", "a", "1600000004", R"("data":"second")") +
    line("connect", "b", "1600000001.5", "\"addr\":\"" + kLinear + "\"") +
    line("recv", "b", "1600000003", R"("data":"{\"s\":\"CCCDDD\"}")") +
    line("recv", "b", "1600000004", R"("data":"tie")");

TEST(ImportCryptofeed, connections_are_merged_by_time)
{
    const Folder folder;
    const Imported out = import(
        folder, {.format = "cryptofeed", .inputs = {folder.write("a.jsonl.zst", test::zstd(kCapture))}});
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{"3 v0 c0 t1600000001000000000 s0 l0 url=wss://fake.example/spot text=",
                         "3 v1 c1 t1600000001500000000 s0 l0 url=wss://fake.example/linear text=",
                         "1 v0 c0 t1600000002000000100 s0 l0 url= text={\"s\":\"AAABBB\",\"n\":\"\xc3\xa9\"}",
                         "2 v0 c0 t1600000002500000000 s200 l0 "
                         "url=https://fake.example/spot/depth?symbol=AAABBB text={\"x\":1}",
                         "1 v1 c1 t1600000003000000000 s0 l0 url= text={\"s\":\"CCCDDD\"}",
                         "1 v0 c0 t1600000004000000000 s0 l0 url= text=second",
                         "1 v1 c1 t1600000004000000000 s0 l0 url= text=tie"};
    EXPECT_EQ(out.contents.records, expected);
    EXPECT_EQ(out.summary.frames, 4U);
    EXPECT_EQ(out.contents.header.build, "test build");
    EXPECT_EQ(out.contents.header.source, "import cryptofeed a.jsonl.zst");
    ASSERT_EQ(out.contents.header.venues.size(), 2U);
    EXPECT_EQ(out.contents.header.venues[0].key.label(), "fake");
    EXPECT_EQ(out.contents.header.venues[1].key.label(), "fake_linear");
    ASSERT_EQ(out.contents.header.venues[0].definitions.size(), 1U);
    EXPECT_EQ(out.contents.header.venues[0].definitions[0].tick.text(), "0.001");
    EXPECT_FALSE(out.contents.header.venues[0].definitions[0].inferred);
    ASSERT_EQ(out.contents.header.venues[1].definitions.size(), 1U);
    EXPECT_TRUE(out.contents.header.venues[1].definitions[0].inferred);
    EXPECT_TRUE(has(note(out), "2 x instrument list not copied"));
    EXPECT_TRUE(has(note(out), "send"));
    EXPECT_EQ(out.log[0], "http https://fake.example/spot/depth?symbol=AAABBB");
    EXPECT_EQ(out.log[1], "open 0 wss://fake.example/spot");
}

TEST(ImportCryptofeed, instruments_given_and_lists_that_come_late)
{
    const Folder folder;
    ListingDefinition given;
    given.symbol = "CCCDDD";
    given.base = "CCC";
    given.quote = "DDD";
    given.tick = Decimal(5, 1);
    given.lot = Decimal(1, 0);
    const std::string capture =
        line("connect", "b", "1600000001", "\"addr\":\"" + kLinear + "\"") +
        line("recv", "b", "1600000003", R"("data":"{\"s\":\"CCCDDD\"}")") +
        line("recv", "b", "1600000003", R"("data":"{\"s\":\"EEEFFF\"}")") +
        line("http", "h", "1600000009",
             R"("url":"https://fake.example/linear/instruments","data":"EEEFFF EEE FFF 0.25")") +
        line("http", "h", "1600000010",
             R"("url":"https://fake.example/linear/instruments","data":"damaged")");
    const Imported out = import(folder, {.format = "cryptofeed",
                                         .inputs = {folder.write("a", capture)},
                                         .instruments = {{{"fake", "linear"}, {given}}}});
    ASSERT_TRUE(out.ok) << out.error.message;
    const auto& definitions = out.contents.header.venues.at(0).definitions;
    ASSERT_EQ(definitions.size(), 2U);
    EXPECT_EQ(definitions[0].tick.text(), "0.5");
    EXPECT_FALSE(definitions[0].inferred);
    EXPECT_EQ(definitions[1].tick.text(), "0.25");
    EXPECT_FALSE(definitions[1].inferred);
    EXPECT_TRUE(has(note(out), "cannot be read: no list"));
}

TEST(ImportCryptofeed, strangers_and_early_frames_are_skipped_and_counted)
{
    const Folder folder;
    const std::string capture =
        line("recv", "a", "1600000000", R"("data":"too early")") +
        line("connect", "a", "1600000001", "\"addr\":\"" + kSpot + "\"") +
        line("recv", "a", "1600000002", R"("data":"good")") +
        line("connect", "x", "1600000002", R"("addr":"wss://stranger.example")") +
        line("recv", "x", "1600000002", R"("data":"stranger")") +
        line("http", "h", "1600000002", R"("url":"https://stranger.example/depth","data":"{}")") +
        line("pong", "a", "1600000002", R"("data":"?")") +
        line("connect", "a", "1600000003", "\"addr\":\"" + kSpot + "\"");
    const Imported out = import(folder, {.format = "cryptofeed", .inputs = {folder.write("a", capture)}});
    ASSERT_TRUE(out.ok) << out.error.message;
    ASSERT_EQ(out.contents.records.size(), 4U);
    EXPECT_TRUE(has(out.contents.records[1], "text=good"));
    EXPECT_EQ(out.contents.records[2].substr(0, 7), "4 v0 c0");
    EXPECT_EQ(out.contents.records[3].substr(0, 7), "3 v0 c0");
    EXPECT_TRUE(has(note(out), "2 x frame of a connection without a venue"));
    EXPECT_TRUE(has(note(out), "'pong'"));
    const Imported none = import(
        folder,
        {.format = "cryptofeed",
         .inputs = {folder.write("a", line("connect", "x", "1600000002", R"("addr":"wss://s.example")"))}});
    EXPECT_FALSE(none.ok);
    EXPECT_TRUE(has(none.error.message, "wss://s.example"));
}

TEST(ImportCryptofeed, messages_that_were_no_text)
{
    const Folder folder;
    const std::string known = line("connect", "a", "1600000001", "\"addr\":\"" + kSpot + "\"") +
                              line("recv", "a", "1600000002", R"("data":"good")");
    const std::string stranger = line("connect", "x", "1600000002", R"("addr":"wss://stranger.example")") +
                                 line("recv", "x", "1600000002", R"("b64":"H4sI")");
    const Imported out = import(
        folder,
        {.format = "cryptofeed",
         .inputs = {folder.write(
             "a", stranger + known + line("recv", "a", "1600000003", R"("b64":"AAEC")") +
                      line("http", "h", "1600000003", R"("url":"https://fake.example/spot/x","b64":"AA")") +
                      line("recv", "a", "1600000004", R"("data":"after")"))}});
    ASSERT_TRUE(out.ok) << out.error.message;
    ASSERT_EQ(out.contents.records.size(), 4U);
    EXPECT_TRUE(has(out.contents.records[2], "text=AAEC")) << "the decoder has to doubt what it cannot read";
    EXPECT_TRUE(has(out.contents.records[3], "text=after"));
    EXPECT_TRUE(has(note(out), "frame that was no text kept"));
    EXPECT_TRUE(has(note(out), "REST reply that was no text left out"));
    EXPECT_EQ(out.log, (Texts{"open 0 wss://fake.example/spot", "frame 0 good", "frame 0 after"}));
    const Imported none = import(folder, {.format = "cryptofeed", .inputs = {folder.write("a", stranger)}});
    EXPECT_FALSE(none.ok);
    EXPECT_TRUE(has(none.error.message, "wss://stranger.example"));
}

TEST(ImportCryptofeed, several_files_are_merged)
{
    const Folder folder;
    const auto file = [&](const std::string& name, const std::string& time) {
        return folder.write(name, line("connect", "a", "1600000001", "\"addr\":\"" + kSpot + "\"") +
                                      line("recv", "a", time, "\"data\":\"" + name + "\""));
    };
    const Imported out = import(
        folder, {.format = "cryptofeed", .inputs = {file("x", "1600000009"), file("y", "1600000005")}});
    ASSERT_TRUE(out.ok) << out.error.message;
    ASSERT_EQ(out.contents.records.size(), 4U);
    EXPECT_TRUE(has(out.contents.records[2], "c1 t1600000005000000000 s0 l0 url= text=y"));
    EXPECT_TRUE(has(out.contents.records[3], "c0 t1600000009000000000 s0 l0 url= text=x"));
    EXPECT_EQ(out.contents.header.venues.size(), 1U);
}

TEST(ImportCryptofeed, errors_name_the_line_and_keep_what_was_before)
{
    const Folder folder;
    const std::string good = line("connect", "a", "1600000001", "\"addr\":\"" + kSpot + "\"") +
                             line("recv", "a", "1600000002", R"("data":"kept")");
    const auto with = [&](const std::string& bad) {
        return import(folder, {.format = "cryptofeed", .inputs = {folder.write("a", good + bad + good)}});
    };
    const std::string place = folder.at("a") + ":3: ";
    expect_error(with(line("recv", "a", "1600000001.9", R"("data":"x")")), place, "run backwards", 2);
    expect_error(with("{\"t\":\"recv\""), place, "a comma is missing", 2);
    expect_error(with("timestamp,b1\n"), place, "no JSON object", 2);
    expect_error(with("{\"a\":1}\n"), place, "cryptofeed capture", 2);
    expect_error(with(line("recv", "a", "\"x\"", R"("data":"x")")), place, "\"ts\"", 2);
    expect_error(with(line("recv", "a", "1600000002000", R"("data":"x")")), place, "\"ts\"", 2);
    expect_error(with(line("recv", "a", "1600000002", R"("data":null)")), place, "\"data\"", 2);
    expect_error(with(line("recv", "a", "1600000002", R"("data":"\ud800")")), place, "bad escape", 2);
    expect_error(with(line("connect", "a", "1600000002", R"("data":"x")")), place, "\"addr\"", 2);
    expect_error(with("x\r\n"), place, "CRLF", 2);
    expect_error(import(folder, {.format = "cryptofeed", .inputs = {folder.write("a", "nonsense\n")}}),
                 folder.at("a") + ":1: ", "no JSON object", 0);
    const std::string packed = test::gzip(good + good);
    const Imported cut = import(
        folder, {.format = "cryptofeed", .inputs = {folder.write("a", packed.substr(0, packed.size() - 4))}});
    expect_error(cut, folder.at("a") + ":3: ", "run backwards", 2);
}

TEST(Import, usage)
{
    const Folder folder;
    const std::string file = folder.write("a", "x\n");
    for (const Ask& request :
         {Ask{.format = "csv", .inputs = {file}}, Ask{.format = "cryptofeed"},
          Ask{.format = "hftbacktest-raw", .inputs = {file}},
          Ask{.format = "hftbacktest-raw", .inputs = {file}, .venue = "fake", .market = "coinm"},
          Ask{.format = "book-csv", .inputs = {file}, .venue = "x"},
          Ask{.format = "book-csv", .inputs = {file}, .venue = "x", .instrument = "LINK"},
          Ask{.format = "tardis-l2", .inputs = {file}, .market = "spot"}}) {
        const Imported out = import(folder, request);
        EXPECT_FALSE(out.ok);
        EXPECT_EQ(out.error.code, ExitCode::usage) << out.error.message;
    }
    EXPECT_EQ(import(folder, {.format = "cryptofeed", .inputs = {folder.at("none")}}).error.code,
              ExitCode::data);
    EXPECT_EQ(import_formats().size(), 4U);
}

Ask raw(const Folder& folder, const std::string& text)
{
    return {
        .format = "hftbacktest-raw", .inputs = {folder.write("a", text)}, .venue = "fake", .market = "spot"};
}

TEST(ImportRaw, frames_and_snapshots)
{
    const Folder folder;
    const std::string text =
        "1600000000000000001 {\"lastUpdateId\":5,\"bids\":[]}\n"
        "1600000000000000001 {\"stream\":\"x\",\"data\":{\"s\":\"AAABBB\",\"lastUpdateId\":1}}\n"
        "1600000000000000002 {\"symbol\":\"ZZZ\",\"lastUpdateId\":6}\n"
        "1600000000000000003 {\"u\":1,\"s\":\"AAABBB\"}\n"
        "1600000000000000004 {\"broken";
    const Imported out = import(folder, raw(folder, text));
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{
        "3 v0 c0 t1600000000000000001 s0 l0 url=wss://fake.example/spot text=",
        "2 v0 c0 t1600000000000000001 s200 l0 url=https://fake.example/spot/depth?symbol=AAABBB "
        "text={\"lastUpdateId\":5,\"bids\":[]}",
        "1 v0 c0 t1600000000000000001 s0 l0 url= "
        "text={\"stream\":\"x\",\"data\":{\"s\":\"AAABBB\",\"lastUpdateId\":1}}",
        "2 v0 c0 t1600000000000000002 s200 l0 url=https://fake.example/spot/depth?symbol=ZZZ "
        "text={\"symbol\":\"ZZZ\",\"lastUpdateId\":6}",
        "1 v0 c0 t1600000000000000003 s0 l0 url= text={\"u\":1,\"s\":\"AAABBB\"}",
        "1 v0 c0 t1600000000000000004 s0 l0 url= text={\"broken"};
    EXPECT_EQ(out.contents.records, expected);
    EXPECT_EQ(out.summary.frames, 3U);
    ASSERT_EQ(out.contents.header.venues.at(0).definitions.size(), 1U);
    EXPECT_EQ(out.contents.header.venues[0].definitions[0].symbol, "AAABBB");
}

TEST(ImportRaw, two_files_of_two_symbols_each_name_their_own_snapshots)
{
    const Folder folder;
    const auto file = [&](const std::string& name, const std::string& symbol, int at) {
        const std::string time = "160000000000000000" + std::to_string(at);
        return folder.write(
            name, time + " {\"e\":1,\"s\":\"" + symbol + "\"}\n" + time + " {\"lastUpdateId\":1}\n");
    };
    const Imported out = import(folder, {.format = "hftbacktest-raw",
                                         .inputs = {file("a", "AAABBB", 1), file("b", "CCCDDD", 2)},
                                         .venue = "fake"});
    ASSERT_TRUE(out.ok) << out.error.message;
    ASSERT_EQ(out.contents.records.size(), 6U);
    EXPECT_TRUE(has(out.contents.records[2], "symbol=AAABBB"));
    EXPECT_TRUE(has(out.contents.records[5], "symbol=CCCDDD"));
    EXPECT_TRUE(has(out.contents.records[4], "c1"));
    EXPECT_EQ(out.contents.header.venues.at(0).definitions.size(), 2U);
}

TEST(ImportRaw, errors)
{
    const Folder folder;
    const std::string good = "1600000000000000001 {\"stream\":\"x\",\"s\":\"AAABBB\"}\n";
    const auto with = [&](const std::string& bad) { return import(folder, raw(folder, good + bad)); };
    const std::string place = folder.at("a") + ":2: ";
    expect_error(with("1600000000000000000 {}\n"), place, "run backwards", 2);
    expect_error(with("{\"stream\":1}\n"), place, "time in ns", 2);
    expect_error(with("1600000000000 {}\n"), place, "not in nanoseconds", 2);
    expect_error(with("1600000000000000001 hello\n"), place, "no JSON", 2);
    expect_error(with("1600000000000000001\n"), place, "time in ns", 2);
    expect_error(with("1600000000000000001 {}\r\n"), place, "CRLF", 2);
    expect_error(
        with("1600000000000000002 {\"lastUpdateId\":1}\n1600000000000000003 {\"e\":1,\"s\":\"CCCDDD\"}\n"),
        place, "several (or none)", 2);
}

const std::string kTardisHead = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";

std::string row(const std::string& symbol, int at, bool snapshot, const std::string& rest,
                const std::string& exchange = "some-swap")
{
    return exchange + "," + symbol + ",1600000000000000,16000000000000" + std::to_string(at) + "," +
           (snapshot ? "true," : "false,") + rest + "\n";
}

Ask tardis(const Folder& folder, const std::string& text)
{
    return {.format = "tardis-l2", .inputs = {folder.write("a.csv.gz", test::gzip(text))}};
}

TEST(ImportTardis, rows_of_one_moment_are_one_record)
{
    const Folder folder;
    const std::string text =
        kTardisHead + row("BTC-USDT", 10, false, "bid,1,1") +  // before the first snapshot
        row("BTC-USDT", 11, true, "bid,100.5,2") + row("ETH-USDT", 11, false, "bid,1,1") +
        row("BTC-USDT", 11, true, "ask,101,0.25") + row("BTC-USDT", 12, false, "bid,100.5,0") +
        row("ETH-USDT", 12, true, "ask,7,1e-05") + row("BTC-USDT", 12, false, "ask,101.0,3") +
        row("BTC-USDT", 13, false, "bid,99,1") + row("BTC-USDT", 13, true, "bid,98,1") +
        row("BTC-USDT", 14, true, "ask,99,1") + row("BTC-USDT", 15, false, "ask,99,0");
    const Imported out = import(folder, tardis(folder, text));
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{
        "6 v0 c0 t1600000000000011000 s0 l0 snapshot url= text= venue=1600000000000000000 b1005x200 a1010x25",
        "6 v0 c0 t1600000000000012000 s0 l0 url= text= venue=1600000000000000000 b1005x0 a1010x300",
        "6 v0 c0 t1600000000000012000 s0 l1 snapshot url= text= venue=1600000000000000000 a7x1",
        "6 v0 c0 t1600000000000013000 s0 l0 url= text= venue=1600000000000000000 b990x100",
        "6 v0 c0 t1600000000000013000 s0 l0 snapshot url= text= venue=1600000000000000000 b980x100",
        "6 v0 c0 t1600000000000014000 s0 l0 snapshot url= text= venue=1600000000000000000 a990x100",
        "6 v0 c0 t1600000000000015000 s0 l0 url= text= venue=1600000000000000000 a990x0"};
    EXPECT_EQ(out.contents.records, expected);
    ASSERT_EQ(out.contents.header.venues.size(), 1U);
    EXPECT_EQ(out.contents.header.venues[0].key.label(), "some_swap");
    const auto& definitions = out.contents.header.venues[0].definitions;
    ASSERT_EQ(definitions.size(), 2U);
    EXPECT_EQ(definitions[0].instrument_name(), "BTC/USDT:PERP");
    EXPECT_EQ(definitions[0].tick.text(), "0.1");
    EXPECT_EQ(definitions[0].lot.text(), "0.01");
    EXPECT_TRUE(definitions[0].inferred);
    EXPECT_EQ(definitions[1].lot.text(), "0.00001");
    EXPECT_TRUE(has(note(out), "2 x row before the first snapshot"));
    EXPECT_TRUE(InstrumentTable::build(out.contents.header.venues));
}

TEST(ImportTardis, a_message_of_snapshot_rows_is_a_whole_book)
{
    const Folder folder;
    // An exchange that sends nothing but whole books; the third and fourth reached us in one microsecond.
    const auto picture = [](int at, int venue_at, const std::string& bid, const std::string& ask) {
        const std::string times =
            "160000000000000" + std::to_string(venue_at) + ",16000000000000" + std::to_string(at);
        return "some-swap,AAA-USDT," + times + ",true,bid," + bid + ",1\nsome-swap,AAA-USDT," + times +
               ",true,ask," + ask + ",2\n";
    };
    const Imported out =
        import(folder, tardis(folder, kTardisHead + picture(11, 1, "9", "10") + picture(12, 2, "8", "9") +
                                          picture(13, 3, "7", "8") + picture(13, 4, "6", "7")));
    ASSERT_TRUE(out.ok) << out.error.message;
    const std::string text = " s0 l0 snapshot url= text= venue=160000000000000";
    const Texts expected{"6 v0 c0 t1600000000000011000" + text + "1000 b9x1 a10x2",
                         "6 v0 c0 t1600000000000012000" + text + "2000 b8x1 a9x2",
                         "6 v0 c0 t1600000000000013000" + text + "3000 b7x1 a8x2",
                         "6 v0 c0 t1600000000000013000" + text + "4000 b6x1 a7x2"};
    EXPECT_EQ(out.contents.records, expected);
}

TEST(ImportTardis, rows_as_scripts_rewrite_them)
{
    const Folder folder;
    const std::string head =
        "\xef\xbb\xbf,\"exchange\",symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\r\n";
    const Imported out = import(
        folder,
        tardis(folder, head + "0,\"some-swap\",AAA-USDT,,1600000000000011.0,True,bid, 1.5,1e0\r\n" +
                           "1,\"some-swap\",AAA-USDT,0,1.600000000000012e+15,False,ask,\"2.5\",3\r\n"));
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{"6 v0 c0 t1600000000000011000 s0 l0 snapshot url= text= b15x1",
                         "6 v0 c0 t1600000000000012000 s0 l0 url= text= a25x3"};
    EXPECT_EQ(out.contents.records, expected);
}

TEST(ImportTardis, names_of_the_collection_are_venues_and_markets)
{
    const Folder folder;
    const Imported out =
        import(folder, tardis(folder, kTardisHead + row("AAABBB", 11, true, "bid,1,1", "fake") +
                                          row("AAABBB", 12, true, "bid,1,1", "fake-spot") +
                                          row("AAABBB", 13, true, "bid,1,1", "fake-dm")));
    ASSERT_TRUE(out.ok) << out.error.message;
    const auto& venues = out.contents.header.venues;
    ASSERT_EQ(venues.size(), 3U);
    EXPECT_EQ(venues[0].key.label(), "fake_linear");
    EXPECT_EQ(venues[1].key.label(), "fake");
    EXPECT_EQ(venues[2].key.label(), "fake_dm") << "a name that nobody knows stays as it is";
    EXPECT_EQ(venues[2].definitions.at(0).kind, InstrumentKind::perpetual);
}

TEST(ImportTardis, of_a_message_that_trouble_tore_nothing_is_kept)
{
    const Folder folder;
    const std::string good = kTardisHead + row("AB", 11, true, "bid,1.5,1") + row("AB", 11, true, "ask,2,1");
    const auto kept = [&](const std::string& rest) {
        const Imported out = import(folder, tardis(folder, good + rest));
        EXPECT_TRUE(has(out.error.message, "run backwards")) << out.error.message;
        return out.contents.records.size();
    };
    // Two rows changed places where a message ends: both messages are torn.
    EXPECT_EQ(kept(row("AB", 12, false, "bid,1.4,1") + row("AB", 13, true, "bid,1,1") +
                   row("AB", 12, false, "ask,3,1") + row("AB", 13, true, "ask,2,1")),
              1U);
    // One row came too late: what was made without it is wrong from there on.
    EXPECT_EQ(kept(row("AB", 12, false, "bid,1.4,1") + row("AB", 14, false, "bid,1.3,1") +
                   row("AB", 15, false, "bid,1.3,2") + row("AB", 13, false, "ask,2,0")),
              2U);
    // The time of one row was damaged upwards.
    EXPECT_EQ(kept(row("AB", 12, false, "bid,1.4,1") + row("AB", 99, false, "bid,1.5,0") +
                   row("AB", 12, false, "ask,3,1")),
              1U);
}

TEST(ImportTardis, venue_and_instruments_given)
{
    const Folder folder;
    ListingDefinition given;
    given.symbol = "X";
    given.base = "XXX";
    given.quote = "YYY";
    given.tick = Decimal(5, 3);
    given.lot = Decimal(1, 1);
    Ask request = tardis(folder, kTardisHead + row("X", 11, true, "bid,1.005,2.5"));
    request.venue = "mine";
    request.instruments = {{{"mine", ""}, {given}}};
    const Imported out = import(folder, request);
    ASSERT_TRUE(out.ok) << out.error.message;
    EXPECT_EQ(out.contents.header.venues.at(0).key.label(), "mine");
    EXPECT_EQ(out.contents.header.venues[0].definitions, std::vector{given});
    EXPECT_TRUE(has(out.contents.records.at(0), "b1005x25"));

    request.inputs = {folder.write(
        "b", kTardisHead + row("X", 11, true, "bid,1.005,2.5") + row("X", 12, false, "bid,1.0055,2.55"))};
    expect_error(import(folder, request), folder.at("b") + ":3: ", "off the tick", 1);
    request.inputs = {folder.write(
        "b", kTardisHead + row("X", 11, true, "bid,1,1") + row("Y", 12, true, "bid,1,1", "other"))};
    expect_error(import(folder, request), folder.at("b") + ":3: ", "import them one by one", 1);

    // A venue with a connector reads its own symbols.
    const Imported known =
        import(folder, tardis(folder, kTardisHead + row("ABCDEF", 11, true, "bid,1,1", "fake-spot")));
    ASSERT_TRUE(known.ok);
    EXPECT_EQ(known.contents.header.venues.at(0).definitions.at(0).instrument_name(), "ABC/DEF");
    const Imported unknown = import(folder, tardis(folder, kTardisHead + row("QQ", 11, true, "bid,1,1")));
    ASSERT_TRUE(unknown.ok);
    EXPECT_TRUE(has(note(unknown), "does not tell base and quote"));
}

TEST(ImportTardis, errors)
{
    const Folder folder;
    const std::string good = kTardisHead + row("AB", 11, true, "bid,1.5,1") +
                             row("AB", 12, false, "bid,1.5,2") + row("AB", 13, false, "ask,2,2");
    const std::string place = folder.at("a.csv.gz") + ":5: ";
    const auto with = [&](const std::string& bad) { return import(folder, tardis(folder, good + bad)); };
    // Before a row that cannot be read, the last moment's rows may not be all of their message: they are left
    // out.
    expect_error(with(row("AB", 10, false, "bid,1,1")), place, "run backwards", 2);
    expect_error(with(row("AB", 14, false, "bid,1")), place, "7 cells where the first line names 8", 2);
    expect_error(with(row("AB", 14, false, "buy,1,1")), place, "column side: 'buy'", 2);
    expect_error(with(row("AB", 14, false, "bid,-1,1")), place, "column price", 2);
    expect_error(with(row("AB", 14, false, "bid,nan,1")), place, "column price", 2);
    expect_error(with(row("AB", 14, false, "bid,1,")), place, "column amount", 2);
    expect_error(with("e,s,1,2,true,bid,1,1\n"), place, "column local_timestamp", 2);
    expect_error(with("x\r\n"), place, "CRLF", 2);
    expect_error(import(folder, tardis(folder, "exchange,symbol,timestamp,side,price\n")),
                 folder.at("a.csv.gz") + ":1: ", "missing column: local_timestamp, is_snapshot, amount", 0);
    const Imported wide =
        with(row("AB", 14, false, "bid,0.123456789012,1") + row("AB", 15, false, "bid,1,0.1234567"));
    EXPECT_FALSE(wide.ok);
    EXPECT_TRUE(has(wide.error.message, ":5: a price of AB has 12 decimals"));
    EXPECT_FALSE(import(folder, tardis(folder, kTardisHead)).ok);
}

Ask book(const Folder& folder, const std::string& text)
{
    return {.format = "book-csv",
            .inputs = {folder.write("a.csv", text)},
            .venue = "hb",
            .instrument = "LINK/USDT"};
}

TEST(ImportBookCsv, rows_are_snapshots)
{
    const Folder folder;
    const std::string text =
        "av1,timestamp,symbol,b1,b2,bv1,bv2,a1,note\n"
        "1.50,2021-08-20 00:00:00,L.HB,27.095,27,10,0.25,27.1,x\n"
        "0,2021-08-20 00:00:01.5,L.HB,27.0951,,10,0.25,27.1,x\n"
        "1,2021-08-20 00:00:01.5,L.HB,27,26,0,7,28,\n";
    const Imported out = import(folder, book(folder, text));
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{
        "6 v0 c0 t1629417600000000000 s0 l0 snapshot url= text= b270950x1000 b270000x25 a271000x150",
        "6 v0 c0 t1629417601500000000 s0 l0 snapshot url= text= b270951x1000",
        "6 v0 c0 t1629417601500000000 s0 l0 snapshot url= text= b260000x700 a280000x100"};
    EXPECT_EQ(out.contents.records, expected);
    EXPECT_EQ(out.summary.frames, 0U);
    ASSERT_EQ(out.contents.header.venues.size(), 1U);
    EXPECT_EQ(out.contents.header.venues[0].key.label(), "hb");
    const ListingDefinition& d = out.contents.header.venues[0].definitions.at(0);
    EXPECT_EQ(d.instrument_name(), "LINK/USDT");
    EXPECT_EQ(d.tick.text(), "0.0001");
    EXPECT_EQ(d.lot.text(), "0.01");
    EXPECT_TRUE(d.inferred);
    EXPECT_TRUE(has(note(out), "inferred"));
}

TEST(ImportBookCsv, a_table_wholly_in_crlf_reads_like_one_in_lf)
{
    const Folder folder;
    const std::string rows = "timestamp,b1,bv1,a1,av1\n1629417600,1,1,2,2.5\n1629417601,1,1,2,0.25";
    std::string crlf;
    for (const char c : rows) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const Imported plain = import(folder, book(folder, rows));
    ASSERT_TRUE(plain.ok) << plain.error.message;
    for (const std::string& text : {crlf, crlf + "\r\n"}) {
        const Imported out = import(folder, book(folder, text));
        ASSERT_TRUE(out.ok) << out.error.message;
        EXPECT_EQ(out.contents.records, plain.contents.records);
    }
}

TEST(ImportBookCsv, tables_as_scripts_and_spreadsheets_write_them)
{
    const Folder folder;
    const std::string rows = "timestamp,b1,bv1,a1,av1\n1629417600000,1,1,2,2.5\n1629417601000,1,1,,\n";
    const Imported plain = import(folder, book(folder, rows));
    ASSERT_TRUE(plain.ok) << plain.error.message;
    for (const std::string& text :
         {"\xef\xbb\xbf" + rows,
          std::string(
              "\"timestamp\",\"b1\",\"bv1\",\"a1\",\"av1\"\n\"1629417600000\",\"1\",\"1\",\"2\",\"2.5\"\n"
              "\"1629417601000\",\"1\",\"1\",\"\",\"\"\n"),
          std::string(",timestamp, b1, bv1, a1, av1\n0,1629417600000.0, 1, 1, 2, 2.5\n1,1629417601000.0, 1, "
                      "1, NaN, nan\n"),
          std::string("timestamp,b1,bv1,a1,av1\n1.629417600000e+12,1e0,1.0e+00,2,25e-1\n1.629417601000e+12,1,"
                      "1,nan,NaN\n")}) {
        const Imported out = import(folder, book(folder, text));
        ASSERT_TRUE(out.ok) << out.error.message;
        EXPECT_EQ(out.contents.records, plain.contents.records) << text;
        EXPECT_FALSE(has(note(out), "left out"));
    }
    const Imported halves =
        import(folder, book(folder, "timestamp,b1,bv1,a1,av1\n1629417600,1,1,2,\n1629417600,NaN,1,2,1\n"));
    ASSERT_TRUE(halves.ok);
    EXPECT_TRUE(
        has(note(halves), "2 x level with a price and no quantity, or the other way round, left out"));
}

TEST(Import, rules_that_no_listing_takes_are_named)
{
    const Folder folder;
    ListingDefinition given;
    given.symbol = "LINK/USDT";
    given.base = "LINK";
    given.quote = "USDT";
    given.tick = given.lot = Decimal(1, 3);
    Ask request = book(folder, "timestamp,b1,bv1,a1,av1\n1629417600,1,1,2,2\n");
    request.instruments = {{{"hb", "spot"}, {given}}};
    EXPECT_FALSE(has(note(import(folder, request)), "not used"));
    const ListingDefinition right = given;
    given.symbol = "LINKUSDT";
    given.quote = "USD";
    request.instruments = {
        {{"HB", "spot"}, {right}}, {{"hb", "spot"}, {right, given}}, {{"hb", "usdm"}, {right, given}}};
    const std::string notes = note(import(folder, request));
    EXPECT_TRUE(has(notes, "a rule of the venue HB (LINK/USDT) not used: the inputs have LINK/USDT at hb\n"));
    EXPECT_TRUE(has(notes, "a rule of the venue hb (LINKUSDT) not used"));
    EXPECT_TRUE(has(notes, "2 rules of the venue hb_usdm (LINK/USDT, LINKUSDT) not used"));
}

TEST(ImportBookCsv, given_steps_and_contracts)
{
    const Folder folder;
    ListingDefinition given;
    given.symbol = "LINKUSDT";
    given.base = "LINK";
    given.quote = "USDT";
    given.tick = Decimal(1, 3);
    given.lot = Decimal(1, 0);
    Ask request =
        book(folder, "timestamp,b1,bv1,a1,av1\n1629417600,1.5,1,1.75,2\n1629417601,1.5005,1.5,1.75,2\n");
    request.instruments = {{{"hb", "spot"}, {given}}};
    const Imported out = import(folder, request);
    expect_error(out, folder.at("a.csv") + ":3: ", "off the tick", 1);
    EXPECT_EQ(out.contents.header.venues.at(0).definitions, std::vector{given});
    Ask perpetual = book(folder, "timestamp,b1,bv1,a1,av1\n1629417600,1.5,1,1.75,2\n");
    perpetual.instrument = "LINK/USDT:PERP";
    EXPECT_EQ(import(folder, perpetual).contents.header.venues.at(0).definitions.at(0).instrument_name(),
              "LINK/USDT:PERP");
}

TEST(ImportBookCsv, quantities_finer_than_any_lot_are_cut_down)
{
    const Folder folder;
    const Imported out = import(folder, book(folder,
                                             "timestamp,b1,bv1,a1,av1\n"
                                             "1629417600,1.5,26.881788317800139,2,0.000000001\n"
                                             "1629417601,1.5,1.25,2,0.000012345678901234567\n"));
    ASSERT_TRUE(out.ok) << out.error.message;
    const Texts expected{"6 v0 c0 t1629417600000000000 s0 l0 snapshot url= text= b15x2688178831",
                         "6 v0 c0 t1629417601000000000 s0 l0 snapshot url= text= b15x125000000 a20x1234"};
    EXPECT_EQ(out.contents.records, expected);
    EXPECT_EQ(out.contents.header.venues.at(0).definitions.at(0).lot.text(), "0.00000001");
    EXPECT_TRUE(has(note(out), "3 x LINK/USDT at hb (LINK/USDT): quantity with more decimals"));
}

TEST(ImportBookCsv, errors)
{
    const Folder folder;
    const std::string head = "timestamp,b1,bv1,a1,av1\n";
    const std::string good = head + "1629417600,1,1,2,2\n";
    const auto with = [&](const std::string& bad) { return import(folder, book(folder, good + bad)); };
    const std::string place = folder.at("a.csv") + ":3: ";
    expect_error(with("1629417599,1,1,2,2\n"), place, "run backwards", 1);
    expect_error(with("yesterday,1,1,2,2\n"), place, "no time", 1);
    expect_error(with("1629417600,1,1,2\n"), place, "4 cells where the first line names 5", 1);
    expect_error(with("1629417600,None,1,2,2\n"), place, "column 2: 'None' is no price", 1);
    expect_error(with("2021-08-20 02:00:00+02:00,1,1,2,2\n"), place, "another zone than UTC", 1);
    expect_error(with("1629417600,\"1,1,2,2\n"), place, "a quoted cell is not closed", 1);
    expect_error(with("1629417600,1,-1,2,2\n"), place, "column 3: '-1' is no quantity", 1);
    expect_error(with("1629417600,1,1,2,2\r\n"), place, "LF and CRLF are mixed", 1);
    const auto only = [&](const std::string& text) { return import(folder, book(folder, text)); };
    const std::string first = folder.at("a.csv") + ":1: ";
    expect_error(only("timestamp,b1,a1,av1\n"), first, "missing column: bv1", 0);
    expect_error(only("time;b1;a1\n"), first, "missing column: timestamp, b1, a1", 0);
    expect_error(only("time;b1;a1\n"), first, "here they are by ';'", 0);
    expect_error(only("timestamp,b1,bv1,b1,a1,av1\n"), first, "the column 'b1' stands there twice", 0);
    expect_error(only("timestamp,b1,bv1,b3,bv3,a1,av1\n"), first, "missing column: b2", 0);
    expect_error(only("Timestamp,b1,bv1,a1,av1\n"), first, "missing column: timestamp", 0);
    expect_error(only("timestamp,b1,bv1,b2,a1,av1,av2\n"), first, "missing column: bv2, a2", 0);
    expect_error(only("timestamp,b1,bv1,a1,av1\r\n1629417600,1,1,2,2\n"),
                 folder.at("a.csv") + ":2: ", "mixed", 0);
    EXPECT_TRUE(has(only(head).error.message, "no record"));
    const std::string packed = test::gzip(good + "1629417601,1,1,2,2\n");
    const Imported cut = only(packed.substr(0, packed.size() - 3));
    EXPECT_FALSE(cut.ok);
    EXPECT_TRUE(has(cut.error.message, "cut off"));
    EXPECT_GE(cut.contents.records.size(), 1U);
}

}  // namespace
}  // namespace arb
