#include "engine/net/tls.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>
#include <stdexcept>

#include "engine/base/path_stamps.hpp"

namespace arb::net {

namespace {

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer is gone; a library must
// not depend on the program's signal set-up, so this BIO sends with MSG_NOSIGNAL.
int descriptor_of(BIO* bio)
{
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool try_again()
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int bio_write(BIO* bio, const char* data, int size)
{
    const auto written = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (written < 0 && try_again()) BIO_set_retry_write(bio);
    return static_cast<int>(written);
}

int bio_read(BIO* bio, char* data, int size)
{
    stamp_reading(PathStage::readable);
    const auto got = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
    if (got > 0) stamp_reading(PathStage::received);
    BIO_clear_retry_flags(bio);
    if (got < 0 && try_again()) BIO_set_retry_read(bio);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*)
{
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

int bio_create(BIO* bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD* make_method()
{
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "arbiter socket");
    if (method == nullptr) throw std::runtime_error("OpenSSL is out of memory");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    BIO_meth_set_create(method, bio_create);
    return method;
}

BIO_METHOD* socket_method()
{
    struct Free {
        void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
    };
    static const std::unique_ptr<BIO_METHOD, Free> method(make_method());
    return method.get();
}

TlsContext make_context(const SSL_METHOD* method)
{
    TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context) throw std::runtime_error("OpenSSL makes no TLS context");
    SSL_CTX* raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_security_level(raw, 2);
    SSL_CTX_set_cipher_list(raw, "HIGH:!aNULL:!eNULL:!3DES:!RC4:!MD5:!PSK");
    SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One read(2) takes all records that wait, not one for each header and one for each body.
    SSL_CTX_set_read_ahead(raw, 1);
    SSL_CTX_set_default_read_buffer_len(raw, 32U << 10U);
    return context;
}

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioText = std::unique_ptr<BIO, BioFree>;

BioText bio_of(const std::string& text)
{
    return BioText(
        BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))));
}

void use_certificates(SSL_CTX* context, const std::string& pem)
{
    const BioText bio = bio_of(pem);
    std::unique_ptr<X509, decltype(&X509_free)> leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                     X509_free);
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        throw std::runtime_error("the server's certificate is no readable PEM");
    while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        if (SSL_CTX_add0_chain_cert(context, next) != 1) X509_free(next);
    }
    ERR_clear_error();
}

Distrust distrust_of(long verdict)
{
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return Distrust::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return Distrust::not_yet_valid;
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return Distrust::wrong_host;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return Distrust::unknown_authority;
        default:
            return Distrust::other;
    }
}

std::string distrust_text(Distrust distrust, long verdict, const std::string& host)
{
    switch (distrust) {
        case Distrust::expired:
            return "the certificate of " + host + " has expired, or this machine's clock is ahead";
        case Distrust::not_yet_valid:
            return "the certificate of " + host + " is not valid yet, or this machine's clock is behind";
        case Distrust::wrong_host:
            return "the certificate is not for " + host;
        case Distrust::unknown_authority:
            return "the certificate of " + host + " is from an authority that is not trusted here";
        default:
            return "the certificate of " + host + " is refused: " + X509_verify_cert_error_string(verdict);
    }
}

}  // namespace

TlsContext make_client_context(const TlsTrust& trust)
{
    ERR_clear_error();
    TlsContext context = make_context(TLS_client_method());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const bool loaded = trust.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                              : SSL_CTX_load_verify_locations(
                                                    context.get(), trust.ca_file.c_str(), nullptr) == 1;
    if (!loaded) {
        ERR_clear_error();
        throw std::runtime_error("no certificate authorities can be read from " +
                                 (trust.ca_file.empty() ? "the system's store" : trust.ca_file));
    }
    return context;
}

