#include "engine/report/json_writer.hpp"

#include <fmt/format.h>

#include <iterator>

#include "engine/base/decimal.hpp"
#include "engine/base/ensure.hpp"
#include "engine/report/utf8.hpp"

namespace arb {
namespace {

// RFC 8259 asks for quotes, backslashes and controls only. The rest is for where the text ends up: < > &
// would close a <script> or open a comment there, U+2028 and U+2029 end a line in older JavaScript.
bool must_escape(char32_t code)
{
    return code == '<' || code == '>' || code == '&' || unsafe_to_show(code);
}

void append_escaped(std::string& out, char32_t code)
{
    if (code >= 0x10000) {
        const char32_t rest = code - 0x10000;
        append_escaped(out, 0xd800 + (rest >> 10U));
        append_escaped(out, 0xdc00 + (rest & 0x3ffU));
        return;
    }
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(code));
}

}  // namespace

void append_json_text(std::string& out, std::string_view value)
{
    out += '"';
    for (std::size_t at = 0; at < value.size();) {
        const char32_t code = next_code_point(value, at);
        switch (code) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (must_escape(code))
                    append_escaped(out, code);
                else
                    append_utf8(out, code);
        }
    }
    out += '"';
}

JsonWriter& JsonWriter::key(std::string_view name)
{
    ENSURE(!open_.empty() && open_.back().kind == '{', "a key stands inside an object");
    Frame& frame = open_.back();
    ENSURE(!frame.named, "every key is followed by its value");
    if (!frame.empty) out_ += ',';
    line_break(open_.size());
    append_json_text(out_, name);
    out_ += open_.size() <= broken_depth_ ? ": " : ":";
    frame.empty = false;
    frame.named = true;
    return *this;
}

void JsonWriter::before_value()
{
    if (open_.empty()) {
        ENSURE(!finished_, "a document is one value");
        finished_ = true;
        return;
    }
    Frame& frame = open_.back();
    if (frame.kind == '{') {
        ENSURE(frame.named, "a value inside an object has a key");
        frame.named = false;
        return;
    }
    if (!frame.empty) out_ += ',';
    frame.empty = false;
    line_break(open_.size());
}

void JsonWriter::line_break(std::size_t depth)
{
    if (open_.size() > broken_depth_) return;
    out_ += '\n';
    out_.append(2 * depth, ' ');
}

JsonWriter& JsonWriter::open(char kind)
{
    before_value();
    open_.push_back({kind});
    out_ += kind;
    return *this;
}

JsonWriter& JsonWriter::close(char kind, char end)
{
    ENSURE(!open_.empty() && open_.back().kind == kind && !open_.back().named, "what is closed was opened");
    if (!open_.back().empty) line_break(open_.size() - 1);
    open_.pop_back();
    out_ += end;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value)
{
    before_value();
    append_json_text(out_, value);
    return *this;
}

JsonWriter& JsonWriter::texts(const std::vector<std::string>& values)
{
    begin_array();
    for (const std::string& value : values) text(value);
    return end_array();
}

JsonWriter& JsonWriter::integer(std::uint64_t value)
{
    before_value();
    out_ += std::to_string(value);
    return *this;
}

JsonWriter& JsonWriter::signed_integer(std::int64_t value)
{
    before_value();
    out_ += std::to_string(value);
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value, unsigned decimals)
{
    before_value();
    out_ += format_scaled128(value, decimals);
    return *this;
}

JsonWriter& JsonWriter::flag(bool value)
{
    before_value();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null()
{
    before_value();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::time(Timestamp value)
{
    return value.known() ? text(format_utc(value)) : null();
}

JsonWriter& JsonWriter::hash(std::uint64_t value)
{
    return text(fmt::format("{:016x}", value));
}

std::string JsonWriter::take()
{
    ENSURE(finished_ && open_.empty(), "the document is complete");
    out_ += '\n';
    return std::move(out_);
}

}  // namespace arb
