// What a signature costs where the key lives in this process, in the signer process behind its socket, and as
// the bare call of OpenSSL, which is the floor. The signer process reads what it signs, judges it by a policy
// and (one line) writes each use down. One order's text; p50 and p99 in nanoseconds beside the mean.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "connectors/binance/signed_text.hpp"
#include "engine/keys/remote_signer.hpp"
#include "engine/keys/signer_service.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"
#include "tests/keys/bare_openssl.hpp"

namespace {

using namespace arb;

constexpr std::string_view kSecret = "test0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLM";
constexpr std::string_view kSeed = "test-seed-of-exactly-32-bytes-ok";
constexpr std::string_view kMessage =
    "apiKey=testkey&newClientOrderId=a1b2c3d4e5f6&price=64012.37&quantity=0.0125"
    "&side=BUY&symbol=BTCUSDT&timeInForce=IOC&timestamp=1763722800000&type=LIMIT";

/// Times each call by itself: a mean hides what the core waits for now and then.
template <class Call>
void measure(benchmark::State& state, Call&& call)
{
    std::vector<std::int64_t> times;
    times.reserve(1U << 20);
    for (auto _ : state) {
        const auto before = std::chrono::steady_clock::now();
        if (!call()) {
            state.SkipWithError("no signature");
            return;
        }
        if (times.size() < times.capacity())
            times.push_back((std::chrono::steady_clock::now() - before).count());
    }
    std::sort(times.begin(), times.end());
    if (times.empty()) return;
    state.counters["p50_ns"] = static_cast<double>(times[times.size() / 2]);
    state.counters["p99_ns"] = static_cast<double>(times[times.size() * 99 / 100]);
}

std::unique_ptr<Signer> local(KeyAlgorithm algorithm)
{
    if (algorithm == KeyAlgorithm::hmac_sha256) return make_hmac_sha256_signer(bytes_of(kSecret));
    return make_ed25519_signer(Ed25519Key::from_seed(bytes_of(kSeed)).take());
}

void sign_with(benchmark::State& state, Signer& signer)
{
    Signature signature;
    measure(state, [&] {
        const bool good = signer.sign(kMessage, signature);
        benchmark::DoNotOptimize(signature);
        return good;
    });
}

struct BenchSource final : SecretSource {
    KeyAlgorithm algorithm = KeyAlgorithm::hmac_sha256;
    Result<SourceKey> open(std::string_view, std::string_view) override
    {
        SourceKey key;
        key.key_id = "testkey";
        key.signer = local(algorithm);
        key.parser = &binance::read_signed_text;
        return key;
    }
};

/// A policy that no order of this bench comes near; the pace would, so time stands a second further each
/// time.
KeyGrant grant()
{
    KeyGrant result;
    result.venue = "somewhere";
    result.label = "trade";
    OrderLimit limit;
    limit.instrument = "BTCUSDT";
    limit.quantity = Decimal::parse("1");
    limit.notional = Decimal::parse("100000");
    (void)result.policy.add_endpoint("POST /order");
    (void)result.policy.add_limit(limit);
    (void)result.policy.set_orders_per_second(1);
    return result;
}

[[noreturn]] void serve(const std::string& directory, KeyAlgorithm algorithm, bool audited)
{
    BenchSource source;
    source.algorithm = algorithm;
    std::unique_ptr<AuditLog> audit;
    AuditOptions direct;
    direct.direct = true;
    if (audited) audit = AuditLog::open(directory + "/keys.audit", direct).take();
    SignerServiceOptions options;
    options.socket = directory + "/signer.sock";
    options.client = ::geteuid();
    std::int64_t steady = 0;
    options.now = [&steady] { return SigningTime{{1'763'722'800'000'000'000}, {steady += 1'000'000'000}}; };
    std::vector<KeyGrant> grants;
    grants.push_back(grant());
    const auto service =
        SignerService::open(std::move(options), std::move(grants), source, audit.get()).take();
    while (service->turn(1'000)) {
    }
    ::_exit(0);
}

void signer_process(benchmark::State& state, KeyAlgorithm algorithm, bool audited)
{
    std::string directory = (std::filesystem::temp_directory_path() / "arbiter_bench_XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) return state.SkipWithError("no directory");
    const pid_t child = ::fork();
    if (child == 0) serve(directory, algorithm, audited);
    RemoteSignerOptions options;
    options.socket = directory + "/signer.sock";
    options.venue = "somewhere";
    options.label = "trade";
    options.pause = {};
    Result<Credentials> credentials = RemoteSigner::open(options);
    for (int i = 0; i < 10'000'000 && !credentials; ++i) credentials = RemoteSigner::open(options);
    if (credentials)
        sign_with(state, *credentials->signer);
    else
        state.SkipWithError("the signer process does not answer");
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::filesystem::remove_all(directory);
}

void bare_hmac_sha256(benchmark::State& state)
{
    measure(state, [] { return !bare::hmac<32>(kSecret, kMessage).empty(); });
}
void bare_ed25519(benchmark::State& state)
{
    const bare::Pkey key = bare::ed25519_of_seed(kSeed);
    measure(state, [&] { return !bare::sign_ed25519(key.get(), kMessage).empty(); });
}
void in_process_hmac_sha256(benchmark::State& state)
{
    sign_with(state, *local(KeyAlgorithm::hmac_sha256));
}
void in_process_ed25519(benchmark::State& state)
{
    sign_with(state, *local(KeyAlgorithm::ed25519));
}
void signer_process_hmac_sha256(benchmark::State& state)
{
    signer_process(state, KeyAlgorithm::hmac_sha256, false);
}
void signer_process_ed25519(benchmark::State& state)
{
    signer_process(state, KeyAlgorithm::ed25519, false);
}
void signer_process_hmac_sha256_audited(benchmark::State& state)
{
    signer_process(state, KeyAlgorithm::hmac_sha256, true);
}

BENCHMARK(bare_hmac_sha256);
BENCHMARK(in_process_hmac_sha256);
BENCHMARK(signer_process_hmac_sha256)->UseRealTime();
BENCHMARK(signer_process_hmac_sha256_audited)->UseRealTime();
BENCHMARK(bare_ed25519);
BENCHMARK(in_process_ed25519);
BENCHMARK(signer_process_ed25519)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
