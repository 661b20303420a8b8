#include "engine/keys/keystore_format.hpp"

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sodium.h>

namespace arb {
namespace {

constexpr std::string_view kMagic = "ARBKEYS\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kArgon2id13 = 1;
constexpr std::size_t kSaltSize = crypto_pwhash_SALTBYTES;
constexpr std::size_t kBeginningSize = 8 + 4 + 4 + 8 + 8 + kSaltSize;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHeaderSize = kBeginningSize + kNonceSize + 8;
constexpr std::size_t kHashSize = crypto_generichash_BYTES;
/// Sizes of secrets differ by kind and venue: blocks tell only so much of them.
constexpr std::size_t kPadding = 512;

static_assert(crypto_pwhash_ALG_DEFAULT == crypto_pwhash_ALG_ARGON2ID13);

class Writer {
  public:
    template <class T>
    void number(T value)
    {
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bytes_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
    }
    void text(std::string_view value)
    {
        number(static_cast<std::uint32_t>(value.size()));
        bytes_ += value;
    }
    void raw(std::string_view value) { bytes_ += value; }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

/// Every read checks what is left; after the first failure all are zero and ok() is false.
class FieldReader {
  public:
    explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}
    template <class T>
    T number()
    {
        std::uint64_t value = 0;
        const std::string_view digits = raw(sizeof(T));
        for (std::size_t i = 0; i < digits.size(); ++i)
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(digits[i])) << (8 * i);
        return static_cast<T>(value);
    }
    std::string text() { return std::string(raw(number<std::uint32_t>())); }
    std::string_view raw(std::uint64_t size)
    {
        if (size > bytes_.size()) {
            ok_ = false;
            bytes_ = {};
        }
        const std::string_view part = bytes_.substr(0, ok_ ? static_cast<std::size_t>(size) : 0);
        bytes_.remove_prefix(part.size());
        return part;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && bytes_.empty(); }
    std::size_t left() const { return bytes_.size(); }

  private:
    std::string_view bytes_;
    bool ok_ = true;
};

const unsigned char* data_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

// A mark on the role: the environment follows at the end. Keys of "live" are written without it, as ever.
constexpr std::uint8_t kNamesEnvironment = 0x80;

void write_entry(Writer& out, const KeyEntry& entry)
{
    const bool live = entry.environment == "live";
    out.text(entry.venue);
    out.text(entry.label);
    out.number(
        static_cast<std::uint8_t>(static_cast<std::uint8_t>(entry.role) | (live ? 0 : kNamesEnvironment)));
    out.number(static_cast<std::uint8_t>(entry.state));
    out.text(entry.key_id);
    out.number(entry.created.ns);
    out.number(entry.expires.ns);
    out.number(static_cast<std::uint32_t>(entry.ips.size()));
    for (const std::string& ip : entry.ips) out.text(ip);
    out.number(static_cast<std::uint32_t>(entry.attestations.size()));
    for (const KeyAttestation& attestation : entry.attestations) {
        out.text(attestation.what);
        out.text(attestation.by);
        out.number(attestation.date.ns);
        out.number(attestation.until.ns);
    }
    if (!live) out.text(entry.environment);
}

std::optional<KeyEntry> read_entry(FieldReader& in)
{
    KeyEntry entry;
    entry.venue = in.text();
    entry.label = in.text();
    const auto marked = in.number<std::uint8_t>();
    const auto role = static_cast<std::uint8_t>(marked & ~kNamesEnvironment);
    const auto state = in.number<std::uint8_t>();
    entry.role = static_cast<KeyRole>(role);
    entry.state = static_cast<KeyState>(state);
    entry.key_id = in.text();
    entry.created.ns = in.number<std::int64_t>();
    entry.expires.ns = in.number<std::int64_t>();
    const auto ips = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < ips && in.ok(); ++i) entry.ips.push_back(in.text());
    const auto attestations = in.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < attestations && in.ok(); ++i) {
        KeyAttestation& attestation = entry.attestations.emplace_back();
        attestation.what = in.text();
        attestation.by = in.text();
        attestation.date.ns = in.number<std::int64_t>();
        attestation.until.ns = in.number<std::int64_t>();
    }
    if ((marked & kNamesEnvironment) != 0) {
        entry.environment = in.text();
        if (entry.environment == "live") return std::nullopt;
    }
    if (!in.ok() || role > static_cast<std::uint8_t>(KeyRole::trade) ||
        state > static_cast<std::uint8_t>(KeyState::retired) || check_entry(entry))
        return std::nullopt;
    return entry;
}

