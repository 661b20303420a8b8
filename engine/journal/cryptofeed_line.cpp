#include "engine/journal/cryptofeed_line.hpp"

#include "engine/journal/exact_text.hpp"
#include "engine/journal/json_line.hpp"

namespace arb {
namespace {

CaptureLine::Kind kind_of(std::string_view type)
{
    if (type == "recv") return CaptureLine::Kind::recv;
    if (type == "http") return CaptureLine::Kind::http;
    if (type == "connect") return CaptureLine::Kind::connect;
    if (type == "send") return CaptureLine::Kind::send;
    if (type == "header") return CaptureLine::Kind::header;
    return CaptureLine::Kind::other;
}

/// The members of a line, each of its type. Returns what is wrong, or nothing.
std::string_view read_members(std::string_view text, CaptureLine& out)
{
    JsonLine json(text);
    while (json.next()) {
        const bool string = json.type() == JsonLine::Type::string;
        if (json.key() == "t") {
            if (!string) return "\"t\" is no string";
            out.type = json.raw();
        } else if (json.key() == "conn" && string) {
            out.connection = json.raw();
        } else if (json.key() == "ts") {
            if (json.type() == JsonLine::Type::number) out.time_text = json.raw();
        } else if ((json.key() == "url" || json.key() == "addr") && string) {
            if (!JsonLine::unescape(json.raw(), out.address)) return "an address has a bad escape";
        } else if (json.key() == "data" && string) {
            out.data = json.raw();
            out.has_data = true;
        } else if (json.key() == "b64" && string && !out.has_data) {
            out.data = json.raw();
            out.packed = true;
        }
    }
    return json.problem();
}

}  // namespace

std::string_view parse_capture_line(std::string_view text, CaptureLine& out)
{
    out = {};
    const std::string_view problem = read_members(text, out);
    if (!problem.empty()) return problem;
    if (out.type.empty()) return "no member \"t\": is this a cryptofeed capture?";
    out.kind = kind_of(out.type);
    if (out.kind == CaptureLine::Kind::header || out.kind == CaptureLine::Kind::other) return {};
    if (out.connection.empty()) return "no member \"conn\"";
    const std::optional<Timestamp> time = parse_epoch_seconds(out.time_text);
    if (!time || !plausible(*time)) return "\"ts\" is no time in seconds since 1970";
    out.time = *time;
    const bool needs_address = out.kind == CaptureLine::Kind::http || out.kind == CaptureLine::Kind::connect;
    if (needs_address && out.address.empty()) return "no member \"url\" or \"addr\"";
    const bool needs_data = out.kind == CaptureLine::Kind::http || out.kind == CaptureLine::Kind::recv;
    if (needs_data && !out.has_data && !out.packed) return "no text in the member \"data\"";
    return {};
}

std::string_view connection_of(std::string_view text)
{
    JsonLine json(text);
    while (json.next()) {
        if (json.key() == "conn") return json.raw();
    }
    return {};
}

}  // namespace arb
