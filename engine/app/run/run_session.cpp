#include "engine/app/run/run_session.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/app/config/venue_way.hpp"
#include "engine/keys/private_directory.hpp"
#include "engine/live/host_thread.hpp"
#include "engine/report/json_writer.hpp"
#include "engine/report/ledger_reader.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

constexpr Duration kStoreEvery = seconds(1);

net::Idle idle_of(const std::string& name)
{
    return name == "spin" ? net::Idle::spin : name == "yield" ? net::Idle::yield : net::Idle::sleep;
}

// The answer to a word that is not done; `why` may hold anything.
std::string refused_wish(std::string_view why)
{
    JsonWriter json;
    std::string text = json.begin_object().key("ok").flag(false).key("error").text(why).end_object().take();
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

RunSession::RunSession(RunRequest request)
    : request_(std::move(request)), loop_(idle_of(request_.config.idle))
{
    make_private_directory(request_.directory);
    check_directory_mode();
    InstrumentLists::Listings listings = choose_instruments();
    const bool orders = request_.config.mode == RunMode::emulated || request_.config.mode == RunMode::live;
    if (orders && !request_.record_only) keys_ = std::make_unique<RunKeys>(request_, *table_);
    if (!request_.record_only) state_ = std::make_unique<RunState>(request_, *table_);
    open_records(listings);
    make_engine();
    lists_ = std::make_unique<InstrumentLists>(request_, venues_, std::move(listings), *engine_, *driver_);
    check_paper();
    // The threads of journal, ledger and key log stand by now: they do not come along.
    if (const Result<bool> taken = take_host(request_.config.host); !taken)
        throw StartError(taken.error().code, taken.error().message);
    if (engine_->live() != nullptr) begin();
    driver_->start();
    commands_ = std::make_unique<net::CommandServer>(loop_, request_.directory + "/control.sock",
                                                     [this](std::string_view line) { return answer(line); });
}

RunSession::~RunSession() = default;

// Simulated money and real money are never in one record.
void RunSession::check_directory_mode() const
{
    const std::string path = request_.directory + "/" + kLedgerFile;
    if (request_.record_only || ::access(path.c_str(), F_OK) != 0) return;
    Result<LedgerReader> reader = LedgerReader::open(path);
    if (!reader) return;  // told where it is opened to be written
    const Result<std::vector<std::string>> modes = reader->modes();
    for (std::size_t i = 0; modes && i < modes->size(); ++i) {
        if ((*modes)[i] == name(request_.config.mode)) continue;
        throw StartError(ExitCode::usage,
                         fmt::format("{}: runs in mode \"{}\" are recorded here; give a run in mode \"{}\" a "
                                     "directory of its own (--directory, or state_directory)",
                                     request_.directory, (*modes)[i], name(request_.config.mode)));
    }
}

InstrumentLists::Listings RunSession::choose_instruments()
{
    for (const VenueConfig& venue : request_.config.venues)
        venues_.push_back(venue_of_run(request_.plugins, request_.config, venue, request_.unsafe_endpoint));
    if (venues_.empty()) throw StartError(ExitCode::usage, request_.config.name + ": no [venue.NAME] in it");
    InstrumentLists::Listings listings = InstrumentLists::at_start(request_, loop_, venues_);
    table_ = std::make_unique<InstrumentTable>(InstrumentTable::build(listings).take());
    return listings;
}

ledger::RunRow RunSession::run_row() const
{
    ledger::RunRow run;
    run.epoch = state_->epoch();
    run.begin = begun_;
    run.mode = name(request_.config.mode);
    run.build = request_.build;
    run.config_hash = fmt::format("{:016x}", request_.config.hash);
    return run;
}

void RunSession::open_records(const InstrumentLists::Listings& listings)
{
    begun_ = LiveClock().now();
    const std::uint64_t number =
        state_ == nullptr ? static_cast<std::uint64_t>(begun_.ns / seconds(1).ns) : state_->epoch();
    journal_path_ = fmt::format("{}/session-{}.arb", request_.directory, number);
    JournalHeader header;
    header.build = request_.build;
    header.source = request_.record_only ? "record" : "run";
    header.config_hash = request_.config.hash;
    if (!request_.record_only) header.config_text = request_.config.text;
    header.venues = listings;
    RunState* state = state_.get();
    journal_ = std::make_unique<JournalThread>(JournalWriter::create(journal_path_, header).take(), *table_,
                                               [state] { return state == nullptr || state->sync(); });
    if (request_.record_only) return;
    ledger_path_ = request_.directory + "/" + kLedgerFile;
    ledger_ = Ledger::open(ledger_path_).take();
    ledger_->record(run_row());
}

void RunSession::make_engine()
{
    keeper_ = std::make_unique<LedgerKeeper>(*table_, request_.config, ledger_.get(), keys_.get(),
                                             state_ == nullptr ? 0 : state_->epoch(), request_.log);
    std::vector<LiveVenue> ways;
    for (const FetchVenue& venue : venues_) ways.push_back(venue.way);
    driver_ = std::make_unique<LiveDriver>(*table_, ways, loop_, journal_.get(), keeper_.get());
    AssemblyRequest assembly;
    assembly.config = &request_.config;
    assembly.table = table_.get();
    assembly.plugins = request_.plugins;
    assembly.trading = !request_.record_only;
    assembly.keys = keys_ == nullptr ? nullptr : &keys_->ring();
    EngineParts parts = assemble(assembly);
    parts.outbox = driver_.get();
    parts.rules = table_.get();
    parts.log = state_.get();
    parts.decisions = journal_.get();
    parts.listener = &keeper_->packages();
    parts.trading_listener = keeper_.get();
    taken_ = std::make_unique<TakenLiquidity>(table_->listings().size());
    parts.taken = taken_.get();
    if (request_.record_only || request_.config.mode == RunMode::paper) {
        exchange_ = make_exchange(request_.config, *table_, *taken_);
        parts.sender = exchange_.get();
    }
    engine_ = std::make_unique<Engine>(std::move(parts));
    keeper_->connect(*engine_);
    if (exchange_ != nullptr) {
        exchange_->connect(engine_->markets());
        for (const Account& account : engine_->portfolio().accounts())
            exchange_->balances().set_start(account.venue, account.asset, account.start);
    }
    driver_->connect(*engine_, exchange_.get());
}

// Paper money and fees come from the configuration: without money a run would look idle and say nothing.
void RunSession::check_paper() const
{
    if (exchange_ == nullptr || request_.record_only) return;
    const std::vector<ListingFees> fees = fees_of(request_.config, *table_);
    for (const Listing& listing : table_->listings()) {
        if (fees[index(listing.id)].known) continue;
        const std::string label = table_->label(listing.venue);
        const VenueConfig* venue = config_of(request_.config, label);
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: [venue.{}] has no taker_fee_bps, and the venue's instrument list does not "
                        "tell fees; without fees paper trading lies",
                        venue != nullptr ? venue->place : request_.config.name, label));
    }
    const std::vector<Account>& accounts = engine_->portfolio().accounts();
    if (std::any_of(accounts.begin(), accounts.end(), [](const Account& a) { return !a.start.zero(); }))
        return;
    request_.log(
        "paper trading without money: give each venue its [venue.NAME.balance] in the configuration, or "
        "nothing can be bought or sold");
}

