#include "engine/app/run/operate.hpp"

#include <chrono>

#include <fmt/format.h>

#include "engine/app/run/status_text.hpp"
#include "engine/app/shell/command.hpp"
#include "engine/net/command_socket.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb {
namespace {

// An engine that stands answers in its next turn; on a machine that is busy with other things that turn may
// be late.
constexpr auto kAnsweredWithin = std::chrono::seconds(30);

}  // namespace

Said read_answer(const std::string& answer)
{
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    const simdjson::padded_string padded(answer);
    bool ok = true;
    if (parser.parse(padded).get(document) != simdjson::SUCCESS || !document.is_object())
        return {false, false, "its answer cannot be read: is it of another version?"};
    const bool judged = document["ok"].get(ok) == simdjson::SUCCESS;
    if (!judged) ok = true;
    std::string_view error;
    if (!ok && document["error"].get(error) != simdjson::SUCCESS) error = "it refuses, and does not say why";
    return {ok, judged, std::string(error)};
}

ExitCode tell_engine(const Telling& telling)
{
    const net::Answer answer = net::ask(telling.directory + "/control.sock", telling.line, kAnsweredWithin);
    if (!answer.ok) {
        fmt::print(stderr, "arbiter: {}\n", answer.text);
        return ExitCode::network;
    }
    const Said result = read_answer(answer.text);
    if (telling.json)
        fmt::print("{}{}", answer.text, answer.text.ends_with('\n') ? "" : "\n");
    else if (!result.done)
        fmt::print(stderr, "arbiter: {}\n", result.error);
    else if (const auto page =
                 telling.line == "status" ? status_text(answer.text, colour_wanted()) : std::nullopt)
        fmt::print("{}", *page);
    else
        fmt::print("{}\n", telling.done);
    return result.done ? ExitCode::ok : ExitCode::usage;
}

}  // namespace arb
