#pragma once
// The frames between a RemoteSigner and the signer process, one a packet of a Unix SOCK_SEQPACKET socket.
// Numbers are little-endian. A request is `open` (body "venue/label") or `sign` (body: the text, for the slot
// that `open` gave); each is answered by one reply with the request's number. Pure functions: bytes in, views
// out; anything that is not exactly a frame is refused. Any thread.
//
//   request   u32 size of all, u8 version, u8 kind, u16 slot, u64 number, body
//   reply     u32 size of all, u8 version, u8 kind, u8 status (a Refusal), u8 algorithm, u64 number, body
//   body of a reply to open: u16 slot, then the sizes (u16) of the key's name, the passphrase and what the
//                            keystore notes about the key (scope_policy.hpp), and these texts
//   body of a reply to sign: the signature
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/keys/credentials.hpp"
#include "engine/keys/signer_policy.hpp"

namespace arb {

inline constexpr std::uint8_t kSignerVersion = 2;
inline constexpr std::size_t kSignerHeader = 16;
inline constexpr std::size_t kSignerKeyTextMax = 512;  ///< each text of an opened key
inline constexpr std::size_t kSignerRequestMax = kSignerHeader + kSignedTextMax;
inline constexpr std::size_t kSignerReplyMax = kSignerHeader + 8 + 3 * kSignerKeyTextMax;

enum class SignerCall : std::uint8_t { open = 1, sign = 2 };

using SignerRequestBytes = std::array<char, kSignerRequestMax>;
using SignerReplyBytes = std::array<char, kSignerReplyMax>;

struct SignerRequest {
    SignerCall call = SignerCall::open;
    std::uint16_t slot = 0;
    std::uint64_t number = 0;
    std::string_view body;
};
struct SignerReply {
    SignerCall call = SignerCall::open;
    Refusal status = Refusal::malformed;
    KeyAlgorithm algorithm = KeyAlgorithm::hmac_sha256;
    std::uint64_t number = 0;
    std::string_view body;
};
struct OpenedKey {
    std::uint16_t slot = 0;
    std::string_view key_id;
    std::string_view passphrase;
    std::string_view facts;
};

/// The frame's size; 0 when the body is too large.
std::size_t write_request(const SignerRequest& request, SignerRequestBytes& out);
std::size_t write_reply(const SignerReply& reply, SignerReplyBytes& out);
std::optional<SignerRequest> read_request(std::string_view frame);
std::optional<SignerReply> read_reply(std::string_view frame);

/// Body of the reply to open; 0 when a text is too large.
std::size_t write_opened(const OpenedKey& key, std::array<char, kSignerReplyMax - kSignerHeader>& out);
std::optional<OpenedKey> read_opened(std::string_view body);

}  // namespace arb
