#include "engine/keys/request_view.hpp"

#include "engine/base/digit.hpp"

#include <algorithm>

namespace arb {
namespace {

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool name_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool good_name(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), name_character);
}

bool decode_value(std::string_view text, std::string& out)
{
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' || c == ' ' || c == '=' || c == '?' || c == '#' || is_control(c)) return false;
        if (c == '%') {
            if (i + 2 >= text.size()) return false;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return false;
            c = static_cast<char>(high * 16 + low);
            if (is_control(c)) return false;
            i += 2;
        }
        out += c;
    }
    return true;
}

bool add_field(SignedFields& out, std::string_view name, std::string value)
{
    if (!good_name(name) || out.size() >= kSignedFieldsMax || find_field(out, name) != nullptr) return false;
    out.push_back({std::string(name), std::move(value)});
    return true;
}

/// A reader of just so much JSON as requests to venues hold.
class FlatJson {
  public:
    explicit FlatJson(std::string_view text) : text_(text) {}

    bool object(SignedFields& out)
    {
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            std::string name;
            std::string value;
            if (!quoted(name) || !take(':') || !scalar(value)) return false;
            if (!add_field(out, name, std::move(value))) return false;
        } while (take(','));
        return take('}');
    }
    bool objects(std::vector<SignedFields>& out)
    {
        if (!peek('[')) return object(out.emplace_back());
        (void)take('[');
        do {
            if (out.size() >= kSignedOrdersMax || !object(out.emplace_back())) return false;
        } while (take(','));
        return take(']');
    }
    bool ended()
    {
        blanks();
        return at_ == text_.size();
    }

  private:
    void blanks()
    {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    }
    bool peek(char c)
    {
        blanks();
        return at_ < text_.size() && text_[at_] == c;
    }
    bool take(char c)
    {
        if (!peek(c)) return false;
        ++at_;
        return true;
    }
    bool quoted(std::string& out)
    {
        if (!take('"')) return false;
        const std::size_t first = at_;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\' || is_control(text_[at_])) return false;
            ++at_;
        }
        if (at_ == text_.size()) return false;
        out = text_.substr(first, at_ - first);
        ++at_;
        return true;
    }
    bool scalar(std::string& out)
    {
        if (peek('"')) return quoted(out);
        const std::size_t first = at_;
        while (at_ < text_.size() && (name_character(text_[at_]) || text_[at_] == '.')) ++at_;
        out = text_.substr(first, at_ - first);
        // No exponents: a limit on them would have to be computed as the venue computes it.
        return out == "true" || out == "false" || Decimal::parse(out).has_value();
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const char* name(SignedKind kind)
{
    switch (kind) {
        case SignedKind::query:
            return "query";
        case SignedKind::cancel:
            return "cancel";
        case SignedKind::order:
            return "order";
        case SignedKind::session:
            return "session";
    }
    return "?";
}

const std::string* find_field(const SignedFields& fields, std::string_view name)
{
    for (const SignedField& field : fields) {
        if (field.name == name) return &field.value;
    }
    return nullptr;
}

const std::string* RequestView::find(std::string_view field) const
{
    return find_field(fields, field);
}

bool read_query_fields(std::string_view text, SignedFields& out)
{
    if (text.empty()) return true;
    for (;;) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return false;
        std::string value;
        if (!decode_value(pair.substr(equals + 1), value)) return false;
        if (!add_field(out, pair.substr(0, equals), std::move(value))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

bool read_json_fields(std::string_view text, SignedFields& out)
{
    FlatJson reader(text);
    return reader.object(out) && reader.ended();
}

bool read_json_objects(std::string_view text, std::vector<SignedFields>& out)
{
    FlatJson reader(text);
    return reader.objects(out) && reader.ended();
}

bool has_only(const SignedFields& fields, std::span<const std::string_view> known,
              std::span<const std::string_view> needed)
{
    const auto is_known = [&](const SignedField& field) {
        return std::find(known.begin(), known.end(), field.name) != known.end();
    };
    const auto is_there = [&](std::string_view name) { return find_field(fields, name) != nullptr; };
    return std::all_of(fields.begin(), fields.end(), is_known) &&
           std::all_of(needed.begin(), needed.end(), is_there);
}

bool add_order(const SignedFields& fields, std::string_view instrument, std::string_view quantity,
               std::string_view price, RequestView& out)
{
    const std::string* const what = find_field(fields, instrument);
    const std::string* const size = find_field(fields, quantity);
    const std::string* const limit = find_field(fields, price);
    if (what == nullptr || what->empty() || size == nullptr) return false;
    if (out.orders.size() >= kSignedOrdersMax) return false;
    SignedOrder order;
    order.instrument = *what;
    const auto positive = [](const std::string& text) {
        std::optional<Decimal> number = Decimal::parse(text);
        if (number && number->mantissa() <= 0) number.reset();
        return number;
    };
    const std::optional<Decimal> parsed = positive(*size);
    if (!parsed) return false;
    order.quantity = *parsed;
    if (limit != nullptr && !limit->empty()) {
        order.price = positive(*limit);
        if (!order.price) return false;
    }
    out.orders.push_back(std::move(order));
    return true;
}

bool all_digits(std::string_view text, std::size_t most)
{
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace arb
