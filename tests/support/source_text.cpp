#include "tests/support/source_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace arb::tidy {

bool is_word_character(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

namespace {

/// Walks the text once and copies each character into the views it belongs to.
class ViewMaker {
  public:
    explicit ViewMaker(std::string_view text) : text_(text)
    {
        std::string blank(text.size(), ' ');
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') blank[i] = '\n';
        }
        views_ = {blank, blank, blank, blank, std::vector<bool>(lines_of(text).size() + 1)};
    }

    SourceViews run()
    {
        while (at_ < text_.size()) {
            if (starts("//"))
                copy_until("\n", 0, views_.comments);
            else if (starts("/*"))
                copy_until("*/", 2, views_.comments);
            else if (raw_string_opens())
                raw_string();
            else if (text_[at_] == '"')
                quoted();
            else if (text_[at_] == '\'' && !digit_separator())
                quoted();
            else
                code();
        }
        return std::move(views_);
    }

  private:
    bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
    void step()
    {
        if (text_[at_++] == '\n') ++line_;
    }
    void put(std::string& view)
    {
        if (text_[at_] != '\n') view[at_] = text_[at_];
    }
    void code()
    {
        put(views_.code);
        put(views_.uncommented);
        step();
    }
    void string_character()
    {
        put(views_.strings);
        put(views_.uncommented);
        step();
    }
    void copy_until(std::string_view end, std::size_t more, std::string& view)
    {
        const std::size_t found = text_.find(end, at_ + more);
        const std::size_t stop = found == std::string_view::npos ? text_.size() : found + more;
        while (at_ < stop) {
            put(view);
            step();
        }
    }
    bool raw_string_opens() const
    {
        return starts("R\"") && (at_ == 0 || !is_word_character(text_[at_ - 1]) || text_[at_ - 1] == '8' ||
                                 text_[at_ - 1] == 'L' || text_[at_ - 1] == 'u' || text_[at_ - 1] == 'U');
    }
    void raw_string()
    {
        const std::size_t open = text_.find('(', at_);
        if (open == std::string_view::npos) return code();
        const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
        const std::size_t found = text_.find(close, open);
        const std::size_t end = found == std::string_view::npos ? text_.size() : found;
        while (at_ <= open) code();
        views_.raw[line_] = true;
        while (at_ < end) {
            string_character();
            views_.raw[line_] = true;
        }
        for (std::size_t i = 0; i < close.size() && at_ < text_.size(); ++i) code();
    }
    void quoted()
    {
        const char quote = text_[at_];
        code();
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) string_character();
            string_character();
        }
        if (at_ < text_.size()) code();
    }
    /// 1'000'000: the apostrophe of a number, not of a character.
    bool digit_separator() const
    {
        std::size_t begin = at_;
        while (begin > 0 && (is_word_character(text_[begin - 1]) || text_[begin - 1] == '\'')) --begin;
        return begin < at_ && std::isdigit(static_cast<unsigned char>(text_[begin])) != 0;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
    SourceViews views_;
};

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
    return text;
}

/// Preprocessor lines, with their continuations, made blank: braces in macros belong to no function.
std::string without_preprocessor(std::string code)
{
    bool inside = false;
    std::size_t begin = 0;
    while (begin < code.size()) {
        const std::size_t end = std::min(code.find('\n', begin), code.size());
        const std::string_view line = std::string_view(code).substr(begin, end - begin);
        const bool directive = inside || trimmed(line).starts_with('#');
        inside = directive && trimmed(line).ends_with('\\');
        if (directive)
            std::fill(code.begin() + static_cast<long>(begin), code.begin() + static_cast<long>(end), ' ');
        begin = end + 1;
    }
    return code;
}

std::string_view last_word(std::string_view text)
{
    std::size_t begin = text.size();
    while (begin > 0 && is_word_character(text[begin - 1])) --begin;
    return text.substr(begin);
}

/// Finds function bodies by what stands before each opening brace.
class FunctionFinder {
  public:
    explicit FunctionFinder(const SourceViews& views) : code_(without_preprocessor(views.code)) {}

