#include "engine/keys/signer_protocol.hpp"

#include <algorithm>
#include <concepts>

namespace arb {
namespace {

template <std::unsigned_integral T>
char* put(T value, char* out)
{
    for (std::size_t i = 0; i < sizeof(T); ++i) *out++ = static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

template <std::unsigned_integral T>
T get(std::string_view text, std::size_t at)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= std::uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
    return static_cast<T>(value);
}

/// What both directions have in common: size, version and a known kind.
bool is_frame(std::string_view frame, std::size_t most)
{
    if (frame.size() < kSignerHeader || frame.size() > most) return false;
    const auto call = get<std::uint8_t>(frame, 5);
    return get<std::uint32_t>(frame, 0) == frame.size() && get<std::uint8_t>(frame, 4) == kSignerVersion &&
           (call == static_cast<std::uint8_t>(SignerCall::open) ||
            call == static_cast<std::uint8_t>(SignerCall::sign));
}

}  // namespace

std::size_t write_request(const SignerRequest& request, SignerRequestBytes& out)
{
    const std::size_t size = kSignerHeader + request.body.size();
    if (size > out.size()) return 0;
    char* at = put(static_cast<std::uint32_t>(size), out.data());
    at = put(kSignerVersion, at);
    at = put(static_cast<std::uint8_t>(request.call), at);
    at = put(request.slot, at);
    at = put(request.number, at);
    std::copy(request.body.begin(), request.body.end(), at);
    return size;
}

std::size_t write_reply(const SignerReply& reply, SignerReplyBytes& out)
{
    const std::size_t size = kSignerHeader + reply.body.size();
    if (size > out.size()) return 0;
    char* at = put(static_cast<std::uint32_t>(size), out.data());
    at = put(kSignerVersion, at);
    at = put(static_cast<std::uint8_t>(reply.call), at);
    at = put(static_cast<std::uint8_t>(reply.status), at);
    at = put(static_cast<std::uint8_t>(reply.algorithm), at);
    at = put(reply.number, at);
    std::copy(reply.body.begin(), reply.body.end(), at);
    return size;
}

std::optional<SignerRequest> read_request(std::string_view frame)
{
    if (!is_frame(frame, kSignerRequestMax)) return std::nullopt;
    SignerRequest request;
    request.call = static_cast<SignerCall>(get<std::uint8_t>(frame, 5));
    request.slot = get<std::uint16_t>(frame, 6);
    request.number = get<std::uint64_t>(frame, 8);
    request.body = frame.substr(kSignerHeader);
    return request;
}

std::optional<SignerReply> read_reply(std::string_view frame)
{
    if (!is_frame(frame, kSignerReplyMax)) return std::nullopt;
    const auto status = get<std::uint8_t>(frame, 6);
    const auto algorithm = get<std::uint8_t>(frame, 7);
    if (status > static_cast<std::uint8_t>(Refusal::product) ||
        algorithm > static_cast<std::uint8_t>(KeyAlgorithm::ecdsa_p256)) {
        return std::nullopt;
    }
    SignerReply reply;
    reply.call = static_cast<SignerCall>(get<std::uint8_t>(frame, 5));
    reply.status = static_cast<Refusal>(status);
    reply.algorithm = static_cast<KeyAlgorithm>(algorithm);
    reply.number = get<std::uint64_t>(frame, 8);
    reply.body = frame.substr(kSignerHeader);
    return reply;
}

std::size_t write_opened(const OpenedKey& key, std::array<char, kSignerReplyMax - kSignerHeader>& out)
{
    if (key.key_id.size() > kSignerKeyTextMax || key.passphrase.size() > kSignerKeyTextMax ||
        key.facts.size() > kSignerKeyTextMax)
        return 0;
    char* at = put(key.slot, out.data());
    at = put(static_cast<std::uint16_t>(key.key_id.size()), at);
    at = put(static_cast<std::uint16_t>(key.passphrase.size()), at);
    at = put(static_cast<std::uint16_t>(key.facts.size()), at);
    at = std::copy(key.key_id.begin(), key.key_id.end(), at);
    at = std::copy(key.passphrase.begin(), key.passphrase.end(), at);
    at = std::copy(key.facts.begin(), key.facts.end(), at);
    return static_cast<std::size_t>(at - out.data());
}

std::optional<OpenedKey> read_opened(std::string_view body)
{
    constexpr std::size_t kNumbers = 8;
    if (body.size() < kNumbers) return std::nullopt;
    const std::size_t name = get<std::uint16_t>(body, 2);
    const std::size_t phrase = get<std::uint16_t>(body, 4);
    const std::size_t facts = get<std::uint16_t>(body, 6);
    if (body.size() != kNumbers + name + phrase + facts) return std::nullopt;
    OpenedKey key;
    key.slot = get<std::uint16_t>(body, 0);
    key.key_id = body.substr(kNumbers, name);
    key.passphrase = body.substr(kNumbers + name, phrase);
    key.facts = body.substr(kNumbers + name + phrase);
    return key;
}

}  // namespace arb
