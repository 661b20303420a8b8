// What LedgerKeeper writes down of keys and of venues that were halted.
#include <fmt/format.h>

#include "engine/app/run/ledger_keeper.hpp"
#include "engine/report/utf8.hpp"

namespace arb {

void LedgerKeeper::on_halt(VenueId venue, std::string_view why, Timestamp now)
{
    const std::string name = label(venue);
    figures_.halts.push_back(fmt::format("{}: {}", name, plain_text(why)));
    const std::string_view page = keys_ != nullptr ? keys_->page(name) : std::string_view();
    if (page.empty()) return;
    on_note(
        fmt::format("{}: if that was not you, revoke its key at {} and then run `arbiter panic`, which keeps "
                    "the evidence",
                    name, page),
        now);
}

void LedgerKeeper::on_halt_over(VenueId venue, Timestamp)
{
    const std::string name = label(venue) + ":";
    std::erase_if(figures_.halts, [&](const std::string& halt) { return halt.starts_with(name); });
}

void LedgerKeeper::on_key(const KeyNews& news, Timestamp now)
{
    const std::string name = label(news.venue);
    if (news.fault != KeyFault::none) {
        on_note(news.text, now);
        const std::string_view page = keys_ != nullptr ? keys_->page(name) : std::string_view();
        if (!page.empty()) on_note(fmt::format("{}: keys are changed at {}", name, page), now);
        return;
    }
    constexpr const char* kWords[] = {
        "is being checked",          "may be used",          "logs on",    "serves",
        "drains: another took over", "is not used any more", "was refused"};
    on_note(fmt::format("{}: {} key '{}' {}", name, arb::name(news.role), news.label,
                        kWords[static_cast<std::size_t>(news.stage)]),
            now);
    if (news.stage != KeyStage::accepted) return;
    for (const std::string& warning : *news.warnings) on_note(warning, now);
    // In every report, beside what the key was used for.
    for (const std::string& word : *news.attested) {
        ledger::KeyUseRow row;
        row.time = now;
        row.venue = name;
        row.label = news.label;
        row.endpoint = word;
        row.outcome = "attested";
        if (ledger_ != nullptr) ledger_->record(row);
    }
}

}  // namespace arb
