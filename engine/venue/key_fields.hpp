#pragma once
// Reading what a venue says of a key (a KeyReport), strictly: what should be there and is not, is told twice
// or has another shape makes the whole answer unreadable, and the first trouble is remembered in plain words.
// Used by connectors' key_report.cpp on the core thread. Such answers are few, so it allocates and walks the
// DOM. Nothing throws. Two ways: KeyReplyReader looks fields up in a nested reply, walk_key_flags walks a
// flat object whose every field may be a right.
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "engine/base/key_report.hpp"

namespace arb {

/// What a report's texts point into.
struct KeyTexts {
    std::string text, foreign, missing, address_list;
};

/// Puts a name behind a list whose names are parted by commas.
void append_name(std::string& list, std::string_view name);

/// A report that says what could not be read; `text` outlives it.
KeyReport unreadable_key(std::string_view text);

/// The base of a venue's reader: what to look for is told by `read`. One object an answer.
class KeyReplyReader {
  public:
    KeyReplyReader(const KeyReplyReader&) = delete;
    KeyReplyReader& operator=(const KeyReplyReader&) = delete;

    /// Told or unreadable; the label is the caller's to set.
    KeyReport run(std::string_view body);

  protected:
    using Json = simdjson::dom::element;
    using Object = simdjson::dom::object;
    using Array = simdjson::dom::array;
    static constexpr std::size_t kEntriesMax = 200;

    explicit KeyReplyReader(KeyTexts& texts) : texts_(texts) {}
    ~KeyReplyReader() = default;

    /// Fills report_ and the texts; false after a fail.
    virtual bool read(const Object& root) = 0;

    /// Always false. The first call counts.
    bool fail(std::string_view field, std::string_view what);
    /// How often a member is there, in either of its spellings.
    static std::size_t count(const Object& object, std::string_view name, std::string_view also = {});
    /// Each is trouble unless the member is there once and of that shape.
    bool find(const Object& object, std::string_view name, Json& out, std::string_view also = {});
    bool find_object(const Object& object, std::string_view name, Object& out);
    bool find_list(const Object& object, std::string_view name, Array& out, std::string_view also = {});
    /// A list of plain names.
    bool find_names(const Object& object, std::string_view name, std::vector<std::string_view>& out,
                    std::string_view also = {});
    /// A name that can be shown, that stands well in a list and that is not too long.
    static bool plain(std::string_view name);
    /// No address at all, or one entry that shuts nobody out, means any address.
    void tell_addresses(const std::vector<std::string_view>& list);

    KeyTexts& texts_;
    KeyReport report_;

  private:
    bool ok_ = true;
};

/// What is wrong with a field, to stand behind its name (" is no time"); nullptr: nothing.
using TakeKeyField = std::function<const char*(std::string_view name, simdjson::dom::element value)>;

/// Walks an answer that is one object: each field has a plain name, stands there once and goes to `take`, and
/// none of the `required` ones is missing. What is wrong with the answer; empty: nothing.
std::string walk_key_flags(std::string_view body, std::span<const std::string_view> required,
                           const TakeKeyField& take);

}  // namespace arb
