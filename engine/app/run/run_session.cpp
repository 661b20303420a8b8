#include "engine/app/run/run_session.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/keys/private_directory.hpp"
#include "engine/pipeline/comparison.hpp"
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

// Passes decisions to the journal and each appended line to the state file.
class RunSession::Tap final : public DecisionSink, public StateLog {
  public:
    Tap(JournalThread* journal, StateFile* state, std::uint64_t die_after)
        : journal_(journal), state_(state), die_after_(die_after)
    {
    }
    void on_decision(const Decision& decision) override
    {
        if (journal_ != nullptr) journal_->decision(decision);
    }
    bool append(std::string_view line) override
    {
        const bool kept = state_ == nullptr || state_->append(line);
        if (++lines_ == die_after_) ::kill(::getpid(), SIGKILL);
        return kept;
    }

  private:
    JournalThread* journal_;
    StateFile* state_;
    std::uint64_t die_after_;
    std::uint64_t lines_ = 0;
};

class RunSession::Paper final : public PaperVenues {
  public:
    explicit Paper(SimExchange& exchange) : exchange_(&exchange) {}
    Timestamp next_due() const override { return exchange_->next_due(); }
    void run(Timestamp now, std::vector<OrderEvent>& out) override { exchange_->run(now, out); }

  private:
    SimExchange* exchange_;
};

