// What a signature costs: in a PKCS#11 token (SoftHSM2: the way through p11-kit and the module, no hardware),
// in this process, and as the bare call of OpenSSL, which is the floor. One message of an order's length.
// Without the module the token's lines are missing and the reason is printed.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/keys/pkcs11_signer.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"
#include "tests/keys/bare_openssl.hpp"
#include "tests/keys/pkcs11_token.hpp"

namespace {

using namespace arb;

constexpr std::string_view kSecret = "test0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLM";
constexpr std::string_view kSeed = "test-seed-of-exactly-32-bytes-ok";
constexpr std::string_view kMessage =
    "apiKey=testtesttesttesttesttesttesttest&newClientOrderId=a1b2c3d4e5f6&price=64012.37&quantity=0.0125"
    "&side=BUY&symbol=BTCUSDT&timeInForce=IOC&timestamp=1763722800000&type=LIMIT";

void sign_with(benchmark::State& state, Signer& signer)
{
    Signature signature;
    for (auto _ : state) {
        if (!signer.sign(kMessage, signature)) return state.SkipWithError("the signer failed");
        benchmark::DoNotOptimize(signature);
    }
}

void bare_hmac_sha256(benchmark::State& state)
{
    for (auto _ : state) benchmark::DoNotOptimize(bare::hmac<32>(kSecret, kMessage));
}
void bare_hmac_sha512(benchmark::State& state)
{
    for (auto _ : state) benchmark::DoNotOptimize(bare::hmac<64>(kSecret, kMessage));
}
void bare_ed25519(benchmark::State& state)
{
    const bare::Pkey key = bare::ed25519_of_seed(kSeed);
    for (auto _ : state) benchmark::DoNotOptimize(bare::sign_ed25519(key.get(), kMessage));
}
void bare_ecdsa_p256(benchmark::State& state)
{
    const bare::Pkey key = bare::p256_made();
    for (auto _ : state) benchmark::DoNotOptimize(bare::sign_p256(key.get(), kMessage));
}

void process_hmac_sha256(benchmark::State& state)
{
    sign_with(state, *make_hmac_sha256_signer(bytes_of(kSecret)));
}
void process_hmac_sha512(benchmark::State& state)
{
    sign_with(state, *make_hmac_sha512_signer(bytes_of(kSecret)));
}
void process_ed25519(benchmark::State& state)
{
    sign_with(state, *make_ed25519_signer(Ed25519Key::from_seed(bytes_of(kSeed)).take()));
}
void process_ecdsa_p256(benchmark::State& state)
{
    const bare::Pkey key = bare::p256_made();
    std::string pem = bare::pem_of(key.get());
    sign_with(state, *make_ecdsa_signer(EcdsaP256Key::from_pem(pem).take()));
}

void token_signs(benchmark::State& state, const TestToken& token, KeyAlgorithm algorithm)
{
    Pkcs11Key key;
    key.module = softhsm_module();
    key.token_label = token.label();
    key.object_label = name(algorithm);
    key.algorithm = algorithm;
    std::string pin(TestToken::kPin);
    sign_with(state, *Pkcs11Signer::open(std::move(key), Secret::take(pin)).take());
}

/// The four kinds of key, each under the name of its algorithm.
std::unique_ptr<TestToken> filled_token()
{
    auto token = std::make_unique<TestToken>();
    token->add_secret(name(KeyAlgorithm::hmac_sha256), kSecret);
    token->add_secret(name(KeyAlgorithm::hmac_sha512), std::string(kSecret) + "N");
    token->add_ed25519(name(KeyAlgorithm::ed25519));
    token->add_p256(name(KeyAlgorithm::ecdsa_p256));
    return token;
}

void register_all(const TestToken* token)
{
    struct Line {
        KeyAlgorithm algorithm;
        void (*bare)(benchmark::State&);
        void (*process)(benchmark::State&);
    };
    static constexpr Line kLines[] = {
        {KeyAlgorithm::hmac_sha256, bare_hmac_sha256, process_hmac_sha256},
        {KeyAlgorithm::hmac_sha512, bare_hmac_sha512, process_hmac_sha512},
        {KeyAlgorithm::ed25519, bare_ed25519, process_ed25519},
        {KeyAlgorithm::ecdsa_p256, bare_ecdsa_p256, process_ecdsa_p256},
    };
    for (const Line& line : kLines) {
        const std::string kind = name(line.algorithm);
        benchmark::RegisterBenchmark((kind + "/bare").c_str(), line.bare);
        benchmark::RegisterBenchmark((kind + "/process").c_str(), line.process);
        if (token == nullptr) continue;
        benchmark::RegisterBenchmark((kind + "/token").c_str(), [token, line](benchmark::State& state) {
            token_signs(state, *token, line.algorithm);
        });
    }
}

}  // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    std::unique_ptr<TestToken> token;
    if (softhsm_module().empty())
        fmt::print(stderr, "pkcs11_bench: the token is left out: {}\n", kNoSofthsm);
    else
        token = filled_token();
    register_all(token.get());
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
