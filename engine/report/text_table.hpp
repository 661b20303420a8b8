#pragma once
// A table for a terminal: columns as wide as their content, numbers right-aligned, colour only where asked
// and never part of the width. When it would be wider than allowed, columns that may be left out go, least
// important first. Cells may hold hostile text: it is made plain and clipped here. Used by the text reports.
// Pure, any thread.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace arb {

/// What text reports keep to.
inline constexpr std::size_t kTextColumns = 100;
inline constexpr std::size_t kTextIndent = 2;

enum class Tone : unsigned char { none, bold, dim, good, bad, warn };

/// The text in its colour, or as it is.
std::string painted(std::string_view text, Tone tone, bool colour);
/// Padded to `width` columns, then painted.
std::string aligned(std::string_view text, std::size_t width, bool right, Tone tone, bool colour);

struct Cell {
    std::string text;
    Tone tone = Tone::none;
};

class TextTable {
  public:
    /// `prose` is left-aligned and never clipped: for sentences of our own in the last column.
    enum class Align : unsigned char { left, right, prose };

    /// `keep` 0: always shown; otherwise the column with the highest number goes first when room is short.
    TextTable& column(std::string title, Align align, unsigned keep = 0);
    /// One cell a column, in their order; missing ones are empty.
    TextTable& row(std::vector<Cell> cells);
    bool empty() const { return rows_.empty(); }

    /// Header and rows, each line indented and ended by a line feed. Text columns are clipped when that is
    /// what it takes to stay within `columns_max`.
    std::string render(std::size_t indent, std::size_t columns_max, bool colour) const;

  private:
    struct Column {
        std::string title;
        Align align = Align::left;
        unsigned keep = 0;
        std::size_t width = 0;
    };
    std::size_t width_of(const std::vector<std::size_t>& places) const;
    std::vector<std::size_t> shown(std::size_t room) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace arb
