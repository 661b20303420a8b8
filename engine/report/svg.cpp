#include "engine/report/svg.hpp"

#include <fmt/format.h>

#include <iterator>

#include "engine/report/chart_axis.hpp"
#include "engine/report/html_text.hpp"

namespace arb::chart {

Svg::Svg(int width, int height, std::string_view label)
{
    out_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" class=\"{}\">", width,
                       height, html::escape(label), width > 400 ? "wide" : "narrow");
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view css_class)  // not money: pixels
{
    fmt::format_to(std::back_inserter(out_), "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>",
                   pixel(x1), pixel(y1), pixel(x2), pixel(y2), css_class);
}

void Svg::rect(double x, double y, double width, double height,
               std::string_view css_class)  // not money: pixels
{
    fmt::format_to(std::back_inserter(out_),
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"/>", pixel(x), pixel(y),
                   pixel(width), pixel(height), css_class);
}

void Svg::text(double x, double y, Anchor anchor, std::string_view css_class,
               std::string_view text)  // not money: pixels
{
    const char* where = anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
    fmt::format_to(std::back_inserter(out_),
                   "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" class=\"{}\">{}</text>", pixel(x), pixel(y),
                   where, css_class, html::escape(text));
}

void Svg::path(std::string_view path, std::string_view css_class, int series)
{
    const std::string which = series < 0 ? "" : fmt::format(" s{}", series);
    fmt::format_to(std::back_inserter(out_), "<path d=\"{}\" class=\"{}{}\"/>", path, css_class, which);
}

void Svg::hot(double x, double y, double width, double height, std::string_view tip)  // not money: pixels
{
    fmt::format_to(std::back_inserter(out_),
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"hot\" data-tip=\"{}\"/>",
                   pixel(x), pixel(y), pixel(width), pixel(height), html::escape(tip));
}

std::string Svg::take()
{
    out_ += "</svg>";
    return std::move(out_);
}

std::string card(const Card& card)
{
    std::string out = fmt::format("<section class=\"card span{}\"><header>", card.span);
    out += html::element("h2", "", card.title);
    if (!card.subtitle.empty()) out += html::element("p", "sub", card.subtitle);
    if (!card.legend.empty()) out += "<p class=\"legend\">" + card.legend + "</p>";
    return out + "</header>" + card.body + "</section>\n";
}

std::string empty_state(std::string_view why)
{
    return html::element("p", "empty", why);
}

std::string legend_entry(std::string_view key, std::string_view text)
{
    return fmt::format("<span class=\"key\"><i class=\"{}\"></i>{}</span>", key, html::escape(text));
}

}  // namespace arb::chart