RunSession::RunSession(RunRequest request)
    : request_(std::move(request)), loop_(idle_of(request_.config.idle))
{
    make_private_directory(request_.directory);
    check_directory_mode();
    choose_venues();
    open_keys();
    open_state();
    open_records();
    make_engine();
    check_paper();
    restore();
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

void RunSession::open_records()
{
    begun_ = LiveClock().now();
    const std::uint64_t number =
        request_.record_only ? static_cast<std::uint64_t>(begun_.ns / seconds(1).ns) : epoch_;
    journal_path_ = fmt::format("{}/session-{}.arb", request_.directory, number);
    JournalHeader header;
    header.build = request_.build;
    header.source = request_.record_only ? "record" : "run";
    header.config_hash = request_.config.hash;
    if (!request_.record_only) header.config_text = request_.config.text;
    header.venues = listings_;
    StateFile* state = state_.get();
    journal_ = std::make_unique<JournalThread>(JournalWriter::create(journal_path_, header).take(), *table_,
                                               [state] { return state == nullptr || state->sync(); });
    if (request_.record_only) return;
    ledger_path_ = request_.directory + "/" + kLedgerFile;
    ledger_ = Ledger::open(ledger_path_).take();
    ledger::RunRow run;
    run.epoch = epoch_;
    run.begin = begun_;
    run.mode = name(request_.config.mode);
    run.build = request_.build;
    run.config_hash = fmt::format("{:016x}", request_.config.hash);
    ledger_->record(run);
}

void RunSession::make_engine()
{
    keeper_ = std::make_unique<LedgerKeeper>(*table_, request_.config, ledger_.get(), epoch_, request_.log);
    tap_ = std::make_unique<Tap>(journal_.get(), state_.get(), request_.die_after_lines);
    std::vector<LiveVenue> ways;
    for (const FetchVenue& venue : venues_) ways.push_back(venue.way);
    driver_ = std::make_unique<LiveDriver>(*table_, ways, loop_, journal_.get(), keeper_.get());
    AssemblyRequest assembly;
    assembly.config = &request_.config;
    assembly.table = table_.get();
    assembly.plugins = request_.plugins;
    assembly.trading = !request_.record_only;
    assembly.keys = keys_.get();
    EngineParts parts = assemble(assembly);
    parts.outbox = driver_.get();
    parts.rules = table_.get();
    parts.log = tap_.get();
    parts.decisions = tap_.get();
    parts.listener = &keeper_->packages();
    parts.trading_listener = keeper_.get();
    taken_ = std::make_unique<TakenLiquidity>(table_->listings().size());
    parts.taken = taken_.get();
    if (request_.record_only || request_.config.mode == RunMode::paper) {
        std::vector<VenueModel> models;
        for (std::size_t v = 0; v < table_->venue_count(); ++v) {
            const VenueConfig* venue = config_of(request_.config, table_->label(static_cast<VenueId>(v)));
            const VenueConfig defaults;
            models.push_back(
                {(venue ? *venue : defaults).feed_latency, (venue ? *venue : defaults).order_latency});
        }
        exchange_ = std::make_unique<SimExchange>(
            *table_, *taken_, models, fees_of(request_.config, *table_), request_.config.risk.margin,
            request_.config.queue_proportional ? QueueModel::proportional : QueueModel::pessimistic);
        parts.sender = exchange_.get();
    }
    engine_ = std::make_unique<Engine>(std::move(parts));
    keeper_->connect(*engine_);
    if (audit_log_ != nullptr) {
        audit_ = std::make_unique<KeyAudit>(*table_, *keys_, *audit_log_);
        keeper_->connect(keys_.get(), audit_.get());
    }
    if (exchange_ != nullptr) {
        exchange_->connect(engine_->markets());
        for (const Account& account : engine_->portfolio().accounts())
            exchange_->balances().set_start(account.venue, account.asset, account.start);
        paper_ = std::make_unique<Paper>(*exchange_);
    }
    driver_->connect(*engine_, paper_.get());
}

bool RunSession::keep_line(std::string_view line)
{
    return tap_->append(line);
}

void RunSession::turn(Duration max_wait)
{
    driver_->turn(max_wait);
    log_instruments();
    shorten_state();
    watch_room();
    take_fresh_key();
    const Timestamp now = driver_->now();
    if (now - stored_ < kStoreEvery) return;
    stored_ = now;
    watch_state();
    watch_instruments(now);
    if (!request_.record_only && !engine_->risk().paused()) {
        if (const auto line = why_not_.on_time(engine_->crossings(), figures().packages, now))
            request_.log(*line);
    }
    keeper_->store_key_uses(now);
    const bool kept = !journal_->failed() && (ledger_ == nullptr || ledger_->complete()) &&
                      (audit_log_ == nullptr || !audit_log_->failing());
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
    if (lists_.valid()) lists_.wait();
    const Timestamp now = driver_->now();
    if (engine_->live() == nullptr) engine_->finish(now);
    keeper_->store_key_uses(now);
    if (exchange_ != nullptr && !request_.record_only) keeper_->store_balances("end", now);
    if (engine_->live() != nullptr) {
        const OrderDeskCounts& counts = engine_->live()->desk().counts();
        outcome.unknown_orders = counts.unknown;
        outcome.unknown_resolved = counts.unknown_executed + counts.unknown_absent + counts.unknown_refused;
    }
    outcome.decision_hash = engine_->decision_hash();
    outcome.code = code_of_end(outcome);
    if (state_trouble_.empty() && engine_->live() != nullptr && engine_->live()->records().failed())
        state_trouble_ = "the state log could not be written: the next start asks the venues what it lacks";
    if (!state_trouble_.empty()) {
        outcome.troubles.push_back(state_trouble_);
        if (outcome.code == ExitCode::ok) outcome.code = ExitCode::data;
    }
    const auto not_whole = [&outcome](std::string what) {
        outcome.troubles.push_back(std::move(what));
        if (outcome.code == ExitCode::ok) outcome.code = ExitCode::data;
    };
    if (!end_keys(now, outcome)) not_whole("the audit log is not whole");
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
        (void)keep_line(LineWriter("settled").number(epoch_).view());
    if (ledger_ != nullptr) {
        ledger::RunRow run;
        run.epoch = epoch_;
        run.begin = begun_;
        run.end = now;
        run.mode = name(request_.config.mode);
        run.build = request_.build;
        run.config_hash = fmt::format("{:016x}", request_.config.hash);
        run.exit_code = static_cast<std::int32_t>(outcome.code);
        run.decision_hash = fmt::format("{:016x}", outcome.decision_hash);
        ledger_->record(run);
        const bool was_whole = ledger_->complete();
        if (!ledger_->close() && was_whole) not_whole("the ledger is not whole: " + ledger_->error());
    }
    return outcome;
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
