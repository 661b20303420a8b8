#pragma once
// Telling a running engine something over its control socket, and saying to a person what came of it. Used by
// the commands that operate one. Any thread; blocks until the engine answered.
#include <string>

#include "engine/base/result.hpp"

namespace arb {

/// What an engine's answer says of the wish.
struct Said {
    bool done = false;
    bool judged = false;  ///< it says whether it was done; a status does not and is an answer by itself
    std::string error;
};
Said read_answer(const std::string& answer);

/// The engine's state directory, the line it is told, and what is printed when it does so. `json`: its own
/// answer instead. ExitCode::network: none answers there; ExitCode::usage: it refuses, and says why.
struct Telling {
    std::string directory;
    std::string line;
    std::string done;
    bool json = false;
};
ExitCode tell_engine(const Telling& telling);

}  // namespace arb
