#include "engine/keys/pkcs11_signer.hpp"

#include <utility>

namespace arb {

Pkcs11Signer::Pkcs11Signer(Pkcs11Key key, Secret pin, Pkcs11Session session)
    : key_(std::move(key)), pin_(std::move(pin)), session_(std::move(session))
{
    // Another token may carry the same label when this one comes back.
    key_.token_serial = session_->serial();
}

Result<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::open(Pkcs11Key key, Secret pin)
{
    Result<Pkcs11Session> session = Pkcs11Session::open(key, pin);
    if (!session) return session.error();
    return std::unique_ptr<Pkcs11Signer>(
        new Pkcs11Signer(std::move(key), std::move(pin), std::move(*session)));
}

bool Pkcs11Signer::open_again()
{
    Result<Pkcs11Session> session = Pkcs11Session::open(key_, pin_);
    if (session) {
        session_.emplace(std::move(*session));
        return true;
    }
    // The same PIN again could lock the token, and a key whose rights changed is for people to look at.
    given_up_ = session.error().code == ExitCode::refused;
    trouble_ = session.error().message;
    return false;
}

bool Pkcs11Signer::sign(std::string_view message, Signature& out)
{
    out = {};
    if (given_up_) return false;
    try {
        if (!session_ && !open_again()) return false;
        if (session_->sign(message, out)) {
            trouble_.clear();
            return true;
        }
        trouble_ = session_->trouble();
    } catch (...) {
        // No memory, or a module in C++ that lets its exceptions out.
        out = {};
    }
    session_.reset();
    return false;
}

}  // namespace arb
