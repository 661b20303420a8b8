#include "engine/app/sweep/sweep_run.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/app/recordings/progress.hpp"
#include "engine/sim/backtest.hpp"

namespace arb {
namespace {

constexpr std::uint64_t kShare = 1000;  ///< of one run, for progress

// Threads that take one variant after the other, and the results that they have brought.
class SweepCrew {
  public:
    explicit SweepCrew(const SweepWork& work) : work_(work), hands_(work.jobs)
    {
        for (Hand& hand : hands_) hand.thread = std::thread([this, &hand] { labour(hand); });
    }
    ~SweepCrew()
    {
        next_ = work_.variants.size();
        for (Hand& hand : hands_) hand.thread.join();
    }
    SweepCrew(const SweepCrew&) = delete;
    SweepCrew& operator=(const SweepCrew&) = delete;

    /// What has come by now, after a while or as soon as there is something. Throws what a run threw.
    std::vector<SweepRow> wait()
    {
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, std::chrono::milliseconds(100), [&] { return !rows_.empty() || failure_; });
        if (failure_) std::rethrow_exception(failure_);
        return std::exchange(rows_, {});
    }
    /// Of the runs that are not over: shares of kShare, and events.
    std::pair<std::uint64_t, std::uint64_t> under_way() const
    {
        std::pair<std::uint64_t, std::uint64_t> sum;
        for (const Hand& hand : hands_) {
            sum.first += hand.share;
            sum.second += hand.events;
        }
        return sum;
    }

  private:
    struct Hand {
        std::thread thread;
        std::atomic<std::uint64_t> share{0}, events{0};
    };

    void labour(Hand& hand)
    {
        for (;;) {
            const std::size_t place = next_++;
            if (place >= work_.variants.size()) return;
            try {
                SweepRow row = run_one(work_.variants[place], hand);
                const std::lock_guard lock(mutex_);
                hand.share = hand.events = 0;
                rows_.push_back(std::move(row));
            } catch (...) {
                const std::lock_guard lock(mutex_);
                failure_ = std::current_exception();
                next_ = work_.variants.size();
            }
            news_.notify_one();
        }
    }
    SweepRow run_one(std::size_t variant, Hand& hand) const
    {
        BacktestRequest request;
        request.config = work_.plan->config(variant);
        request.recordings = work_.recordings;
        request.plugins = work_.plugins;
        request.progress = [&](std::uint64_t done, std::uint64_t total, std::uint64_t events) {
            hand.share = total == 0 ? 0 : done * kShare / total;
            hand.events = events;
        };
        const BacktestOutcome outcome = run_backtest(request);
        SweepRow row = sweep_row(variant, outcome.result);
        for (const Error& trouble : outcome.troubles)
            row.trouble += (row.trouble.empty() ? "" : "; ") + trouble.message;
        return row;
    }

    const SweepWork& work_;
    std::vector<Hand> hands_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<SweepRow> rows_;
    std::exception_ptr failure_;
};

}  // namespace

void check_variants(const SweepWork& work)
{
    Progress progress("check");
    for (std::size_t i = 0; i < work.variants.size(); ++i) {
        SessionRequest request;
        request.config = work.plan->config(work.variants[i]);
        request.config.mode = RunMode::backtest;
        request.recordings = work.recordings;
        request.plugins = work.plugins;
        const Session session(std::move(request));
        progress.update(i + 1, work.variants.size(), i + 1);
    }
}

void run_variants(const SweepWork& work, const std::function<void(SweepRow row)>& done)
{
    Progress progress("sweep", true);
    SweepCrew crew(work);
    std::size_t finished = 0;
    std::uint64_t events = 0;
    while (finished < work.variants.size()) {
        for (SweepRow& row : crew.wait()) {
            ++finished;
            events += row.events;
            done(std::move(row));
        }
        const auto [share, running] = crew.under_way();
        progress.update(finished * kShare + share, work.variants.size() * kShare, events + running);
    }
}

}  // namespace arb
