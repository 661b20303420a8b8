#include "engine/base/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

namespace arb {
namespace {

std::size_t page_size()
{
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

/// The pages that hold so many bytes, without the two that guard them.
std::size_t room_for(std::size_t size)
{
    return (size + page_size() - 1) / page_size() * page_size();
}

}  // namespace

void wipe(void* bytes, std::size_t size)
{
    if (size == 0) return;
    std::memset(bytes, 0, size);
    // The compiler must believe that somebody reads it.
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
}

Secret::Secret(std::size_t size) : size_(size)
{
    if (size == 0) return;
    const std::size_t page = page_size();
    if (size > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
    const std::size_t room = room_for(size);
    void* const whole =
        ::mmap(nullptr, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (whole == MAP_FAILED) throw std::bad_alloc();
    unsigned char* const inner = static_cast<unsigned char*>(whole) + page;
    if (::mprotect(inner, room, PROT_READ | PROT_WRITE) != 0) {
        ::munmap(whole, room + 2 * page);
        throw std::bad_alloc();
    }
    ::madvise(inner, room, MADV_DONTDUMP);
    // mlock2 without flags is mlock, which the sanitizers replace by nothing.
    locked_ = ::mlock2(inner, room, 0) == 0;
    // At the end, so that reading on runs into the guard.
    bytes_ = inner + room - size;
}

void Secret::give_back() noexcept
{
    if (bytes_ == nullptr) return;
    const std::size_t page = page_size();
    const std::size_t room = room_for(size_);
    unsigned char* const inner = bytes_ + size_ - room;
    wipe(inner, room);
    ::munmap(inner - page, room + 2 * page);  // takes the lock away, too
    bytes_ = nullptr;
    size_ = 0;
    locked_ = false;
}

Secret Secret::take(std::string& text)
{
    Secret secret(text.size());
    if (!text.empty()) std::memcpy(secret.bytes_, text.data(), text.size());
    // A longer text may have stood there before.
    text.resize(text.capacity());
    wipe(text.data(), text.size());
    text.clear();
    return secret;
}

Secret Secret::copy_of(std::span<const unsigned char> bytes)
{
    Secret secret(bytes.size());
    if (!bytes.empty()) std::memcpy(secret.bytes_, bytes.data(), bytes.size());
    return secret;
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      locked_(std::exchange(other.locked_, false))
{
}

Secret& Secret::operator=(Secret&& other) noexcept
{
    if (this == &other) return *this;
    give_back();
    bytes_ = std::exchange(other.bytes_, nullptr);
    size_ = std::exchange(other.size_, 0);
    locked_ = std::exchange(other.locked_, false);
    return *this;
}

Secret::~Secret()
{
    give_back();
}

bool Secret::equals(const Secret& other) const
{
    if (size_ != other.size_) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < size_; ++i)
        difference = static_cast<unsigned char>(difference | (bytes_[i] ^ other.bytes_[i]));
    return difference == 0;
}

}  // namespace arb
