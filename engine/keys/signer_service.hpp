#pragma once
// The signer process: holds the secrets, reads what it is asked to sign, and signs what its policy allows. It
// listens on a Unix SOCK_SEQPACKET socket of mode 0600 in a directory of mode 0700 and talks to one user
// alone, which the kernel vouches for (SO_PEERCRED). One thread, one poll loop, one request of each client a
// turn, so that a client that floods waits for its own requests; a client that does not read its replies or
// sends what is no frame is dropped. No signature leaves before its use is in the audit log:
// what cannot be written down is not signed. Used by `arbiter signer` (engine/app) and tests.
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/keys/audit_log.hpp"
#include "engine/keys/credentials.hpp"
#include "engine/keys/pkcs11_key.hpp"
#include "engine/keys/request_view.hpp"
#include "engine/keys/signer_policy.hpp"
#include "engine/keys/signer_protocol.hpp"

namespace arb {

/// A key ready to sign, as its store hands it out.
struct SourceKey {
    std::string key_id;  ///< its public name at the venue
    Secret passphrase;   ///< where the venue wants one on the wire; else empty
    std::unique_ptr<Signer> signer;
    SignedTextParser parser = nullptr;  ///< reads what this venue has signed; without one nothing is signed
    bool retired = false;               ///< uses are refused
    std::string facts;                  ///< what the keystore notes about it, for whoever opens it
};

/// Where keys come from: the keystore, a token, files of throw-away keys. engine/app adapts them to this.
class SecretSource {
  public:
    virtual ~SecretSource() = default;
    /// The error names venue and label and holds no part of a secret.
    virtual Result<SourceKey> open(std::string_view venue, std::string_view label) = 0;
};

/// What the policy file says about one key.
struct KeyGrant {
    std::string venue;
    std::string label;
    KeyPolicy policy;
    std::optional<Pkcs11Key> token;  ///< the key is in a token, and its secret in the keystore is the PIN
};

struct SignerServiceOptions {
    std::string socket;          ///< path; its directory must exist, be ours and be closed to others
    uid_t client = 0;            ///< the only user that is answered
    std::optional<gid_t> group;  ///< the socket is 0660 for this group, its directory may be 0710: where
                                 ///< the client is another user than ours
    std::function<SigningTime()> now;  ///< empty: the system's clocks
};

struct SignerCounts {
    std::uint64_t signed_texts = 0;
    std::uint64_t refused = 0;
    std::uint64_t bad_frames = 0;
    std::uint64_t strangers = 0;  ///< connections of other users
    std::uint64_t dropped = 0;    ///< clients that did not read, or made place for others
};

class SignerService {
  public:
    static constexpr std::size_t kClientsMax = 32;
    static constexpr std::size_t kKeysMax = 256;

    /// Opens every granted key and listens. A socket file that nobody listens on is replaced. `audit` must
    /// outlive the service; without one nothing is written down (tests and benches).
    static Result<std::unique_ptr<SignerService>> open(SignerServiceOptions options,
                                                       std::vector<KeyGrant> grants, SecretSource& source,
                                                       AuditLog* audit);
    ~SignerService();  ///< removes the socket file; keys are wiped
    SignerService(const SignerService&) = delete;
    SignerService& operator=(const SignerService&) = delete;

    /// Waits at most so long for something to do, then serves each client at most once. False: the listening
    /// socket is gone.
    bool turn(int milliseconds);
    const SignerCounts& counts() const { return counts_; }

  private:
    struct Key {
        std::string venue;
        std::string label;
        KeyPolicy policy;
        SourceKey source;
    };
    struct Client {
        int socket = -1;
        std::uint64_t last_turn = 0;
        std::vector<bool> opened;  ///< by key
    };

    explicit SignerService(SignerServiceOptions options) : options_(std::move(options)) {}
    std::optional<Error> listen();
    void accept_one();
    /// False: drop the client.
    bool serve(Client& client);
    bool answer(Client& client, const SignerReply& reply);
    bool open_key(Client& client, const SignerRequest& request);
    bool sign(Client& client, const SignerRequest& request);
    Refusal decide(Key& key, std::string_view text, Timestamp& wall, std::string& endpoint);
    SigningTime now() const;

    SignerServiceOptions options_;
    AuditLog* audit_ = nullptr;
    std::vector<Key> keys_;
    std::vector<Client> clients_;
    int listener_ = -1;
    bool bound_ = false;
    std::uint64_t turns_ = 0;
    SignerCounts counts_;
    std::array<char, kSignerRequestMax> in_{};
    SignerReplyBytes out_{};
};

}  // namespace arb
