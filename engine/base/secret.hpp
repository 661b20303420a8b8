#pragma once
// Bytes that must not be seen: keys and passphrases. Move-only, wiped when it ends or is moved over; cannot
// be copied, printed, converted to text or compared in variable time. bytes() and as_text() are the only
// readers, for signing, parsing and putting on the wire where the protocol wants it, nothing else. Each lies
// in pages of its own between two that nobody may touch, kept out of core dumps and, as far as the system's
// limit allows (locked() tells), out of swap. That costs microseconds and 12 KiB: for keys, not for messages.
// Throws std::bad_alloc when there is no memory. Any thread, one at a time.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace arb {

/// Overwrites in a way that the compiler does not remove.
void wipe(void* bytes, std::size_t size);

class Secret {
  public:
    Secret() = default;
    /// Takes the text over and wipes where it came from.
    static Secret take(std::string& text);
    static Secret copy_of(std::span<const unsigned char> bytes);
    /// Zeros that `fill` then writes over, given them as a span: for what is made or read in place.
    template <class Fill>
    static Secret made(std::size_t size, Fill&& fill)
    {
        Secret secret(size);
        std::forward<Fill>(fill)(std::span<unsigned char>(secret.bytes_, size));
        return secret;
    }
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    std::span<const unsigned char> bytes() const { return {bytes_, size_}; }
    /// The same bytes for whoever parses them.
    std::string_view as_text() const { return {reinterpret_cast<const char*>(bytes_), size_}; }
    bool empty() const { return size_ == 0; }
    /// In a time that depends on the sizes alone.
    bool equals(const Secret& other) const;
    /// It cannot be written to swap. Nothing needs no lock.
    bool locked() const { return size_ == 0 || locked_; }

  private:
    explicit Secret(std::size_t size);
    void give_back() noexcept;

    unsigned char* bytes_ = nullptr;
    std::size_t size_ = 0;
    bool locked_ = false;
};

}  // namespace arb
