#pragma once
// A thrown-away SoftHSM2 token in a temporary directory with a configuration of its own (SOFTHSM2_CONF of
// this process). Each piece of work loads the module, logs in, works and lets go, so that a signer beside it
// is alone with its login. Tests and benchmarks only; throws where SoftHSM fails.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

namespace arb {

/// Where the distributions put it, else what ARBITER_SOFTHSM names; empty when it is not here.
inline std::string softhsm_module()
{
    std::vector<std::string> places{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
                                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};
    if (const char* given = std::getenv("ARBITER_SOFTHSM"); given != nullptr) places = {given};
    for (const std::string& place : places) {
        if (std::filesystem::exists(place)) return place;
    }
    return {};
}
inline constexpr const char* kNoSofthsm =
    "no SoftHSM2 module is here: install softhsm2 or name it in ARBITER_SOFTHSM";

/// How a key is put into the token; the default is how it should be.
struct TokenKeyRights {
    bool sensitive = true;
    bool extractable = false;
    bool sign = true;
    bool ask_always = false;  ///< CKA_ALWAYS_AUTHENTICATE
    std::string id = {};      ///< CKA_ID as bytes
};

class TestToken {
  public:
    static constexpr std::string_view kPin = "test-pin-81402";
    static constexpr std::string_view kOfficerPin = "test-officer-5512";

