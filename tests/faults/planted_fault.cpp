// Faults on purpose, one a name, compiled with the flags of the product: CTest runs each and expects the
// sanitizer's own words. What a change of compiler or flags would let through shows here first.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace {

// Told to the optimiser as something that may be read and written: without it there would be no fault to
// find.
template <class T>
void seen(T& value)
{
    asm volatile("" : "+m"(value) : : "memory");
}

int heap_overflow(int n)
{
    std::vector<int> values(4);
    int* first = values.data();
    seen(first);
    return first[n + 3];
}

int use_after_free(int n)
{
    auto value = std::make_unique<int>(n);
    int* kept = value.get();
    seen(kept);
    value.reset();
    return *kept;
}

int use_after_return(int n)
{
    const int* kept = nullptr;
    const auto inner = [&](int m) {
        int local = m;
        seen(local);
        kept = &local;
    };
    inner(n);
    seen(kept);
    return *kept;
}

int leak(int n)
{
    void* lost = std::malloc(static_cast<std::size_t>(n) * 64);
    seen(lost);
    lost = nullptr;
    seen(lost);
    return 0;
}

int signed_overflow(int n)
{
    int most = 2'147'483'647;
    seen(most);
    return most + n;
}

int misaligned_load(int n)
{
    alignas(8) char bytes[16] = {};
    char* at = bytes + n;
    seen(at);
    return *reinterpret_cast<const int*>(at);
}

int bad_enum(int n)
{
    // Only an enumeration with a range of its own is checked: with a fixed type each value is one.
    enum Colour { red, green };
    Colour colour = red;
    const int raw = n + 76;
    std::memcpy(&colour, &raw, sizeof colour);
    seen(colour);
    return colour == green ? 1 : 2;
}

int bad_bool(int n)
{
    bool flag = false;
    const unsigned char raw = static_cast<unsigned char>(n + 76);
    std::memcpy(&flag, &raw, 1);
    seen(flag);
    return flag ? 1 : 2;
}

int null_member(int)
{
    struct Thing {
        int a, b;
    };
    Thing* none = nullptr;
    seen(none);
    return none->b;
}

int shift_too_far(int n)
{
    int by = n + 40;
    seen(by);
    return 1 << by;
}

int data_race(int n)
{
    int shared = 0;
    std::thread other([&] {
        for (int i = 0; i < 1000; ++i) ++shared;
    });
    for (int i = 0; i < 1000; ++i) shared += n;
    other.join();
    return shared;
}

struct Fault {
    std::string_view name;
    int (*run)(int);
};

constexpr Fault kFaults[] = {
    {"heap_overflow", heap_overflow},
    {"use_after_free", use_after_free},
    {"use_after_return", use_after_return},
    {"leak", leak},
    {"signed_overflow", signed_overflow},
    {"misaligned_load", misaligned_load},
    {"bad_enum", bad_enum},
    {"bad_bool", bad_bool},
    {"null_member", null_member},
    {"shift_too_far", shift_too_far},
    {"data_race", data_race},
};

}  // namespace

int main(int count, char** words)
{
    for (const Fault& fault : kFaults) {
        if (count == 2 && fault.name == words[1]) {
            std::printf("%d\n", fault.run(count - 1));
            return 0;
        }
    }
    std::fprintf(stderr, "planted_fault: no such fault\n");
    return 2;
}
