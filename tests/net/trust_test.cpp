// Whom a client trusts: authority, validity, host name, address, protocol version. A refused server gets no
// byte of the request, and the sentence says what is wrong.
#include <cstdlib>

#include "tests/net/raw_tls_server.hpp"
#include "tests/net/support.hpp"

namespace arb::net::test {
namespace {

/// What becomes of a link to a server with this identity; `seen` is what the server got to read.
CloseInfo meet_server(const ServerIdentity& identity, const std::string& host, std::string* seen = nullptr,
                      int version_max = 0)
{
    std::string received;
    CloseInfo info;
    {
        RawTlsServer raw(
            identity, [&](RawPeer& peer) { received = peer.read_until("\r\n\r\n"); }, version_max);
        Loop loop;
        ClientRecorder at_client;
        Client client(loop, TlsTrust{ca_file()}, at_client);
        const LinkId link = client.open("wss://" + host + ":" + std::to_string(raw.port) + "/?secret=test");
        EXPECT_TRUE(pump(loop, [&] { return at_client.end_of(link) != nullptr; }));
        if (at_client.end_of(link) != nullptr) info = *at_client.end_of(link);
    }
    if (seen != nullptr) *seen = received;
    EXPECT_EQ(info.text.find("secret"), std::string::npos);
    return info;
}

CertificateRequest for_loopback()
{
    return {{"localhost"}, {"127.0.0.1"}, std::chrono::hours(-1), std::chrono::hours(1)};
}

void expect_refused(const ServerIdentity& identity, const std::string& host, Distrust distrust)
{
    std::string seen;
    const CloseInfo info = meet_server(identity, host, &seen);
    EXPECT_EQ(info.kind, CloseKind::tls_untrusted) << info.text;
    EXPECT_EQ(info.distrust, distrust) << info.text;
    EXPECT_EQ(seen, "") << "a byte of the request reached a server that is not trusted";
}

TEST(Trust, AcceptsTheRightNameAndAddress)
{
    std::string seen;
    const CloseInfo by_address = meet_server(authority().issue(for_loopback()), "127.0.0.1", &seen);
    EXPECT_EQ(by_address.kind, CloseKind::handshake) << by_address.text;  // the raw server only listens
    EXPECT_NE(seen, "");
    const CloseInfo by_name = meet_server(authority().issue(for_loopback()), "localhost", &seen);
    EXPECT_EQ(by_name.kind, CloseKind::handshake) << by_name.text;
    EXPECT_NE(seen, "");
}

TEST(Trust, RefusesAnUnknownAuthority)
{
    const Authority other = Authority::make("test authority");
    expect_refused(other.issue(for_loopback()), "127.0.0.1", Distrust::unknown_authority);
}

TEST(Trust, RefusesAnExpiredCertificateAndNamesTheClock)
{
    CertificateRequest request = for_loopback();
    request.not_before = std::chrono::hours(-48);
    request.not_after = std::chrono::hours(-24);
    expect_refused(authority().issue(request), "127.0.0.1", Distrust::expired);
    EXPECT_NE(meet_server(authority().issue(request), "127.0.0.1").text.find("clock"), std::string::npos);
}

TEST(Trust, RefusesACertificateThatIsNotValidYet)
{
    CertificateRequest request = for_loopback();
    request.not_before = std::chrono::hours(24);
    request.not_after = std::chrono::hours(48);
    expect_refused(authority().issue(request), "127.0.0.1", Distrust::not_yet_valid);
}

TEST(Trust, RefusesAnotherHostsCertificate)
{
    expect_refused(authority().issue({{"other.test"}, {}}), "localhost", Distrust::wrong_host);
    expect_refused(authority().issue({{"*.localhost"}, {}}), "localhost", Distrust::wrong_host);
}

TEST(Trust, RefusesAnAddressThatTheCertificateDoesNotName)
{
    expect_refused(authority().issue({{"localhost", "127.0.0.1"}, {"127.0.0.2"}}), "127.0.0.1",
                   Distrust::wrong_host);
}

TEST(Trust, RefusesACertificateWithoutNames)
{
    expect_refused(authority().issue({{}, {}}), "localhost", Distrust::wrong_host);
}

TEST(Trust, RefusesTls11)
{
    std::string seen;
    const CloseInfo info = meet_server(authority().issue(for_loopback()), "127.0.0.1", &seen, TLS1_1_VERSION);
    EXPECT_EQ(info.kind, CloseKind::tls) << info.text;
    EXPECT_EQ(seen, "");
}

TEST(Trust, AcceptsTls12)
{
    std::string seen;
    EXPECT_EQ(meet_server(authority().issue(for_loopback()), "127.0.0.1", &seen, TLS1_2_VERSION).kind,
              CloseKind::handshake);
    EXPECT_NE(seen, "");
}

TEST(Trust, SystemStoreDoesNotTrustOurAuthority)
{
    RawTlsServer raw(authority().issue(for_loopback()), [](RawPeer&) {});
    Loop loop;
    ClientRecorder at_client;
    Client client(loop, TlsTrust{}, at_client);
    const LinkId link = client.open("wss://127.0.0.1:" + std::to_string(raw.port) + "/");
    ASSERT_TRUE(pump(loop, [&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_EQ(at_client.end_of(link)->distrust, Distrust::unknown_authority);
}

TEST(Trust, AMissingAuthorityFileStopsTheStart)
{
    Loop loop;
    ClientRecorder at_client;
    EXPECT_THROW(Client(loop, TlsTrust{temporary_path("no_such_file.pem")}, at_client), std::runtime_error);
}

TEST(Trust, AServerThatNeverShakesHandsIsGivenUp)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 4), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    Loop loop;
    ClientRecorder at_client;
    Client client(loop, TlsTrust{ca_file()}, at_client);
    Limits limits;
    limits.handshake = milliseconds(500);
    const LinkId link =
        client.open("wss://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/", {}, limits);
    ASSERT_TRUE(pump(loop, [&] { return at_client.end_of(link) != nullptr; }));
    EXPECT_EQ(at_client.end_of(link)->kind, CloseKind::tls);
    ::close(listener);
}

TEST_F(Net, ProxySettingsOfTheEnvironmentAreNotLookedAt)
{
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"})
        ::setenv(name, "http://127.0.0.1:1", 1);
    EXPECT_EQ(wait_reply(client.request(call("GET", "/direct"))).status, 200);
    open_link();
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"})
        ::unsetenv(name);
}

TEST(Certificates, KeyFilesArePrivateAndCertificatesPublic)
{
    const std::string key = temporary_path("key.pem");
    const std::string certificate = temporary_path("certificate.pem");
    write_key_file(key, "test");
    write_key_file(key, "test again");
    write_certificate_file(certificate, "test");
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(key).permissions(), perms::owner_read | perms::owner_write);
    EXPECT_EQ(std::filesystem::status(certificate).permissions(),
              perms::owner_read | perms::owner_write | perms::group_read | perms::others_read);
    EXPECT_EQ(std::filesystem::file_size(key), 10U);
    std::filesystem::remove(key);
    std::filesystem::remove(certificate);
    EXPECT_THROW(write_key_file("/no/such/folder/key.pem", "test"), std::runtime_error);
}

TEST(Certificates, AServerRefusesAKeyThatIsNotItsOwn)
{
    Loop loop;
    ServerRecorder at_server;
    ServerIdentity identity = authority().issue(for_loopback());
    EXPECT_NO_THROW(Server(loop, identity, at_server));
    identity.key_pem = authority().issue(for_loopback()).key_pem;
    EXPECT_THROW(Server(loop, identity, at_server), std::runtime_error);
    identity.key_pem = "no PEM";
    EXPECT_THROW(Server(loop, identity, at_server), std::runtime_error);
}

}  // namespace
}  // namespace arb::net::test
