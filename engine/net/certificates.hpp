#pragma once
// An authority and server certificates made on the spot (ECDSA P-256), for emulated venues and tests; nothing
// here is for the real world. Any thread. Everything throws std::runtime_error with one sentence. Times are
// seconds from now.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/net/trust.hpp"

namespace arb::net {

struct CertificateRequest {
    std::vector<std::string> dns_names;     ///< "*.example.test" is a wildcard
    std::vector<std::string> ip_addresses;  ///< numeric
    std::chrono::seconds not_before{-3600};
    std::chrono::seconds not_after{7 * 24 * 3600};
};

class Authority {
  public:
    static Authority make(const std::string& name);
    Authority(Authority&&) noexcept;
    Authority& operator=(Authority&&) noexcept;
    ~Authority();

    /// The authority's own certificate: what a client's ca_file holds. Its key never leaves this object.
    const std::string& certificate_pem() const;
    ServerIdentity issue(const CertificateRequest& request) const;

  private:
    struct Parts;
    explicit Authority(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// Writes beside and renames, so no reader sees half a file: certificates with mode 0644, keys with 0600.
void write_certificate_file(const std::string& path, const std::string& pem);
void write_key_file(const std::string& path, const std::string& pem);

}  // namespace arb::net
