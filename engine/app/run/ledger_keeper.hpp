#pragma once
// Turns what the engine tells into rows of the ledger, and keeps the figures that status and summary show.
// The report's side of a run: it decides nothing; the ledger's writer is another thread. Core thread.
#include <map>
#include <string>
#include <vector>

#include "engine/app/keys/key_audit.hpp"
#include "engine/live/latency.hpp"
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/engine.hpp"
#include "engine/report/ledger.hpp"

namespace arb {

struct RunFigures {
    std::uint64_t packages = 0, open_packages = 0, flagged = 0, orders = 0, fills = 0, rejects = 0,
                  unwound = 0, covered = 0, cover_reversed = 0;
    std::uint64_t late_fills = 0, mismatches = 0;
    Waterfall waterfall;
    LatencyHistogram unhedged;  ///< ns, of packages that were unhedged at all
    Amount exposure;            ///< what was unhedged x for how many seconds, summed
    std::vector<std::string> notes;
    std::vector<std::string> flags;
    std::vector<std::string> halts;  ///< venues where nothing new is risked until the next start, and why
    Phase phase = Phase::connecting;
};

class LedgerKeeper final : public PackageListener, public TradingListener, public LiveListener {
  public:
    /// `ledger` may be null (recording only). `log`: told each note as it comes.
    LedgerKeeper(const InstrumentTable& table, const EngineConfig& config, Ledger* ledger,
                 std::function<void(std::string_view)> log);
    /// Once the engine stands.
    void connect(const Engine& engine);
    void set_epoch(std::uint32_t epoch) { epoch_ = epoch; }
    /// Where each use of a key is written down and where its owner changes it; both outlive this object.
    void connect(const KeyRing* keys, KeyAudit* audit);
    const RunFigures& figures() const { return figures_; }
    /// Uses of keys since the last call become rows.
    void store_key_uses(Timestamp now);
    /// The accounts as they stand, with the venue's word where it was told: the run's first or last rows.
    void store_balances(std::string_view kind, Timestamp now);

    void on_package(const Package& package, const LegOrders& orders, Timestamp now) override;
    void on_exposure(const Package& package, const ExposureLine& line) override;
    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) override;
    void on_amended(OrderId order, Price price, Timestamp now) override;
    void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, OrderPurpose purpose,
                 Timestamp now) override;
    void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                   Timestamp now) override;
    void on_end(const PackageEnd& end) override;

    void on_order_state(const OrderChange& change, Timestamp now) override;
    void on_phase(Phase phase, Timestamp now) override;
    void on_channel(VenueId venue, Channel channel, bool ready, Timestamp now) override;
    void on_request_end(VenueId venue, const RequestEnd& end, Timestamp now) override;
    void on_balance(VenueId venue, std::string_view asset, Amount ours, Amount theirs, bool final,
                    Timestamp now) override;
    void on_flag(MarketId market, VenueId venue, std::string_view why, Timestamp now) override;
    void on_flag_cleared(MarketId market, Timestamp now) override;
    void on_note(std::string_view text, Timestamp now) override;
    void on_late_fill(ListingId listing, Side side, const Fill& fill, OrderId order, Timestamp now) override;
    void on_halt(VenueId venue, std::string_view why, Timestamp now) override;
    void on_halt_over(VenueId venue, Timestamp now) override;
    void on_key(const KeyNews& news, Timestamp now) override;

    void on_connection(VenueId venue, std::string_view url, bool open, std::string_view why) override;
    void on_key_use(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now) override;

  private:
    struct OrderNote {
        ledger::OrderRow row;
        ListingId listing = kNoListing;
        bool rejected = false;
    };
    ledger::FillRow fill_row(ListingId listing, Side side, const Fill& fill, Timestamp now) const;
    void add_order(const ApprovedOrder& order, std::string_view purpose, Timestamp now);
    std::string label(VenueId venue) const;

    const InstrumentTable* table_;
    const EngineConfig* config_;
    Ledger* ledger_;
    std::function<void(std::string_view)> log_;
    const Engine* engine_ = nullptr;
    const KeyRing* keys_ = nullptr;
    KeyAudit* audit_ = nullptr;
    std::uint32_t epoch_ = 0;
    RunFigures figures_;
    std::map<OrderId, OrderNote> orders_;  // not ended
    struct KeyUseKey {
        VenueId venue{};
        std::string label, endpoint;
        auto operator<=>(const KeyUseKey&) const = default;
    };
    std::map<KeyUseKey, std::pair<std::uint64_t, Timestamp>> key_uses_;
    std::map<std::pair<VenueId, std::string>, Amount> theirs_;
};

}  // namespace arb
