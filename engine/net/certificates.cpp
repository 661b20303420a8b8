#include "engine/net/certificates.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace arb::net {

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

void require(bool ok, const char* what)
{
    if (!ok) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

std::string text_of(BIO* bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "write a certificate");
    return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "write a key");
    return text_of(bio.get());
}

Key make_key()
{
    Key key(EVP_EC_gen("P-256"));
    require(key != nullptr, "make a key");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1,
            "add a certificate's extension");
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, std::chrono::seconds not_before,
                             std::chrono::seconds not_after)
{
    Certificate certificate(X509_new());
    require(certificate != nullptr, "make a certificate");
    unsigned char serial[8];
    require(RAND_bytes(serial, sizeof serial) == 1, "make a serial number");
    std::uint64_t number = 0;
    for (const unsigned char byte : serial) number = number << 8U | byte;
    X509* raw = certificate.get();
    X509_NAME* subject = X509_get_subject_name(raw);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    const bool ok =
        X509_set_version(raw, 2) == 1 &&
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), number >> 1U) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(raw), static_cast<long>(not_before.count())) != nullptr &&
        X509_gmtime_adj(X509_getm_notAfter(raw), static_cast<long>(not_after.count())) != nullptr &&
        X509_set_pubkey(raw, key) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1;
    require(ok, "fill a certificate in");
    return certificate;
}

void write_file(const std::string& path, const std::string& text, unsigned mode)
{
    const std::string beside = path + ".new";
    ::unlink(beside.c_str());
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    bool ok = file >= 0;
    std::size_t done = 0;
    while (ok && done < text.size()) {
        const auto written = ::write(file, text.data() + done, text.size() - done);
        ok = written > 0;
        if (ok) done += static_cast<std::size_t>(written);
    }
    if (file >= 0) {
        ok = ::fchmod(file, mode) == 0 && ok;
        ok = ::close(file) == 0 && ok;
    }
    ok = ok && std::rename(beside.c_str(), path.c_str()) == 0;
    if (!ok) {
        ::unlink(beside.c_str());
        throw std::runtime_error("cannot write " + path);
    }
}

}  // namespace

struct Authority::Parts {
    Key key;
    Certificate certificate;
    std::string pem;
};

Authority::Authority(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Authority::Authority(Authority&&) noexcept = default;
Authority& Authority::operator=(Authority&&) noexcept = default;
Authority::~Authority() = default;

Authority Authority::make(const std::string& name)
{
    auto parts = std::make_unique<Parts>();
    parts->key = make_key();
    parts->certificate =
        make_certificate(name, parts->key.get(), std::chrono::hours(-24), std::chrono::hours(24 * 365));
    X509* raw = parts->certificate.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1, "name an authority");
    add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(raw, raw, NID_subject_key_identifier, "hash");
    require(X509_sign(raw, parts->key.get(), EVP_sha256()) > 0, "sign a certificate");
    parts->pem = pem_of(raw);
    return Authority(std::move(parts));
}

const std::string& Authority::certificate_pem() const
{
    return parts_->pem;
}

ServerIdentity Authority::issue(const CertificateRequest& request) const
{
    std::string names;
    for (const std::string& name : request.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
    for (const std::string& address : request.ip_addresses)
        names += (names.empty() ? "IP:" : ",IP:") + address;
    const Key key = make_key();
    const Certificate certificate =
        make_certificate("arbiter emulated venue", key.get(), request.not_before, request.not_after);
    X509* raw = certificate.get();
    X509* issuer = parts_->certificate.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1, "name an issuer");
    add_extension(raw, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(raw, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(raw, issuer, NID_ext_key_usage, "serverAuth");
    add_extension(raw, issuer, NID_authority_key_identifier, "keyid");
    if (!names.empty()) add_extension(raw, issuer, NID_subject_alt_name, names);
    require(X509_sign(raw, parts_->key.get(), EVP_sha256()) > 0, "sign a certificate");
    return {pem_of(raw), pem_of(key.get())};
}

void write_certificate_file(const std::string& path, const std::string& pem)
{
    write_file(path, pem, 0644);
}

void write_key_file(const std::string& path, const std::string& pem)
{
    write_file(path, pem, 0600);
}

}  // namespace arb::net
