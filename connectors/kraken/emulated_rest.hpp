#pragma once
// The emulated Kraken's REST: what its endpoints are called, who may ask them, and orders in the words of
// forms. Part of the emulated venue; one thread.
#include <string_view>

#include "connectors/kraken/emulated_identity.hpp"
#include "connectors/kraken/emulated_lists.hpp"
#include "connectors/kraken/emulated_orders.hpp"
#include "connectors/kraken/emulated_tape.hpp"

namespace arb::kraken {

class EmulatedRest : EmulatedPart {
  public:
    using EmulatedPart::EmulatedPart;

    ServerReply answer(const ServerRequest& request, Timestamp now);

  private:
    Answer ask_private(std::string_view name, std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer trade(std::string_view name, std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer place(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer place_batch(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer amend(std::string_view form, const EmulatedKey& key, Timestamp now);
    Answer cancel(std::string_view form, const EmulatedKey& key, Timestamp now);
};

}  // namespace arb::kraken
