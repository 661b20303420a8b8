#include "engine/keys/keystore.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace arb {
namespace {

/// The only words about passphrase and content, so that they tell nobody which of them it was.
Error unopened(const std::string& path)
{
    return {
        ExitCode::refused,
        fmt::format("{}: does not open: the passphrase is wrong, or the file is damaged or no keystore of "
                    "this version; try again, or put a good copy of the file in its place",
                    path)};
}

}  // namespace

Keystore::Keystore(KeystoreFile file, KeystoreCipher cipher, KeystoreOptions options)
    : file_(std::move(file)), cipher_(std::move(cipher)), options_(std::move(options))
{
}

Result<Keystore> Keystore::create(const std::string& path, const Secret& passphrase, KeystoreOptions options)
{
    auto cipher = KeystoreCipher::make(passphrase, options.costs);
    if (!cipher) return cipher.error();
    auto file = KeystoreFile::create(path, cipher->seal_file({}), options.hook);
    if (!file) return file.error();
    return Keystore(std::move(*file), std::move(*cipher), std::move(options));
}

Result<Keystore> Keystore::open_as(const std::string& path, const Secret& passphrase,
                                   KeystoreFile::Purpose purpose, KeystoreOptions options)
{
    auto file = KeystoreFile::open(path, purpose);
    if (!file) return file.error();
    auto cipher = KeystoreCipher::of_file(file->bytes(), passphrase);
    if (!cipher) return cipher.error();
    if (!*cipher) return unopened(path);
    auto keys = (*cipher)->open_file(file->bytes());
    if (!keys) return unopened(path);
    Keystore store(std::move(*file), std::move(**cipher), std::move(options));
    store.keys_ = std::move(*keys);
    return store;
}

Result<Keystore> Keystore::open(const std::string& path, const Secret& passphrase)
{
    return open_as(path, passphrase, KeystoreFile::Purpose::read, {});
}

Result<Keystore> Keystore::open_for_change(const std::string& path, const Secret& passphrase,
                                           KeystoreOptions options)
{
    return open_as(path, passphrase, KeystoreFile::Purpose::change, std::move(options));
}

std::vector<KeyEntry> Keystore::list() const
{
    std::vector<KeyEntry> entries;
    for (const SealedKey& key : keys_) entries.push_back(key.entry);
    return entries;
}

SealedKey* Keystore::key(std::string_view venue, std::string_view label)
{
    const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const SealedKey& candidate) {
        return candidate.entry.venue == venue && candidate.entry.label == label;
    });
    return found == keys_.end() ? nullptr : &*found;
}

const KeyEntry* Keystore::find(std::string_view venue, std::string_view label) const
{
    const SealedKey* const found = const_cast<Keystore*>(this)->key(venue, label);
    return found == nullptr ? nullptr : &found->entry;
}

Error Keystore::missing(std::string_view venue, std::string_view label) const
{
    return {ExitCode::usage,
            fmt::format("{}: holds no key '{}' of {}; `arbiter keys list` shows them", path(), label, venue)};
}

Result<KeySecret> Keystore::take_secret(std::string_view venue, std::string_view label) const
{
    const SealedKey* const found = const_cast<Keystore*>(this)->key(venue, label);
    if (found == nullptr) return missing(venue, label);
    auto secret = cipher_.open_block(*found);
    if (!secret) return unopened(path());
    return std::move(*secret);
}

std::optional<Error> Keystore::add(const KeyEntry& entry, const KeySecret& secret)
{
    if (auto error = check_entry(entry)) return error;
    if (auto error = check_secret(secret)) return error;
    if (keys_.size() >= kKeystoreEntriesMax) {
        return Error{ExitCode::usage, fmt::format("{}: is full with {} keys; remove retired ones", path(),
                                                  kKeystoreEntriesMax)};
    }
    for (const SealedKey& key : keys_) {
        if (key.entry.venue != entry.venue) continue;
        if (key.entry.label == entry.label) {
            return Error{ExitCode::usage,
                         fmt::format("{}: there is a key '{}' of {} already; choose another label, or "
                                     "retire and remove that one",
                                     path(), entry.label, entry.venue)};
        }
        if (key.entry.key_id == entry.key_id) {
            return Error{ExitCode::usage,
                         fmt::format("{}: this key of {} is there already, as '{}'; remove that one first",
                                     path(), entry.venue, key.entry.label)};
        }
    }
    keys_.push_back({entry, cipher_.seal_block(entry, secret)});
    return std::nullopt;
}

std::optional<Error> Keystore::change(SealedKey& key, const KeyEntry& changed)
{
    if (auto error = check_entry(changed)) return error;
    const auto secret = cipher_.open_block(key);
    if (!secret) return unopened(path());
    key = {changed, cipher_.seal_block(changed, *secret)};
    return std::nullopt;
}

std::optional<Error> Keystore::rotate(std::string_view old_label, const KeyEntry& entry,
                                      const KeySecret& secret)
{
    const KeyEntry* const old = find(entry.venue, old_label);
    if (old == nullptr) return missing(entry.venue, old_label);
    if (old->state != KeyState::active) {
        return Error{ExitCode::usage, fmt::format("{}: key '{}' of {} is {} already; rotate the active one",
                                                  path(), old_label, entry.venue, name(old->state))};
    }
    KeyEntry changed = *old;
    changed.state = KeyState::retiring;
    if (auto error = add(entry, secret)) return error;
    if (auto error = change(*key(entry.venue, old_label), changed)) {
        keys_.pop_back();
        return error;
    }
    return std::nullopt;
}

std::optional<Error> Keystore::retire(std::string_view venue, std::string_view label)
{
    SealedKey* const found = key(venue, label);
    if (found == nullptr) return missing(venue, label);
    KeyEntry changed = found->entry;
    changed.state = KeyState::retired;
    return change(*found, changed);
}

std::optional<Error> Keystore::remove(std::string_view venue, std::string_view label)
{
    SealedKey* const found = key(venue, label);
    if (found == nullptr) return missing(venue, label);
    keys_.erase(keys_.begin() + (found - keys_.data()));
    return std::nullopt;
}

std::optional<Error> Keystore::attest(std::string_view venue, std::string_view label,
                                      const KeyAttestation& attestation)
{
    SealedKey* const found = key(venue, label);
    if (found == nullptr) return missing(venue, label);
    KeyEntry changed = found->entry;
    std::erase_if(changed.attestations,
                  [&](const KeyAttestation& older) { return older.what == attestation.what; });
    changed.attestations.push_back(attestation);
    return change(*found, changed);
}

std::optional<Error> Keystore::change_passphrase(const Secret& passphrase)
{
    auto cipher = KeystoreCipher::make(passphrase, options_.costs);
    if (!cipher) return cipher.error();
    std::vector<SealedKey> sealed;
    for (const SealedKey& key : keys_) {
        const auto secret = cipher_.open_block(key);
        if (!secret) return unopened(path());
        sealed.push_back({key.entry, cipher->seal_block(key.entry, *secret)});
    }
    keys_ = std::move(sealed);
    cipher_ = std::move(*cipher);
    return std::nullopt;
}

std::optional<Error> Keystore::save()
{
    const std::string bytes = cipher_.seal_file(keys_);
    if (bytes.size() > kKeystoreFileMax)
        return Error{ExitCode::usage, fmt::format("{}: grows too large; remove retired keys", path())};
    return file_.replace(bytes, options_.hook);
}

}  // namespace arb
