#include "engine/keys/pkcs11_module.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/sha.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

namespace arb {

struct Pkcs11Parts {
    Pkcs11Parts() = default;
    Pkcs11Parts(const Pkcs11Parts&) = delete;
    Pkcs11Parts& operator=(const Pkcs11Parts&) = delete;
    ~Pkcs11Parts()
    {
        // No C_Logout: the login is the process's, and other signers may use it. It ends with the last
        // session.
        if (session) api->C_CloseSession(*session);
        if (initialized) p11_kit_module_finalize(api);
        if (api != nullptr) p11_kit_module_release(api);
    }

    CK_FUNCTION_LIST* api = nullptr;
    bool initialized = false;
    CK_SLOT_ID slot = 0;
    std::optional<CK_SESSION_HANDLE> session;
    CK_OBJECT_HANDLE key = 0;
    CK_MECHANISM_TYPE mechanism = 0;
    bool digest_first = false;  ///< the mechanism signs a SHA-256, not a message
    std::size_t signature_size = 0;
    std::string serial;
    std::string place;
    const char* failed_call = "";
    CK_RV failed_with = CKR_OK;
};

namespace {

using Trouble = std::optional<Error>;

constexpr CK_ULONG kSlotsMax = 256;
/// A key pair and a certificate or two may share one label.
constexpr CK_ULONG kObjectsMax = 16;
/// Holds control characters that no venue's protocol signs.
constexpr std::string_view kProbe = "\x01 arbiter asks its token whether this key signs \x01";

constexpr std::array<unsigned char, 10> kP256Oid{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
constexpr std::array<unsigned char, 5> kEd25519Oid{6, 3, 0x2b, 0x65, 0x70};
/// PKCS#11 v3.0 lets tokens name the curve by this PrintableString instead.
constexpr std::array<unsigned char, 14> kEd25519Name{0x13, 12,  'e', 'd', 'w', 'a', 'r',
                                                     'd',  's', '2', '5', '5', '1', '9'};

Error refused(const Pkcs11Key& key, std::string_view sentence)
{
    return {ExitCode::refused, fmt::format("{}: {}", place_of(key), sentence)};
}
Error missing(const Pkcs11Key& key, std::string_view sentence)
{
    return {ExitCode::usage, fmt::format("{}: {}", place_of(key), sentence)};
}
Error failed(const Pkcs11Key& key, const char* call, CK_RV answer)
{
    return {ExitCode::internal,
            fmt::format("{}: the token failed at {}: {}; plug it in again or see its manual", place_of(key),
                        call, p11_kit_strerror(answer))};
}

Trouble load(Pkcs11Parts& parts, const Pkcs11Key& key)
{
    struct stat about {};
    if (::stat(key.module.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
        return missing(key, "there is no such module; install the token's package or correct the path");
    // What is loaded here sees the PIN.
    if ((about.st_mode & 022) != 0 || (about.st_uid != 0 && about.st_uid != ::geteuid()))
        return refused(key, "others may change this module; let root own it and run: chmod go-w on it");
    p11_kit_be_quiet();
    parts.api = p11_kit_module_load(key.module.c_str(), 0);
    if (parts.api == nullptr) return missing(key, "this file is no PKCS#11 module that can be loaded");
    const CK_RV answer = p11_kit_module_initialize(parts.api);
    if (answer != CKR_OK) return failed(key, "C_Initialize", answer);
    parts.initialized = true;
    return std::nullopt;
}

/// PKCS#11 fills fields of fixed width up with blanks; some modules with zeros.
template <std::size_t N>
std::string_view padded(const unsigned char (&field)[N])
{
    constexpr std::string_view kBlanks(" \0", 2);
    std::string_view text(reinterpret_cast<const char*>(field), N);
    text.remove_suffix(N - std::min(N, text.find_last_not_of(kBlanks) + 1));
    return text;
}

Trouble find_token(Pkcs11Parts& parts, const Pkcs11Key& key)
{
    CK_ULONG count = 0;
    // Asked without a buffer, a module looks again which tokens are there.
    CK_RV answer = parts.api->C_GetSlotList(CK_TRUE, nullptr, &count);
    if (answer != CKR_OK) return failed(key, "C_GetSlotList", answer);
    std::array<CK_SLOT_ID, kSlotsMax> slots{};
    count = slots.size();
    answer = parts.api->C_GetSlotList(CK_TRUE, slots.data(), &count);
    if (answer != CKR_OK) return failed(key, "C_GetSlotList", answer);
    int fitting = 0;
    for (CK_ULONG i = 0; i < std::min<CK_ULONG>(count, slots.size()); ++i) {
        CK_TOKEN_INFO info{};
        if (parts.api->C_GetTokenInfo(slots[i], &info) != CKR_OK) continue;
        if ((info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
        const std::string_view serial = padded(info.serialNumber);
        if (!key.token_label.empty() && padded(info.label) != key.token_label) continue;
        if (!key.token_serial.empty() && serial != key.token_serial) continue;
        ++fitting;
        parts.slot = slots[i];
        parts.serial = serial;
    }
    if (fitting == 0) return missing(key, "no token of this name is here; plug it in or correct the name");
    if (fitting > 1) return missing(key, "several tokens have this name; give the serial number too");
    return std::nullopt;
}

Pkcs11PinState pin_state(const Pkcs11Parts& parts)
{
    CK_TOKEN_INFO info{};
    if (parts.api->C_GetTokenInfo(parts.slot, &info) != CKR_OK) return {};
    Pkcs11PinState state;
    state.set = (info.flags & CKF_USER_PIN_INITIALIZED) != 0;
    state.mistaken = (info.flags & CKF_USER_PIN_COUNT_LOW) != 0;
    state.last_try = (info.flags & CKF_USER_PIN_FINAL_TRY) != 0;
    state.locked = (info.flags & CKF_USER_PIN_LOCKED) != 0;
    return state;
}

Trouble log_in(Pkcs11Parts& parts, const Pkcs11Key& key, const Secret& pin)
{
    const std::string_view reason = pin_refusal(pin_state(parts));
    if (!reason.empty()) return refused(key, reason);
    CK_SESSION_HANDLE session = 0;
    CK_RV answer = parts.api->C_OpenSession(parts.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
    if (answer != CKR_OK) return failed(key, "C_OpenSession", answer);
    parts.session = session;
    const std::span<const unsigned char> bytes = pin.bytes();
    answer = parts.api->C_Login(session, CKU_USER, const_cast<unsigned char*>(bytes.data()), bytes.size());
    switch (answer) {
        case CKR_OK:
        case CKR_USER_ALREADY_LOGGED_IN:  // by another signer of this process
            return std::nullopt;
        case CKR_PIN_INCORRECT:
        case CKR_PIN_LEN_RANGE:
        case CKR_PIN_INVALID:
            return refused(key, fmt::format("the PIN is wrong; {}", tries_left(pin_state(parts))));
        case CKR_PIN_LOCKED:
            return refused(key, pin_refusal({.locked = true}));
        case CKR_PIN_EXPIRED:
            return refused(key, "the PIN has expired; set a new one with the token's own tool");
        case CKR_USER_PIN_NOT_INITIALIZED:
            return refused(key, pin_refusal({.set = false}));
        case CKR_DEVICE_ERROR:
        case CKR_DEVICE_REMOVED:
        case CKR_TOKEN_NOT_PRESENT:
        case CKR_SESSION_HANDLE_INVALID:
        case CKR_SESSION_CLOSED:
        case CKR_CRYPTOKI_NOT_INITIALIZED:
            return failed(key, "C_Login", answer);
        default:
            // Some tokens answer to a wrong PIN with a code of their own: then it is not sent again either.
            return refused(
                key, fmt::format("the token did not take the PIN: {}; check it", p11_kit_strerror(answer)));
    }
}

/// Remembers an answer that is about the token's health, not about the key.
bool read(Pkcs11Parts& parts, CK_OBJECT_HANDLE object, CK_ATTRIBUTE& wanted)
{
    const CK_RV answer = parts.api->C_GetAttributeValue(*parts.session, object, &wanted, 1);
    const bool about_key = answer == CKR_ATTRIBUTE_SENSITIVE || answer == CKR_ATTRIBUTE_TYPE_INVALID ||
                           answer == CKR_BUFFER_TOO_SMALL;
    if (answer != CKR_OK && !about_key) {
        parts.failed_call = "C_GetAttributeValue";
        parts.failed_with = answer;
    }
    return answer == CKR_OK;
}

template <class T>
std::optional<T> attribute(Pkcs11Parts& parts, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    T value{};
    CK_ATTRIBUTE wanted{type, &value, sizeof(value)};
    if (!read(parts, object, wanted) || wanted.ulValueLen != sizeof(value)) return std::nullopt;
    return value;
}

bool is(Pkcs11Parts& parts, CK_ATTRIBUTE_TYPE type, bool expected)
{
    const auto value = attribute<CK_BBOOL>(parts, parts.key, type);
    return value && (*value != CK_FALSE) == expected;
}

Trouble find_key(Pkcs11Parts& parts, const Pkcs11Key& key)
{
    std::string label = key.object_label;
    std::vector<unsigned char> id = object_id_of(key).value();
    std::vector<CK_ATTRIBUTE> template_of_key;
    if (!label.empty()) template_of_key.push_back({CKA_LABEL, label.data(), label.size()});
    if (!id.empty()) template_of_key.push_back({CKA_ID, id.data(), id.size()});
    CK_RV answer =
        parts.api->C_FindObjectsInit(*parts.session, template_of_key.data(), template_of_key.size());
    if (answer != CKR_OK) return failed(key, "C_FindObjectsInit", answer);
    std::array<CK_OBJECT_HANDLE, kObjectsMax> objects{};
    CK_ULONG count = 0;
    answer = parts.api->C_FindObjects(*parts.session, objects.data(), objects.size(), &count);
    parts.api->C_FindObjectsFinal(*parts.session);
    if (answer != CKR_OK) return failed(key, "C_FindObjects", answer);
    if (count >= objects.size()) return missing(key, "too many objects have this name; give the key's id");
    int fitting = 0;
    for (CK_ULONG i = 0; i < count; ++i) {
        const auto kind = attribute<CK_OBJECT_CLASS>(parts, objects[i], CKA_CLASS);
        if (!kind || (*kind != CKO_SECRET_KEY && *kind != CKO_PRIVATE_KEY)) continue;
        ++fitting;
        parts.key = objects[i];
    }
    if (fitting == 0) return missing(key, "the token holds no secret or private key of this name");
    if (fitting > 1) return missing(key, "the token holds several keys of this name; give the key's id");
    return std::nullopt;
}

bool is_on_curve(Pkcs11Parts& parts, std::initializer_list<std::span<const unsigned char>> names)
{
    std::array<unsigned char, 32> curve{};
    CK_ATTRIBUTE wanted{CKA_EC_PARAMS, curve.data(), curve.size()};
    if (!read(parts, parts.key, wanted) || wanted.ulValueLen > curve.size()) return false;
    return std::any_of(names.begin(), names.end(), [&](std::span<const unsigned char> name) {
        return std::equal(name.begin(), name.end(), curve.begin(), curve.begin() + wanted.ulValueLen);
    });
}

bool fits(Pkcs11Parts& parts, KeyAlgorithm algorithm)
{
    const auto kind = attribute<CK_OBJECT_CLASS>(parts, parts.key, CKA_CLASS);
    const auto type = attribute<CK_KEY_TYPE>(parts, parts.key, CKA_KEY_TYPE);
    if (!kind || !type) return false;
    const bool secret = *kind == CKO_SECRET_KEY;
    switch (algorithm) {
        case KeyAlgorithm::hmac_sha256:
            return secret && (*type == CKK_GENERIC_SECRET || *type == CKK_SHA256_HMAC);
        case KeyAlgorithm::hmac_sha512:
            return secret && (*type == CKK_GENERIC_SECRET || *type == CKK_SHA512_HMAC);
        case KeyAlgorithm::ed25519:
            return !secret && *type == CKK_EC_EDWARDS && is_on_curve(parts, {kEd25519Oid, kEd25519Name});
        case KeyAlgorithm::ecdsa_p256:
            return !secret && *type == CKK_EC && is_on_curve(parts, {kP256Oid});
    }
    return false;
}

/// A right that cannot be read counts against the key. Secret keys have no CKA_ALWAYS_AUTHENTICATE.
Trouble check_key(Pkcs11Parts& parts, const Pkcs11Key& key)
{
    if (!fits(parts, key.algorithm))
        return refused(key, fmt::format("this is no key for {}; name another key", name(key.algorithm)));
    if (!is(parts, CKA_SENSITIVE, true)) {
        return refused(key,
                       "the key is not marked sensitive, so the token would show it; put it in again with "
                       "CKA_SENSITIVE true");
    }
    if (!is(parts, CKA_EXTRACTABLE, false)) {
        return refused(key,
                       "the key can be taken out of the token; put it in again with CKA_EXTRACTABLE false");
    }
    if (!is(parts, CKA_SIGN, true))
        return refused(key, "the key may not sign; put it in again with CKA_SIGN true");
    if (is(parts, CKA_ALWAYS_AUTHENTICATE, true))
        return refused(key, "the key wants the PIN at each signature; put it in again without that");
    return std::nullopt;
}

bool can_sign(Pkcs11Parts& parts, CK_MECHANISM_TYPE mechanism)
{
    CK_MECHANISM_INFO info{};
    const CK_RV answer = parts.api->C_GetMechanismInfo(parts.slot, mechanism, &info);
    if (answer != CKR_OK && answer != CKR_MECHANISM_INVALID) {
        parts.failed_call = "C_GetMechanismInfo";
        parts.failed_with = answer;
    }
    return answer == CKR_OK && (info.flags & CKF_SIGN) != 0;
}

Trouble choose_mechanism(Pkcs11Parts& parts, const Pkcs11Key& key)
{
    parts.signature_size = 64;
    switch (key.algorithm) {
        case KeyAlgorithm::hmac_sha256:
            parts.mechanism = CKM_SHA256_HMAC;
            parts.signature_size = 32;
            break;
        case KeyAlgorithm::hmac_sha512:
            parts.mechanism = CKM_SHA512_HMAC;
            break;
        case KeyAlgorithm::ed25519:
            parts.mechanism = CKM_EDDSA;  // without parameters: the pure one of RFC 8032
            break;
        case KeyAlgorithm::ecdsa_p256:
            // Every token with the curve signs a digest; few hash by themselves.
            parts.digest_first = can_sign(parts, CKM_ECDSA);
            parts.mechanism = parts.digest_first ? CKM_ECDSA : CKM_ECDSA_SHA256;
            break;
    }
    if (can_sign(parts, parts.mechanism)) return std::nullopt;
    return refused(
        key, fmt::format("the token does not sign with {}; use another token or key", name(key.algorithm)));
}

}  // namespace

Pkcs11Session::Pkcs11Session(std::unique_ptr<Pkcs11Parts> parts) : parts_(std::move(parts)) {}
Pkcs11Session::Pkcs11Session(Pkcs11Session&&) noexcept = default;
Pkcs11Session& Pkcs11Session::operator=(Pkcs11Session&&) noexcept = default;
Pkcs11Session::~Pkcs11Session() = default;

Result<Pkcs11Session> Pkcs11Session::open(const Pkcs11Key& key, const Secret& pin)
{
    auto parts = std::make_unique<Pkcs11Parts>();
    parts->place = place_of(key);
    Trouble trouble = check_named(key, pin);
    if (!trouble) trouble = load(*parts, key);
    if (!trouble) trouble = find_token(*parts, key);
    if (!trouble) trouble = log_in(*parts, key, pin);
    if (!trouble) trouble = find_key(*parts, key);
    if (!trouble) trouble = check_key(*parts, key);
    if (!trouble) trouble = choose_mechanism(*parts, key);
    // A token pulled out half-way says nothing about the key: that is no refusal.
    if (trouble && parts->failed_with != CKR_OK) return failed(key, parts->failed_call, parts->failed_with);
    if (trouble) return *trouble;
    Pkcs11Session session(std::move(parts));
    Signature unused;
    // A key too short for its mechanism shows itself only here.
    if (session.sign(kProbe, unused)) return session;
    const CK_RV answer = session.parts_->failed_with;
    if (answer == CKR_KEY_SIZE_RANGE)
        return refused(key, fmt::format("the token finds the key too short for {}", name(key.algorithm)));
    return failed(key, session.parts_->failed_call, answer);
}

bool Pkcs11Session::sign(std::string_view message, Signature& out)
{
    out = {};
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    // Some modules refuse a null pointer, whatever the size.
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(message.empty() ? "" : message.data()));
    CK_ULONG size = message.size();
    if (parts_->digest_first) {
        SHA256(bytes, size, digest.data());
        bytes = digest.data();
        size = digest.size();
    }
    CK_MECHANISM mechanism{parts_->mechanism, nullptr, 0};
    parts_->failed_call = "C_SignInit";
    parts_->failed_with = parts_->api->C_SignInit(*parts_->session, &mechanism, parts_->key);
    if (parts_->failed_with != CKR_OK) return false;
    parts_->failed_call = "C_Sign";
    CK_ULONG signed_size = out.bytes.size();
    parts_->failed_with = parts_->api->C_Sign(*parts_->session, bytes, size, out.bytes.data(), &signed_size);
    if (parts_->failed_with == CKR_OK && signed_size != parts_->signature_size)
        parts_->failed_with = CKR_SIGNATURE_LEN_RANGE;
    if (parts_->failed_with != CKR_OK) {
        out = {};
        return false;
    }
    out.size = parts_->signature_size;
    return true;
}

std::string Pkcs11Session::trouble() const
{
    return fmt::format("{}: the token failed at {}: {}; the next use opens it again", parts_->place,
                       parts_->failed_call, p11_kit_strerror(parts_->failed_with));
}

const std::string& Pkcs11Session::serial() const
{
    return parts_->serial;
}

}  // namespace arb
