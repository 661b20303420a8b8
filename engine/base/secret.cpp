#include "engine/base/secret.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace arb {

void wipe(void* bytes, std::size_t size)
{
    if (size == 0) return;
    std::memset(bytes, 0, size);
    // The compiler must believe that somebody reads it.
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
}

Secret Secret::take(std::string& text)
{
    Secret secret;
    secret.bytes_.assign(text.begin(), text.end());
    // A longer text may have stood there before.
    text.resize(text.capacity());
    wipe(text.data(), text.size());
    text.clear();
    return secret;
}

Secret Secret::copy_of(std::span<const unsigned char> bytes)
{
    Secret secret;
    secret.bytes_.assign(bytes.begin(), bytes.end());
    return secret;
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept
{
    if (this == &other) return *this;
    wipe(bytes_.data(), bytes_.size());
    bytes_ = std::exchange(other.bytes_, {});
    return *this;
}

Secret::~Secret()
{
    wipe(bytes_.data(), bytes_.size());
}

bool Secret::equals(const Secret& other) const
{
    if (bytes_.size() != other.bytes_.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < bytes_.size(); ++i)
        difference = static_cast<unsigned char>(difference | (bytes_[i] ^ other.bytes_[i]));
    return difference == 0;
}

}  // namespace arb
