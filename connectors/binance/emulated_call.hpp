#pragma once
// What a client of the emulated Binance asks, and what it is told: JSON, or Binance's code and text. Only the
// emulated_*.cpp see it. No state, one thread.
#include <string>
#include <string_view>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/params.hpp"

namespace arb::binance {

struct Answer {
    int status = 200;
    std::string body;
    int code = 0;
    std::string text;
};

Answer good(std::string body);
/// What `write` says of each entry, as a list.
template <class Entries, class Write>
Answer good_list(const Entries& entries, Write write)
{
    return good("[" + json_list(entries, write) + "]");
}
Answer refuse(int code, std::string text, int status = 400);
Answer missing(std::string_view parameter);

struct EmulatedSession;

struct Call {
    const Params* params = nullptr;
    const EmulatedKey* key = nullptr;
    std::string remote;
    Timestamp now;
    SessionOutbox* out = nullptr;
    EmulatedSession* session = nullptr;  ///< websocket API only
    std::string_view get(std::string_view name) const { return value_of(*params, name); }
};

/// Numbers in names that the venue invents.
class InventedNumbers {
  public:
    std::uint64_t next() { return ++last_; }

  private:
    std::uint64_t last_ = 0;
};

}  // namespace arb::binance
