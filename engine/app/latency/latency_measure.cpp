#include "engine/app/latency/latency_measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/app/latency/latency_floors.hpp"
#include "engine/app/latency/latency_host.hpp"
#include "engine/live/host_thread.hpp"
#include "engine/net/client.hpp"

namespace arb {
namespace {

constexpr std::size_t kFramesKept = 200'000;

class EchoClient final : net::ClientHandler {
  public:
    EchoClient(net::Loop& loop, const std::string& ca_file, std::uint16_t port)
        : client_(loop, net::TlsTrust{ca_file}, static_cast<net::ClientHandler&>(*this))
    {
        (void)client_.open(fmt::format("wss://127.0.0.1:{}/echo", port));
    }

  private:
    void on_open(net::LinkId) override {}
    void on_frame(net::LinkId link, char* data, std::size_t size) override
    {
        (void)client_.send(link, {data, size});
    }
    void on_closed(net::LinkId, const net::CloseInfo&) override {}
    void on_reply(net::RequestId, net::HttpOutcome&) override {}

    net::Client client_;
};

bool is_trading(const RunSession& session)
{
    if (session.engine().live()->phase() != Phase::trading) return false;
    const Markets& markets = session.engine().markets();
    const auto& listings = session.table().listings();
    return std::all_of(listings.begin(), listings.end(),
                       [&](const Listing& l) { return markets.builder(l.id).state() == BookState::valid; });
}

// A passage that made a package is a round's; of the others, those that moved a book are the feed's.
void keep_passage(void* who, const PathStamps& stamps)
{
    auto& threads = *static_cast<LatencyThreads*>(who);
    if (stamps.of(PathStage::approved) != 0) {
        struct rusage usage {};
        (void)::getrusage(RUSAGE_THREAD, &usage);
        threads.faults.push_back(usage.ru_minflt + usage.ru_majflt);
        threads.orders.push_back(stamps);
    } else if (stamps.of(PathStage::decoded) != 0 && threads.trading &&
               threads.frames.size() < threads.frames.capacity()) {
        threads.frames.push_back(stamps);
    }
}

// Room whose pages are there: what is kept must not cost the thread that is measured a page fault.
template <class Kept>
void make_room(std::vector<Kept>& kept, std::size_t size)
{
    kept.resize(size);
    kept.clear();
}

// Of the whole rounds that were timed: from one order to the next, so with all that lies between.
std::string faults_told(const LatencyRounds& rounds, const LatencyThreads& threads)
{
    long faults = 0;
    std::size_t counted = 0;
    for (std::size_t i = 1; i < rounds.rounds.size(); ++i) {
        if (rounds.rounds[i].kind != RoundKind::hot) continue;
        faults += threads.faults[i] - threads.faults[i - 1];
        ++counted;
    }
    return fmt::format("{} of the engine's thread in {} hot rounds, order to order", faults, counted);
}

void run_engine(LatencyThreads& threads, RunRequest request, const LatencyRounds& rounds)
{
    threads.thread = static_cast<int>(::gettid());
    PathStamps stamps;
    stamps.who = &threads;
    stamps.on_finished = keep_passage;
    path_stamps = &stamps;
    try {
        net::Loop loop(net::Idle::spin);
        const EchoClient echo(loop, rounds.ca_file(), rounds.echo_port());
        RunSession session(std::move(request));
        bool stopping = false;
        while (!session.over()) {
            const LatencyTurn turn = threads.wanted.load(std::memory_order_acquire);
            threads.taken.store(turn, std::memory_order_release);
            threads.pong.store(threads.ping.load(std::memory_order_acquire), std::memory_order_release);
            if (const auto sweep = threads.sweep.load(std::memory_order_acquire); threads.swept != sweep) {
                walk_caches();
                threads.swept.store(sweep, std::memory_order_release);
            }
            if (turn == LatencyTurn::echo) {
                loop.run_once(std::chrono::microseconds(200));
                continue;
            }
            session.turn(milliseconds(1));
            if (!threads.trading) {
                loop.run_once(std::chrono::nanoseconds(0));  // until the echo's connection stands
                threads.trading = is_trading(session);
            }
            if (turn != LatencyTurn::stop || stopping) continue;
            stopping = true;
            (void)session.command("stop");
        }
        threads.figures = session.figures();
        threads.outcome = session.finish();
    } catch (const std::exception& error) {
        threads.trouble = error.what();
    }
    path_stamps = nullptr;
    threads.ended = true;
}

// What was timed did happen, and nothing else did.
void check_rounds(const LatencyOptions& options, const LatencyThreads& threads)
{
    const std::uint64_t rounds = options.warm_up + options.rounds + options.cold_rounds;
    const RunFigures& f = threads.figures;
    if (!threads.trouble.empty()) fail_latency(threads.trouble);
    if (f.packages != rounds || f.orders != 2 * rounds || f.fills != 2 * rounds || f.rejects != 0 ||
        f.flagged != 0 || f.unwound != 0 || f.open_packages != 0)
        fail_latency(fmt::format("{} packages, {} orders, {} fills, {} rejects, {} flagged in {} rounds",
                                 f.packages, f.orders, f.fills, f.rejects, f.flagged, rounds));
    if (threads.orders.size() != rounds)
        fail_latency(fmt::format("{} frames made packages in {} rounds", threads.orders.size(), rounds));
    if (threads.outcome.code != ExitCode::ok || !threads.outcome.troubles.empty())
        fail_latency("the session did not end clean");
}

std::vector<std::int64_t> echo_times(const std::vector<LatencyEcho>& echoes, bool all)
{
    std::vector<std::int64_t> result;
    for (const LatencyEcho& echo : echoes) {
        if (all || echo.quiet) result.push_back(echo.time);
    }
    return result;
}

template <class Time>
std::vector<std::int64_t> round_times(const std::vector<LatencyRound>& rounds, RoundKind kind, bool all,
                                      Time time)
{
    std::vector<std::int64_t> result;
    for (const LatencyRound& round : rounds) {
        const std::int64_t value = time(round);
        if (round.kind == kind && value > 0 && (all || round.quiet)) result.push_back(value);
    }
    return result;
}

std::int64_t median(std::vector<std::int64_t> values)
{
    std::sort(values.begin(), values.end());
    return latency_quantile(values, 50'000);
}

std::int64_t first_of(const LatencyRound& round)
{
    return round.first;
}

LatencyTable wire_table(const LatencyOptions& options, const LatencyRounds& rounds, bool all)
{
    const auto of = [&](RoundKind kind, auto time) { return round_times(rounds.rounds, kind, all, time); };
    const auto opened_by = [&](bool buy) {
        return of(RoundKind::hot, [buy](const LatencyRound& r) { return r.from_buy == buy ? r.first : 0; });
    };
    LatencyTable table;
    table.id = all ? "wire_all" : "wire_quiet";
    table.title = all ? "us, all rounds" : "us, quiet rounds";
    table.rows = {
        {"echo, 300 bytes, one a millisecond", echo_times(rounds.echo_paced, all)},
        {"echo, 300 bytes, back to back", echo_times(rounds.echo_hot, all)},
        {"frame to first order", of(RoundKind::hot, first_of)},
        {"frame to second order", of(RoundKind::hot, [](const LatencyRound& r) { return r.second; })},
        {"  frame of " + options.buy + " to first order", opened_by(true)},
        {"  frame of " + options.sell + " to first order", opened_by(false)},
        {"cold caches: frame to first order", of(RoundKind::cold, first_of)},
        {"first pass: frame to first order", of(RoundKind::first_pass, first_of)}};
    table.floor_name = "x echo";
    table.floor = median(table.rows[0].ns);
    table.note = all ? "Everything, also when the system took a thread's processor away."
                     : "Rounds in which neither thread was taken off its processor.";
    return table;
}

// The engine's passages of the rounds of one kind, the quiet ones.
std::vector<PathStamps> passages_of(const LatencyRounds& rounds, const LatencyThreads& threads,
                                    RoundKind kind)
{
    std::vector<PathStamps> result;
    for (std::size_t i = 0; i < rounds.rounds.size(); ++i) {
        if (rounds.rounds[i].kind == kind && rounds.rounds[i].quiet) result.push_back(threads.orders[i]);
    }
    return result;
}

LatencyTable inside_table(std::string id, std::string title, const std::vector<PathStamps>& passages,
                          bool finished, std::int64_t ticks)
{
    LatencyTable table;
    table.id = std::move(id);
    table.title = std::move(title);
    table.rows = stage_rows(passages, finished, ticks);
    return table;
}

void add_goals(LatencyReport& report, const HostFloors& floors, const std::vector<PathStamps>& hot,
               const std::vector<PathStamps>& cold, std::int64_t ticks)
{
    const LatencyTable& wire = report.tables.front();
    const auto p50 = [&](std::size_t row) { return median(wire.rows[row].ns); };
    std::vector<std::int64_t> first = wire.rows[2].ns;
    std::sort(first.begin(), first.end());
    const std::int64_t p99 =
        latency_quantile_told(first.size(), 99'000) ? latency_quantile(first, 99'000) : 0;
    const std::int64_t inside = median(stage_times(hot, PathStage::decrypted, PathStage::written, ticks));
    const std::int64_t to_bytes = median(stage_times(hot, PathStage::journaled, PathStage::encoded, ticks));
    const std::int64_t to_bytes_cold =
        median(stage_times(cold, PathStage::journaled, PathStage::encoded, ticks));
    const std::int64_t floor = (floors.of("json_walk") + floors.of("hmac_sha256")) / 1000;
    const char* const kEcho = "echo one a millisecond, p50";
    report.goals = {
        {"a spinning TLS websocket", "echo one a millisecond, p50", "bare TCP echo, p50", p50(0),
         median(floors.tcp_echo_ns), 150},
        {"wire to wire", "frame to first order, p50", kEcho, p50(2), p50(0), 130},
        {"wire to wire, the tail", "frame to first order, p99", "its p50", p99, p50(2), 200},
        {"wire to wire, cold", "cold caches: frame to first order, p50", kEcho, p50(6), p50(0), 130},
        {"frame to the order's text", "journaled to encoded, p50", "simdjson's walk + HMAC", to_bytes, floor,
         150},
        {"frame to the order's text, cold", "the same, cold caches", "the same, hot", to_bytes_cold, to_bytes,
         800},
        {"inside, in echoes", "decrypted to written, p50 (goal: 3 us where the echo is 12)", kEcho, inside,
         p50(0), 25}};
}

std::string frame_sample()
{
    return R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["43000.00","0.700","0",)"
           R"("1"],["42914.00","0.500","0","1"],["42914.07","0.501","0","1"]],"bids":[["42880.05","0.813","0","1"]],)"
           R"("ts":"1700000000000","checksum":-1404728636,"seqId":123457,"prevSeqId":123456}]})";
}

}  // namespace

std::int64_t measure_ticks_per_microsecond()
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kStretch{20};
    std::vector<std::int64_t> found;
    for (int i = 0; i < 5; ++i) {
        const auto begin = Clock::now();
        const std::uint64_t ticks = path_ticks();
        Clock::time_point end = begin;
        while (end - begin < kStretch) end = Clock::now();
        const std::uint64_t passed = path_ticks() - ticks;
        found.push_back(static_cast<std::int64_t>(passed) * 1000 /
                        std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
    }
    return std::max<std::int64_t>(1, median(found));
}

std::vector<std::int64_t> stage_times(const std::vector<PathStamps>& passages, PathStage from, PathStage to,
                                      std::int64_t ticks_per_microsecond)
{
    std::vector<std::int64_t> times;
    for (const PathStamps& stamps : passages) {
        const std::uint64_t begin = stamps.of(from), end = stamps.of(to);
        if (begin == 0 || end < begin) continue;
        times.push_back(static_cast<std::int64_t>(end - begin) * 1000 / ticks_per_microsecond);
    }
    return times;
}

std::vector<LatencyRow> stage_rows(const std::vector<PathStamps>& passages, bool finished,
                                   std::int64_t ticks_per_microsecond)
{
    struct StagePart {
        const char* name;
        PathStage from, to;
    };
    std::vector<StagePart> parts = {
        {"socket read", PathStage::readable, PathStage::received},
        {"TLS", PathStage::received, PathStage::decrypted},
        {"websocket", PathStage::decrypted, PathStage::unframed},
        {"journal", PathStage::unframed, PathStage::journaled},
        {"decode to the first fact", PathStage::journaled, PathStage::decoded},
        {"book, and the rest of the frame", PathStage::decoded, PathStage::booked}};
    if (finished) {
        parts.push_back({"what is due, strategies", PathStage::booked, PathStage::finished});
        parts.push_back({"all: read to finished", PathStage::readable, PathStage::finished});
    } else {
        parts.insert(parts.end(),
                     {{"what is due, strategy", PathStage::booked, PathStage::proposed},
                      {"risk gate", PathStage::proposed, PathStage::approved},
                      {"package, state record", PathStage::approved, PathStage::recorded},
                      {"encode, sign", PathStage::recorded, PathStage::encoded},
                      {"write: framing, TLS, system call", PathStage::encoded, PathStage::written},
                      {"all: read to written", PathStage::readable, PathStage::written}});
    }
    std::vector<LatencyRow> rows;
    for (const StagePart& part : parts)
        rows.push_back({part.name, stage_times(passages, part.from, part.to, ticks_per_microsecond)});
    return rows;
}

LatencyReport measure_latency(const LatencyRequest& request)
{
    const LatencyOptions& options = request.options;
    LatencyReport report;
    report.time = LiveClock().now();
    report.build = request.build;
    report.machine = describe_machine("");
    const std::int64_t ticks = measure_ticks_per_microsecond();
    LatencyRounds rounds(options, request.directory);
    const HostFloors floors = measure_floors(frame_sample(), options.engine_core, options.venue_core);
    report.floors = floors.floors;

    LatencyThreads threads;
    make_room(threads.orders, options.warm_up + options.rounds + options.cold_rounds);
    make_room(threads.faults, options.warm_up + options.rounds + options.cold_rounds);
    make_room(threads.frames, kFramesKept);
    RunRequest run = rounds.request();
    run.log = request.log;
    run.config.host.core = options.engine_core;
    std::thread engine([&] { run_engine(threads, std::move(run), rounds); });
    try {
        if (!pin_thread(options.venue_core))
            fail_latency(fmt::format("the venues cannot run on core {}", options.venue_core));
        rounds.run(threads, request.progress);
    } catch (const std::exception& error) {
        if (!rounds.let_go(threads)) {
            fmt::print(stderr, "arbiter: {}; and the engine does not stop\n", error.what());
            std::_Exit(static_cast<int>(ExitCode::internal));
        }
        engine.join();
        throw;
    }
    engine.join();
    check_rounds(options, threads);

    report.tables = {wire_table(options, rounds, false), wire_table(options, rounds, true)};
    const std::vector<PathStamps> hot = passages_of(rounds, threads, RoundKind::hot);
    const std::vector<PathStamps> cold = passages_of(rounds, threads, RoundKind::cold);
    report.tables.push_back(inside_table("inside_hot", "us inside, by stage", hot, false, ticks));
    report.tables.push_back(inside_table("inside_cold", "us inside, cold caches", cold, false, ticks));
    report.tables.push_back(
        inside_table("inside_feed", "us inside, frames without order", threads.frames, true, ticks));
    report.tables.push_back(
        {"tcp", "us, bare TCP", "", {{"echo, 300 bytes, back to back", floors.tcp_echo_ns}}, "", 0});
    add_goals(report, floors, hot, cold, ticks);
    report.host = check_host("", options.engine_core);
    std::size_t buy_frame = 0, sell_frame = 0;
    for (const LatencyRound& round : rounds.rounds)
        (round.from_buy ? buy_frame : sell_frame) = round.frame_bytes;
    report.facts = {
        {"venues", fmt::format("{} (buy) and {} (sell), emulated, TLS websockets over loopback", options.buy,
                               options.sell)},
        {"rounds",
         fmt::format("{} hot, {} cold, {} of warm-up; one in {} ms and a frame a millisecond in between",
                     options.rounds, options.cold_rounds, options.warm_up, options.period_ms)},
        {"not counted",
         fmt::format("{} rounds whose frame was not acted on at once",
                     std::count_if(rounds.rounds.begin(), rounds.rounds.end(),
                                   [](const LatencyRound& r) { return r.kind == RoundKind::late; }))},
        {"bytes", fmt::format("frames {} and {}, orders {} and {}", buy_frame, sell_frame, rounds.buy_bytes,
                              rounds.sell_bytes)},
        {"on", "journal, state log, ledger, risk gate, figures of the run"},
        {"page faults", faults_told(rounds, threads)},
        {"run", fmt::format("{} packages, {} orders, {} fills; journal {} records, {} bytes",
                            threads.figures.packages, threads.figures.orders, threads.figures.fills,
                            threads.outcome.journal_records, threads.outcome.journal_bytes)}};
    return report;
}

}  // namespace arb
