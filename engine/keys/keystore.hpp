#pragma once
// The operator's keys in one encrypted file (keystore_format.hpp says how, keystore_file.hpp where). Changes
// are made in memory and are the file's after save(), all or none. A secret is decrypted only when it is
// taken or its entry changes. Used by `arbiter keys` and by whoever makes signers; cold path (deriving the
// key from the passphrase takes most of a second), one thread at a time. Whatever is wrong with passphrase or
// bytes is one and the same error. Call close_process_to_others (process_guard.hpp) before.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/keys/keystore_entry.hpp"
#include "engine/keys/keystore_file.hpp"
#include "engine/keys/keystore_format.hpp"

namespace arb {

struct KeystoreOptions {
    KdfCosts costs;  ///< of a new passphrase; a file says its own
    WriteHook hook;
};

class Keystore {
  public:
    /// A new, empty file, open for change. One that is there is never touched.
    static Result<Keystore> create(const std::string& path, const Secret& passphrase,
                                   KeystoreOptions options = {});
    /// To look and to take secrets; save() refuses.
    static Result<Keystore> open(const std::string& path, const Secret& passphrase);
    /// Holds the file's lock until the end: one writer at a time.
    static Result<Keystore> open_for_change(const std::string& path, const Secret& passphrase,
                                            KeystoreOptions options = {});

    const std::string& path() const { return file_.path(); }
    const KdfCosts& costs() const { return cipher_.costs(); }
    /// Metadata in the order they were added.
    std::vector<KeyEntry> list() const;
    /// Null when there is none. Until the next change.
    const KeyEntry* find(std::string_view venue, std::string_view label) const;
    Result<KeySecret> take_secret(std::string_view venue, std::string_view label) const;

    /// Refuses a label and a key id that are there already.
    std::optional<Error> add(const KeyEntry& entry, const KeySecret& secret);
    /// Adds the new key; the one of that label becomes `retiring`.
    std::optional<Error> rotate(std::string_view old_label, const KeyEntry& entry, const KeySecret& secret);
    std::optional<Error> retire(std::string_view venue, std::string_view label);
    std::optional<Error> remove(std::string_view venue, std::string_view label);
    /// Takes the place of an older one about the same thing.
    std::optional<Error> attest(std::string_view venue, std::string_view label,
                                const KeyAttestation& attestation);
    /// A new salt, and every secret encrypted anew. Copies of the old file still open with the old one.
    std::optional<Error> change_passphrase(const Secret& passphrase);

    std::optional<Error> save();

  private:
    Keystore(KeystoreFile file, KeystoreCipher cipher, KeystoreOptions options);
    static Result<Keystore> open_as(const std::string& path, const Secret& passphrase,
                                    KeystoreFile::Purpose purpose, KeystoreOptions options);
    SealedKey* key(std::string_view venue, std::string_view label);
    /// The entry becomes `changed`, its secret bound to that.
    std::optional<Error> change(SealedKey& key, const KeyEntry& changed);
    Error missing(std::string_view venue, std::string_view label) const;

    KeystoreFile file_;
    KeystoreCipher cipher_;
    KeystoreOptions options_;
    std::vector<SealedKey> keys_;
};

}  // namespace arb
