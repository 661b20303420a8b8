#pragma once
// A TLS server that says whatever bytes a test's script tells it, right or wrong, on a thread of its own (the
// script blocks, with time limits). Used to play hostile and broken peers that engine/net's own server would
// never be.
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "engine/net/trust.hpp"

namespace arb::net::test {

class RawPeer {
  public:
    RawPeer(SSL* ssl, int descriptor) : ssl_(ssl), descriptor_(descriptor) {}

    std::string read_until(const std::string& end)
    {
        while (received.find(end) == std::string::npos && read_more()) {
        }
        return received;
    }
    /// False when the peer has ended or nothing came in time.
    bool read_more()
    {
        char bytes[4096];
        const int got = SSL_read(ssl_, bytes, sizeof bytes);
        if (got > 0) received.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }
    void write(const std::string& bytes)
    {
        if (!bytes.empty()) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    }
    /// Reads a websocket's upgrade and accepts it.
    void upgrade(const std::string& more_headers = {}, const std::string& accept = {})
    {
        const std::string request = read_until("\r\n\r\n");
        received.clear();
        const std::size_t at = request.find("Sec-WebSocket-Key: ");
        const std::string key = at == std::string::npos ? std::string() : request.substr(at + 19, 24);
        write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
              more_headers + "Sec-WebSocket-Accept: " + (accept.empty() ? accept_of(key) : accept) +
              "\r\n\r\n");
    }
    static std::string accept_of(const std::string& key)
    {
        const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        unsigned char digest[SHA_DIGEST_LENGTH];
        SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
        unsigned char base64[64];
        const int size = EVP_EncodeBlock(base64, digest, SHA_DIGEST_LENGTH);
        return {reinterpret_cast<const char*>(base64), static_cast<std::size_t>(size)};
    }
    /// The close code of the client's close frame; 0 when none comes. Frames before it are skipped.
    int read_close_code()
    {
        for (;;) {
            while (received.size() < 6) {
                if (!read_more()) return 0;
            }
            const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(received[i]); };
            const std::size_t size = byte(1) & 0x7fU;
            if (size > 125) return 0;
            while (received.size() < 6 + size) {
                if (!read_more()) return 0;
            }
            if ((byte(0) & 0xfU) == 8 && size >= 2) return (byte(6) ^ byte(2)) << 8 | (byte(7) ^ byte(3));
            received.erase(0, 6 + size);
        }
    }
    /// Ends without close_notify, as a cut of the wire would.
    void fin()
    {
        ::shutdown(descriptor_, SHUT_WR);
        silent = true;
    }

    std::string received;
    bool silent = false;

  private:
    SSL* ssl_;
    int descriptor_;
};

/// A websocket frame as servers send it; `first` is the byte with FIN, reserved bits and opcode.
inline std::string frame(unsigned char first, const std::string& payload)
{
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(payload.size() >> 8U);
        out += static_cast<char>(payload.size() & 0xffU);
    }
    return out + payload;
}

class RawTlsServer {
  public:
    using Script = std::function<void(RawPeer&)>;

    RawTlsServer(const ServerIdentity& identity, Script script, int version_max = 0)
        : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), script_(std::move(script))
    {
        // The client may hang up first; OpenSSL's socket BIO would then end the whole program.
        (void)std::signal(SIGPIPE, SIG_IGN);
        if (version_max != 0) {
            // OpenSSL 3 offers what is older than TLS 1.2 at security level 0 only.
            SSL_CTX_set_security_level(context_.get(), 0);
            SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
            SSL_CTX_set_max_proto_version(context_.get(), version_max);
        }
        use(identity);
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        limit_time(listener_);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(listener_, 4);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~RawTlsServer()
    {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    RawTlsServer(const RawTlsServer&) = delete;
    RawTlsServer& operator=(const RawTlsServer&) = delete;

    std::uint16_t port = 0;

  private:
    static void limit_time(int descriptor)
    {
        const timeval limit{5, 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    void use(const ServerIdentity& identity)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> certificate_text(
            BIO_new_mem_buf(identity.certificate_pem.data(), -1), BIO_free);
        const std::unique_ptr<BIO, decltype(&BIO_free)> key_text(BIO_new_mem_buf(identity.key_pem.data(), -1),
                                                                 BIO_free);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr), X509_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
        SSL_CTX_use_certificate(context_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), key.get());
    }
    void serve()
    {
        const int descriptor = ::accept(listener_, nullptr, nullptr);
        if (descriptor < 0) return;
        limit_time(descriptor);
        SSL* ssl = SSL_new(context_.get());
        SSL_set_fd(ssl, descriptor);
        if (SSL_accept(ssl) == 1) {
            RawPeer peer(ssl, descriptor);
            script_(peer);
            if (!peer.silent) SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        ::close(descriptor);
    }

    std::shared_ptr<SSL_CTX> context_;
    Script script_;
    int listener_ = -1;
    std::thread thread_;
};

}  // namespace arb::net::test
