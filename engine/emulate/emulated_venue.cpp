#include "engine/emulate/emulated_venue.hpp"

#include <iterator>

#include <fmt/format.h>

namespace arb {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

}  // namespace

std::vector<ListingDefinition> current_definitions(const EmulatedVenueSetup& setup)
{
    std::vector<ListingDefinition> definitions = setup.definitions;
    for (ListingDefinition& d : definitions) {
        const Listing* const listing = setup.table->find_symbol(setup.id, d.symbol);
        if (listing != nullptr &&
            (setup.exchange->halted(listing->id) || setup.exchange->cancel_only(listing->id)))
            d.status = ListingStatus::halted;
    }
    return definitions;
}

const Listing* listing_of_position(const EmulatedVenueSetup& setup, const EmulatedBalance& position)
{
    if (!position.position) return nullptr;
    for (const Listing& listing : setup.table->listings()) {
        if (listing.venue == setup.id && setup.table->instrument(listing.instrument).name == position.asset)
            return &listing;
    }
    return nullptr;
}

std::string_view ServerRequest::header(std::string_view name) const
{
    for (const auto& [key, value] : headers) {
        if (same_name(key, name)) return value;
    }
    return {};
}

std::string_view ServerRequest::path() const
{
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view ServerRequest::query() const
{
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string json_text(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append({'\\', c});
        else if (byte < 0x20 || byte > 0x7e)
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
        else
            out += c;
    }
    return out + "\"";
}

}  // namespace arb
