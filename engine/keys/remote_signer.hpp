#pragma once
// A Signer whose key lives in the signer process (signer_service.hpp). sign() sends the text over the Unix
// socket and waits for the signature until its deadline; a refusal, a lost process and a late answer are all
// `false`, and nothing may be sent then. After a loss it connects again at a later call, not more often than
// the pause allows, so that a hung process costs the core one deadline a pause. Core thread, or any one
// thread. No allocation in sign() once connected.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/credentials.hpp"
#include "engine/keys/signer_protocol.hpp"

namespace arb {

struct RemoteSignerOptions {
    std::string socket;
    std::string venue;
    std::string label;
    Duration deadline = milliseconds(50);
    Duration pause = milliseconds(250);  ///< between two attempts to connect
};

class RemoteSigner final : public Signer {
  public:
    /// Connects and opens the key: its name and passphrase come from the signer process, and what its
    /// keystore notes about the key (scope_policy.hpp). The signer in the credentials is a RemoteSigner.
    static Result<Credentials> open(RemoteSignerOptions options, std::string* facts = nullptr);
    ~RemoteSigner() override;
    RemoteSigner(const RemoteSigner&) = delete;
    RemoteSigner& operator=(const RemoteSigner&) = delete;

    KeyAlgorithm algorithm() const override { return algorithm_; }
    bool sign(std::string_view message, Signature& out) override;

    /// Why the last sign() was false; Refusal::broken when the process did not answer.
    Refusal last_refusal() const { return last_; }
    bool connected() const { return socket_ >= 0; }

  private:
    explicit RemoteSigner(RemoteSignerOptions options);
    bool connect(std::int64_t until);
    bool reconnect(std::int64_t until);
    /// Sends and waits for the reply with the same number; empty: lost, and the connection is closed.
    std::optional<SignerReply> ask(SignerRequest request, std::int64_t until);
    bool wait(short what, std::int64_t until) const;
    void drop();

    RemoteSignerOptions options_;
    KeyAlgorithm algorithm_ = KeyAlgorithm::hmac_sha256;
    std::uint16_t slot_ = 0;
    std::string key_id_, facts_;
    Secret passphrase_;  ///< until open() hands it on
    int socket_ = -1;
    std::uint64_t number_ = 0;
    std::int64_t next_attempt_ = 0;  ///< steady nanoseconds
    Refusal last_ = Refusal::none;
    SignerRequestBytes out_{};
    SignerReplyBytes in_{};
};

}  // namespace arb