// What was before, then the keys, then the word to begin.
void RunSession::begin()
{
    state_->restore(*driver_);
    if (keys_ != nullptr) keys_->begin(*driver_);
    if (request_.cleans_up) (void)driver_->command("clean up");
    (void)driver_->command("begin");
    if (request_.closes_only.empty()) return;
    request_.log(
        fmt::format("an earlier run left something to settle: this one cancels and closes it, opens nothing, "
                    "and stays paused: {}; then start again",
                    request_.closes_only));
    (void)driver_->command("pause");
}

void RunSession::turn(Duration max_wait)
{
    driver_->turn(max_wait);
    lists_->log_changes();
    if (engine_->live() != nullptr) state_->watch(*engine_->live(), *driver_);
    if (keys_ != nullptr) keys_->take_fresh(*driver_);
    const Timestamp now = driver_->now();
    if (now - stored_ < kStoreEvery) return;
    stored_ = now;
    if (state_ != nullptr && state_->lost()) {
        stopping_ = true;
        (void)driver_->command(engine_->live() != nullptr ? "log failed" : "stop");
    }
    lists_->watch(now, stopping_);
    if (!request_.record_only && !engine_->risk().paused()) {
        if (const auto line = why_not_.on_time(engine_->crossings(), figures().packages, now))
            request_.log(*line);
    }
    if (keys_ != nullptr) keys_->store_uses(*ledger_);
    const bool kept = !journal_->failed() && (ledger_ == nullptr || ledger_->complete()) &&
                      (keys_ == nullptr || !keys_->failing());
    if (!kept && !stopping_) {
        request_.log("journal, ledger or audit log cannot keep up or cannot be written: stopping");
        (void)command("stop");
    }
}

