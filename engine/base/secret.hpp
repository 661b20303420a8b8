#pragma once
// Bytes that must not be seen: keys and passphrases. Move-only, wiped when it ends or is moved from; cannot
// be copied, printed, converted to text or compared in variable time. bytes() is the only reader, for signing
// and for putting on the wire where the protocol wants it, nothing else. Any thread, one at a time.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace arb {

/// Overwrites in a way that the compiler does not remove.
void wipe(void* bytes, std::size_t size);

class Secret {
  public:
    Secret() = default;
    /// Takes the text over and wipes where it came from.
    static Secret take(std::string& text);
    static Secret copy_of(std::span<const unsigned char> bytes);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    std::span<const unsigned char> bytes() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }
    /// In a time that depends on the sizes alone.
    bool equals(const Secret& other) const;

  private:
    std::vector<unsigned char> bytes_;
};

}  // namespace arb
