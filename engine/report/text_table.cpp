#include "engine/report/text_table.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"
#include "engine/report/display.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr std::size_t kCellColumnsMax = 36;
constexpr std::size_t kTextColumnsMin = 12;
constexpr std::size_t kGap = 2;

std::string_view code_of(Tone tone)
{
    switch (tone) {
        case Tone::none:
            return "";
        case Tone::bold:
            return "\033[1m";
        case Tone::dim:
            return "\033[2m";
        case Tone::good:
            return "\033[32m";
        case Tone::bad:
            return "\033[31m";
        case Tone::warn:
            return "\033[33m";
    }
    return "";
}

void trim_right(std::string& line)
{
    line.erase(line.find_last_not_of(' ') + 1);
}

}  // namespace

std::string painted(std::string_view text, Tone tone, bool colour)
{
    if (!colour || tone == Tone::none || text.empty()) return std::string(text);
    return std::string(code_of(tone)) + std::string(text) + "\033[0m";
}

std::string aligned(std::string_view text, std::size_t width, bool right, Tone tone, bool colour)
{
    const std::size_t size = columns_of(text);
    const std::string blanks(width > size ? width - size : 0, ' ');
    const std::string shown = painted(text, tone, colour);
    return right ? blanks + shown : shown + blanks;
}

TextTable& TextTable::column(std::string title, Align align, unsigned keep)
{
    ENSURE(rows_.empty(), "columns come before rows");
    const std::size_t width = columns_of(title);
    columns_.push_back({std::move(title), align, keep, width});
    return *this;
}

TextTable& TextTable::row(std::vector<Cell> cells)
{
    ENSURE(cells.size() <= columns_.size(), "a cell has a column");
    cells.resize(columns_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i].text = plain_text(cells[i].text);
        if (columns_[i].align != Align::prose)
            cells[i].text = display::clipped(cells[i].text, kCellColumnsMax);
        columns_[i].width = std::max(columns_[i].width, columns_of(cells[i].text));
    }
    rows_.push_back(std::move(cells));
    return *this;
}

std::size_t TextTable::width_of(const std::vector<std::size_t>& places) const
{
    std::size_t width = 0;
    for (const std::size_t i : places) width += columns_[i].width + kGap;
    return width - std::min(width, kGap);
}

std::vector<std::size_t> TextTable::shown(std::size_t room) const
{
    std::vector<std::size_t> places(columns_.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    while (width_of(places) > room) {
        const auto least = std::max_element(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
            return columns_[a].keep < columns_[b].keep;
        });
        if (columns_[*least].keep == 0) break;
        places.erase(least);
    }
    return places;
}

std::string TextTable::render(std::size_t indent, std::size_t columns_max, bool colour) const
{
    const std::size_t room = columns_max - std::min(indent, columns_max);
    const std::vector<std::size_t> places = shown(room);
    const std::size_t width = width_of(places);
    std::size_t excess = width - std::min(width, room);
    std::vector<std::size_t> widths;
    for (const std::size_t i : places) {
        const Column& column = columns_[i];
        const bool clips = column.align == Align::left && column.width > kTextColumnsMin;
        const std::size_t cut = clips ? std::min(excess, column.width - kTextColumnsMin) : 0;
        excess -= cut;
        widths.push_back(column.width - cut);
    }
    std::string out;
    const auto line = [&](const auto& cell_of) {
        std::string text(indent, ' ');
        for (std::size_t n = 0; n < places.size(); ++n) {
            const Column& column = columns_[places[n]];
            const Cell cell = cell_of(places[n]);
            const bool clips = column.align == Align::left;
            if (n > 0) text.append(kGap, ' ');
            text += aligned(clips ? display::clipped(cell.text, widths[n]) : cell.text, widths[n],
                            column.align == Align::right, cell.tone, colour);
        }
        trim_right(text);
        out += text + '\n';
    };
    line([&](std::size_t i) { return Cell{columns_[i].title, Tone::dim}; });
    for (const auto& row : rows_) line([&](std::size_t i) { return row[i]; });
    return out;
}

}  // namespace arb
