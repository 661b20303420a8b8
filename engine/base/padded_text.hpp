#pragma once
// A frame or reply body with at least kTextPadding readable bytes after its end (their content is
// anything): simdjson and the decimal scanner read past the end in whole registers. PaddedBuffer owns
// such bytes for callers whose text lies elsewhere (tests, fuzzers, files). Any thread.
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace arb {

inline constexpr std::size_t kTextPadding = 64;

struct PaddedText {
    const char* data = nullptr;
    std::size_t size = 0;
    std::string_view view() const { return {data, size}; }
};

class PaddedBuffer {
  public:
    PaddedBuffer() = default;
    explicit PaddedBuffer(std::string_view text) { assign(text); }

    PaddedText assign(std::string_view text)
    {
        size_ = text.size();
        bytes_.resize(size_ + kTextPadding);
        if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
        std::memset(bytes_.data() + size_, 0, kTextPadding);
        return text_of();
    }
    PaddedText text_of() const { return {bytes_.data(), size_}; }

  private:
    std::vector<char> bytes_ = std::vector<char>(kTextPadding);
    std::size_t size_ = 0;
};

}  // namespace arb
