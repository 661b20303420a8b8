#include "engine/app/run/status_text.hpp"

#include <vector>

#include <fmt/format.h>

#include "engine/report/display.hpp"
#include "engine/report/text_table.hpp"
#include "engine/report/utf8.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb {
namespace {

using Element = simdjson::dom::element;
using Align = TextTable::Align;

/// Words of venues are in it: it moves no cursor.
std::string text_at(const Element& from, std::string_view key)
{
    std::string_view text;
    return from[key].get(text) == simdjson::SUCCESS ? plain_text(text) : std::string();
}

std::int64_t number_at(const Element& from, std::string_view key)
{
    std::int64_t number = 0;
    return from[key].get(number) == simdjson::SUCCESS ? number : 0;
}

bool flag_at(const Element& from, std::string_view key)
{
    bool flag = false;
    return from[key].get(flag) == simdjson::SUCCESS && flag;
}

std::vector<Element> list_at(const Element& from, std::string_view key)
{
    simdjson::dom::array list;
    if (from[key].get(list) != simdjson::SUCCESS) return {};
    return {list.begin(), list.end()};
}

bool nothing(std::string_view amount)
{
    return amount.find_first_not_of("-0.") == std::string_view::npos;
}

/// The parts of the page, one after the other.
class StatusPage {
  public:
    StatusPage(const Element& status, bool colour) : status_(status), colour_(colour) {}

    std::string made()
    {
        head();
        venues();
        markets();
        exposure();
        legs();
        limits();
        held();
        not_taken();
        instruments();
        balances();
        return std::move(page_);
    }

