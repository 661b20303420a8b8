#include "engine/app/latency/live_feed.hpp"

#include <fmt/format.h>

#include "engine/app/latency/latency_floors.hpp"
#include "engine/app/latency/latency_host.hpp"
#include "engine/app/latency/latency_measure.hpp"
#include "engine/app/run/run_session.hpp"
#include "engine/app/shell/command.hpp"

namespace arb {
namespace {

constexpr std::size_t kPassagesKept = 1'000'000;

struct Passages {
    std::vector<PathStamps> kept;
    std::uint64_t left_out = 0;
};

void keep_feed_passage(void* who, const PathStamps& stamps)
{
    auto& passages = *static_cast<Passages*>(who);
    if (stamps.of(PathStage::decoded) == 0) return;
    if (passages.kept.size() < passages.kept.capacity())
        passages.kept.push_back(stamps);
    else
        ++passages.left_out;
}

// The run's own thread is this one.
class StampedThread {
  public:
    explicit StampedThread(Passages& passages)
    {
        stamps_.who = &passages;
        stamps_.on_finished = keep_feed_passage;
        path_stamps = &stamps_;
    }
    ~StampedThread() { path_stamps = nullptr; }
    StampedThread(const StampedThread&) = delete;
    StampedThread& operator=(const StampedThread&) = delete;

  private:
    PathStamps stamps_;
};

LatencyTable distance_table(const InstrumentTable& table,
                            const std::vector<std::vector<std::int64_t>>& offsets)
{
    LatencyTable result;
    result.id = "venue_to_us";
    result.title = "us, venue's time to ours";
    result.note =
        "Our clock less the time that the venue wrote into the message: what the two clocks differ by is in "
        "it "
        "(`arbiter doctor` tells how much), and a venue's stamp may be a whole millisecond.";
    for (const Listing& listing : table.listings()) {
        const auto& all = offsets[index(listing.id)];
        if (!all.empty())
            result.rows.push_back({fmt::format("{} {}", table.label(listing.venue), listing.symbol), all});
    }
    return result;
}

}  // namespace

LatencyReport measure_live_feed(const LiveFeedRequest& request)
{
    if (request.config.mode != RunMode::paper) {
        throw StartError(
            ExitCode::usage,
            fmt::format(
                "{}: its mode is \"{}\"; feeds are measured without orders: give a configuration with "
                "mode = \"paper\"",
                request.config_path, name(request.config.mode)));
    }
    LatencyReport report;
    report.build = request.build;
    report.machine = describe_machine("");
    const std::int64_t ticks = measure_ticks_per_microsecond();
    Passages passages;
    passages.kept.resize(kPassagesKept);  // its pages are there before anything is measured
    passages.kept.clear();
    RunRequest run;
    run.config = request.config;
    if (request.engine_core >= 0) run.config.host.core = request.engine_core;
    run.plugins = plugins();
    run.build = request.build;
    run.directory = request.directory + "/run";
    run.unsafe_endpoint = request.unsafe_endpoint;
    run.log = request.log;
    RunSession session(std::move(run));
    std::vector<std::vector<std::int64_t>> offsets(session.table().listings().size());
    {
        const StampedThread stamped(passages);
        session.hear_venue_times(&offsets);
        const Timestamp until = session.begun() + seconds(request.seconds);
        while (!session.over() && session.now() < until && !request.stops()) session.turn(milliseconds(20));
        session.hear_venue_times(nullptr);
    }
    (void)session.command("stop");
    report.time = session.now();
    const LiveCounts counts = session.driver().counts();
    const RunOutcome outcome = session.finish();
    report.tables.push_back(distance_table(session.table(), offsets));
    LatencyTable inside;
    inside.id = "inside_feed";
    inside.title = "us inside, by stage";
    inside.rows = stage_rows(passages.kept, true, ticks);
    inside.note = passages.left_out == 0 ? ""
                                         : fmt::format("The first {}; {} more were not kept.",
                                                       passages.kept.size(), passages.left_out);
    report.tables.push_back(std::move(inside));
    report.host = check_host("", request.engine_core);
    report.facts = {
        {"feeds", fmt::format("{} of {} in paper mode, nothing sent", session.table().listings().size(),
                              request.config_path)},
        {"idle", request.config.idle},
        {"run", fmt::format("{} frames, {} connections opened, {} closed; journal {} records", counts.frames,
                            counts.opened, counts.closed, outcome.journal_records)}};
    for (const std::string& trouble : outcome.troubles) report.facts.emplace_back("trouble", trouble);
    return report;
}

}  // namespace arb
