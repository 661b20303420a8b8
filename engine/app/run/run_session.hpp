#pragma once
// One run on real or emulated feeds, assembled: instruments from the venues, keys, the state of the run
// before, journal, ledger, the engine and the live driver. `run`, `demo` and `record` turn this one crank.
// The constructor throws StartError before the first input; after that trouble is notes, flags and the
// outcome. One thread turns it; journal and ledger have threads of their own.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/run/instrument_lists.hpp"
#include "engine/app/run/ledger_keeper.hpp"
#include "engine/app/run/run_keys.hpp"
#include "engine/app/run/run_state.hpp"
#include "engine/app/run/run_status.hpp"
#include "engine/app/run/why_not.hpp"
#include "engine/net/command_socket.hpp"
#include "engine/sim/exchange.hpp"

namespace arb {

class RunSession {
  public:
    explicit RunSession(RunRequest request);
    ~RunSession();
    RunSession(const RunSession&) = delete;
    RunSession& operator=(const RunSession&) = delete;

    /// One turn of the loop.
    void turn(Duration max_wait);
    /// pause, resume, cancel, flatten, stop, kill.
    bool command(std::string_view word);
    /// A key that takes over from the one of its role; it is read on a thread of its own, judged, and told of
    /// in notes. Not done: the text says why.
    std::optional<Error> use_key(const std::string& venue, const std::string& label);
    /// The engine has stopped.
    bool over() const;
    /// Ends journal and ledger. Once, after over() (or when the run is to be cut).
    RunOutcome finish();

    const RunFigures& figures() const { return keeper_->figures(); }
    const Engine& engine() const { return *engine_; }
    const LiveDriver& driver() const { return *driver_; }
    const InstrumentTable& table() const { return *table_; }
    Timestamp begun() const { return begun_; }
    Timestamp now() const { return driver_->now(); }
    /// From now on how far each book message lay behind the venue's own time goes there, ns by listing; null:
    /// nowhere.
    void hear_venue_times(std::vector<std::vector<std::int64_t>>* offsets_by_listing)
    {
        engine_->set_clock_listener(offsets_by_listing);
    }
    /// What `arbiter status` answers: one JSON object.
    std::string status_json() const;
    std::string start_page() const { return arb::start_page(venues_, *table_, ring()); }

  private:
    void check_directory_mode() const;
    InstrumentLists::Listings choose_instruments();
    void open_records(const InstrumentLists::Listings& listings);
    void make_engine();
    void check_paper() const;
    void begin();
    const KeyRing* ring() const { return keys_ == nullptr ? nullptr : &keys_->ring(); }
    ledger::RunRow run_row() const;
    ExitCode code_of_end(RunOutcome& outcome) const;
    std::string answer(std::string_view line);
    std::string stopping_answer(std::string_view word) const;

    RunRequest request_;
    net::Loop loop_;
    std::vector<FetchVenue> venues_;
    std::unique_ptr<InstrumentTable> table_;
    std::unique_ptr<RunKeys> keys_;    // null: no orders to venues
    std::unique_ptr<RunState> state_;  // null, as the ledger: feeds alone are recorded
    std::unique_ptr<JournalThread> journal_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<LedgerKeeper> keeper_;
    std::unique_ptr<TakenLiquidity> taken_;
    std::unique_ptr<SimExchange> exchange_;  // null: orders go to venues
    std::unique_ptr<LiveDriver> driver_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<InstrumentLists> lists_;
    std::unique_ptr<net::CommandServer> commands_;
    WhyNot why_not_;
    std::string journal_path_, ledger_path_;
    Timestamp begun_, stored_;
    bool stopping_ = false;
    bool panic_ = false;  ///< secrets are wiped at the end
};

}  // namespace arb
