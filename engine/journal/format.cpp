#include "engine/journal/format.hpp"

#include <charconv>

#include <fmt/format.h>

namespace arb::format {
namespace {

std::string escape(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\\')
            result += "\\\\";
        else if (c == '\n')
            result += "\\n";
        else if (c == '\r')
            result += "\\r";
        else
            result += c;
    }
    return result;
}

std::string unescape(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        const char c = text[++i];
        result += c == 'n' ? '\n' : c == 'r' ? '\r' : c;
    }
    return result;
}

Error refuse(std::string what)
{
    return {ExitCode::data, std::move(what)};
}

template <class Number>
bool read_number(std::string_view text, Number& out, int base)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// One line of the payload into the header; false when it is none of ours.
bool read_line(std::string_view key, std::string_view raw, JournalHeader& header)
{
    const std::string value = unescape(raw);
    if (key == "build")
        header.build = value;
    else if (key == "source")
        header.source = value;
    else if (key == "config_hash")
        return read_number(std::string_view(value), header.config_hash, 16);
    else if (key == "venue") {
        const std::size_t tab = value.find('\t');
        if (tab == std::string::npos || header.venues.size() == kVenuesMax) return false;
        header.venues.push_back({VenueKey{value.substr(0, tab), value.substr(tab + 1)}, {}});
    } else if (key == "listing") {
        if (header.venues.empty() || header.venues.back().definitions.size() == kListingsMax) return false;
        Result<ListingDefinition> definition = ListingDefinition::from_line(value);
        if (!definition) return false;
        header.venues.back().definitions.push_back(std::move(*definition));
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<std::string> write_header(const JournalHeader& header)
{
    if (header.venues.size() > kVenuesMax) return refuse("a journal holds at most 255 venues");
    std::string text = fmt::format("build {}\nsource {}\nconfig_hash {:016x}\n", escape(header.build),
                                   escape(header.source), header.config_hash);
    for (const InstrumentTable::VenueListings& venue : header.venues) {
        if (venue.key.exchange.find('\t') != std::string::npos)
            return refuse("a venue's name has a tab in it");
        if (venue.definitions.size() > kListingsMax) {
            return refuse(fmt::format("{}: a journal holds at most {} listings a venue", venue.key.label(),
                                      kListingsMax));
        }
        text += "venue " + escape(venue.key.exchange) + "\t" + escape(venue.key.market) + "\n";
        for (const ListingDefinition& definition : venue.definitions) {
            const std::string line = definition.to_line();
            const Result<ListingDefinition> back = ListingDefinition::from_line(line);
            if (!back || !(*back == definition)) {
                return refuse(fmt::format("{}: the listing '{}' cannot be written: a field has a tab in it",
                                          venue.key.label(), escape(definition.symbol)));
            }
            text += "listing " + escape(line) + "\n";
        }
    }
    text += fmt::format("config {}\n", header.config_text.size());
    text += header.config_text;
    if (text.size() > kHeaderMax) return refuse("the header is longer than 64 MiB");
    return text;
}

Result<JournalHeader> read_header(std::string_view payload)
{
    JournalHeader header;
    for (unsigned line_number = 1;; ++line_number) {
        const std::size_t end = payload.find('\n');
        if (end == std::string_view::npos) return refuse("the line 'config' is missing");
        const std::string_view line = payload.substr(0, end);
        payload.remove_prefix(end + 1);
        const std::size_t blank = line.find(' ');
        const std::string_view key = line.substr(0, blank);
        const std::string_view value = blank == std::string_view::npos ? "" : line.substr(blank + 1);
        if (key == "config") {
            std::size_t length = 0;
            if (!read_number(value, length, 10) || length != payload.size()) {
                return refuse("the configuration text has another length than said");
            }
            header.config_text = payload;
            return header;
        }
        if (!read_line(key, value, header)) return refuse(fmt::format("line {} cannot be read", line_number));
    }
}

}  // namespace arb::format
