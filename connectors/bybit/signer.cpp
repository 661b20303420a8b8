#include "connectors/bybit/signer.hpp"

#include <array>

#include "engine/base/decimal.hpp"
#include "engine/venue/encoding.hpp"
#include "engine/venue/local_signer.hpp"

namespace arb::bybit {
namespace {

void append_integer(std::string& out, std::int64_t value)
{
    std::array<char, kDecimalTextMax> digits;
    out.append(digits.data(), print_scaled(value, 0, digits.data()));
}

}  // namespace

Result<std::unique_ptr<Signer>> make_signer(const Secret& secret)
{
    if (secret.empty()) return Error{ExitCode::usage, "the Bybit secret is empty"};
    if (text_of(secret.bytes()).find("-----BEGIN") != std::string_view::npos) {
        return Error{ExitCode::usage,
                     "the Bybit secret is a private key; use a system-generated (HMAC) key instead"};
    }
    return make_hmac_sha256_signer(secret.bytes());
}

bool RequestSigner::sign(std::string& hex)
{
    Signature signature;
    if (!credentials_->signer || !credentials_->signer->sign(message_, signature)) return false;
    hex.resize(hex_size(signature.size));
    hex_lower(bytes_of(signature.view()), hex.data());
    return true;
}

bool RequestSigner::rest(std::int64_t timestamp_ms, std::string_view payload, std::string& hex)
{
    message_.clear();
    append_integer(message_, timestamp_ms);
    message_ += credentials_->key_id;
    message_ += kWindow;
    message_ += payload;
    return sign(hex);
}

bool RequestSigner::websocket(std::int64_t expires_ms, std::string& hex)
{
    message_ = "GET/realtime";
    append_integer(message_, expires_ms);
    return sign(hex);
}

}  // namespace arb::bybit
