// The questions as the program asks them: keys from files, keystore or signer, answers from the venues.
#include "engine/app/keys/key_questions.hpp"

namespace arb {

KeyQuestions key_questions()
{
    KeyQuestions questions;
    questions.open = [](const EngineConfig& config, const Plugins& plugins, const KeyAccess& access) {
        const std::shared_ptr<KeyRing> ring = KeyRing::open(config, plugins, access);
        HeldKeys held;
        held.owner = ring;
        for (const auto& key : ring->keys()) held.keys.push_back(key.get());
        return held;
    };
    questions.ask = [](const ProbeSetup& setup) { return std::make_unique<VenueProbe>(setup); };
    return questions;
}

}  // namespace arb
