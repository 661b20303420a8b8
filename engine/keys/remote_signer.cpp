#include "engine/keys/remote_signer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace arb {
namespace {

std::int64_t steady_ns()
{
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

}  // namespace

RemoteSigner::RemoteSigner(RemoteSignerOptions options) : options_(std::move(options)) {}

RemoteSigner::~RemoteSigner()
{
    drop();
    wipe(in_.data(), in_.size());
}

void RemoteSigner::drop()
{
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

bool RemoteSigner::wait(short what, std::int64_t until) const
{
    for (;;) {
        const std::int64_t left = until - steady_ns();
        if (left <= 0) return false;
        pollfd entry{socket_, what, 0};
        const timespec time{left / 1'000'000'000, left % 1'000'000'000};
        const int ready = ::ppoll(&entry, 1, &time, nullptr);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

bool RemoteSigner::connect(std::int64_t until)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (options_.socket.empty() || options_.socket.size() >= sizeof address.sun_path) return false;
    std::copy(options_.socket.begin(), options_.socket.end(), address.sun_path);
    socket_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) return false;
    // A Unix socket connects at once or not at all: EAGAIN means that the queue of the listener is full.
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        drop();
        return false;
    }
    const std::string name = options_.venue + "/" + options_.label;
    const std::optional<SignerReply> reply = ask({SignerCall::open, 0, 0, name}, until);
    if (!reply) return false;
    const std::optional<OpenedKey> key =
        reply->status == Refusal::none ? read_opened(reply->body) : std::nullopt;
    // A key of another name or kind would sign requests that were made for the old one.
    const bool known = !key_id_.empty();
    if (!key || (known && (key->key_id != key_id_ || reply->algorithm != algorithm_))) {
        last_ = key ? Refusal::no_such_key : reply->status;
        drop();
        return false;
    }
    if (!known) {
        key_id_ = key->key_id;
        facts_ = key->facts;
        const auto* bytes = reinterpret_cast<const unsigned char*>(key->passphrase.data());
        passphrase_ = Secret::copy_of({bytes, key->passphrase.size()});
    }
    slot_ = key->slot;
    algorithm_ = reply->algorithm;
    wipe(in_.data(), in_.size());
    return true;
}

bool RemoteSigner::reconnect(std::int64_t until)
{
    const std::int64_t now = steady_ns();
    last_ = Refusal::broken;
    if (now < next_attempt_) return false;
    const bool good = connect(until);
    if (!good) next_attempt_ = steady_ns() + options_.pause.ns;
    return good;
}

std::optional<SignerReply> RemoteSigner::ask(SignerRequest request, std::int64_t until)
{
    request.number = ++number_;
    const std::size_t size = write_request(request, out_);
    if (size == 0 || !wait(POLLOUT, until) ||
        ::send(socket_, out_.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT) != static_cast<ssize_t>(size) ||
        !wait(POLLIN, until)) {
        // An answer that comes later must not be taken for that of the next request: a new connection then.
        drop();
        return std::nullopt;
    }
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_TRUNC | MSG_DONTWAIT);
    if (got > 0 && static_cast<std::size_t>(got) <= in_.size()) {
        const std::optional<SignerReply> reply = read_reply({in_.data(), static_cast<std::size_t>(got)});
        if (reply && reply->number == request.number && reply->call == request.call) return reply;
    }
    drop();
    return std::nullopt;
}

bool RemoteSigner::sign(std::string_view message, Signature& out)
{
    out.size = 0;
    if (message.size() > kSignedTextMax) {
        last_ = Refusal::malformed;
        return false;
    }
    const std::int64_t until = steady_ns() + options_.deadline.ns;
    std::optional<SignerReply> reply;
    if (socket_ >= 0) {
        reply = ask({SignerCall::sign, slot_, 0, message}, until);
    }
    if (!reply) {
        // The process may have been restarted since the last use: one more attempt within the same deadline.
        if (!reconnect(until)) return false;
        reply = ask({SignerCall::sign, slot_, 0, message}, until);
        if (!reply) {
            next_attempt_ = steady_ns() + options_.pause.ns;
            return false;
        }
    }
    last_ = reply->status;
    if (reply->status != Refusal::none) return false;
    const std::size_t expected = algorithm_ == KeyAlgorithm::hmac_sha256 ? 32 : 64;
    if (reply->algorithm != algorithm_ || reply->body.size() != expected) {
        last_ = Refusal::broken;
        drop();
        return false;
    }
    std::copy(reply->body.begin(), reply->body.end(), out.bytes.begin());
    out.size = expected;
    return true;
}

Result<Credentials> RemoteSigner::open(RemoteSignerOptions options, std::string* facts)
{
    std::unique_ptr<RemoteSigner> signer(new RemoteSigner(std::move(options)));
    const RemoteSignerOptions& o = signer->options_;
    const std::string what = fmt::format("{}: key {}/{}", o.socket, o.venue, o.label);
    if (!signer->connect(steady_ns() + std::max(o.deadline, seconds(1)).ns)) {
        if (signer->last_ == Refusal::no_such_key) {
            return Error{ExitCode::refused,
                         what + ": the signer's policy does not grant this key; add it there"};
        }
        return Error{ExitCode::refused, what +
                                            ": the signer process does not answer; is it running, and is "
                                            "this user its client?"};
    }
    if (facts != nullptr) *facts = signer->facts_;
    Credentials credentials;
    credentials.label = o.label;
    credentials.key_id = signer->key_id_;
    credentials.passphrase = std::move(signer->passphrase_);
    credentials.signer = std::move(signer);
    return credentials;
}

}  // namespace arb
