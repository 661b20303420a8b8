#pragma once
// Listen keys of the emulated USD-M: asked for by REST, they name a private stream for an hour. One thread;
// errors are Binance's codes in answers.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/binance/emulated_dialect.hpp"

namespace arb::binance {

class EmulatedListenKeys : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    Answer start(const Call&);
    Answer extend(const Call&);
    Answer close(const Call&);

    bool is_of(const std::string& listen_key, AccountId account) const;
    /// Those that the key asked for end now.
    void revoke(std::string_view key_id, Timestamp now);
    /// Those that are over, which are forgotten.
    std::vector<std::string> take_expired(Timestamp now);

  private:
    struct ListenKey {
        AccountId account{};
        std::string key_id;
        Timestamp expires;
    };
    std::map<std::string, ListenKey> keys_;
};

}  // namespace arb::binance