    std::vector<FunctionSpan> run()
    {
        while (at_ < code_.size()) {
            const char c = code_[at_];
            if (c == '{')
                open();
            else if (c == '}' || c == ';')
                head_ = ++at_;
            else
                ++at_;
        }
        return std::move(found_);
    }

  private:
    enum class Brace { scope, function, initialiser };

    Brace kind(std::string_view head) const
    {
        static constexpr std::array kScopes = {"namespace", "class", "struct", "union", "enum"};
        for (const char* word : kScopes) {
            if (head.starts_with(word)) return Brace::scope;
        }
        const bool outer = head.starts_with("template") || head.starts_with("extern");
        if (outer && head.find('(') == std::string_view::npos) return Brace::scope;
        if (assigns(head) ||
            std::count(head.begin(), head.end(), '(') != std::count(head.begin(), head.end(), ')')) {
            return Brace::initialiser;
        }
        const std::size_t close = head.rfind(')');
        if (close == std::string_view::npos) return head.empty() ? Brace::scope : Brace::initialiser;
        const std::string_view word = last_word(head);
        if (word.empty())
            return Brace::function;  // ends in a parenthesis, or in the brace of a member's initialiser
        static constexpr std::array kAfterSignature = {"const", "noexcept", "override", "final", "mutable"};
        if (std::find(kAfterSignature.begin(), kAfterSignature.end(), word) != kAfterSignature.end()) {
            return Brace::function;
        }
        return head.find("->", close) != std::string_view::npos ? Brace::function : Brace::initialiser;
    }
    static bool assigns(std::string_view head)
    {
        int depth = 0;
        for (std::size_t i = 0; i < head.size(); ++i) {
            if (head[i] == '(') ++depth;
            if (head[i] == ')') --depth;
            if (head[i] != '=' || depth > 0) continue;
            const bool comparison = i + 1 < head.size() && head[i + 1] == '=';
            const bool operator_name = head.substr(0, i).find("operator") != std::string_view::npos;
            if (!comparison && !operator_name) return true;
        }
        return false;
    }
    std::size_t closing(std::size_t open_brace) const
    {
        int depth = 0;
        for (std::size_t i = open_brace; i < code_.size(); ++i) {
            if (code_[i] == '{') ++depth;
            if (code_[i] == '}' && --depth == 0) return i;
        }
        return code_.size() - 1;
    }
    void open()
    {
        const std::string_view raw_head = std::string_view(code_).substr(head_, at_ - head_);
        std::string_view head = trimmed(raw_head);
        for (const char* label : {"public:", "private:", "protected:"}) {
            if (head.starts_with(label)) head = trimmed(head.substr(std::string_view(label).size()));
        }
        switch (kind(head)) {
            case Brace::scope:
                head_ = ++at_;
                break;
            case Brace::initialiser:
                at_ = closing(at_) + 1;
                break;
            case Brace::function: {
                const auto begin = static_cast<std::size_t>(head.data() - code_.data());
                const std::size_t end = closing(at_);
                const std::string_view before = trimmed(head.substr(0, head.find('(')));
                found_.push_back(
                    {std::string(last_word(before)), line_at(code_, begin), line_at(code_, end)});
                head_ = at_ = end + 1;
                break;
            }
        }
    }

    std::string code_;
    std::size_t at_ = 0;
    std::size_t head_ = 0;
    std::vector<FunctionSpan> found_;
};

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::size_t line_at(std::string_view text, std::size_t offset)
{
    const auto end = text.begin() + static_cast<long>(std::min(offset, text.size()));
    return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

std::vector<std::size_t> find_token(std::string_view code, std::string_view token)
{
    std::vector<std::size_t> found;
    for (std::size_t at = code.find(token); at != std::string_view::npos; at = code.find(token, at + 1)) {
        const std::size_t end = at + token.size();
        const bool open = at == 0 || !is_word_character(token.front()) || !is_word_character(code[at - 1]);
        const bool close =
            !is_word_character(token.back()) || end >= code.size() || !is_word_character(code[end]);
        if (open && close) found.push_back(at);
    }
    return found;
}

SourceViews views_of(std::string_view text)
{
    return ViewMaker(text).run();
}

std::vector<FunctionSpan> functions_of(const SourceViews& views)
{
    return FunctionFinder(views).run();
}

}  // namespace arb::tidy
