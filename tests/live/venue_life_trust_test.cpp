// Every venue's connector against servers that must not be trusted: no order, no log-on, no request reaches
// them.
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class VenueLifeTrust : public VenueLife {
  protected:
    void expect_refused(const net::ServerIdentity& identity, net::Distrust distrust)
    {
        open(identity);
        link->start();
        ASSERT_TRUE(until("websockets are refused", [&] { return !link->closed.empty(); }));
        for (const net::CloseInfo& info : link->closed) {
            EXPECT_EQ(info.kind, net::CloseKind::tls_untrusted) << info.text;
            EXPECT_EQ(info.distrust, distrust) << info.text;
        }
        (void)link->place(Side::buy, "1", "27.20", TimeInForce::ioc);
        link->venue().query_balances(link->now(), *link, *link);
        ASSERT_TRUE(until("the question ends", [&] { return link->end_count(RequestKind::balances) == 1; }));
        ASSERT_TRUE(until("the order ends", [&] { return link->end_count(RequestKind::place) == 1; }));
        // Not one byte has left: that is certain, not unknown.
        EXPECT_EQ(end_text(RequestKind::balances), "refused/other");
        EXPECT_EQ(end_text(RequestKind::place), "refused/other");
        EXPECT_FALSE(link->failed_requests.empty());
        for (const net::HttpOutcome& outcome : link->failed_requests) {
            EXPECT_EQ(outcome.distrust, distrust) << outcome.error;
            EXPECT_FALSE(outcome.sent);
        }
        EXPECT_FALSE(link->ready(Channel::order_entry));
        EXPECT_FALSE(link->ready(Channel::private_stream));
        EXPECT_FALSE(link->book().valid());
        EXPECT_EQ(venue->counts().requests + venue->counts().sessions + venue->counts().frames_in, 0U);
        EXPECT_EQ(venue->exchange.order_count(), 0U);
    }
    static net::CertificateRequest for_loopback()
    {
        return {{"localhost"}, {"127.0.0.1"}, std::chrono::hours(-1), std::chrono::hours(1)};
    }
};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeTrust, testing::ValuesIn(kVenueCases), case_name);

TEST_P(VenueLifeTrust, AnUnknownAuthorityIsRefused)
{
    // The same name as the one we trust, another key.
    const net::Authority other = net::Authority::make("test authority");
    expect_refused(other.issue(for_loopback()), net::Distrust::unknown_authority);
}

TEST_P(VenueLifeTrust, AnExpiredCertificateIsRefused)
{
    net::CertificateRequest request = for_loopback();
    request.not_before = std::chrono::hours(-48);
    request.not_after = std::chrono::hours(-24);
    expect_refused(net::test::authority().issue(request), net::Distrust::expired);
}

TEST_P(VenueLifeTrust, ACertificateOfAnotherHostIsRefused)
{
    expect_refused(net::test::authority().issue({{"other.test"}, {"127.0.0.2"}}), net::Distrust::wrong_host);
}

}  // namespace
}  // namespace arb::test
