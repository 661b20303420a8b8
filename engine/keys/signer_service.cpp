#include "engine/keys/signer_service.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace arb {
namespace {

constexpr int kBacklog = 16;

std::int64_t clock_ns(clockid_t clock)
{
    timespec t{};
    ::clock_gettime(clock, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

Error service_trouble(const std::string& path, std::string_view what)
{
    return {ExitCode::refused, fmt::format("{}: {}", path, what)};
}

std::string directory_of(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Others must not be able to put a socket of theirs in place of ours.
std::optional<Error> check_directory(const std::string& path, bool group)
{
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
        return service_trouble(path, "the signer's socket needs a directory here; make it with mode 0700");
    if (about.st_uid != ::geteuid() || (about.st_mode & (group ? 067U : 077U)) != 0) {
        return service_trouble(
            path, fmt::format("others may enter or own this directory of the signer's socket; run: "
                              "chmod {} on it",
                              group ? "0710" : "0700"));
    }
    return std::nullopt;
}

/// A file that a killed process left is taken away; anything else in the way stays.
std::optional<Error> clear_place(const std::string& path, const sockaddr_un& address)
{
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) return std::nullopt;
    if (!S_ISSOCK(about.st_mode))
        return service_trouble(path, "is in the way of the signer's socket: it is no socket");
    const int probe = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const bool dead = result != 0 && errno == ECONNREFUSED;
    if (probe >= 0) ::close(probe);
    if (!dead) return service_trouble(path, "another signer listens here already");
    ::unlink(path.c_str());
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<SignerService>> SignerService::open(SignerServiceOptions options,
                                                           std::vector<KeyGrant> grants, SecretSource& source,
                                                           AuditLog* audit)
{
    if (grants.empty() || grants.size() > kKeysMax)
        return Error{ExitCode::usage, fmt::format("the signer's policy grants 1 to {} keys", kKeysMax)};
    std::unique_ptr<SignerService> service(new SignerService(std::move(options)));
    service->audit_ = audit;
    for (KeyGrant& grant : grants) {
        Result<SourceKey> key = source.open(grant.venue, grant.label);
        if (!key) return key.error();
        const std::string what = fmt::format("key {}/{}", grant.venue, grant.label);
        if (!key->signer || key->parser == nullptr) {
            return Error{
                ExitCode::refused,
                what + ": the signer cannot read what this venue has signed; use it without a signer"};
        }
        if (key->key_id.size() > kSignerKeyTextMax || key->passphrase.bytes().size() > kSignerKeyTextMax)
            return Error{ExitCode::refused, what + ": its name or passphrase is too long"};
        service->keys_.push_back(
            {std::move(grant.venue), std::move(grant.label), std::move(grant.policy), std::move(*key)});
    }
    if (std::optional<Error> error = service->listen()) return *error;
    return service;
}

std::optional<Error> SignerService::listen()
{
    const std::string& path = options_.socket;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return Error{ExitCode::usage, fmt::format("{}: a socket's path has 1 to {} characters", path,
                                                  sizeof address.sun_path - 1)};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    if (auto error = check_directory(directory_of(path), options_.group.has_value())) return error;
    if (auto error = clear_place(path, address)) return error;
    listener_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    // The file must never be there with wider rights, not even between bind() and a chmod().
    const mode_t before = ::umask(0177);
    const bool bound =
        listener_ >= 0 && ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::umask(before);
    bound_ = bound;
    const bool shared =
        !options_.group || (bound && ::chown(path.c_str(), static_cast<uid_t>(-1), *options_.group) == 0 &&
                            ::chmod(path.c_str(), 0660) == 0);
    if (!bound || !shared || ::listen(listener_, kBacklog) != 0)
        return service_trouble(path, fmt::format("cannot listen: {}", std::strerror(errno)));
    return std::nullopt;
}

SignerService::~SignerService()
{
    for (const Client& client : clients_) ::close(client.socket);
    if (listener_ >= 0) ::close(listener_);
    if (bound_) ::unlink(options_.socket.c_str());
    wipe(out_.data(), out_.size());
}

SigningTime SignerService::now() const
{
    if (options_.now) return options_.now();
    return {{clock_ns(CLOCK_REALTIME)}, {clock_ns(CLOCK_MONOTONIC)}};
}

bool SignerService::turn(int milliseconds)
{
    std::vector<pollfd> entries;
    entries.push_back({listener_, POLLIN, 0});
    for (const Client& client : clients_) entries.push_back({client.socket, POLLIN, 0});
    const int ready = ::poll(entries.data(), entries.size(), milliseconds);
    if (ready <= 0) return ready == 0 || errno == EINTR;
    ++turns_;
    for (std::size_t i = clients_.size(); i-- > 0;) {
        if (entries[i + 1].revents == 0) continue;
        clients_[i].last_turn = turns_;
        if (serve(clients_[i])) continue;
        ::close(clients_[i].socket);
        clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if ((entries[0].revents & (POLLERR | POLLNVAL)) != 0) return false;
    if (entries[0].revents != 0) accept_one();
    return true;
}

void SignerService::accept_one()
{
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != options_.client) {
        ++counts_.strangers;
        ::close(socket);
        return;
    }
    if (clients_.size() >= kClientsMax) {
        // Connections that hold a place without using it must not keep a new one out.
        const auto idle =
            std::min_element(clients_.begin(), clients_.end(),
                             [](const auto& a, const auto& b) { return a.last_turn < b.last_turn; });
        ::close(idle->socket);
        clients_.erase(idle);
        ++counts_.dropped;
    }
    clients_.push_back({socket, turns_, std::vector<bool>(keys_.size())});
}

bool SignerService::answer(Client& client, const SignerReply& reply)
{
    const std::size_t size = write_reply(reply, out_);
    // Never wait for a reader: whoever does not read what it asked for is dropped.
    const bool sent = size != 0 && ::send(client.socket, out_.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
                                       static_cast<ssize_t>(size);
    if (!sent) ++counts_.dropped;
    return sent;
}

bool SignerService::serve(Client& client)
{
    const ssize_t got = ::recv(client.socket, in_.data(), in_.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (got < 0) return true;
    std::optional<SignerRequest> request;
    if (static_cast<std::size_t>(got) <= in_.size())
        request = read_request({in_.data(), static_cast<std::size_t>(got)});
    if (!request) {
        ++counts_.bad_frames;
        (void)answer(client, {SignerCall::sign, Refusal::malformed, KeyAlgorithm::hmac_sha256, 0, {}});
        return false;
    }
    return request->call == SignerCall::open ? open_key(client, *request) : sign(client, *request);
}

bool SignerService::open_key(Client& client, const SignerRequest& request)
{
    SignerReply reply{SignerCall::open, Refusal::no_such_key, KeyAlgorithm::hmac_sha256, request.number, {}};
    std::array<char, kSignerReplyMax - kSignerHeader> body;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const Key& key = keys_[i];
        if (request.body != key.venue + "/" + key.label || key.source.retired) continue;
        client.opened[i] = true;
        const auto phrase = key.source.passphrase.bytes();
        const std::size_t size = write_opened({static_cast<std::uint16_t>(i),
                                               key.source.key_id,
                                               {reinterpret_cast<const char*>(phrase.data()), phrase.size()},
                                               key.source.facts},
                                              body);
        reply.status = Refusal::none;
        reply.algorithm = key.source.signer->algorithm();
        reply.body = {body.data(), size};
        break;
    }
    const bool sent = answer(client, reply);
    wipe(body.data(), body.size());
    wipe(out_.data(), out_.size());
    return sent;
}

Refusal SignerService::decide(Key& key, std::string_view text, Timestamp& wall, std::string& endpoint)
{
    const SigningTime time = now();
    wall = time.wall;
    RequestView view;
    view.key_id = key.source.key_id;
    if (text.empty() || !key.source.parser(text, view)) return Refusal::not_understood;
    endpoint = view.method + " " + view.path;
    return key.policy.judge(view, time);
}

bool SignerService::sign(Client& client, const SignerRequest& request)
{
    SignerReply reply{SignerCall::sign, Refusal::no_such_key, KeyAlgorithm::hmac_sha256, request.number, {}};
    if (request.slot >= keys_.size() || !client.opened[request.slot]) {
        ++counts_.refused;
        return answer(client, reply);
    }
    Key& key = keys_[request.slot];
    reply.algorithm = key.source.signer->algorithm();
    KeyUse use;
    std::string endpoint = "?";
    reply.status = decide(key, request.body, use.time, endpoint);
    Signature signature;
    if (reply.status == Refusal::none && !key.source.signer->sign(request.body, signature))
        reply.status = Refusal::broken;
    use.venue = std::string_view(key.venue);
    use.label = std::string_view(key.label);
    use.endpoint = std::string_view(endpoint);
    use.request = audit_hash(request.body);
    use.outcome = reply.status == Refusal::none     ? KeyOutcome::done
                  : reply.status == Refusal::broken ? KeyOutcome::failed
                                                    : KeyOutcome::refused;
    if (reply.status != Refusal::none) use.reason = std::string_view(name(reply.status));
    if (audit_ != nullptr && !audit_->record(use)) reply.status = Refusal::audit;
    if (reply.status == Refusal::none) reply.body = signature.view();
    ++(reply.status == Refusal::none ? counts_.signed_texts : counts_.refused);
    return answer(client, reply);
}

}  // namespace arb
