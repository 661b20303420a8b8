#include <fmt/format.h>

#include "engine/journal/csv_text.hpp"
#include "engine/journal/import_run.hpp"

namespace arb {

void ImportNotes::add(std::string_view text, std::uint64_t count)
{
    if (count == 0) return;
    for (auto& [known, sum] : entries_) {
        if (known == text) {
            sum += count;
            return;
        }
    }
    entries_.emplace_back(text, count);
}

std::vector<std::string> ImportNotes::texts() const
{
    std::vector<std::string> result;
    for (const auto& [text, count] : entries_) {
        result.push_back(count == 1 ? text : fmt::format("{} x {}", count, text));
    }
    return result;
}

const ListingDefinition* find_given(const ImportRequest& request, const VenueKey& key, std::string_view name)
{
    for (const InstrumentTable::VenueListings& venue : request.instruments) {
        if (venue.key.label() != key.label()) continue;
        for (const ListingDefinition& definition : venue.definitions) {
            if (definition.symbol == name || definition.instrument_name() == name) return &definition;
        }
    }
    return nullptr;
}

std::optional<Error> settle_steps(const StepsSeen& steps, const VenueKey& key, ListingDefinition& definition,
                                  ImportNotes& notes)
{
    if (std::optional<Error> error = steps.judge(definition.symbol)) return error;
    steps.fill(definition);
    const std::string which =
        fmt::format("{} at {} ({})", definition.symbol, key.label(), definition.instrument_name());
    if (!steps.given()) {
        notes.add(fmt::format("{}: tick {} and lot {} are inferred from the digits seen", which,
                              definition.tick.text(), definition.lot.text()));
    }
    notes.add(fmt::format("{}: quantity with more decimals than the lot {} cut down to it", which,
                          definition.lot.text()),
              steps.quantities_cut());
    return std::nullopt;
}

std::string backwards_text(Timestamp time, Timestamp before)
{
    return fmt::format("the times run backwards: {} comes after {}; sort the input by receive time first",
                       format_utc(time), format_utc(before));
}

}  // namespace arb
