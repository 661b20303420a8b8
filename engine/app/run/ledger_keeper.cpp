#include "engine/app/run/ledger_keeper.hpp"

#include <fmt/format.h>

#include "engine/report/utf8.hpp"

namespace arb {

LedgerKeeper::LedgerKeeper(const InstrumentTable& table, const EngineConfig& config, Ledger* ledger,
                           RunKeys* keys, std::uint32_t epoch, std::function<void(std::string_view)> log)
    : table_(&table),
      ledger_(ledger),
      keys_(keys),
      log_(std::move(log)),
      packages_(config, ledger, epoch, figures_)
{
}

void LedgerKeeper::connect(const Engine& engine)
{
    engine_ = &engine;
    packages_.connect(engine.markets());
}

std::string LedgerKeeper::label(VenueId venue) const
{
    return venue == kNoVenue ? std::string() : table_->label(venue);
}

void LedgerKeeper::on_phase(Phase phase, Timestamp now)
{
    on_note(fmt::format("phase: {}", name(phase)), now);
    if (phase == Phase::trading) store_balances("start", now);
}

void LedgerKeeper::on_channel(VenueId venue, Channel channel, bool ready, Timestamp now)
{
    on_note(fmt::format("{}: {} {}", label(venue), name(channel), ready ? "up" : "down"), now);
}

void LedgerKeeper::on_request_end(VenueId venue, const RequestEnd& end, Timestamp now)
{
    if (end.outcome == Outcome::done || (end.kind == RequestKind::place && end.outcome == Outcome::refused))
        return;
    on_note(
        fmt::format("{}: {} {}: {} {}", label(venue), name(end.kind), name(end.outcome), end.code, end.text),
        now);
}

void LedgerKeeper::on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                              Timestamp now)
{
    Account account;
    account.venue = venue;
    account.asset = asset;
    if (const Account* known = engine_->portfolio().find(venue, asset)) account = *known;
    store_balance(account, ours, theirs, final ? "end" : "check", now);
}

void LedgerKeeper::store_balances(std::string_view kind, Timestamp now)
{
    for (const Account& account : engine_->portfolio().accounts())
        store_balance(account, account.end(), account.end(), kind, now);
}

void LedgerKeeper::store_balance(const Account& account, Amount ours, Amount theirs, std::string_view kind,
                                 Timestamp now)
{
    if (ledger_ == nullptr) return;
    ledger::BalanceRow row;
    row.time = now;
    row.venue = label(account.venue);
    row.asset = account.asset;
    row.start = account.start;
    row.fills = account.fills;
    row.fees = account.fees;
    row.ours = ours;
    row.theirs = theirs;
    row.kind = kind;
    ledger_->record(row);
}

void LedgerKeeper::on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now)
{
    std::string instrument;
    if (index(market) < engine_->markets().market_count())
        instrument = engine_->markets().consolidated(market).definition().name;
    figures_.flags.push_back(fmt::format("{} {}: {}", instrument, label(venue), plain_text(why)));
    if (ledger_ != nullptr) {
        ledger::FlagRow row;
        row.time = now;
        row.venue = label(venue);
        row.instrument = instrument;
        row.reason = why;
        ledger_->record(row);
    }
    log_(fmt::format("FLAGGED {}", figures_.flags.back()));
}

void LedgerKeeper::on_flag_cleared(MarketId market, Timestamp now)
{
    const std::string instrument = engine_->markets().consolidated(market).definition().name;
    std::erase_if(figures_.flags, [&](const std::string& f) { return f.starts_with(instrument + " "); });
    on_note(fmt::format("{}: the flag was cleared by the operator", instrument), now);
}

void LedgerKeeper::on_note(std::string_view text, Timestamp now)
{
    log_(plain_text(text));
    if (ledger_ == nullptr) return;
    ledger::NoteRow row;
    row.time = now;
    row.level = "info";
    row.text = text;
    ledger_->record(row);
}

void LedgerKeeper::on_halt(VenueId venue, std::string_view why, Timestamp now)
{
    const std::string name = label(venue);
    figures_.halts.push_back(fmt::format("{}: {}", name, plain_text(why)));
    const std::string_view page = keys_ != nullptr ? keys_->ring().page(name) : std::string_view();
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
        const std::string_view page = keys_ != nullptr ? keys_->ring().page(name) : std::string_view();
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

void LedgerKeeper::on_connection(VenueId venue, std::string_view url, bool open, std::string_view why)
{
    log_(fmt::format("{}: {} {}{}{}", label(venue), url, open ? "open" : "closed", why.empty() ? "" : ": ",
                     plain_text(why)));
}

}  // namespace arb
