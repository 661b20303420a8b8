#pragma once
// Counts every operator new of a test program. It *defines* the global operators, so exactly one source file
// of a program includes it. Reading the counter before and after some work tells whether the work allocated.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace arb::test {

/// Every operator new since the start, of any thread.
inline std::atomic<std::uint64_t> allocations{0};

inline void* counted(std::size_t size, std::size_t alignment) noexcept
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}

inline void* counted_or_throw(std::size_t size, std::size_t alignment)
{
    void* memory = counted(size, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

inline constexpr std::size_t kPlain = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

inline std::size_t number(std::align_val_t alignment)
{
    return static_cast<std::size_t>(alignment);
}

}  // namespace arb::test

// Every form, so that no memory comes from one allocator and goes back to another. std::stable_sort takes its
// buffer by the nothrow form.
void* operator new(std::size_t size)
{
    return arb::test::counted_or_throw(size, arb::test::kPlain);
}
void* operator new[](std::size_t size)
{
    return arb::test::counted_or_throw(size, arb::test::kPlain);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return arb::test::counted_or_throw(size, arb::test::number(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment)
{
    return arb::test::counted_or_throw(size, arb::test::number(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return arb::test::counted(size, arb::test::kPlain);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return arb::test::counted(size, arb::test::kPlain);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    return arb::test::counted(size, arb::test::number(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    return arb::test::counted(size, arb::test::number(alignment));
}
// Not inlined: g++ would then see free() beside its own operator new and call them mismatched.
[[gnu::noinline]] void operator delete(void* memory) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}