  private:
    void head()
    {
        const std::string phase = text_at(status_, "phase"), mode = text_at(status_, "mode");
        const std::string why = text_at(status_, "paused_why");
        page_ += fmt::format("{}  {}{}  up {}  {}\n", text_at(status_, "version"), mode,
                             phase == mode ? "" : "  " + phase,
                             display::duration(number_at(status_, "seconds") * 1'000'000'000),
                             flag_at(status_, "paused")
                                 ? painted("PAUSED" + (why.empty() ? "" : ": " + why), Tone::warn, colour_)
                                 : "");
        const std::string currency = text_at(status_, "currency");
        page_ += fmt::format("result  {} {} in this run, {} today\n",
                             display::grouped(text_at(status_, "realised")), currency,
                             display::grouped(text_at(status_, "realised_today")));
        page_ += fmt::format("work    {}, {} open; {}, {} open; {}; frame to order p50 {} us, p99 {} us\n",
                             counted("packages", "package"), number_at(status_, "open_packages"),
                             counted("orders", "order"), number_at(status_, "open_orders"),
                             counted("fills", "fill"), latency("p50"), latency("p99"));
        for (const Element flag : list_at(status_, "flags")) {
            std::string_view text;
            if (flag.get(text) == simdjson::SUCCESS)
                page_ += painted("FLAGGED " + plain_text(text), Tone::bad, colour_) + "\n";
        }
    }

    void venues()
    {
        TextTable table;
        table.column("venue", Align::left).column("books", Align::right).column("orders", Align::left);
        table.column("stream", Align::left).column("clock", Align::right, 1).column("", Align::prose);
        for (const Element venue : list_at(status_, "venues")) {
            const std::string label = text_at(venue, "venue"), stopped = text_at(venue, "stopped");
            simdjson::dom::element trades;
            const bool orders = venue["order_entry"].get(trades) == simdjson::SUCCESS;
            const auto channel = [&](std::string_view key) {
                if (!orders) return Cell{"-", Tone::dim};
                return flag_at(venue, key) ? Cell{"up", Tone::none} : Cell{"DOWN", Tone::bad};
            };
            table.row({{label},
                       {fmt::format("{}/{}", number_at(venue, "books"), number_at(venue, "books_listed"))},
                       channel("order_entry"),
                       channel("private_stream"),
                       {orders ? fmt::format("{:+} us", number_at(venue, "clock_offset_us")) : "-"},
                       {stopped, Tone::bad}});
        }
        show(table);
        for (const Element key : list_at(status_, "keys")) {
            const std::string text = text_at(key, "text");
            if (text_at(key, "fault") != "none" && !text.empty())
                page_ += painted(fmt::format("  key {} at {}: {}", text_at(key, "label"),
                                             text_at(key, "venue"), text),
                                 Tone::bad, colour_) +
                         "\n";
        }
    }

    void markets()
    {
        TextTable table;
        table.column("market", Align::left).column("best bid", Align::right).column("best ask", Align::right);
        table.column("edge", Align::right);
        for (const Element market : list_at(status_, "markets")) {
            table.row({{text_at(market, "market")},
                       {display::grouped(text_at(market, "bid"))},
                       {display::grouped(text_at(market, "ask"))},
                       {text_at(market, "edge_bps") + " bps"}});
        }
        show(table);
    }

    void exposure()
    {
        TextTable table;
        table.column("at risk", Align::left).column("quantity", Align::right).column("cause", Align::left);
        table.column("since", Align::left);
        for (const Element line : list_at(status_, "exposure")) {
            table.row({{text_at(line, "market"), Tone::bad},
                       {display::grouped(text_at(line, "quantity")), Tone::bad},
                       {text_at(line, "cause")},
                       {text_at(line, "since").substr(0, 19)}});
        }
        show(table);
    }

    void legs()
    {
        TextTable table;
        table.column("package", Align::right).column("leg", Align::left).column("venue", Align::left);
        table.column("order", Align::left).column("filled", Align::right).column("since", Align::left);
        for (const Element leg : list_at(status_, "open_legs")) {
            table.row({{fmt::format("{}", number_at(leg, "package"))},
                       {text_at(leg, "part")},
                       {text_at(leg, "venue")},
                       {fmt::format("{} {} {} at {}", text_at(leg, "side"), text_at(leg, "quantity"),
                                    text_at(leg, "symbol"), text_at(leg, "price"))},
                       {text_at(leg, "filled")},
                       {text_at(leg, "since").substr(0, 19)}});
        }
        show(table);
    }

    void limits()
    {
        TextTable table;
        table.column("limit", Align::left).column("used", Align::right).column("of", Align::right);
        for (const Element limit : list_at(status_, "limits")) {
            const bool full = flag_at(limit, "reached");
            const Tone tone = full ? Tone::bad : Tone::none;
            table.row({{text_at(limit, "limit"), tone},
                       {display::grouped(text_at(limit, "used")), tone},
                       {display::grouped(text_at(limit, "most")), tone}});
        }
        show(table);
    }

    void held()
    {
        TextTable table;
        table.column("held by", Align::right).column("market", Align::left).column("at", Align::left);
        table.column("cost", Align::right).column("since", Align::left);
        for (const Element position : list_at(status_, "held")) {
            std::string places;
            for (const Element place : list_at(position, "at")) {
                places += fmt::format("{}{} {} {}", places.empty() ? "" : ", ", text_at(place, "venue"),
                                      text_at(place, "quantity"), text_at(place, "symbol"));
            }
            table.row({{fmt::format("{}", number_at(position, "package"))},
                       {text_at(position, "market")},
                       {places},
                       {display::grouped(text_at(position, "cost"))},
                       {text_at(position, "since").substr(0, 19)}});
        }
        show(table);
    }

    void not_taken()
    {
        TextTable table;
        table.column("not taken", Align::right)
            .column("quoted edge", Align::right)
            .column("because", Align::prose);
        for (const Element why : list_at(status_, "not_taken")) {
            table.row({{display::count(static_cast<std::uint64_t>(number_at(why, "times")))},
                       {display::grouped(text_at(why, "edge"))},
                       {fmt::format("{}: {}", text_at(why, "reason"), text_at(why, "text"))}});
        }
        show(table);
    }

    void instruments()
    {
        for (const Element listing : list_at(status_, "instruments")) {
            page_ += painted(fmt::format("  {} {}: no new risk: {}", text_at(listing, "venue"),
                                         text_at(listing, "symbol"), text_at(listing, "no_new_risk")),
                             Tone::warn, colour_) +
                     "\n";
        }
    }

    void balances()
    {
        TextTable table;
        table.column("balance", Align::left).column("asset", Align::left).column("amount", Align::right);
        for (const Element balance : list_at(status_, "balances")) {
            const std::string amount = text_at(balance, "amount");
            if (nothing(amount)) continue;
            table.row({{text_at(balance, "venue")}, {text_at(balance, "asset")}, {display::grouped(amount)}});
        }
        show(table);
    }

    std::string counted(std::string_view key, std::string_view singular) const
    {
        return display::counted(static_cast<std::uint64_t>(number_at(status_, key)), singular, key);
    }
    std::int64_t latency(std::string_view key) const
    {
        Element all;
        return status_["frame_to_order_us"].get(all) == simdjson::SUCCESS ? number_at(all, key) : 0;
    }
    void show(const TextTable& table)
    {
        if (!table.empty()) page_ += "\n" + table.render(kTextIndent, kTextColumns, colour_);
    }

    Element status_;
    bool colour_;
    std::string page_;
};

}  // namespace

std::optional<std::string> status_text(std::string_view json, bool colour)
{
    simdjson::dom::parser parser;
    Element status;
    std::string_view phase;
    const simdjson::padded_string padded(json);
    if (parser.parse(padded).get(status) != simdjson::SUCCESS ||
        status["phase"].get(phase) != simdjson::SUCCESS)
        return std::nullopt;
    return StatusPage(status, colour).made();
}

}  // namespace arb
