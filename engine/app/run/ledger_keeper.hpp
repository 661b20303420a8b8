#pragma once
// Turns what the engine tells into rows of the ledger, and keeps the figures that status and summary show.
// The report's side of a run: it decides nothing; the ledger's writer is another thread. Core thread.
#include <string>
#include <vector>

#include "engine/app/run/package_rows.hpp"
#include "engine/app/run/run_keys.hpp"
#include "engine/live/live_driver.hpp"

namespace arb {

class LedgerKeeper final : public TradingListener, public LiveListener {
  public:
    /// `ledger` may be null (recording only), `keys` too: no orders to venues. `log`: told each note as it
    /// comes.
    LedgerKeeper(const InstrumentTable& table, const EngineConfig& config, Ledger* ledger, RunKeys* keys,
                 std::uint32_t epoch, std::function<void(std::string_view)> log);
    /// Once the engine stands.
    void connect(const Engine& engine);
    const RunFigures& figures() const { return figures_; }
    /// Hears of packages.
    PackageListener& packages() { return packages_; }
    /// The accounts as they stand: the run's first or last rows.
    void store_balances(std::string_view kind, Timestamp now);

    void on_order_state(const OrderChange& change, Timestamp now) override
    {
        packages_.on_order_state(change, now);
    }
    void on_phase(Phase phase, Timestamp now) override;
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now) override;
    void on_request_end(VenueId venue, const RequestEnd& end, Timestamp now) override;
    void on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                    Timestamp now) override;
    void on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now) override;
    void on_flag_cleared(MarketId market, Timestamp now) override;
    void on_note(std::string_view text, Timestamp now) override;
    void on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now) override
    {
        packages_.on_late_fill(listing, side, fill, order, now);
    }
    void on_halt(VenueId venue, std::string_view why, Timestamp now) override;
    void on_halt_over(VenueId venue, Timestamp now) override;
    void on_key(const KeyNews& news, Timestamp now) override;

    void on_connection(VenueId venue, std::string_view url, bool open, std::string_view why) override;
    void on_key_use(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now) override
    {
        if (keys_ != nullptr) keys_->on_use(venue, label, endpoint, now);
    }

  private:
    std::string label(VenueId venue) const;
    void store_balance(const Account& account, Amount ours, Amount theirs, std::string_view kind,
                       Timestamp now);

    const InstrumentTable* table_;
    Ledger* ledger_;
    RunKeys* keys_;
    std::function<void(std::string_view)> log_;
    const Engine* engine_ = nullptr;
    RunFigures figures_;
    PackageRows packages_;
};

}  // namespace arb