    explicit TestToken(std::string label = "arbiter-test") : label_(std::move(label))
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "arbiter-token-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
        directory_ = pattern;
        std::filesystem::create_directory(directory_ + "/tokens");
        std::ofstream(directory_ + "/softhsm2.conf")
            << "directories.tokendir = " << directory_
            << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n";
        ::setenv("SOFTHSM2_CONF", (directory_ + "/softhsm2.conf").c_str(), 1);
        add_token(label_);
    }
    ~TestToken()
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
        ::unsetenv("SOFTHSM2_CONF");
    }
    TestToken(const TestToken&) = delete;
    TestToken& operator=(const TestToken&) = delete;

    const std::string& label() const { return label_; }
    const std::string& directory() const { return directory_; }

    /// One token more in the same directory, perhaps of the same name; without a user PIN if so wished.
    void add_token(const std::string& label, bool with_pin = true)
    {
        const Module module;
        const std::vector<CK_SLOT_ID> slots = module.slots();
        const auto free = std::find_if(slots.begin(), slots.end(), [&](CK_SLOT_ID slot) {
            return (module.info(slot).flags & CKF_TOKEN_INITIALIZED) == 0;
        });
        if (free == slots.end()) throw std::runtime_error("no free slot");
        std::array<unsigned char, 32> name;
        name.fill(' ');
        std::copy(label.begin(), label.end(), name.begin());
        check("C_InitToken",
              module.api->C_InitToken(*free, text(kOfficerPin), kOfficerPin.size(), name.data()));
        if (!with_pin) return;
        const CK_SESSION_HANDLE session = module.open(*free);
        check("C_Login", module.api->C_Login(session, CKU_SO, text(kOfficerPin), kOfficerPin.size()));
        check("C_InitPIN", module.api->C_InitPIN(session, text(kPin), kPin.size()));
        check("C_CloseSession", module.api->C_CloseSession(session));
    }

    /// A secret as a venue hands it out, for HMAC.
    void add_secret(const std::string& label, std::string_view value, const TokenKeyRights& rights = {})
    {
        work([&](CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session) {
            CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
            CK_KEY_TYPE type = CKK_GENERIC_SECRET;
            std::vector<CK_ATTRIBUTE> all = attributes(label, rights);
            all.push_back({CKA_CLASS, &kind, sizeof(kind)});
            all.push_back({CKA_KEY_TYPE, &type, sizeof(type)});
            all.push_back({CKA_VALUE, text(value), value.size()});
            CK_OBJECT_HANDLE made = 0;
            check("C_CreateObject", api->C_CreateObject(session, all.data(), all.size(), &made));
        });
    }

    /// Made inside the token; the public key's 32 bytes.
    std::string add_ed25519(const std::string& label, const TokenKeyRights& rights = {})
    {
        return add_pair(label, CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, {6, 3, 0x2b, 0x65, 0x70}, rights);
    }
    /// Made inside the token; the public point as 4, x, y.
    std::string add_p256(const std::string& label, const TokenKeyRights& rights = {})
    {
        return add_pair(label, CKM_EC_KEY_PAIR_GEN, CKK_EC, {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7},
                        rights);
    }
    /// On another curve, for which no venue asks.
    std::string add_p384(const std::string& label)
    {
        return add_pair(label, CKM_EC_KEY_PAIR_GEN, CKK_EC, {6, 5, 0x2b, 0x81, 4, 0, 0x22}, {});
    }

    void remove_key(const std::string& label)
    {
        work([&](CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session) {
            check("C_DestroyObject", api->C_DestroyObject(session, find(api, session, label)));
        });
    }

    /// What the token answers to whoever asks for the key itself, with the right PIN.
    CK_RV read_value(const std::string& label)
    {
        CK_RV answer = CKR_OK;
        work([&](CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session) {
            std::array<unsigned char, 256> value{};
            CK_ATTRIBUTE wanted{CKA_VALUE, value.data(), value.size()};
            answer = api->C_GetAttributeValue(session, find(api, session, label), &wanted, 1);
        });
        return answer;
    }

    void set_pin(std::string_view pin)
    {
        work([&](CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session) {
            check("C_SetPIN", api->C_SetPIN(session, text(kPin), kPin.size(), text(pin), pin.size()));
        });
    }

    /// Writes flags of CK_TOKEN_INFO into the token's file: SoftHSM itself never locks a PIN.
    void set_flags(CK_FLAGS flags)
    {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ + "/tokens")) {
            if (entry.path().filename() != "token.object") continue;
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
            // Numbers of eight bytes, the highest first: the attribute, the kind of its value, the value.
            const std::size_t at = all.find(std::string("\x80\0SK", 4));
            if (at == std::string::npos) throw std::runtime_error("no flags in the token's file");
            const std::size_t value = at + 4 + 8 + 4;
            for (std::size_t i = 0; i < 4; ++i) {
                const auto byte = static_cast<unsigned char>(flags >> (24 - 8 * i));
                file.seekp(static_cast<std::streamoff>(value + i));
                file.put(static_cast<char>(static_cast<unsigned char>(all[value + i]) | byte));
            }
        }
    }

    std::string serial()
    {
        const Module module;
        const CK_TOKEN_INFO info = module.info(module.slot(label_));
        return {reinterpret_cast<const char*>(info.serialNumber), sizeof(info.serialNumber)};
    }

    /// Behind p11-kit's back: every session of this process ends, as when a device is reset.
    void close_all_sessions()
    {
        const Module module(P11_KIT_MODULE_UNMANAGED);
        check("C_CloseAllSessions", module.api->C_CloseAllSessions(module.slot(label_)));
    }

    void pull_out() { std::filesystem::rename(directory_ + "/tokens", directory_ + "/away"); }
    void plug_in()
    {
        std::filesystem::remove_all(directory_ + "/tokens");
        std::filesystem::rename(directory_ + "/away", directory_ + "/tokens");
    }

  private:
    static void check(const char* call, CK_RV answer)
    {
        if (answer == CKR_OK) return;
        throw std::runtime_error(std::string(call) + ": " + p11_kit_strerror(answer));
    }
    static unsigned char* text(std::string_view view)
    {
        return reinterpret_cast<unsigned char*>(const_cast<char*>(view.data()));
    }

    struct Module {
        explicit Module(int flags = 0) : unmanaged((flags & P11_KIT_MODULE_UNMANAGED) != 0)
        {
            api = p11_kit_module_load(softhsm_module().c_str(), flags);
            if (api == nullptr) throw std::runtime_error("the SoftHSM module cannot be loaded");
            if (!unmanaged) check("C_Initialize", p11_kit_module_initialize(api));
        }
        ~Module()
        {
            if (!unmanaged) p11_kit_module_finalize(api);
            p11_kit_module_release(api);
        }
        Module(const Module&) = delete;
        Module& operator=(const Module&) = delete;

        std::vector<CK_SLOT_ID> slots() const
        {
            CK_ULONG count = 0;
            check("C_GetSlotList", api->C_GetSlotList(CK_TRUE, nullptr, &count));
            std::vector<CK_SLOT_ID> all(count);
            check("C_GetSlotList", api->C_GetSlotList(CK_TRUE, all.data(), &count));
            all.resize(count);
            return all;
        }
        CK_TOKEN_INFO info(CK_SLOT_ID slot) const
        {
            CK_TOKEN_INFO info{};
            check("C_GetTokenInfo", api->C_GetTokenInfo(slot, &info));
            return info;
        }
        CK_SLOT_ID slot(const std::string& label) const
        {
            for (const CK_SLOT_ID slot : slots()) {
                const CK_TOKEN_INFO about = info(slot);
                std::string_view name(reinterpret_cast<const char*>(about.label), sizeof(about.label));
                name = name.substr(0, name.find_last_not_of(' ') + 1);
                if (name == label) return slot;
            }
            throw std::runtime_error("no token " + label);
        }
        CK_SESSION_HANDLE open(CK_SLOT_ID slot) const
        {
            CK_SESSION_HANDLE session = 0;
            check("C_OpenSession",
                  api->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
            return session;
        }

        bool unmanaged;
        CK_FUNCTION_LIST* api = nullptr;
    };

    void work(const std::function<void(CK_FUNCTION_LIST*, CK_SESSION_HANDLE)>& job)
    {
        const Module module;
        const CK_SESSION_HANDLE session = module.open(module.slot(label_));
        const CK_RV answer = module.api->C_Login(session, CKU_USER, text(kPin), kPin.size());
        if (answer != CKR_USER_ALREADY_LOGGED_IN) check("C_Login", answer);
        job(module.api, session);
        check("C_CloseSession", module.api->C_CloseSession(session));
    }

    static std::vector<CK_ATTRIBUTE> attributes(const std::string& label, const TokenKeyRights& rights)
    {
        static CK_BBOOL yes = CK_TRUE;
        static CK_BBOOL no = CK_FALSE;
        const auto flag = [](bool value) { return value ? &yes : &no; };
        std::vector<CK_ATTRIBUTE> all{{CKA_LABEL, text(label), label.size()},
                                      {CKA_TOKEN, &yes, sizeof(yes)},
                                      {CKA_PRIVATE, &yes, sizeof(yes)},
                                      {CKA_SENSITIVE, flag(rights.sensitive), sizeof(yes)},
                                      {CKA_EXTRACTABLE, flag(rights.extractable), sizeof(yes)},
                                      {CKA_SIGN, flag(rights.sign), sizeof(yes)}};
        if (!rights.id.empty()) all.push_back({CKA_ID, text(rights.id), rights.id.size()});
        if (rights.ask_always) all.push_back({CKA_ALWAYS_AUTHENTICATE, &yes, sizeof(yes)});
        return all;
    }

    std::string add_pair(const std::string& label, CK_MECHANISM_TYPE make, CK_KEY_TYPE type,
                         std::vector<unsigned char> curve, const TokenKeyRights& rights)
    {
        std::string point(256, '\0');
        work([&](CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session) {
            CK_BBOOL yes = CK_TRUE;
            std::vector<CK_ATTRIBUTE> open{{CKA_LABEL, text(label), label.size()},
                                           {CKA_TOKEN, &yes, sizeof(yes)},
                                           {CKA_VERIFY, &yes, sizeof(yes)},
                                           {CKA_KEY_TYPE, &type, sizeof(type)},
                                           {CKA_EC_PARAMS, curve.data(), curve.size()}};
            std::vector<CK_ATTRIBUTE> hidden = attributes(label, rights);
            hidden.push_back({CKA_KEY_TYPE, &type, sizeof(type)});
            CK_MECHANISM mechanism{make, nullptr, 0};
            CK_OBJECT_HANDLE half = 0;
            CK_OBJECT_HANDLE other = 0;
            check("C_GenerateKeyPair", api->C_GenerateKeyPair(session, &mechanism, open.data(), open.size(),
                                                              hidden.data(), hidden.size(), &half, &other));
            CK_ATTRIBUTE wanted{CKA_EC_POINT, point.data(), point.size()};
            check("C_GetAttributeValue", api->C_GetAttributeValue(session, half, &wanted, 1));
            point.resize(wanted.ulValueLen);
        });
        return point.substr(2);  // behind the tag and length of a DER octet string
    }

    static CK_OBJECT_HANDLE find(CK_FUNCTION_LIST* api, CK_SESSION_HANDLE session, const std::string& label)
    {
        std::vector<CK_ATTRIBUTE> wanted{{CKA_LABEL, text(label), label.size()}};
        check("C_FindObjectsInit", api->C_FindObjectsInit(session, wanted.data(), wanted.size()));
        std::array<CK_OBJECT_HANDLE, 4> found{};
        CK_ULONG count = 0;
        check("C_FindObjects", api->C_FindObjects(session, found.data(), found.size(), &count));
        check("C_FindObjectsFinal", api->C_FindObjectsFinal(session));
        for (CK_ULONG i = 0; i < count; ++i) {
            CK_OBJECT_CLASS kind = 0;
            CK_ATTRIBUTE about{CKA_CLASS, &kind, sizeof(kind)};
            check("C_GetAttributeValue", api->C_GetAttributeValue(session, found[i], &about, 1));
            if (kind == CKO_SECRET_KEY || kind == CKO_PRIVATE_KEY) return found[i];
        }
        throw std::runtime_error("no key " + label);
    }

    std::string label_;
    std::string directory_;
};

}  // namespace arb
