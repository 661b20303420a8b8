// The forms of a ledger's report: text, JSON, HTML and CSV, fed with every kind of hostile text.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/report/ledger_csv.hpp"
#include "engine/report/utf8.hpp"
#include "tests/report/ledger_samples.hpp"

namespace arb {
namespace {

using namespace ledger_samples;
using nlohmann::json;

const std::vector<std::string>& hostile_texts()
{
    static const std::vector<std::string> texts{"</script><script>alert(1)</script>",
                                                "\x1b[31m\x1b]0;x\x07",
                                                "=cmd|'/C calc'!A0",
                                                "+1+1",
                                                "-2+3",
                                                "@SUM(A1)",
                                                "  =1+1",
                                                "\t=1",
                                                "\r\n=1",
                                                "\xef\xbc\x9d"
                                                "1",
                                                "a,b\"c\r\nd",
                                                "' onload='x' <!-- &",
                                                "\xe2\x80\xa8\xe2\x80\xae\xff",
                                                "{\"a\":1}"};
    return texts;
}

class LedgerForms : public LedgerTest {
  protected:
    /// One of everything with this text wherever a text from outside can stand.
    void tell_hostile(Ledger& ledger, const std::string& text)
    {
        ledger::RunRow run = run_row(1, true);
        run.mode = std::string_view(text);
        run.build = std::string_view(text);
        run.config_hash = std::string_view(text);
        ledger.record(run);
        ledger::OrderRow order = order_row(1, "unknown");
        order.client_id = std::string_view(text);
        order.venue = std::string_view(text);
        order.instrument = order.reason = std::string_view(text);
        order.price = order.quantity = order.filled = std::string_view(text);
        order.venue_order_id = std::string_view(text);
        ledger.record(order);
        order = order_row(2, text);
        ledger.record(order);
        ledger::FillRow fill = fill_row(1);
        fill.venue = std::string_view(text);
        fill.trade_id = std::string_view(text);
        fill.instrument = std::string_view(text + "/" + text);
        fill.price = fill.quantity = std::string_view(text);
        fill.fee_asset = std::string_view(text);
        ledger.record(fill);
        for (const char* outcome : {"flat", "flagged", "open"}) {
            ledger::PackageRow package = package_row(outcome[3] + std::uint64_t{1}, outcome);
            package.instrument = std::string_view("A/" + text);
            package.strategy = package.buy_venue = package.sell_venue = std::string_view(text);
            package.detail = std::string_view(text);
            package.quantity = std::string_view(text);
            ledger.record(package);
        }
        ledger::BalanceRow balance = balance_row(text, text, "end");
        balance.theirs += amount("0.001");
        ledger.record(balance);
        ledger::FlagRow flag = flag_row(false);
        flag.venue = std::string_view(text);
        flag.instrument = std::string_view(text);
        flag.amount = std::string_view(text);
        flag.reason = std::string_view(text);
        ledger.record(flag);
        ledger::KeyUseRow use = key_use_row(1);
        use.venue = std::string_view(text);
        use.label = std::string_view(text);
        use.endpoint = std::string_view(text);
        use.outcome = std::string_view(text);
        ledger.record(use);
        ledger::NoteRow note = note_row(text);
        note.level = std::string_view(text);
        ledger.record(note);
    }
    void tell_ordinary(Ledger& ledger)
    {
        ledger.record(run_row(7, true));
        for (std::uint64_t i = 0; i < 4; ++i) ledger.record(order_row(i, i == 3 ? "unknown" : "filled"));
        for (std::uint64_t i = 0; i < 4; ++i) ledger.record(fill_row(i));
        for (std::uint64_t i = 1; i < 9; ++i) ledger.record(package_row(i, i == 5 ? "flagged" : "flat"));
        for (const char* venue : {"alpha", "beta"}) ledger.record(balance_row(venue, "USDT", "end"));
        ledger.record(flag_row(false));
        ledger.record(key_use_row(3));
        ledger.record(note_row("something to know"));
    }
    std::string csv(LedgerCsv what)
    {
        std::string out;
        LedgerReader reader = LedgerReader::open(path()).take();
        EXPECT_FALSE(
            ledger_csv(reader, LedgerRuns::all(), what, [&](std::string_view line) { out += line; }));
        return out;
    }
};

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

struct CsvCell {
    std::string text;
    bool quoted = false;
};

/// RFC 4180 by the letter; fails the test on anything else.
std::vector<std::vector<CsvCell>> parse_csv(const std::string& text)
{
    std::vector<std::vector<CsvCell>> rows;
    std::size_t at = 0;
    while (at < text.size()) {
        rows.emplace_back();
        for (;;) {
            CsvCell cell;
            cell.quoted = text[at] == '"';
            if (cell.quoted) {
                for (++at; at < text.size(); ++at) {
                    if (text[at] == '"' && text.substr(at, 2) != "\"\"") break;
                    if (text[at] == '"') ++at;
                    cell.text += text[at];
                }
                ++at;
            } else {
                while (at < text.size() && text[at] != ',' && text[at] != '\r') cell.text += text[at++];
            }
            rows.back().push_back(cell);
            if (at < text.size() && text[at] == ',') {
                ++at;
                continue;
            }
            EXPECT_EQ(text.substr(at, 2), "\r\n");
            at += 2;
            break;
        }
    }
    return rows;
}

constexpr LedgerCsv kAll[] = {LedgerCsv::fills, LedgerCsv::orders, LedgerCsv::packages, LedgerCsv::balances,
                              LedgerCsv::keys};

TEST_F(LedgerForms, csv_holds_exact_values)
{
    auto ledger = open();
    tell_ordinary(*ledger);
    ASSERT_TRUE(ledger->flush());
    const auto rows = parse_csv(csv(LedgerCsv::fills));
    ASSERT_EQ(rows.size(), 5U);
    const auto column = [&](std::string_view name) {
        for (std::size_t i = 0; i < rows[0].size(); ++i) {
            if (rows[0][i].text == name) return i;
        }
        ADD_FAILURE() << name;
        return std::size_t{0};
    };
    EXPECT_EQ(rows[4][column("trade_id")].text, "t3");
    EXPECT_EQ(rows[4][column("price")].text, "60000.5");
    EXPECT_EQ(rows[4][column("fee")].text, "0.000000000000000001");
    EXPECT_EQ(rows[4][column("time")].text, "2023-11-14T22:13:20.003000000Z");
    for (const LedgerCsv what : kAll) {
        const auto table = parse_csv(csv(what));
        EXPECT_GT(table.size(), 1U);
        for (const auto& row : table) EXPECT_EQ(row.size(), table[0].size());
    }
}

TEST_F(LedgerForms, csv_runs_no_formula)
{
    for (const std::string& text : hostile_texts()) {
        SCOPED_TRACE(text);
        fs::remove(path());
        auto ledger = open();
        tell_hostile(*ledger, text);
        ASSERT_TRUE(ledger->close());
        for (const LedgerCsv what : kAll) {
            const std::string whole = csv(what);
            const auto rows = parse_csv(whole);
            ASSERT_GT(rows.size(), 1U);
            EXPECT_EQ(static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n')), rows.size());
            for (std::size_t i = 1; i < rows.size(); ++i) {
                EXPECT_EQ(rows[i].size(), rows[0].size());
                for (const CsvCell& cell : rows[i]) {
                    const std::size_t first = cell.text.find_first_not_of(' ');
                    if (first == std::string::npos) continue;
                    const bool number = cell.text.find_first_not_of("-.0123456789") == std::string::npos;
                    const bool safe = std::string("=+-@\t\r").find(cell.text[first]) == std::string::npos;
                    EXPECT_TRUE(number || safe) << cell.text;
                    EXPECT_FALSE(cell.text.starts_with("\xef\xbc\x9d"));
                    EXPECT_EQ(plain_text(cell.text), cell.text);
                }
            }
        }
    }
}

TEST(LedgerCsvCells, guarded_and_quoted)
{
    EXPECT_EQ(ledger::csv_text("plain"), "\"plain\"");
    EXPECT_EQ(ledger::csv_text("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(ledger::csv_text("=1"), "\"'=1\"");
    EXPECT_EQ(ledger::csv_text("-1"), "\"'-1\"");
    EXPECT_EQ(ledger::csv_text(""), "\"\"");
    EXPECT_EQ(ledger::csv_decimal("-1.5"), "-1.5");
    EXPECT_EQ(ledger::csv_decimal("-1.5+2"), "\"'-1.5+2\"");
    EXPECT_EQ(ledger::csv_decimal("1,5"), "\"1,5\"");
    EXPECT_EQ(ledger::csv_decimal("--1"), "\"'--1\"");
}

TEST_F(LedgerForms, json_says_what_the_report_says)
{
    auto ledger = open();
    tell_ordinary(*ledger);
    ASSERT_TRUE(ledger->flush());
    const json object = json::parse(ledger_json(report()));
    EXPECT_EQ(object["packages"], 8);
    EXPECT_EQ(object["flagged"], 1);
    EXPECT_EQ(object["open_packages"], 0);
    EXPECT_EQ(object["orders_by_state"]["unknown"], 1);
    EXPECT_EQ(object["ledger_mismatches"], 0);
    EXPECT_EQ(object["realised"], "52");
    EXPECT_EQ(object["waterfall"]["latency"], "-4");
    EXPECT_EQ(object["unhedged_ms"]["p50"], 4);
    EXPECT_EQ(object["unhedged_ms"]["max"], 8);
    EXPECT_EQ(object["complete"], true);
    EXPECT_EQ(object["quote"], "USDT");
    EXPECT_EQ(object["fees"].size(), 2U);
    EXPECT_EQ(object["fees"][0]["fee"], "0.000000000000000002");
    EXPECT_EQ(object["by_pair"][0]["buy_venue"], "alpha");
    EXPECT_EQ(object["balances"][1]["agrees"], true);
    EXPECT_EQ(object["portfolio"]["value"], "1974.5");
    EXPECT_EQ(object["runs"][0]["exit_code"], 0);
    EXPECT_EQ(object["key_uses"][0]["count"], 3);
    EXPECT_EQ(object["unknown_orders"][0]["client_id"], "id3");
}

TEST_F(LedgerForms, hostile_text_is_shown_and_never_obeyed)
{
    for (const std::string& text : hostile_texts()) {
        SCOPED_TRACE(text);
        fs::remove(path());
        auto ledger = open();
        tell_hostile(*ledger, text);
        ASSERT_TRUE(ledger->close());
        const LedgerReport now = report();
        EXPECT_EQ(now.mismatches, 1U);

        const json object = json::parse(ledger_json(now));
        EXPECT_EQ(object["notes"].size(), 1U);
        EXPECT_FALSE(has(ledger_json(now), "</script"));
        EXPECT_FALSE(has(ledger_json(now), "\x1b"));

        const std::string page = ledger_text(now, false);
        EXPECT_FALSE(has(page, "\x1b"));
        EXPECT_FALSE(has(page, "\x07"));
        EXPECT_FALSE(has(page, "\xe2\x80\xae"));

        const std::string html = ledger_html(now);
        EXPECT_FALSE(has(html, "<script>alert"));
        EXPECT_FALSE(has(html, "<!-- "));
        EXPECT_FALSE(has(html, "' onload='"));
        EXPECT_FALSE(has(html, "\x1b"));
        std::size_t scripts = 0;
        for (std::size_t place = html.find("<script"); place != std::string::npos;
             place = html.find("<script", place + 1))
            ++scripts;
        EXPECT_EQ(scripts, 1U);
    }
}

TEST_F(LedgerForms, text_fits_a_terminal)
{
    auto ledger = open();
    tell_ordinary(*ledger);
    for (const char* venue : {"alpha", "beta"}) ledger->record(balance_row(venue, "BTC", "end"));
    ASSERT_TRUE(ledger->flush());
    const std::string page = ledger_text(report(), false);
    std::size_t begin = 0;
    while (begin < page.size()) {
        const std::size_t end = page.find('\n', begin);
        EXPECT_LE(columns_of(page.substr(begin, end - begin)), 100U) << page.substr(begin, end - begin);
        begin = end + 1;
    }
    EXPECT_TRUE(has(page, "agree to the last unit on 4 accounts"));
    EXPECT_TRUE(has(page, "at the prices of the last fills"));
    EXPECT_TRUE(has(
        page, "Not all is flat: 0 packages open, 1 flagged, 1 flag not cleared, 1 order of unknown outcome."))
        << page;
    EXPECT_TRUE(has(ledger_text(report(), true), "\x1b["));
}

// Its figures agree with themselves, which says nothing of any venue.
TEST_F(LedgerForms, paper_claims_no_agreement_of_venues)
{
    auto ledger = open();
    tell_ordinary(*ledger);
    for (const char* venue : {"alpha", "beta"}) ledger->record(balance_row(venue, "BTC", "end"));
    ledger::RunRow run = run_row(7, true);
    run.mode = "paper";
    ledger->record(run);
    ASSERT_TRUE(ledger->flush());
    for (const std::string& form : {ledger_text(report(), false), ledger_html(report())}) {
        EXPECT_FALSE(has(form, "agree to the last unit")) << form;
        EXPECT_FALSE(has(form, ">to the last unit<"));
        EXPECT_TRUE(has(form, "Paper: fills are simulated and no venue was asked")) << form;
    }
    for (const ledger::AccountLine& line : report().accounts) EXPECT_FALSE(line.agrees || line.closed);
    EXPECT_EQ(report().not_closed, report().accounts.size());
}

TEST_F(LedgerForms, html_is_self_contained_and_serves_light_and_dark)
{
    auto ledger = open();
    tell_ordinary(*ledger);
    ASSERT_TRUE(ledger->flush());
    const std::string page = ledger_html(report());
    EXPECT_TRUE(has(page, "default-src 'none'"));
    EXPECT_TRUE(has(page, "prefers-color-scheme:dark"));
    for (const char* outside : {"http://", "https://", "src=", "@import", "url("})
        EXPECT_FALSE(has(page, outside)) << outside;
    EXPECT_TRUE(has(page, "at the prices of the last fills"));
    EXPECT_TRUE(has(page, "Where the edge went"));
    EXPECT_TRUE(page.ends_with("</body></html>\n"));
}

}  // namespace
}  // namespace arb
