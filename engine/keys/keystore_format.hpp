#pragma once
// The keystore's bytes, version 1, little-endian:
//
//   "ARBKEYS\n", u32 version, u32 KDF (1: Argon2id 1.3), u64 operations, u64 memory in bytes, salt[16]
//   nonce[24], u64 size, index: XChaCha20-Poly1305 of all metadata, each block's size, hash of all blocks
//   one block a key: nonce[24], XChaCha20-Poly1305 of secret and passphrase, padded
//
// A key's metadata name its environment only where that is not "live".
// The index is bound to all before it; a block to the first line and its key's whole metadata. Nothing can be
// read, listed or counted without the passphrase, and listing decrypts no secret. Every byte is
// authenticated: what does not open is nullopt, and nobody learns why. Used by Keystore; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/keys/keystore_entry.hpp"

namespace arb {

/// What a guess of the passphrase costs.
struct KdfCosts {
    std::uint64_t operations = 3;
    std::uint64_t memory = 256U << 20;  ///< bytes
    bool operator==(const KdfCosts&) const = default;
};
/// What a file may ask for: a strange one must not eat the machine.
constexpr KdfCosts kKdfMost{10, 1U << 30};
/// The least that Argon2id knows; for tests.
constexpr KdfCosts kKdfLeast{1, 8192};

constexpr std::size_t kKeystoreEntriesMax = 256;

struct SealedKey {
    KeyEntry entry;
    std::string block;
};

/// The key made of one passphrase and one salt, with what is derived from it. Move-only.
class KeystoreCipher {
  public:
    /// A new salt; fails when there is no memory for the costs, or they are out of bounds.
    static Result<KeystoreCipher> make(const Secret& passphrase, const KdfCosts& costs);
    /// As a file's beginning says. An error only where memory is missing.
    static Result<std::optional<KeystoreCipher>> of_file(std::string_view file, const Secret& passphrase);

    std::string seal_block(const KeyEntry& entry, const KeySecret& secret) const;
    std::optional<KeySecret> open_block(const SealedKey& key) const;
    std::string seal_file(const std::vector<SealedKey>& keys) const;
    /// `file` is the one of of_file.
    std::optional<std::vector<SealedKey>> open_file(std::string_view file) const;

    const KdfCosts& costs() const { return costs_; }

  private:
    KeystoreCipher() = default;
    static Result<std::optional<KeystoreCipher>> derive(std::string beginning, const Secret& passphrase,
                                                        const KdfCosts& costs);
    std::string hash_of(std::string_view blocks) const;

    KdfCosts costs_;
    std::string beginning_;  ///< the first line of the layout
    Secret index_key_;
    Secret block_key_;
    Secret hash_key_;
};

}  // namespace arb
