#pragma once
// One run over recordings, assembled: the inputs, the venues' connectors, the engine and the simulated
// exchange. Audit, backtest, replay and benchmarks all turn this one crank: step() hands the engine every
// input of the next instant, lets orders meet the books that have come by then, and lets the engine decide.
// One thread, no clock.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/pipeline/assembly.hpp"
#include "engine/sim/exchange.hpp"
#include "engine/sim/recording_set.hpp"

namespace arb {

struct SessionRequest {
    EngineConfig config;
    std::vector<std::string> recordings;
    Plugins plugins;
    PackageListener* listener = nullptr;
    DecisionSink* decisions = nullptr;
    bool trading = true;  ///< false: audit only, no strategies, no markets
};

class Session {
  public:
    /// Opens everything. Throws StartError: recordings that cannot be opened, a venue of the configuration
    /// that no recording has, an unknown strategy, a recording with wire frames of a venue that has no
    /// connector.
    explicit Session(SessionRequest request);
    ~Session();

    /// Everything up to and including the next instant (an input's time or an order's arrival). False: over.
    bool step();
    /// Ends open packages and spells; call once after the last step.
    void finish();

    Engine& engine() { return *engine_; }
    const Engine& engine() const { return *engine_; }
    RecordingSet& inputs() { return inputs_; }
    const RecordingSet& inputs() const { return inputs_; }
    const SimExchange& exchange() const { return *exchange_; }
    const EngineConfig& config() const { return request_.config; }
    Timestamp begin() const { return begin_; }
    Timestamp now() const { return now_; }
    std::uint64_t events() const { return events_; }
    std::uint64_t frames(VenueId venue) const { return frames_[index(venue)]; }
    const std::vector<ListingFees>& fees() const { return fees_; }

    /// Called with each input before it is handled (a recorder of sessions).
    class InputListener {
      public:
        virtual ~InputListener() = default;
        virtual void on_input(const Record& record) = 0;
    };
    void set_input_listener(InputListener* listener) { input_listener_ = listener; }

  private:
    EngineParts make_parts();
    void check_config() const;
    void check_rule(const InstrumentConfig& rule, VenueId venue) const;
    void handle(const RecordingSet::Input& input);
    void deliver(Timestamp now);

    SessionRequest request_;
    RecordingSet inputs_;
    std::vector<ListingFees> fees_;
    bool live_ = false;
    std::unique_ptr<ReplayKeys> keys_;
    std::unique_ptr<TakenLiquidity> taken_;
    std::unique_ptr<SimExchange> exchange_;
    std::unique_ptr<Engine> engine_;
    std::vector<OrderEvent> events_out_;
    InputListener* input_listener_ = nullptr;
    std::vector<std::uint64_t> frames_;  // by venue
    std::uint64_t events_ = 0;
    Timestamp begin_, now_;
};

}  // namespace arb