std::string fresh_nonce()
{
    std::string nonce(kNonceSize, '\0');
    randombytes_buf(nonce.data(), nonce.size());
    return nonce;
}

/// The ciphertext with its tag.
std::string seal(const Secret& key, std::string_view nonce, std::string_view bound, std::string_view plain)
{
    std::string sealed(plain.size() + kTagSize, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                               data_of(plain), plain.size(), data_of(bound), bound.size(),
                                               nullptr, data_of(nonce), key.bytes().data());
    return sealed;
}

std::optional<Secret> unseal(const Secret& key, std::string_view nonce, std::string_view bound,
                             std::string_view sealed)
{
    if (sealed.size() < kTagSize) return std::nullopt;
    bool true_bytes = false;
    Secret plain = Secret::made(sealed.size() - kTagSize, [&](std::span<unsigned char> out) {
        unsigned long long size = 0;
        unsigned char none = 0;
        unsigned char* const to = out.empty() ? &none : out.data();
        true_bytes = crypto_aead_xchacha20poly1305_ietf_decrypt(to, &size, nullptr, data_of(sealed),
                                                                sealed.size(), data_of(bound), bound.size(),
                                                                data_of(nonce), key.bytes().data()) == 0 &&
                     size == out.size();
    });
    if (!true_bytes) return std::nullopt;
    return plain;
}

/// What a block is bound to beside its key.
std::string bound_of(std::string_view beginning, const KeyEntry& entry)
{
    Writer out;
    out.raw(beginning);
    write_entry(out, entry);
    return out.take();
}

std::string beginning_of(const KdfCosts& costs, std::string_view salt)
{
    Writer out;
    out.raw(kMagic);
    out.number(kVersion);
    out.number(kArgon2id13);
    out.number(costs.operations);
    out.number(costs.memory);
    out.raw(salt);
    return out.take();
}

bool within_bounds(const KdfCosts& costs)
{
    return costs.operations >= kKdfLeast.operations && costs.operations <= kKdfMost.operations &&
           costs.memory >= kKdfLeast.memory && costs.memory <= kKdfMost.memory;
}

Secret subkey(const Secret& master, std::uint64_t number)
{
    return Secret::made(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, [&](std::span<unsigned char> out) {
        crypto_kdf_derive_from_key(out.data(), out.size(), number, "ARBKEYS", master.bytes().data());
    });
}

}  // namespace

Result<std::optional<KeystoreCipher>> KeystoreCipher::derive(std::string beginning, const Secret& passphrase,
                                                             const KdfCosts& costs)
{
    if (sodium_init() < 0)
        return Error{ExitCode::internal, "libsodium does not start: no keystore can be used here"};
    bool made = false;
    const std::string_view text = passphrase.as_text();
    const Secret master = Secret::made(crypto_kdf_KEYBYTES, [&](std::span<unsigned char> out) {
        made = crypto_pwhash(out.data(), out.size(), text.empty() ? "" : text.data(), text.size(),
                             data_of(beginning) + kBeginningSize - kSaltSize, costs.operations,
                             static_cast<std::size_t>(costs.memory), crypto_pwhash_ALG_ARGON2ID13) == 0;
    });
    if (!made) {
        return Error{ExitCode::internal,
                     fmt::format("there is no memory to make a key from the passphrase: {} MiB are needed",
                                 (costs.memory + (1U << 20) - 1) >> 20)};
    }
    KeystoreCipher cipher;
    cipher.costs_ = costs;
    cipher.beginning_ = std::move(beginning);
    cipher.index_key_ = subkey(master, 1);
    cipher.block_key_ = subkey(master, 2);
    cipher.hash_key_ = subkey(master, 3);
    return std::optional<KeystoreCipher>(std::move(cipher));
}

Result<KeystoreCipher> KeystoreCipher::make(const Secret& passphrase, const KdfCosts& costs)
{
    if (!within_bounds(costs)) {
        return Error{ExitCode::usage,
                     "the costs of the key derivation are out of bounds: 1 to 10 operations, "
                     "8 KiB to 1 GiB of memory"};
    }
    if (sodium_init() < 0)
        return Error{ExitCode::internal, "libsodium does not start: no keystore can be made here"};
    std::string salt(kSaltSize, '\0');
    randombytes_buf(salt.data(), salt.size());
    auto made = derive(beginning_of(costs, salt), passphrase, costs);
    if (!made) return made.error();
    return std::move(**made);
}

