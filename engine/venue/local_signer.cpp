#include "engine/venue/local_signer.hpp"

#include <algorithm>
#include <utility>

namespace arb {
namespace {

template <class Mac, KeyAlgorithm kAlgorithm>
class HmacSigner final : public Signer {
  public:
    explicit HmacSigner(std::span<const unsigned char> key) : mac_(key) {}
    KeyAlgorithm algorithm() const override { return kAlgorithm; }
    bool sign(std::string_view message, Signature& out) override
    {
        typename Mac::Digest digest;
        mac_.sign(message, digest);
        std::copy(digest.begin(), digest.end(), out.bytes.begin());
        out.size = digest.size();
        return true;
    }

  private:
    Mac mac_;
};

template <class Key, KeyAlgorithm kAlgorithm>
class KeySigner final : public Signer {
  public:
    explicit KeySigner(Key key) : key_(std::move(key)) {}
    KeyAlgorithm algorithm() const override { return kAlgorithm; }
    bool sign(std::string_view message, Signature& out) override
    {
        out.size = out.bytes.size();
        return key_.sign(message, out.bytes);
    }

  private:
    Key key_;
};

}  // namespace

std::unique_ptr<Signer> make_hmac_sha256_signer(std::span<const unsigned char> key)
{
    return std::make_unique<HmacSigner<HmacSha256, KeyAlgorithm::hmac_sha256>>(key);
}

std::unique_ptr<Signer> make_hmac_sha512_signer(std::span<const unsigned char> key)
{
    return std::make_unique<HmacSigner<HmacSha512, KeyAlgorithm::hmac_sha512>>(key);
}

std::unique_ptr<Signer> make_ed25519_signer(Ed25519Key key)
{
    return std::make_unique<KeySigner<Ed25519Key, KeyAlgorithm::ed25519>>(std::move(key));
}

std::unique_ptr<Signer> make_ecdsa_signer(EcdsaP256Key key)
{
    return std::make_unique<KeySigner<EcdsaP256Key, KeyAlgorithm::ecdsa_p256>>(std::move(key));
}

}  // namespace arb
