#pragma once
// One call to the emulated Gate and its answer, which are the same by REST and by websocket. Read and written
// by every part of the venue; any thread, no state. Errors are Gate's labels.
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/emulate/answer_text.hpp"
#include "engine/emulate/params.hpp"

namespace arb::gate {

/// What a call says: a body, or Gate's label and message.
struct VenueAnswer {
    std::string body = "{}";
    std::string label, message;
    int status = 200;
    bool good() const { return label.empty(); }
};

VenueAnswer say_done(std::string body, int status = 200);
/// What `write` says of each entry, as a list.
template <class Entries, class Write>
VenueAnswer say_list(const Entries& entries, Write write)
{
    return say_done("[" + json_list(entries, write) + "]");
}
VenueAnswer say_refused(std::string label, std::string message);

/// How texts are written: futures print sizes as text only for who asked so, and pushes as numbers.
enum class Form : std::uint8_t { reply, push, whole_reply, whole_push };

struct EmulatedCall {
    Params fields;
    std::vector<Params> items;  ///< of a body that is a list
    const EmulatedKey* key = nullptr;
    bool list = false;
    bool by_socket = false;
    Form form = Form::reply;
    Timestamp now;
    std::string_view get(std::string_view name) const { return value_of(fields, name); }
    AccountId account() const { return key->account; }
    /// Takes the members of an object, or of each object of a list; false: it is neither.
    bool read_body(const simdjson::dom::element& body);
};

/// Scalars of an object; false: it is none.
bool read_fields(const simdjson::dom::element& element, Params& out);

}  // namespace arb::gate
