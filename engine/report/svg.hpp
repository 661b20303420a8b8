#pragma once
// Pieces of inline SVG for the report's charts: shapes take their colours from CSS classes, so light, dark
// and print need no second drawing. Texts are escaped here. Positions are pixels of the viewBox, which scales
// with the page. Used by the chart_*.cpp files. Pure, any thread, no errors.
#include <string>
#include <string_view>

namespace arb::chart {

enum class Anchor : unsigned char { start, middle, end };

class Svg {
  public:
    /// `label` says in a sentence what the picture shows, for people who do not see it.
    Svg(int width, int height, std::string_view label);

    void line(double x1, double y1, double x2, double y2, std::string_view css_class);  // not money: pixels
    void rect(double x, double y, double width, double height,
              std::string_view css_class);  // not money: pixels
    void text(double x, double y, Anchor anchor, std::string_view css_class,
              std::string_view text);  // not money: pixels
    /// `path` in SVG's own words, made of numbers only.
    void path(std::string_view path, std::string_view css_class, int series = -1);
    /// An invisible area over the plot that shows `tip` when pointed at.
    void hot(double x, double y, double width, double height, std::string_view tip);  // not money: pixels

    std::string take();

  private:
    std::string out_;
};

/// A titled box of the page. `span` is its width in sixths of the row; the rest is HTML that is already safe.
struct Card {
    int span = 3;
    std::string title;
    std::string subtitle;
    std::string legend;  ///< HTML
    std::string body;    ///< HTML
};
std::string card(const Card& card);

/// The paragraph that stands where a chart would, and says why there is none.
std::string empty_state(std::string_view why);

/// One entry of a legend; `key` is a CSS class that colours the swatch.
std::string legend_entry(std::string_view key, std::string_view text);

}  // namespace arb::chart
