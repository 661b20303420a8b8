#pragma once
// Whom a client believes, and who a server says it is. Plain values, any thread. Files are read when the
// client or server is made; a file that cannot be used is a std::runtime_error with one sentence.
#include <cstdint>
#include <string>

namespace arb::net {

/// The certificate authorities of a client. Chain and host name are always verified; there is no switch.
struct TlsTrust {
    std::string ca_file;  ///< PEM; empty: the system's store
};

/// What a verified connection rests on.
struct TlsFacts {
    std::string version;               ///< "TLSv1.3"; empty: no connection has stood yet
    std::int64_t certificate_end = 0;  ///< seconds since 1970 when the server's certificate ends; 0: unknown
};

/// A server's certificate chain and key, each as PEM text.
struct ServerIdentity {
    std::string certificate_pem;
    std::string key_pem;
};

}  // namespace arb::net
