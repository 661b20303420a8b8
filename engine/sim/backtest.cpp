#include "engine/sim/backtest.hpp"

#include "engine/sim/run_recorder.hpp"

namespace arb {
namespace {

// Inputs between two reports of progress.
constexpr std::uint64_t kProgressEvery = 65'536;

// Passes decisions on to replay, and into the session's journal as text.
class DecisionWriter final : public DecisionSink, public Session::InputListener {
  public:
    DecisionWriter(DecisionSink* next, JournalWriter* journal) : next_(next), journal_(journal) {}
    void connect(const InstrumentTable& table) { table_ = &table; }
    void on_decision(const Decision& decision) override
    {
        if (next_ != nullptr) next_->on_decision(decision);
        if (journal_ != nullptr) journal_->output(decision.time, decision.line(*table_));
    }
    void on_input(const Record& record) override { journal_->copy(record); }

  private:
    DecisionSink* next_;
    JournalWriter* journal_;
    const InstrumentTable* table_ = nullptr;
};

std::optional<JournalWriter> open_journal(const BacktestRequest& request)
{
    if (request.record_path.empty()) return std::nullopt;
    JournalHeader header;
    header.build = request.build;
    header.source = kBacktestSource;
    header.config_hash = request.config.hash;
    header.config_text = request.config.text;
    // The union of all inputs' venues; opened once more here because the header is written first.
    RecordingSet inputs = RecordingSet::open(request.recordings, request.config.instruments).take();
    header.venues = inputs.venues();
    return std::move(JournalWriter::create(request.record_path, header)).take();
}

}  // namespace

BacktestOutcome run_backtest(const BacktestRequest& request)
{
    std::optional<JournalWriter> journal = open_journal(request);
    DecisionWriter writer(request.decisions, journal ? &*journal : nullptr);
    RunRecorder recorder;
    SessionRequest session_request;
    session_request.config = request.config;
    session_request.config.mode = RunMode::backtest;
    session_request.recordings = request.recordings;
    session_request.plugins = request.plugins;
    session_request.listener = &recorder;
    session_request.decisions = journal || request.decisions != nullptr ? &writer : nullptr;
    Session session(std::move(session_request));
    writer.connect(session.inputs().table());
    if (journal) session.set_input_listener(&writer);
    recorder.connect(session);
    std::uint64_t reported = 0;
    while (session.step()) {
        recorder.sample(session.now());
        if (request.progress && session.events() - reported >= kProgressEvery) {
            reported = session.events();
            request.progress(session.inputs().bytes_read(), session.inputs().bytes_total(), reported);
        }
    }
    session.finish();
    BacktestOutcome outcome;
    outcome.result = recorder.take_result();
    outcome.result.inputs = request.recordings;
    outcome.troubles = session.inputs().troubles();
    // The engine's books of account and the venues' own must agree to the last unit.
    for (std::size_t i = 0; i < session.engine().portfolio().accounts().size(); ++i) {
        ENSURE(session.engine().portfolio().accounts()[i].end() ==
                   session.exchange().balances().accounts()[i].end(),
               "our balances and the simulated venues' agree");
    }
    if (journal) {
        const Result<Written> written = journal->finish();
        if (!written) outcome.troubles.push_back(written.error());
    }
    return outcome;
}

}  // namespace arb
