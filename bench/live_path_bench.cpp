// The live path over loopback TLS websockets: a book frame that opens a gap leaves a venue's socket, the real
// RunSession (LiveDriver, Engine, connectors, journal, state log, ledger) decides, and both orders come back
// to the venues' sockets. Beside it, in the same run and with the same two spinning threads, a bare websocket
// echo. This thread is the venues; the other one is the engine. Prints a table and asserts no timing, but
// ends with 1 if an order is missing or not filled. See bench/README.md for what is inside each figure.
//
//   live_path_bench [--rounds N] [--period-ms N] [--venues okx,bybit]
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/live_path_street.hpp"
#include "engine/net/client.hpp"

namespace {

using namespace arb;
using namespace arb::bench;

[[noreturn]] void fail(const std::string& why)
{
    throw std::runtime_error(why);
}

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

void run_engine(Shared& shared, RunRequest request, const std::string& ca_file, std::uint16_t echo_port)
{
    shared.thread = static_cast<int>(::gettid());
    try {
        net::Loop loop(net::Idle::spin);
        EchoClient echo(loop, ca_file, echo_port);
        RunSession session(std::move(request));
        bool stopping = false;
        while (!session.over()) {
            const Turn turn = shared.wanted.load(std::memory_order_acquire);
            shared.taken.store(turn, std::memory_order_release);
            shared.pong.store(shared.ping.load(std::memory_order_acquire), std::memory_order_release);
            if (turn == Turn::echo) {
                loop.run_once(std::chrono::microseconds(200));
                continue;
            }
            session.turn(milliseconds(1));
            if (!shared.trading) {
                loop.run_once(std::chrono::nanoseconds(0));  // until the echo's connection stands
                shared.trading = is_trading(session);
            }
            if (turn != Turn::stop || stopping) continue;
            // Before the way out, which may cost queries.
            shared.inside = session.driver().latency();
            shared.counts = session.driver().counts();
            stopping = true;
            (void)session.command("stop");
        }
        shared.figures = session.figures();
        shared.outcome = session.finish();
    } catch (const std::exception& error) {
        shared.trouble = error.what();
    }
    shared.ended = true;
}

// Report.

double us(std::int64_t ns)
{
    return static_cast<double>(ns) / 1000.0;
}

std::int64_t share(std::vector<std::int64_t> values, std::size_t per_ten_thousand)
{
    if (values.empty()) return 0;
    const std::size_t place = (values.size() * per_ten_thousand + 9'999) / 10'000;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(place, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

// Medians of five stretches of the run, least and most: how steady the machine was.
std::string spread(const std::vector<std::int64_t>& values)
{
    std::int64_t least = 0, most = 0;
    const std::size_t size = values.size() / 5;
    for (std::size_t i = 0; i < 5 && size > 0; ++i) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * size);
        const std::int64_t median = share({begin, begin + static_cast<std::ptrdiff_t>(size)}, 5000);
        least = i == 0 ? median : std::min(least, median);
        most = std::max(most, median);
    }
    return fmt::format("{:.1f}-{:.1f}", us(least), us(most));
}

void row(const char* name, const std::vector<std::int64_t>& values, std::int64_t floor)
{
    const std::int64_t median = share(values, 5000);
    fmt::print("{:<38}{:>8}{:>9.1f}{:>9.1f}{:>9.1f}{:>10.1f}{:>14}{:>9.2f}\n", name, values.size(),
               us(median), us(share(values, 9900)), us(share(values, 9990)),
               us(values.empty() ? 0 : *std::max_element(values.begin(), values.end())), spread(values),
               floor > 0 ? us(median) / us(floor) : 0.0);
}

std::vector<std::int64_t> times(const std::vector<Echo>& echoes, bool all)
{
    std::vector<std::int64_t> result;
    for (const Echo& echo : echoes) {
        if (all || echo.quiet) result.push_back(echo.time);
    }
    return result;
}

template <class Time>
std::vector<std::int64_t> times(const std::vector<Round>& rounds, bool all, Time time)
{
    std::vector<std::int64_t> result;
    for (const Round& round : rounds) {
        const std::int64_t value = time(round);
        if (value > 0 && (all || round.quiet)) result.push_back(value);
    }
    return result;
}

void print_rounds(const Options& options, const Street& street, bool all)
{
    const std::vector<std::int64_t> paced = times(street.echo_paced, all);
    const std::int64_t floor = share(paced, 5000);
    fmt::print("{:<38}{:>8}{:>9}{:>9}{:>9}{:>10}{:>14}{:>9}\n", all ? "us, all rounds" : "us, quiet rounds",
               "samples", "p50", "p99", "p99.9", "most", "p50 of fifths", "x echo");
    row("echo, 300 bytes, one a millisecond", paced, floor);
    row("echo, 300 bytes, back to back", times(street.echo_hot, all), floor);
    row("frame to first order", times(street.rounds, all, [](const Round& r) { return r.first; }), floor);
    row("frame to second order", times(street.rounds, all, [](const Round& r) { return r.second; }), floor);
    const auto of = [&](bool buy) {
        return times(street.rounds, all, [buy](const Round& r) { return r.from_buy == buy ? r.first : 0; });
    };
    row(("  frame of " + options.buy + " to first order").c_str(), of(true), floor);
    row(("  frame of " + options.sell + " to first order").c_str(), of(false), floor);
}

void print(const Options& options, const Street& street, const Shared& shared)
{
    print_rounds(options, street, false);
    print_rounds(options, street, true);
    const LatencyHistogram& inside = shared.inside;
    const auto part = [&](std::uint64_t q) { return us(static_cast<std::int64_t>(inside.quantile(q))); };
    fmt::print("{:<38}{:>8}{:>9.1f}{:>9.1f}{:>9.1f}{:>10.1f}\n", "inside: frame handed over to bytes sent",
               inside.count(), part(5000), part(9900), part(9990),
               us(static_cast<std::int64_t>(inside.most())));
    std::size_t buy_frame = 0, sell_frame = 0;
    for (const Round& round : street.rounds) (round.from_buy ? buy_frame : sell_frame) = round.frame_bytes;
    fmt::print("bytes: {} frame {}, {} frame {}; {} order {}, {} order {}\n", options.buy, buy_frame,
               options.sell, sell_frame, options.buy, street.buy_bytes, options.sell, street.sell_bytes);
    fmt::print("run: {} packages, {} orders, {} fills; {} frames in, {} out; journal {} records, {} bytes\n",
               shared.figures.packages, shared.figures.orders, shared.figures.fills, shared.counts.frames,
               shared.counts.sent, shared.outcome.journal_records, shared.outcome.journal_bytes);
}

// An honest bench: what it timed did happen, and nothing else did.
void check(const Options& options, const Shared& shared)
{
    const std::uint64_t rounds = options.rounds + kWarmUp;
    const RunFigures& f = shared.figures;
    if (!shared.trouble.empty()) fail(shared.trouble);
    if (f.packages != rounds || f.orders != 2 * rounds || f.fills != 2 * rounds || f.rejects != 0 ||
        f.flagged != 0 || f.unwound != 0 || f.open_packages != 0)
        fail(fmt::format("{} packages, {} orders, {} fills, {} rejects, {} flagged in {} rounds", f.packages,
                         f.orders, f.fills, f.rejects, f.flagged, rounds));
    if (shared.outcome.code != ExitCode::ok || !shared.outcome.troubles.empty())
        fail("the session did not end clean");
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        const std::string value = argv[i + 1];
        if (name == "--rounds")
            options.rounds = std::max<std::size_t>(10, std::strtoul(value.c_str(), nullptr, 10));
        if (name == "--period-ms") options.period_ms = std::max(90L, std::strtol(value.c_str(), nullptr, 10));
        if (name != "--venues") continue;
        options.buy = value.substr(0, value.find(','));
        options.sell = value.substr(value.find(',') + 1);
    }
    return options;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options = parse(argc, argv);
    std::string directory = (std::filesystem::temp_directory_path() / "live_path_bench_XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) return 1;
    int code = 0;
    try {
        Street street(options, directory);
        Shared shared;
        std::thread engine(
            [&] { run_engine(shared, street.request(), street.ca_file(), street.echo_port()); });
        try {
            street.run(shared);
        } catch (const std::exception& error) {
            fmt::print(stderr, "live_path_bench: {}\n", error.what());
            std::filesystem::remove_all(directory);
            std::_Exit(1);  // the other thread waits for venues that no longer answer
        }
        engine.join();
        check(options, shared);
        print(options, street, shared);
    } catch (const std::exception& error) {
        fmt::print(stderr, "live_path_bench: {}\n", error.what());
        code = 1;
    }
    std::filesystem::remove_all(directory);
    return code;
}