Result<std::optional<KeystoreCipher>> KeystoreCipher::of_file(std::string_view file, const Secret& passphrase)
{
    FieldReader in(file);
    const bool known = in.raw(kMagic.size()) == kMagic && in.number<std::uint32_t>() == kVersion &&
                       in.number<std::uint32_t>() == kArgon2id13;
    KdfCosts costs;
    costs.operations = in.number<std::uint64_t>();
    costs.memory = in.number<std::uint64_t>();
    if (!known || file.size() < kHeaderSize || !within_bounds(costs)) return std::optional<KeystoreCipher>();
    return derive(std::string(file.substr(0, kBeginningSize)), passphrase, costs);
}

std::string KeystoreCipher::seal_block(const KeyEntry& entry, const KeySecret& secret) const
{
    const std::span<const unsigned char> parts[] = {secret.secret.bytes(), secret.passphrase.bytes()};
    const std::size_t size = 8 + parts[0].size() + parts[1].size();
    const std::size_t padded = (size + kPadding - 1) / kPadding * kPadding;
    const Secret plain = Secret::made(padded, [&](std::span<unsigned char> out) {
        unsigned char* at = out.data();
        for (const std::span<const unsigned char> part : parts) {
            for (std::size_t i = 0; i < 4; ++i) *at++ = static_cast<unsigned char>(part.size() >> (8 * i));
            if (!part.empty()) std::memcpy(at, part.data(), part.size());
            at += part.size();
        }
    });
    const std::string nonce = fresh_nonce();
    return nonce + seal(block_key_, nonce, bound_of(beginning_, entry), plain.as_text());
}

std::optional<KeySecret> KeystoreCipher::open_block(const SealedKey& key) const
{
    const std::string_view block = key.block;
    if (block.size() < kNonceSize) return std::nullopt;
    const auto plain = unseal(block_key_, block.substr(0, kNonceSize), bound_of(beginning_, key.entry),
                              block.substr(kNonceSize));
    if (!plain) return std::nullopt;
    FieldReader in(plain->as_text());
    KeySecret secret;
    for (Secret* part : {&secret.secret, &secret.passphrase}) {
        const std::string_view text = in.raw(in.number<std::uint32_t>());
        *part = Secret::copy_of({data_of(text), text.size()});
    }
    if (!in.ok()) return std::nullopt;
    return secret;
}

std::string KeystoreCipher::hash_of(std::string_view blocks) const
{
    std::string hash(kHashSize, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), data_of(blocks),
                       blocks.size(), hash_key_.bytes().data(), hash_key_.bytes().size());
    return hash;
}

std::string KeystoreCipher::seal_file(const std::vector<SealedKey>& keys) const
{
    Writer index;
    std::string blocks;
    index.number(static_cast<std::uint32_t>(keys.size()));
    for (const SealedKey& key : keys) {
        write_entry(index, key.entry);
        index.number(static_cast<std::uint64_t>(key.block.size()));
        blocks += key.block;
    }
    index.raw(hash_of(blocks));
    const std::string plain = index.take();
    const std::string nonce = fresh_nonce();
    Writer file;
    file.raw(beginning_);
    file.raw(nonce);
    file.number(static_cast<std::uint64_t>(plain.size() + kTagSize));
    const std::string header = file.take();
    return header + seal(index_key_, nonce, header, plain) + blocks;
}

std::optional<std::vector<SealedKey>> KeystoreCipher::open_file(std::string_view file) const
{
    FieldReader in(file);
    const std::string_view header = in.raw(kHeaderSize);
    if (!in.ok()) return std::nullopt;
    const std::uint64_t size =
        FieldReader(header.substr(kBeginningSize + kNonceSize)).number<std::uint64_t>();
    const std::string_view sealed = in.raw(size);
    if (!in.ok()) return std::nullopt;
    std::string_view blocks = file.substr(kHeaderSize + sealed.size());
    const auto plain = unseal(index_key_, header.substr(kBeginningSize, kNonceSize), header, sealed);
    if (!plain) return std::nullopt;
    FieldReader index(plain->as_text());
    const auto count = index.number<std::uint32_t>();
    if (!index.ok() || count > kKeystoreEntriesMax) return std::nullopt;
    FieldReader bodies(blocks);
    std::vector<SealedKey> keys;
    for (std::uint32_t i = 0; i < count; ++i) {
        auto entry = read_entry(index);
        if (!entry) return std::nullopt;
        const std::string_view block = bodies.raw(index.number<std::uint64_t>());
        keys.push_back({std::move(*entry), std::string(block)});
    }
    const std::string_view told = index.raw(kHashSize);
    if (!index.at_end() || !bodies.at_end()) return std::nullopt;
    const std::string hash = hash_of(blocks);
    if (sodium_memcmp(hash.data(), told.data(), kHashSize) != 0) return std::nullopt;
    return keys;
}

}  // namespace arb