TlsContext make_server_context(const ServerIdentity& identity)
{
    ERR_clear_error();
    TlsContext context = make_context(TLS_server_method());
    use_certificates(context.get(), identity.certificate_pem);
    const BioText bio = bio_of(identity.key_pem);
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    if (!key || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
        ERR_clear_error();
        throw std::runtime_error("the server's key is no readable PEM or does not fit its certificate");
    }
    SSL_CTX_set_num_tickets(context.get(), 0);
    return context;
}

TlsSession::TlsSession(const TlsContext& context, int descriptor, const std::string& host)
    : host_(host), ssl_(SSL_new(context.get()))
{
    BIO* bio = BIO_new(socket_method());
    if (ssl_ == nullptr || bio == nullptr) {
        BIO_free(bio);
        SSL_free(ssl_);
        ssl_ = nullptr;
        error_ = "OpenSSL is out of memory";
        return;
    }
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    SSL_set_bio(ssl_, bio, bio);
    if (host.empty()) {
        SSL_set_accept_state(ssl_);
        return;
    }
    SSL_set_connect_state(ssl_);
    X509_VERIFY_PARAM* verify = SSL_get0_param(ssl_);
    // The subject's common name is never looked at, so a NUL inside of it cannot deceive.
    X509_VERIFY_PARAM_set_hostflags(
        verify, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    unsigned char address[16];
    const bool numeric =
        inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
    const bool set = numeric ? X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) == 1
                             : X509_VERIFY_PARAM_set1_host(verify, host.data(), host.size()) == 1 &&
                                   SSL_set_tlsext_host_name(ssl_, host.c_str()) == 1;
    if (!set) {
        // Fail closed: without a name to compare there is no connection.
        SSL_free(ssl_);
        ssl_ = nullptr;
        error_ = "OpenSSL does not accept " + host + " as a host name";
    }
}

TlsSession::~TlsSession()
{
    SSL_free(ssl_);
}

void TlsSession::explain_failure()
{
    const long verdict = SSL_get_verify_result(ssl_);
    if (!host_.empty() && verdict != X509_V_OK) {
        distrust_ = distrust_of(verdict);
        error_ = distrust_text(distrust_, verdict, host_);
    } else {
        const char* why = ERR_reason_error_string(ERR_peek_last_error());
        error_ = std::string("TLS failed") + (why == nullptr ? "" : std::string(": ") + why);
    }
    ERR_clear_error();
}

TlsSession::Status TlsSession::judge(int result)
{
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
            return Status::want_read;
        case SSL_ERROR_WANT_WRITE:
            return Status::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return Status::closed_clean;
        case SSL_ERROR_SYSCALL:
            ERR_clear_error();
            return Status::closed_cut;
        default:
            break;
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return Status::closed_cut;
    }
    explain_failure();
    return Status::failed;
}

TlsSession::Status TlsSession::handshake()
{
    if (ssl_ == nullptr) return Status::failed;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    return result == 1 ? Status::done : judge(result);
}

TlsFacts TlsSession::facts() const
{
    TlsFacts facts;
    if (ssl_ == nullptr || SSL_is_init_finished(ssl_) == 0) return facts;
    facts.version = SSL_get_version(ssl_);
    const X509* certificate = SSL_get0_peer_certificate(ssl_);
    std::tm end{};
    if (certificate != nullptr && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1)
        facts.certificate_end = ::timegm(&end);
    return facts;
}

TlsSession::Io TlsSession::read(char* data, std::size_t size)
{
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_read_ex(ssl_, data, size, &bytes);
    if (result != 1) return {judge(result), 0};
    stamp_reading(PathStage::decrypted);
    return {Status::done, bytes};
}

TlsSession::Io TlsSession::write(const char* data, std::size_t size)
{
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_write_ex(ssl_, data, size, &bytes);
    return result == 1 ? Io{Status::done, bytes} : Io{judge(result), 0};
}

bool TlsSession::buffered() const
{
    return SSL_has_pending(ssl_) == 1;
}

void TlsSession::say_goodbye()
{
    if (ssl_ == nullptr || SSL_is_init_finished(ssl_) == 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
}

}  // namespace arb::net
