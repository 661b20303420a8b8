#include "engine/report/ledger_csv.hpp"

#include "engine/report/utf8.hpp"

namespace arb {
namespace ledger {
namespace {

/// The first character that a spreadsheet looks at.
char32_t first_character(std::string_view text)
{
    std::size_t at = text.find_first_not_of(' ');
    return at == std::string_view::npos ? U'\0' : next_code_point(text, at);
}

bool begins_formula(std::string_view text)
{
    // The last four are the full-width forms, which some programs take for the plain ones.
    constexpr std::u32string_view kStarts = U"=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20";
    const char32_t first = first_character(text);
    return first != U'\0' && kStarts.find(first) != std::u32string_view::npos;
}

}  // namespace

std::string csv_text(std::string_view text)
{
    const bool guarded = begins_formula(text);
    std::string out = guarded ? "\"'" : "\"";
    for (const char c : plain_text(text)) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string csv_decimal(std::string_view text)
{
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    const std::size_t point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    const std::string_view part = point == std::string_view::npos ? "0" : digits.substr(point + 1);
    const auto number = [](std::string_view t) {
        return !t.empty() && t.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return number(whole) && number(part) ? std::string(text) : csv_text(text);
}

}  // namespace ledger

namespace {

/// One line, cell by cell.
class CsvLine {
  public:
    CsvLine& text(std::string_view value) { return cell(ledger::csv_text(value)); }
    CsvLine& decimal(std::string_view value) { return cell(value.empty() ? "" : ledger::csv_decimal(value)); }
    CsvLine& amount(Amount value) { return cell(value.text()); }
    CsvLine& number(std::uint64_t value) { return cell(std::to_string(value)); }
    CsvLine& signed_number(std::int64_t value) { return cell(std::to_string(value)); }
    CsvLine& time(Timestamp value) { return cell(value.known() ? format_utc(value) : ""); }
    std::string_view done()
    {
        out_ += "\r\n";
        return out_;
    }

  private:
    CsvLine& cell(std::string_view safe)
    {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += safe;
        return *this;
    }
    std::string out_;
    bool first_ = true;
};

using Sink = std::function<void(std::string_view)>;

std::optional<Error> fills(LedgerReader& reader, LedgerRuns runs, const Sink& sink)
{
    sink(
        "time,venue_time,run,venue,instrument,side,price,quantity,notional,fee,fee_asset,maker,purpose,trade_"
        "id,"
        "order,package\r\n");
    return reader.fills(runs, [&](const ledger::FillRow& row) {
        CsvLine line;
        line.time(row.time).time(row.venue_time).number(row.epoch).text(row.venue.view());
        line.text(row.instrument.view()).text(name(row.side)).decimal(row.price.view());
        line.decimal(row.quantity.view()).amount(row.notional).amount(row.fee).text(row.fee_asset.view());
        line.number(row.maker ? 1 : 0).text(row.purpose.view()).text(row.trade_id.view()).number(row.order);
        sink(line.number(row.package).done());
    });
}

std::optional<Error> csv_orders(LedgerReader& reader, LedgerRuns runs, const Sink& sink)
{
    sink(
        "sent,done,run,venue,instrument,side,tif,price,quantity,filled,state,reason,purpose,client_id,"
        "venue_order_id,order,package\r\n");
    return reader.orders(runs, [&](const ledger::OrderRow& row) {
        CsvLine line;
        line.time(row.sent).time(row.done).number(row.epoch).text(row.venue.view());
        line.text(row.instrument.view()).text(name(row.side)).text(row.tif.view()).decimal(row.price.view());
        line.decimal(row.quantity.view()).decimal(row.filled.view()).text(row.state.view());
        line.text(row.reason.view()).text(row.purpose.view()).text(row.client_id.view());
        sink(line.text(row.venue_order_id.view()).number(row.order).number(row.package).done());
    });
}

std::optional<Error> csv_packages(LedgerReader& reader, LedgerRuns runs, const Sink& sink)
{
    sink(
        "decided,finished,run,package,instrument,strategy,buy_venue,sell_venue,quantity,outcome,detail,"
        "quoted,depth,"
        "fees,latency,unwind,realised,unhedged_ns\r\n");
    return reader.packages(runs, [&](const ledger::PackageRow& row) {
        const Waterfall& w = row.waterfall;
        CsvLine line;
        line.time(row.decided).time(row.finished).number(row.epoch).number(row.package);
        line.text(row.instrument.view()).text(row.strategy.view()).text(row.buy_venue.view());
        line.text(row.sell_venue.view()).decimal(row.quantity.view()).text(row.outcome.view());
        line.text(row.detail.view()).amount(w.quoted).amount(w.depth).amount(w.fees).amount(w.latency);
        sink(line.amount(w.unwind).amount(w.realised).signed_number(row.unhedged_ns).done());
    });
}

std::optional<Error> csv_balances(LedgerReader& reader, LedgerRuns runs, const Sink& sink)
{
    sink("time,run,venue,asset,kind,start,fills,fees,ours,theirs\r\n");
    return reader.balances(runs, [&](const ledger::BalanceRow& row) {
        CsvLine line;
        line.time(row.time).number(row.epoch).text(row.venue.view()).text(row.asset.view());
        line.text(row.kind.view()).amount(row.start).amount(row.fills).amount(row.fees);
        sink(line.amount(row.ours).amount(row.theirs).done());
    });
}

std::optional<Error> keys(LedgerReader& reader, LedgerRuns runs, const Sink& sink)
{
    sink("time,run,venue,key,endpoint,outcome,count\r\n");
    return reader.key_uses(runs, [&](const ledger::KeyUseRow& row) {
        CsvLine line;
        line.time(row.time).number(row.epoch).text(row.venue.view()).text(row.label.view());
        sink(line.text(row.endpoint.view()).text(row.outcome.view()).number(row.count).done());
    });
}

}  // namespace

std::optional<Error> ledger_csv(LedgerReader& reader, LedgerRuns runs, LedgerCsv what, const Sink& sink)
{
    switch (what) {
        case LedgerCsv::fills:
            return fills(reader, runs, sink);
        case LedgerCsv::orders:
            return csv_orders(reader, runs, sink);
        case LedgerCsv::packages:
            return csv_packages(reader, runs, sink);
        case LedgerCsv::balances:
            return csv_balances(reader, runs, sink);
        case LedgerCsv::keys:
            return keys(reader, runs, sink);
    }
    return std::nullopt;
}

}  // namespace arb
