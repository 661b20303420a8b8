#pragma once
// One run on real or emulated feeds, assembled: instruments from the venues, keys, the state of the run
// before, journal, ledger, the engine and the live driver. `run`, `demo` and `record` turn this one crank.
// The constructor throws StartError before the first input; after that trouble is notes, flags and the
// outcome. One thread turns it; journal and ledger have threads of their own.
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/keys/account_lease.hpp"
#include "engine/app/keys/key_audit.hpp"
#include "engine/app/keys/key_ring.hpp"
#include "engine/app/run/ledger_keeper.hpp"
#include "engine/app/run/why_not.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/live/state_file.hpp"
#include "engine/net/command_socket.hpp"
#include "engine/pipeline/assembly.hpp"
#include "engine/sim/exchange.hpp"

namespace arb {

class JsonWriter;

struct RunRequest {
    EngineConfig config;
    Plugins plugins;
    std::string build;
    std::string directory;         ///< state directory; made when absent (mode 0700)
    bool unsafe_endpoint = false;  ///< endpoints of the configuration may be used
    bool live = false;             ///< `--live`: keys that trade may be loaded from keystore or signer
    PassphraseSource passphrase;   ///< of the keystore
    bool record_only = false;      ///< feeds and journal alone
    std::string closes_only;       ///< why it recovers, cancels and closes, and opens nothing; empty: it may
    bool cleans_up = false;        ///< begins nothing, and ends what is ours whoever else trades there
    /// For tests of crashes: SIGKILL to ourselves right after so many lines of state were written. 0: never.
    std::uint64_t die_after_lines = 0;
    std::size_t state_bytes = StateFile::kBytesDefault;
    std::function<void(std::string_view)> log;  ///< told each note, one line
};

struct RunOutcome {
    ExitCode code = ExitCode::ok;
    std::uint64_t decision_hash = 0;
    std::uint64_t journal_records = 0, journal_bytes = 0;
    std::string journal, ledger;  ///< paths
    std::uint64_t unknown_resolved = 0, unknown_orders = 0;
    std::vector<std::string> troubles;
};

class RunSession {
  public:
    explicit RunSession(RunRequest request);
    ~RunSession();
    RunSession(const RunSession&) = delete;
    RunSession& operator=(const RunSession&) = delete;

    /// One venue's list of instruments, read while the run lasts.
    struct ListReading {
        std::vector<ListingDefinition> definitions;
        std::string trouble;  ///< why there are none
    };

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
    /// What the start-up page says: venues, channels, dead-man switches.
    std::string start_page() const;

  private:
    class Tap;
    class Paper;
    void choose_venues();
    void open_state();
    void open_records();
    void check_directory_mode() const;
    void make_engine();
    void check_paper() const;
    void open_keys();
    std::optional<Error> lease(const HeldKey& key);
    void take_fresh_key();
    /// False: the log of their uses is not whole.
    bool end_keys(Timestamp now, RunOutcome& outcome);
    ExitCode code_of_end(RunOutcome& outcome) const;
    void tell_run(JsonWriter& json) const;
    void tell_venues(JsonWriter& json) const;
    void tell_markets(JsonWriter& json) const;
    void tell_legs(JsonWriter& json) const;
    void tell_limits(JsonWriter& json) const;
    void tell_balances(JsonWriter& json) const;
    void tell_not_taken(JsonWriter& json) const;
    void tell_instruments(JsonWriter& json) const;
    void tell_exposure(JsonWriter& json) const;
    void tell_held(JsonWriter& json) const;
    void tell_transfers(JsonWriter& json) const;
    void tell_keys(JsonWriter& json) const;
    void log_instruments();
    void watch_instruments(Timestamp now);
    void apply_lists(Timestamp now);
    static void remember_list(std::vector<ListingDefinition>& known,
                              const std::vector<ListingDefinition>& now);
    void restore();
    bool keep_line(std::string_view line);
    void shorten_state();
    void watch_room();
    std::size_t state_percent() const;
    void watch_state();
    std::string answer(std::string_view line);
    std::string stopping_answer(std::string_view word) const;

    RunRequest request_;
    net::Loop loop_;
    std::vector<FetchVenue> venues_;
    std::unique_ptr<InstrumentTable> table_;
    std::vector<InstrumentTable::VenueListings> listings_;      // as the run began
    std::vector<InstrumentTable::VenueListings> listings_now_;  // as last told
    std::future<std::vector<ListReading>> lists_;               // being read again
    Timestamp lists_due_, lists_asked_;
    bool lists_wanted_ = false;
    std::uint64_t instruments_told_ = 0;  ///< changes that the log has
    std::unique_ptr<KeyRing> keys_;       // null: no orders to venues
    std::unique_ptr<AccountLeases> leases_;
    std::unique_ptr<AuditLog> audit_log_;
    std::unique_ptr<KeyAudit> audit_;
    std::future<Result<KeyRing::Fresh>> fresh_key_;  // being read, to take over
    std::unique_ptr<StateFile> state_;
    std::unique_ptr<JournalThread> journal_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<LedgerKeeper> keeper_;
    std::unique_ptr<Tap> tap_;
    std::unique_ptr<TakenLiquidity> taken_;
    std::unique_ptr<SimExchange> exchange_;
    std::unique_ptr<Paper> paper_;
    std::unique_ptr<LiveDriver> driver_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<net::CommandServer> commands_;
    WhyNot why_not_;
    std::string journal_path_, ledger_path_;
    std::uint32_t epoch_ = 0;
    Timestamp begun_, stored_;
    Timestamp shorten_again_;
    bool room_told_ = false, room_low_ = false;  ///< of the state log
    std::string state_trouble_;                  ///< why the state log cannot be relied on any more
    bool stopping_ = false;
    bool panic_ = false;  ///< secrets are wiped at the end
};

}  // namespace arb
