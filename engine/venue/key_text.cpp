#include "engine/venue/key_text.hpp"

#include <optional>
#include <string>
#include <utility>

#include "engine/venue/encoding.hpp"

namespace arb {

namespace {

constexpr std::size_t kKeyTextMax = 16384;

std::optional<Secret> decode_body(std::string_view body)
{
    std::string kept;
    kept.reserve(body.size());  // at once, or growing would leave copies behind
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        if (c == '\\' && i + 1 < body.size() && (body[i + 1] == 'n' || body[i + 1] == 'r')) {
            ++i;
            continue;
        }
        kept += c;
    }
    std::optional<std::string> der = base64_decode(kept);
    wipe(kept.data(), kept.size());
    if (!der) return std::nullopt;
    return Secret::take(*der);
}

}  // namespace

Result<KeyDer> read_pem(std::string_view text)
{
    struct Form {
        std::string_view begin;
        std::string_view end;
        bool sec1;
    };
    static constexpr Form kForms[] = {
        {"-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----", true},
        {"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", false},
    };
    if (text.size() > kKeyTextMax)
        return refused_key("the private key's text is longer than any private key is");
    // Both ways of encrypting say so in words: the label of PKCS#8 and the Proc-Type line of older files.
    if (text.find("ENCRYPTED") != std::string_view::npos)
        return refused_key("the private key is encrypted with a password: give it without one");
    for (const Form& form : kForms) {
        const std::size_t begin = text.find(form.begin);
        if (begin == std::string_view::npos) continue;
        const std::size_t body = begin + form.begin.size();
        const std::size_t end = text.find(form.end, body);
        if (end == std::string_view::npos)
            return refused_key("the private key's END line is missing: the text was cut off");
        std::optional<Secret> der = decode_body(text.substr(body, end - body));
        if (!der || der->empty())
            return refused_key("what stands between the private key's BEGIN and END lines is not base64");
        return KeyDer{std::move(*der), form.sec1};
    }
    return refused_key(
        "this is no private key in PEM: its first line is -----BEGIN PRIVATE KEY----- or, for SEC1, "
        "-----BEGIN EC PRIVATE KEY-----");
}

Result<KeyDer> read_pkcs8(std::string_view text)
{
    if (text.size() > kKeyTextMax)
        return refused_key("the private key's text is longer than any private key is");
    if (text.find("-----BEGIN ") != std::string_view::npos) return read_pem(text);
    if (std::optional<Secret> der = decode_body(text); der && !der->empty())
        return KeyDer{std::move(*der), false};
    return KeyDer{Secret::copy_of(bytes_of(text)), false};
}

}  // namespace arb
