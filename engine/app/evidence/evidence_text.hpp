#pragma once
// README.txt and manifest.json of an evidence bundle, from what was written into it. For evidence.cpp alone;
// pure but for keys_of_config in evidence.hpp, which is defined beside them. Texts that came from outside are
// cleaned before they are shown.
#include <string>

#include "engine/app/evidence/evidence.hpp"

namespace arb {

std::string evidence_readme(const EvidenceRequest& request, const EvidenceOutcome& outcome);
std::string evidence_manifest(const EvidenceRequest& request, const EvidenceOutcome& outcome);

}  // namespace arb
