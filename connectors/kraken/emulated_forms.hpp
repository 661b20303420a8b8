#pragma once
// What clients of the emulated Kraken say and what they are told: members of JSON and of forms, and answers.
// A private request's body may be either; JSON is told as the form that says the same, so that every endpoint
// reads one kind. Everything read is hostile; no errors but an empty answer.
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace arb::kraken {

using Json = simdjson::dom::element;

/// What a call says: a result, or the error's text.
struct Answer {
    std::string result;
    std::string error;
};

/// A frame or a body as JSON, its numbers as the texts they are.
class WireMessage {
  public:
    explicit WireMessage(std::string_view text);
    bool is_object() const { return is_object_; }
    /// Lives as long as this, of an object alone.
    const Json& root() const { return root_; }

  private:
    simdjson::dom::parser parser_;
    std::string buffer_;
    Json root_;
    bool is_object_ = false;
};

/// A text, or a number that was put into quotes; empty when absent.
std::string_view wire_text(const Json& object, std::string_view key);
bool wire_flag(const Json& object, std::string_view key);
/// Said, and neither "false" nor "0".
bool form_flag(std::string_view form, std::string_view key);
/// A JSON object as a form: {"a":{"b":1},"c":[2]} is a[b]=1&c[0]=2. nullopt: it is none.
std::optional<std::string> form_of_json(std::string_view json);

}  // namespace arb::kraken
