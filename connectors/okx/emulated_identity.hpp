#pragma once
// Who asks the emulated OKX: the key behind a signed request or a log-on, and whether its time, signature,
// passphrase and address are right. Refusals are OKX's codes in what is returned. No state; any thread.

#include "connectors/okx/emulated_call.hpp"

namespace arb::okx {

class EmulatedIdentity {
  public:
    explicit EmulatedIdentity(const EmulatedVenueSetup& setup) : setup_(setup) {}

    /// Of a request by REST; `key` is set where the answer's code is "0".
    Answer prove(const ServerRequest& request, Timestamp now, const EmulatedKey*& key) const;
    /// Of a log-on from that address. No code: it is that key's.
    Refusal log_on(const JsonBody& argument, std::string_view remote, Timestamp now) const;
    /// nullptr: there is no such key, or it is not good any more.
    const EmulatedKey* good_key(std::string_view key_id, Timestamp now) const;

  private:
    const EmulatedVenueSetup& setup_;
};

}  // namespace arb::okx
