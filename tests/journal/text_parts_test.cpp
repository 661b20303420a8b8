// The small readers under the importers: lines of plain and packed files, JSON members, exact numbers and
// times, cells.
#include "engine/journal/csv_text.hpp"
#include "engine/journal/exact_text.hpp"
#include "engine/journal/json_line.hpp"
#include "engine/journal/line_source.hpp"
#include "tests/journal/support.hpp"

namespace arb {
namespace {

using test::Folder;

struct Lines {
    std::vector<std::string> lines;
    std::string trouble;
};

Lines read_lines(const std::string& path)
{
    Lines out;
    Result<LineSource> source = LineSource::open(path);
    if (!source) {
        EXPECT_EQ(source.error().code, ExitCode::data);
        out.trouble = source.error().message;
        return out;
    }
    std::string_view line;
    while (source->next(line)) {
        out.lines.emplace_back(line);
        EXPECT_EQ(source->line(), out.lines.size());
        EXPECT_LE(source->bytes_read(), source->bytes_total());
    }
    EXPECT_FALSE(source->next(line));
    if (source->trouble()) out.trouble = source->trouble()->message;
    return out;
}

std::string numbered(int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += std::string("line ") + std::to_string(i) +
                std::string(static_cast<std::size_t>(i % 97), '.') + "\n";
    return text;
}

TEST(LineSource, plain_gzip_and_zstd_give_the_same_lines)
{
    const Folder folder;
    const std::string text = numbered(20'000) + "the last, without its end";
    const Lines plain = read_lines(folder.write("a.txt", text));
    EXPECT_EQ(plain.trouble, "");
    ASSERT_EQ(plain.lines.size(), 20'001U);
    EXPECT_EQ(plain.lines.back(), "the last, without its end");
    EXPECT_EQ(plain.lines[3], "line 3...");
    EXPECT_EQ(read_lines(folder.write("b.txt", test::gzip(text))).lines, plain.lines);
    EXPECT_EQ(read_lines(folder.write("c.txt", test::zstd(text))).lines, plain.lines);
    // Packed parts one after the other are one text.
    const std::string first = text.substr(0, 1234), second = text.substr(1234);
    const Lines gzips = read_lines(folder.write("d.txt", test::gzip(first) + test::gzip(second)));
    EXPECT_EQ(gzips.trouble, "");
    EXPECT_EQ(gzips.lines, plain.lines);
    const Lines zstds = read_lines(folder.write("e.txt", test::zstd(first) + test::zstd(second)));
    EXPECT_EQ(zstds.trouble, "");
    EXPECT_EQ(zstds.lines, plain.lines);
}

TEST(LineSource, empty_lines_and_ends)
{
    const Folder folder;
    EXPECT_EQ(read_lines(folder.write("a", "\n\na\n")).lines, (std::vector<std::string>{"", "", "a"}));
    EXPECT_EQ(read_lines(folder.write("a", "a")).lines, std::vector<std::string>{"a"});
    EXPECT_TRUE(read_lines(folder.write("a", test::zstd(""))).lines.empty());
    EXPECT_TRUE(read_lines(folder.write("a", test::gzip(""))).lines.empty());
}

TEST(LineSource, a_cut_stream_gives_its_whole_lines_and_names_the_place)
{
    const Folder folder;
    const std::string text = numbered(5'000);
    const Lines all = read_lines(folder.write("a", text));
    for (const std::string& packed : {test::gzip(text), test::zstd(text)}) {
        for (const std::size_t left :
             {std::size_t{1}, std::size_t{9}, packed.size() / 2, packed.size() - 20}) {
            const Lines cut = read_lines(folder.write("a", packed.substr(0, packed.size() - left)));
            ASSERT_LE(cut.lines.size(), all.lines.size());
            ASSERT_TRUE(std::equal(cut.lines.begin(), cut.lines.end(), all.lines.begin()));
            const std::string place = folder.at("a") + ":" + std::to_string(cut.lines.size() + 1) + ":";
            ASSERT_NE(cut.trouble.find(place), std::string::npos) << cut.trouble;
            ASSERT_NE(cut.trouble.find("cut off"), std::string::npos) << cut.trouble;
        }
    }
}

TEST(LineSource, damaged_streams_are_errors)
{
    const Folder folder;
    const std::string text = numbered(5'000);
    for (std::string packed : {test::gzip(text), test::zstd(text)}) {
        for (std::size_t at = 12; at < packed.size(); at += 501) packed[at] ^= 0x55;
        EXPECT_NE(read_lines(folder.write("a", packed)).trouble, "");
    }
    EXPECT_NE(read_lines(folder.write("a", test::gzip(text) + "garbage")).trouble, "");
    EXPECT_NE(read_lines(folder.write("a", test::zstd(text) + "garbage")).trouble, "");
}

TEST(LineSource, uniform_line_ends)
{
    const Folder folder;
    const auto lines = [&](std::string_view text) { return read_lines(folder.write("a", text)); };
    EXPECT_EQ(lines("one\r\n\r\ntwo\r\n").lines, (std::vector<std::string>{"one", "", "two"}));
    EXPECT_EQ(lines("one\r\ntwo").lines, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(lines("one\ntwo\n").trouble, "");
    for (const char* mixed : {"one\r\ntwo\nthree\r\n", "one\ntwo\r\nthree\n"}) {
        EXPECT_EQ(lines(mixed).lines, std::vector<std::string>{"one"});
        EXPECT_EQ(lines(mixed).trouble.find(folder.at("a") + ":2: the line ends otherwise"), 0U);
        EXPECT_NE(lines(mixed).trouble.find("tr -d"), std::string::npos);
    }
}

TEST(LineSource, a_byte_order_mark_is_no_text_and_other_encodings_are_named)
{
    const Folder folder;
    const auto lines = [&](std::string_view text) { return read_lines(folder.write("a", text)); };
    EXPECT_EQ(lines("\xef\xbb\xbfone\ntwo\n").lines, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(lines(test::gzip("\xef\xbb\xbfone\r\n")).lines, std::vector<std::string>{"one"});
    EXPECT_EQ(lines("one\n\xef\xbb\xbftwo\n").lines[1], "\xef\xbb\xbftwo");
    for (const std::string_view utf16 :
         {std::string_view("\xff\xfeo\0n\0e\0\n\0", 10), std::string_view("\xfe\xff\0o\0n\0e\0\n", 10)}) {
        EXPECT_TRUE(lines(utf16).lines.empty());
        EXPECT_NE(lines(utf16).trouble.find(":1: the text is UTF-16"), std::string::npos);
    }
    const Lines nul = lines(std::string_view("one\nt\0wo\nthree\n", 14));
    EXPECT_EQ(nul.lines, std::vector<std::string>{"one"});
    EXPECT_NE(nul.trouble.find(":2: a NUL byte"), std::string::npos) << nul.trouble;
}

TEST(LineSource, what_stands_around_packed_streams_and_is_no_text)
{
    const Folder folder;
    const auto lines = [&](const std::string& packed) { return read_lines(folder.write("a", packed)); };
    const std::vector<std::string> both{"one", "two"};
    const std::string zeros(700, '\0');
    EXPECT_EQ(lines(test::gzip("one\ntwo\n") + zeros).lines, both);
    EXPECT_EQ(lines(test::gzip("one\ntwo\n") + zeros).trouble, "");
    EXPECT_EQ(lines(test::gzip("one\n") + zeros + test::gzip("two\n")).lines, both);
    EXPECT_NE(lines(test::gzip("one\n") + zeros + "x").trouble, "");
    const std::string skippable("\x5a\x2a\x4d\x18\x03\0\0\0abc", 11);
    EXPECT_EQ(lines(skippable + test::zstd("one\ntwo\n")).lines, both);
    EXPECT_EQ(lines(test::zstd("one\n") + skippable + test::zstd("two\n") + skippable).lines, both);
}

TEST(LineSource, a_line_without_end_is_bounded)
{
    const Folder folder;
    const std::string bomb = test::zstd(std::string(kLineMax + (8U << 20), 'a'));
    ASSERT_LT(bomb.size(), 100'000U);
    const Lines lines = read_lines(folder.write("a", bomb));
    EXPECT_TRUE(lines.lines.empty());
    EXPECT_NE(lines.trouble.find("longer than 63 MiB"), std::string::npos);
}

TEST(LineSource, what_cannot_be_read)
{
    const Folder folder;
    EXPECT_NE(read_lines(folder.at("none")).trouble.find("cannot open"), std::string::npos);
    EXPECT_NE(read_lines(folder.write("a", "")).trouble.find("empty"), std::string::npos);
    EXPECT_NE(read_lines(folder.at("")).trouble.find("not a file"), std::string::npos);
    EXPECT_NE(read_lines(folder.write("a", std::string("\xfd"
                                                       "7zXZ\0",
                                                       6)))
                  .trouble.find("unpack it"),
              std::string::npos);
}

/// Members as text, or "!" and the problem.
std::string members(std::string_view text)
{
    JsonLine json(text);
    std::string out;
    while (json.next()) {
        out += std::string(json.key()) + "=" + std::to_string(static_cast<int>(json.type())) +
               std::string(json.raw()) + ";";
    }
    if (!json.problem().empty()) out.append("!").append(json.problem());
    EXPECT_FALSE(json.next());
    return out;
}

TEST(JsonLine, members_of_every_type)
{
    EXPECT_EQ(members(R"({})"), "");
    EXPECT_EQ(members(R"( { "a" : "x\"y" , "b":-1.5e+3,"c":null,"d":[1,{"e":"]"}],"f":true } )"),
              R"(a=0x\"y;b=1-1.5e+3;c=2null;d=3[1,{"e":"]"}];f=2true;)");
}

TEST(JsonLine, what_is_not_json_is_a_problem)
{
    for (const char* text : {"",
                             "x",
                             "[]",
                             "{",
                             "{\"a\"",
                             "{\"a\":",
                             "{\"a\":1",
                             "{\"a\":1,",
                             "{\"a\":1,}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "{\"a\":1}x",
                             "{\"a\":01}",
                             "{\"a\":-}",
                             "{\"a\":1.}",
                             "{\"a\":1e}",
                             "{\"a\":nul}",
                             "{\"a\":\"x}",
                             "{\"a\":\"x\\",
                             "{\"a\":\"x\ty\"}",
                             "{\"a\":[1}",
                             "{\"a\":[}]",
                             "{\"a\":1 \"b\":2}",
                             "{,}",
                             "{\"a\":+1}"}) {
        EXPECT_NE(members(text).find('!'), std::string::npos) << text;
    }
    const std::string deep(1000, '[');
    EXPECT_NE(members("{\"a\":" + deep).find("nested too deeply"), std::string::npos);
}

TEST(JsonLine, escapes)
{
    const auto plain = [](std::string_view raw) {
        std::string out;
        return JsonLine::unescape(raw, out) ? out : "!";
    };
    EXPECT_EQ(plain(R"(a\"b\\c\/d\b\f\n\r\t)"), "a\"b\\c/d\b\f\n\r\t");
    EXPECT_EQ(plain(R"(\u0041\u00e9\u20AC\ud83d\ude00)"), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(plain(std::string_view(R"(\u0000)")), std::string(1, '\0'));
    for (const char* raw : {R"(\x)", R"(\)", R"(\u12)", R"(\u12g4)", R"(\ud83d)", R"(\ud83dx)",
                            R"(\ud83d\u0041)", R"(\ude00)"}) {
        EXPECT_EQ(plain(raw), "!") << raw;
    }
}

TEST(ExactText, numbers)
{
    const auto text = [](std::string_view in) {
        const auto n = parse_exact(in);
        return n ? std::to_string(n->mantissa) + "/" + std::to_string(n->decimals) : "none";
    };
    EXPECT_EQ(text("27.0950"), "27095/3");
    EXPECT_EQ(text("195.0"), "195/0");
    EXPECT_EQ(text("-0.5"), "-5/1");
    EXPECT_EQ(text("0"), "0/0");
    EXPECT_EQ(text("0.000"), "0/0");
    EXPECT_EQ(text("1e-05"), "1/5");
    EXPECT_EQ(text("1.50E-7"), "15/8");
    EXPECT_EQ(text("1.5e3"), "1500/0");
    EXPECT_EQ(text("10e-1"), "1/0");
    EXPECT_EQ(text("9223372036854775807"), "9223372036854775807/0");
    EXPECT_EQ(text("0.000000000000000001"), "1/18");
    for (const char* bad : {"", "-", ".5", "5.", "+1", "1e", "1e+", "nan", "inf", "1,5", " 1", "1.2.3",
                            "1e5e5", "0x1", "9223372036854775808", "1e19", "1e-99999"}) {
        EXPECT_EQ(text(bad), "none") << bad;
    }
    EXPECT_EQ(parse_exact("1.5")->scaled(3), 1500);
    EXPECT_EQ(parse_exact("1.5")->scaled(0), std::nullopt);
    EXPECT_EQ(parse_exact("9000000000000000000")->scaled(1), std::nullopt);
    EXPECT_EQ(text("0.0000000000000000001"), "1/19");
    // What binary floating point leaves in quantities.
    EXPECT_EQ(parse_exact("26.88178831780013")->cut(8), 2688178831);
    EXPECT_EQ(parse_exact("0.000012345678901234567")->cut(8), 1234);
    EXPECT_EQ(parse_exact("1e-999")->cut(18), 0);
    EXPECT_EQ(parse_exact("-0.19")->cut(1), -1);
    EXPECT_EQ(parse_exact("2.5")->cut(3), 2500);
    EXPECT_EQ(parse_exact("9000000000000000000")->cut(1), std::nullopt);
}

TEST(ExactText, times)
{
    const auto ns = [](std::optional<Timestamp> time) { return time ? time->ns : -1; };
    // Seven decimals, which a double of this size cannot hold exactly.
    EXPECT_EQ(ns(parse_epoch_seconds("1633998514.6462898")), 1633998514646289800);
    EXPECT_EQ(ns(parse_epoch_seconds("1633998514")), 1633998514000000000);
    EXPECT_EQ(ns(parse_epoch_seconds("1.1234567899")), 1123456789);
    for (const char* bad : {"", ".", "1.", "1e9", "-1", "1.2x", "99999999999999999999", "9223372036.9"}) {
        EXPECT_EQ(ns(parse_epoch_seconds(bad)), -1) << bad;
    }
    constexpr std::int64_t kWant = 1629417600123000000;
    EXPECT_EQ(ns(parse_time("2021-08-20 00:00:00.123")), kWant);
    EXPECT_EQ(ns(parse_time("2021-08-20T00:00:00.123Z")), kWant);
    EXPECT_EQ(ns(parse_time("2021-08-20 00:00:00.123+00:00")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600.123")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600123")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600123000")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600123000000")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600")), 1629417600000000000);
    // As scripts write counts that passed through floating point.
    EXPECT_EQ(ns(parse_time("1629417600123.0")), kWant);
    EXPECT_EQ(ns(parse_time("1.629417600123e+12")), kWant);
    EXPECT_EQ(ns(parse_time("1.629417600123000000e+12")), kWant);
    EXPECT_EQ(ns(parse_time("1.629417600123E9")), kWant);
    EXPECT_EQ(ns(parse_time("1629417600123.4567891")), kWant + 456'789);
    EXPECT_EQ(ns(parse_epoch_number("1629417600123000.0", 1'000)), kWant);
    EXPECT_EQ(ns(parse_epoch_number("1.629417600123e15", 1'000)), -1) << "digits were rounded off";
    for (const char* bad :
         {"", "2021-08-20", "20-08-2021 00:00:00", "2021-13-20 00:00:00", "2021-08-20 00:00:00+02:00", "now",
          "1.6294e12", "1e", "1.6e-9", ".5", "1.", "1.2.3", "1629417600123000000000"}) {
        EXPECT_EQ(ns(parse_time(bad)), -1) << bad;
    }
    EXPECT_TRUE(plausible({kWant}));
    EXPECT_FALSE(plausible({kWant / 1000}));
}

TEST(CsvText, cells)
{
    const auto cells = [](std::string_view line) {
        std::vector<std::string_view> out;
        const std::string_view problem = split_cells(line, out);
        std::string text;
        for (const std::string_view cell : out) text += "[" + std::string(cell) + "]";
        return problem.empty() ? text : "!" + std::string(problem);
    };
    EXPECT_EQ(cells("a,b"), "[a][b]");
    EXPECT_EQ(cells(""), "[]");
    EXPECT_EQ(cells(",a,,"), "[][a][][]");
    EXPECT_EQ(cells(" a ,\tb c, "), "[a][b c][]");
    EXPECT_EQ(cells(R"("a","1,5", "c" ,"")"), "[a][1,5][c][]");
    EXPECT_EQ(cells(R"(1"5,2)"), R"([1"5][2])");
    EXPECT_NE(cells(R"(a,"b)").find("not closed"), std::string::npos);
    EXPECT_NE(cells(R"("a"b,c)").find("something stands"), std::string::npos);
    EXPECT_NE(cells(R"("a""b",c)").find("something stands"), std::string::npos);
}

TEST(CsvText, symbols)
{
    const auto name = [](std::string_view symbol, bool derivative) {
        return guess_from_symbol(symbol, derivative).instrument_name();
    };
    EXPECT_EQ(name("BTCUSDT", false), "BTC/USDT");
    EXPECT_EQ(name("btcusdt", true), "BTC/USDT:PERP");
    EXPECT_EQ(name("BTC-USDT", false), "BTC/USDT");
    EXPECT_EQ(name("BTC-USDT-SWAP", false), "BTC/USDT:PERP");
    EXPECT_EQ(name("BTCUSD_PERP", true), "BTC/USD:PERP");
    EXPECT_EQ(name("ETHUSD_210924", true), "ETH/USD:210924");
    EXPECT_EQ(name("LINK/ETH", false), "LINK/ETH");
    EXPECT_EQ(name("THING", false), "THING/?");
    EXPECT_EQ(name("USDT", false), "USDT/?");
    EXPECT_EQ(name("-", false), "-/?");
}

}  // namespace
}  // namespace arb
