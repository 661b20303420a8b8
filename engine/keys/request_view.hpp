#pragma once
// What a signature would authorise, read from the text that is to be signed. A connector offers one
// SignedTextParser for its venue; the signer process calls it, asks signer_policy about the result and signs
// only then. Parsers are strict: what two readers could understand differently (a field twice, a backslash, a
// nested value, an unknown field) is not understood, and what is not understood is not signed. Cold path,
// allocates; no exceptions on hostile text. Any thread.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/decimal.hpp"

namespace arb {

/// A longer text is never signed.
inline constexpr std::size_t kSignedTextMax = 16'384;
inline constexpr std::size_t kSignedFieldsMax = 256;
inline constexpr std::size_t kSignedOrdersMax = 20;

enum class SignedKind : std::uint8_t {
    query,    ///< reads; changes nothing at the venue
    cancel,   ///< takes orders back, or arms a switch that will
    order,    ///< may place or change an order
    session,  ///< logs on: what is sent afterwards on that connection is not signed any more
};
const char* name(SignedKind kind);

struct SignedField {
    std::string name;
    std::string value;
};

/// One order as the text tells it, in the venue's own words and units.
struct SignedOrder {
    std::string instrument;
    /// Which of the venue's products, in its own word ("linear"), where one name may be of several; empty:
    /// spot, or the name says it.
    std::string product;
    /// On what it is paid, in the venue's own word ("cross"); empty: in full, with nothing borrowed.
    std::string margin;
    Decimal quantity;              ///< positive
    std::optional<Decimal> price;  ///< empty: a market order
};

struct RequestView {
    std::string key_id;  ///< given to the parser: the key's public name, part of some texts

    SignedKind kind = SignedKind::order;
    std::string method;
    std::string path;  ///< without the query
    /// False: this venue's text does not name method and path, they were concluded from the fields.
    bool path_signed = true;
    /// False: the text holds no content (or a hash of it alone), so a limit on orders cannot be checked here.
    bool content_signed = true;
    std::vector<SignedField> fields;
    std::vector<SignedOrder> orders;  ///< at least one for SignedKind::order with content_signed

    const std::string* find(std::string_view field) const;
};

/// False: not understood; `out` is of no use then.
using SignedTextParser = bool (*)(std::string_view text, RequestView& out);

// Tools for parsers.

using SignedFields = std::vector<SignedField>;

const std::string* find_field(const SignedFields& fields, std::string_view name);
/// name=value&name=value, percent-decoded; an empty text has no fields. Refused: empty names, a name twice,
/// control characters, blanks, '+' (a blank to some) and bad escapes.
bool read_query_fields(std::string_view text, SignedFields& out);
/// One flat JSON object of texts, numbers, true and false. Refused: backslashes, control characters, nesting,
/// null, a name twice, anything behind it.
bool read_json_fields(std::string_view text, SignedFields& out);
/// The same, or an array of such objects: one set of fields each.
bool read_json_objects(std::string_view text, std::vector<SignedFields>& out);
/// Every field is one of `known`, and every one of `needed` is there.
bool has_only(const SignedFields& fields, std::span<const std::string_view> known,
              std::span<const std::string_view> needed);
/// Adds the order that the named fields tell; a price that is absent (or empty) means a market order. False
/// unless quantity and price are plain positive decimals and the instrument is there.
bool add_order(const SignedFields& fields, std::string_view instrument, std::string_view quantity,
               std::string_view price, RequestView& out);
/// 1 to `most` digits and nothing else.
bool all_digits(std::string_view text, std::size_t most);

}  // namespace arb
