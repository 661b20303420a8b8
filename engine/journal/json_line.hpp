#pragma once
// A strict walk over the members of one JSON object that stands on one line, as capture formats use it.
// Strings are given raw and unescaped on demand; nested values are checked for balance and given as text.
// Copies nothing, never recurses, reads nothing beyond the text. Used by the importers; one thread.
#include <string>
#include <string_view>

namespace arb {

class JsonLine {
  public:
    enum class Type { string, number, literal, nested };

    explicit JsonLine(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    /// The next member; false behind the last, or when the text is not JSON: then problem() is not empty.
    bool next();
    std::string_view key() const { return key_; }
    Type type() const { return type_; }
    /// The value: a string without its quotes and with its escapes, everything else as written.
    std::string_view raw() const { return raw_; }
    std::string_view problem() const { return problem_; }

    /// Resolves the escapes of a raw string, \uXXXX and surrogate pairs too. False: a bad or lone one.
    static bool unescape(std::string_view raw, std::string& out);

  private:
    bool fail(std::string_view what);
    void skip_blanks();
    bool string(std::string_view& out);
    bool value();
    bool number();
    bool literal();
    bool nested();

    const char* at_;
    const char* end_;
    std::string_view key_, raw_, problem_;
    Type type_ = Type::literal;
    bool started_ = false;
};

}  // namespace arb
