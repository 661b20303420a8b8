#pragma once
// The keystore as a file, whatever stands in it: opened only when it is ours alone (mode 0600, our user, no
// symbolic link, in a directory where others cannot put another in its place), replaced whole or not at all
// (temporary file, fsync, rename, fsync of the directory), and held by one writer at a time. SIGKILL at any
// step leaves the old or the new bytes. Who can write the file can also put an older copy of it back: nothing
// here tells. Used by Keystore; cold path, any thread.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace arb {

constexpr std::size_t kKeystoreFileMax = 16U << 20;

/// What was done last while the file is replaced.
enum class WriteStep : unsigned char { made, half_written, written, synced, locked, renamed, folder_synced };
/// For tests: called after each step. May not return.
using WriteHook = std::function<void(WriteStep)>;

/// A descriptor that is closed at the end.
class OwnedDescriptor {
  public:
    explicit OwnedDescriptor(int value = -1) : value_(value) {}
    OwnedDescriptor(OwnedDescriptor&& other) noexcept;
    OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
    ~OwnedDescriptor();
    int value() const { return value_; }

  private:
    int value_;
};

class KeystoreFile {
  public:
    enum class Purpose : unsigned char { read, change };

    /// To change is to hold the lock until the end of the object; it never waits for another's.
    static Result<KeystoreFile> open(const std::string& path, Purpose purpose);
    /// A new file, locked for change. Never replaces one.
    static Result<KeystoreFile> create(const std::string& path, std::string_view bytes,
                                       const WriteHook& hook);

    const std::string& path() const { return path_; }
    const std::string& bytes() const { return bytes_; }
    /// After an error the old file stands, unless the error says otherwise.
    std::optional<Error> replace(std::string_view bytes, const WriteHook& hook);

  private:
    KeystoreFile() = default;
    std::optional<Error> find_folder(const std::string& path);
    std::optional<Error> open_file(Purpose purpose);
    std::optional<Error> read_all();
    /// Writes a temporary file, locks it and gives it the name.
    std::optional<Error> put(std::string_view bytes, bool new_name, const WriteHook& hook);
    void remove_leftovers() const;
    Error trouble(std::string_view what) const;

    std::string path_;
    std::string name_;  ///< within the folder
    OwnedDescriptor folder_;
    OwnedDescriptor file_;
    bool for_change_ = false;
    std::string bytes_;
};

}  // namespace arb
