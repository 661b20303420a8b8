#pragma once
// What the tests of the keystore share: a folder of their own, secrets from text, and files as bytes. The
// keystores made here cost the least that a key derivation can, so that thousands open in a second.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/keys/keystore.hpp"

namespace arb::keystore_test {

inline Secret secret_of(std::string_view text)
{
    std::string copy(text);
    return Secret::take(copy);
}

inline std::string text_of(const Secret& secret)
{
    return {reinterpret_cast<const char*>(secret.bytes().data()), secret.bytes().size()};
}

inline KeySecret key_secret(std::string_view secret, std::string_view passphrase = "")
{
    return {secret_of(secret), secret_of(passphrase)};
}

inline KeyEntry entry_of(const std::string& venue, const std::string& label, KeyRole role = KeyRole::read)
{
    KeyEntry entry;
    entry.venue = venue;
    entry.label = label;
    entry.role = role;
    entry.key_id = "test-id-" + venue + "-" + label;
    entry.created = *parse_day("2026-01-02");
    entry.expires = *parse_day("2027-01-02");
    entry.ips = {"203.0.113.7", "2001:db8::/64"};
    return entry;
}

inline constexpr std::string_view kPassphrase = "test passphrase of the keystore";

inline KeystoreOptions quick(WriteHook hook = {})
{
    return {kKdfLeast, std::move(hook)};
}

class KeystoreFolder : public testing::Test {
  protected:
    KeystoreFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "arb-keystore-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
    }
    ~KeystoreFolder() override { std::filesystem::remove_all(folder_); }

    std::string at(const std::string& name) const { return folder_ + "/" + name; }
    std::string path() const { return at("keys.arbkeys"); }

    static std::string read(const std::string& path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void write(const std::string& path, std::string_view bytes, mode_t mode = 0600)
    {
        {
            std::ofstream file(path, std::ios::binary | std::ios::trunc);
            file << bytes;
        }
        ::chmod(path.c_str(), mode);
    }
    std::size_t files_here() const
    {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                                      std::filesystem::directory_iterator()));
    }
    /// Two venues, three keys.
    Keystore made() const
    {
        Keystore store = Keystore::create(path(), secret_of(kPassphrase), quick()).take();
        EXPECT_FALSE(store.add(entry_of("alpha", "one"), key_secret("test-secret-one")));
        EXPECT_FALSE(
            store.add(entry_of("alpha", "two", KeyRole::trade), key_secret("test-secret-two", "pass two")));
        EXPECT_FALSE(store.add(entry_of("beta", "one"), key_secret("-----BEGIN PRIVATE KEY-----\ntest\n")));
        EXPECT_FALSE(store.save());
        return store;
    }
    Result<Keystore> open(std::string_view passphrase = kPassphrase) const
    {
        return Keystore::open(path(), secret_of(passphrase));
    }
    Result<Keystore> open_for_change(WriteHook hook = {}) const
    {
        return Keystore::open_for_change(path(), secret_of(kPassphrase), quick(std::move(hook)));
    }

    std::string folder_;
};

}  // namespace arb::keystore_test