bool RunSession::command(std::string_view word)
{
    if (word == "stop" || word == "kill") stopping_ = true;
    return driver_->command(word);
}

std::optional<Error> RunSession::use_key(const std::string& venue, const std::string& label)
{
    if (keys_ == nullptr) return Error{ExitCode::usage, "this run has no keys"};
    return keys_->use(venue, label);
}

bool RunSession::over() const
{
    if (engine_->live() != nullptr) return engine_->live()->phase() == Phase::stopped;
    return stopping_ && engine_->executor().open_count() == 0;
}

// What the shell is told. A start that was refused did nothing: whatever was open before still is.
ExitCode RunSession::code_of_end(RunOutcome& outcome) const
{
    const LiveTrading* const live = engine_->live();
    const bool differs = live != nullptr && live->money().mismatches() > 0;
    if (differs) outcome.troubles.push_back("balances differ from the venues' word");
    for (const std::string& halt : figures().halts) outcome.troubles.push_back(halt);
    if (live != nullptr && !live->strangers().start_refusals().empty()) {
        for (const std::string& refusal : live->strangers().start_refusals())
            outcome.troubles.push_back(plain_text(refusal));
        if (engine_->executor().open_count() > 0) {
            outcome.troubles.push_back(
                fmt::format("{} packages of an earlier run of {} are open, and nothing was done about them",
                            engine_->executor().open_count(), request_.directory));
        }
        return ExitCode::refused;
    }
    const bool exposed = differs || figures().flagged > 0 || !figures().flags.empty() ||
                         figures().open_packages > 0 || (live != nullptr && live->desk().open().count() > 0);
    if (exposed) return ExitCode::exposed;
    if (live != nullptr && live->keys().refused()) return ExitCode::refused;
    // A venue under an alarm needs a person, also when nobody waited for its last word.
    return figures().halts.empty() ? ExitCode::ok : ExitCode::exposed;
}

