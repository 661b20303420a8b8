#include "engine/sim/replay.hpp"

namespace arb {
namespace {

// The recorded decisions, pulled from a second reader of the same file as the run produces its own.
class Comparison final : public DecisionSink {
  public:
    explicit Comparison(JournalReader reader) : reader_(std::move(reader)) {}
    void connect(const InstrumentTable& table) { table_ = &table; }

    void on_decision(const Decision& decision) override
    {
        if (outcome.differs) return;
        const std::string got = decision.line(*table_);
        const std::string expected = next();
        if (got == expected) {
            ++outcome.decisions;
            return;
        }
        outcome.differs = true;
        outcome.expected = expected;
        outcome.got = got;
    }
    void finish()
    {
        if (outcome.differs) return;
        outcome.expected = next();
        outcome.differs = !outcome.expected.empty();
    }

    ReplayOutcome outcome;

  private:
    std::string next()
    {
        const Record* record = reader_.next();
        while (record != nullptr && record->kind != RecordKind::output) record = reader_.next();
        return record != nullptr ? std::string(record->text.view()) : std::string();
    }
    JournalReader reader_;
    const InstrumentTable* table_ = nullptr;
};

}  // namespace

ReplayOutcome run_replay(const BacktestRequest& request)
{
    JournalReader reader = std::move(JournalReader::open(request.recordings.front())).take();
    SessionRequest session_request;
    session_request.config = request.config;
    // A backtest simulated, whatever mode its configuration has.
    if (reader.header().source == kBacktestSource) session_request.config.mode = RunMode::backtest;
    Comparison comparison(std::move(reader));
    session_request.recordings = request.recordings;
    session_request.plugins = request.plugins;
    session_request.decisions = &comparison;
    Session session(std::move(session_request));
    comparison.connect(session.inputs().table());
    while (session.step() && !comparison.outcome.differs) {
    }
    if (!comparison.outcome.differs) {
        session.finish();
        comparison.finish();
    }
    comparison.outcome.decision_hash = session.engine().decision_hash();
    comparison.outcome.troubles = session.inputs().troubles();
    return comparison.outcome;
}

}  // namespace arb
