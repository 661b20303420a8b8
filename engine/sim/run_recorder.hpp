#pragma once
// Listens to a run and fills a RunResult: rows of packages and fills, sums by pair and venue, equity and
// inventory over time. The report's side of the engine: it may allocate, it decides nothing. Core thread.
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "engine/pipeline/decision.hpp"
#include "engine/sim/session.hpp"
#include "engine/sim/valuation.hpp"
#include "engine/trading/run_result.hpp"

namespace arb {

/// A series of at most 2,000 points: when it is full, every second point goes and the spacing doubles.
class SampledSeries {
  public:
    explicit SampledSeries(std::string name) { series_.name = std::move(name); }
    bool due(Timestamp now) const
    {
        return series_.points.empty() || now - series_.points.back().time >= spacing_;
    }
    void add(Timestamp now, Amount value);
    const Series& series() const { return series_; }

  private:
    Series series_;
    Duration spacing_ = milliseconds(10);
};

class RunRecorder final : public PackageListener {
  public:
    /// Once the session stands; it must outlive the recorder.
    void connect(const Session& session);
    void sample(Timestamp now);
    RunResult take_result();

    void on_order(const ApprovedOrder& order, OrderPurpose purpose, Timestamp now) override;
    void on_fill(const Package& package, const OrderIntent& intent, const Fill& fill, OrderPurpose purpose,
                 Timestamp now) override;
    void on_reject(const Package& package, const OrderIntent& intent, RejectReason reason,
                   Timestamp now) override;
    void on_end(const PackageEnd& end) override;

  private:
    std::string venue_of(ListingId listing) const;
    Waterfall in_run_currency(const PackageEnd& end);
    void add_accounts();
    void add_spans();
    void compare(Timestamp now);
    void add_notes();

    const Session* session_ = nullptr;
    RunResult result_;
    std::vector<VenueRow> venues_;
    std::map<std::tuple<std::string, std::string, std::string>, PairRow> pairs_;
    std::unique_ptr<Valuation> valuation_;
    SampledSeries equity_{"equity"};
    std::uint64_t uncounted_ = 0;           ///< packages whose currency has no rate
    std::vector<SampledSeries> inventory_;  // by account that is not the quote currency
    std::vector<std::size_t> inventory_account_;
    Timestamp compared_until_;
    bool comparable_ = false;  // two books of one market were usable when last looked
    Duration compared_;
    bool moved_ = false;  // something was filled: series are worth sampling
};

}  // namespace arb