RunOutcome RunSession::finish()
{
    RunOutcome outcome;
    commands_.reset();
    lists_->wait();
    const Timestamp now = driver_->now();
    if (engine_->live() == nullptr) engine_->finish(now);
    if (keys_ != nullptr) keys_->store_uses(*ledger_);
    if (exchange_ != nullptr && !request_.record_only) keeper_->store_balances("end", now);
    if (engine_->live() != nullptr) {
        const OrderDeskCounts& counts = engine_->live()->desk().counts();
        outcome.unknown_orders = counts.unknown;
        outcome.unknown_resolved = counts.unknown_executed + counts.unknown_absent + counts.unknown_refused;
    }
    outcome.decision_hash = engine_->decision_hash();
    outcome.code = code_of_end(outcome);
    const auto not_whole = [&outcome](std::string what) {
        outcome.troubles.push_back(std::move(what));
        if (outcome.code == ExitCode::ok) outcome.code = ExitCode::data;
    };
    if (state_ != nullptr && !state_->trouble().empty())
        not_whole(state_->trouble());
    else if (engine_->live() != nullptr && engine_->live()->records().failed())
        not_whole("the state log could not be written: the next start asks the venues what it lacks");
    if (keys_ != nullptr && !keys_->end(engine_->live(), panic_, now, outcome.troubles))
        not_whole("the audit log is not whole");
    outcome.journal = journal_path_;
    outcome.ledger = ledger_path_;
    if (journal_->failed()) not_whole("the journal is not whole");
    const Result<Written> written = journal_->finish();
    if (written) {
        outcome.journal_records = written->records;
        outcome.journal_bytes = written->bytes;
    } else {
        not_whole(written.error().message);
    }
    if (ledger_ != nullptr && !ledger_->complete()) not_whole("the ledger is not whole: " + ledger_->error());
    // From here on a start has nothing to settle.
    if (outcome.code == ExitCode::ok && engine_->live() != nullptr)
        (void)state_->append(LineWriter("settled").number(state_->epoch()).view());
    if (ledger_ != nullptr) {
        ledger::RunRow run = run_row();
        run.end = now;
        run.exit_code = static_cast<std::int32_t>(outcome.code);
        run.decision_hash = fmt::format("{:016x}", outcome.decision_hash);
        ledger_->record(run);
        const bool was_whole = ledger_->complete();
        if (!ledger_->close() && was_whole) not_whole("the ledger is not whole: " + ledger_->error());
    }
    return outcome;
}

std::string RunSession::status_json() const
{
    return arb::status_json({request_, *table_, *engine_, *driver_, figures(), begun_,
                             state_ == nullptr ? 0 : state_->percent()});
}

// An engine with nothing open ends in the turn in which it is told to, and its socket with it: whoever said
// so could not ask for the status any more.
std::string RunSession::stopping_answer(std::string_view word) const
{
    std::string status = status_json();
    while (status.ends_with('\n')) status.pop_back();
    return fmt::format(R"({{"ok":true,"command":"{}","status":{}}})", word, status);
}

std::string RunSession::answer(std::string_view line)
{
    if (line == "status") return status_json();
    if (line.starts_with("use-key ")) {
        const std::string_view words = line.substr(8);
        const std::size_t cut = std::min(words.find(' '), words.size());
        const std::optional<Error> error = use_key(
            std::string(words.substr(0, cut)), std::string(words.substr(std::min(cut + 1, words.size()))));
        if (!error) return R"({"ok":true,"command":"use-key"})";
        return refused_wish(error->message);
    }
    if (line == "panic" || line == "panic flatten") {
        panic_ = true;
        (void)command(line == "panic" ? "kill" : "stop");
        return stopping_answer("panic");
    }
    if (line.starts_with("adopt ") || line.starts_with("transfer announce ") ||
        line.starts_with("release ")) {
        if (command(line))
            return fmt::format(R"({{"ok":true,"command":"{}"}})", line.substr(0, line.find(' ')));
        const std::string why = engine_->refusal().empty() ? "this run sends no orders" : engine_->refusal();
        return refused_wish(why);
    }
    const std::string_view words[] = {"pause", "resume", "cancel", "flatten", "stop", "kill"};
    const bool clears = line.starts_with("clear ");
    if (!clears && std::find(std::begin(words), std::end(words), line) == std::end(words))
        return R"({"ok":false,"error":"unknown command; known: status pause resume cancel flatten clear adopt transfer release use-key stop kill panic"})";
    if (line == "resume" && !request_.closes_only.empty())
        return refused_wish("this run only closes: " + request_.closes_only);
    if (command(line)) {
        if (line == "stop" || line == "kill") return stopping_answer(line);
        return fmt::format(R"({{"ok":true,"command":"{}"}})", clears ? "clear" : line);
    }
    return clears
               ? R"({"ok":false,"error":"no such market is flagged, and no such venue refused its key; `arbiter status` lists both"})"
               : R"({"ok":false,"error":"not possible in this mode"})";
}

}  // namespace arb
