// The probe against a server of the tests over real TLS, with a venue that is scripted to do right and wrong:
// single questions, no session, and nothing signed to where it does not belong.
#include "engine/live/venue_probe.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/live/scripted_venue.hpp"
#include "tests/net/support.hpp"

namespace arb::test {
namespace {

constexpr Duration kSoon = seconds(8);

class VenueProbeTest : public testing::Test {
  protected:
    VenueProbeTest() : server_(loop_, net::test::loopback_identity(), at_server_)
    {
        script = {};
        at_server_.server = &server_;
        at_server_.request_hook = [this](net::ExchangeId exchange, net::ServerRequest& request) {
            const std::lock_guard lock(mutex_);
            targets_.push_back(request.target);
            if (request.method == "HEAD") {
                server_.respond(exchange, status_,
                                date_.empty() ? net::Headers{} : net::Headers{{"Date", date_}}, "");
                return;
            }
            if (status_ != 0) server_.respond(exchange, status_, {}, body_);
        };
        port_ = server_.listen("127.0.0.1", 0);
        thread_ = std::thread([this] {
            while (!over_) loop_.run_once(std::chrono::milliseconds(5));
        });
        setup_.key = {"probe", ""};
        setup_.type = &scripted_type();
        setup_.way.hosts = {"probe.test"};
        setup_.way.endpoint = fmt::format("127.0.0.1:{}", port_);
        setup_.way.ca_file = net::test::ca_file();
        credentials_.label = "main";
        credentials_.signer = std::make_unique<ReplaySigner>(KeyAlgorithm::hmac_sha256);
        setup_.credentials = &credentials_;
        setup_.on_key_use = [this](std::string_view endpoint) { uses_.emplace_back(endpoint); };
    }
    ~VenueProbeTest() override
    {
        over_ = true;
        loop_.wake();
        thread_.join();
    }
    /// 0: never.
    void answer(int status, const std::string& body = "ok")
    {
        const std::lock_guard lock(mutex_);
        status_ = status;
        body_ = body;
    }
    void date(const std::string& text)
    {
        const std::lock_guard lock(mutex_);
        date_ = text;
    }
    std::vector<std::string> targets()
    {
        const std::lock_guard lock(mutex_);
        return targets_;
    }

    ProbeSetup setup_;
    Credentials credentials_;
    std::vector<std::string> uses_;

  private:
    std::mutex mutex_;
    std::vector<std::string> targets_;
    int status_ = 200;
    std::string body_ = "ok";
    std::string date_;
    std::atomic<bool> over_{false};
    net::Loop loop_;
    net::test::ServerRecorder at_server_;
    net::Server server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

TEST_F(VenueProbeTest, asks_the_time_without_a_key_and_tells_the_way)
{
    setup_.credentials = nullptr;
    script.ahead_ns = milliseconds(400).ns;
    VenueProbe probe(setup_);
    EXPECT_EQ(probe.tls().version, "") << "nothing stood yet";
    const auto time = probe.time(kSoon);
    ASSERT_TRUE(time) << time.error().message;
    EXPECT_GT(time.value().round_trip().ns, 0);
    // The venue looks at its clock when the answer is made, here as late as when it comes.
    EXPECT_EQ(time.value().offset().ns, milliseconds(400).ns + (time.value().round_trip().ns + 1) / 2);
    EXPECT_TRUE(probe.tls().version.starts_with("TLSv1.")) << probe.tls().version;
    const std::int64_t left = probe.tls().certificate_end - LiveClock().now().ns / seconds(1).ns;
    EXPECT_GT(left, 3000) << "the certificate of the tests ends in an hour";
    EXPECT_LT(left, 3700);
    EXPECT_TRUE(uses_.empty());
    EXPECT_EQ(targets(), std::vector<std::string>{"/time"});
}

TEST_F(VenueProbeTest, keeps_all_that_a_venue_says_about_a_key)
{
    answer(200, "lottery");
    VenueProbe probe(setup_);
    const ProbedKey key = probe.key(kSoon);
    const KeyReport report = key.report();
    EXPECT_EQ(report.answer, KeyAnswer::told);
    EXPECT_EQ(report.label, "main");
    EXPECT_EQ(report.foreign, "lottery");
    EXPECT_EQ(report.missing, "spot");
    EXPECT_EQ(report.address_list, "203.0.113.7");
    EXPECT_EQ(report.expires.ns, kDay * 1'000'000'000);
    EXPECT_TRUE(report.rights.has(KeyRight::other));
    EXPECT_EQ(uses_, std::vector<std::string>{"/key"});
    EXPECT_EQ(targets(), std::vector<std::string>{"/key?signature=hidden"});
}

TEST_F(VenueProbeTest, a_venue_that_refuses_says_why)
{
    answer(403, "no such key");
    VenueProbe probe(setup_);
    const ProbedKey key = probe.key(kSoon);
    EXPECT_EQ(key.bare.answer, KeyAnswer::refused);
    EXPECT_EQ(key.text, "no such key");
}

TEST_F(VenueProbeTest, a_session_is_refused_and_noted_without_what_is_secret)
{
    script.wishes_more = true;
    VenueProbe probe(setup_);
    EXPECT_EQ(probe.key(kSoon).bare.answer, KeyAnswer::told);
    EXPECT_EQ(probe.refused(), (std::vector<std::string>{"a connection to wss://probe.test/private",
                                                         "a message", "a new connection"}));
    EXPECT_EQ(targets().size(), 1U);
}

TEST_F(VenueProbeTest, nothing_signed_goes_to_a_stranger_even_behind_an_endpoint)
{
    script.key_host = "https://elsewhere.test";
    VenueProbe probe(setup_);
    const ProbedKey key = probe.key(kSoon);
    EXPECT_EQ(key.bare.answer, KeyAnswer::none);
    EXPECT_NE(key.text.find("https://elsewhere.test/key is not an address of probe"), std::string::npos)
        << key.text;
    EXPECT_EQ(key.text.find("hidden"), std::string::npos);
    EXPECT_TRUE(targets().empty());
}

TEST_F(VenueProbeTest, nothing_signed_goes_out_without_a_key)
{
    setup_.credentials = nullptr;
    VenueProbe probe(setup_);
    EXPECT_EQ(probe.key(kSoon).text, "there is no key to ask with");
    EXPECT_FALSE(probe.balances(kSoon));
    EXPECT_TRUE(targets().empty());
    EXPECT_TRUE(uses_.empty());
}

TEST_F(VenueProbeTest, a_silent_venue_is_given_up_by_the_connectors_own_timer)
{
    answer(0);
    script.patience = milliseconds(300);
    VenueProbe probe(setup_);
    const ProbedKey key = probe.key(kSoon);
    EXPECT_EQ(key.bare.answer, KeyAnswer::none);
}

TEST_F(VenueProbeTest, a_silent_venue_is_given_up_at_the_deadline)
{
    answer(0);
    VenueProbe probe(setup_);
    const auto time = probe.time(milliseconds(50));
    ASSERT_FALSE(time);
    EXPECT_EQ(time.error().code, ExitCode::network);
    EXPECT_NE(time.error().message.find("probe: its time: no answer within"), std::string::npos)
        << time.error().message;
}

TEST_F(VenueProbeTest, a_connector_that_asks_nothing_is_no_reason_to_wait)
{
    script.asks_nothing = true;
    VenueProbe probe(setup_);
    const ProbedKey key = probe.key(seconds(3600));
    EXPECT_EQ(key.bare.answer, KeyAnswer::none);
    EXPECT_NE(key.text.find("nothing was asked"), std::string::npos) << key.text;
    EXPECT_FALSE(probe.time(seconds(3600)));
}

ConnectorType listing_type()
{
    ConnectorType type = scripted_type();
    type.instrument_urls = [](std::string_view) -> std::vector<std::string> {
        return {std::string(kHost) + "/pairs"};
    };
    return type;
}

TEST_F(VenueProbeTest, a_venue_that_tells_its_time_elsewhere_is_reached_by_a_plain_request)
{
    script.asks_nothing = true;
    const ConnectorType type = listing_type();
    setup_.type = &type;
    setup_.credentials = nullptr;
    VenueProbe probe(setup_);
    auto time = probe.time(kSoon);
    ASSERT_TRUE(time) << time.error().message;
    EXPECT_EQ(time.value().told, TimeTold::not_at_all);
    EXPECT_GT(time.value().round_trip().ns, 0);
    EXPECT_EQ(targets(), std::vector<std::string>{"/pairs"});
    EXPECT_TRUE(probe.tls().version.starts_with("TLSv1."));
    date("Sun, 31 Jan 2027 00:00:09 GMT");
    time = probe.time(kSoon);
    ASSERT_TRUE(time);
    EXPECT_EQ(time.value().told, TimeTold::in_seconds);
    EXPECT_EQ(time.value().venue.ns, kDay * 1'000'000'000 + milliseconds(9500).ns);
    for (const char* wrong : {"Sun, 31 Xxx 2027 00:00:09 GMT", "Sun, 31 anF 2027 00:00:09 GMT",
                              "Sun, 31 Jan 2027 99:00:09 GMT", "yesterday"}) {
        date(wrong);
        time = probe.time(kSoon);
        ASSERT_TRUE(time);
        EXPECT_EQ(time.value().told, TimeTold::not_at_all) << wrong;
    }
}

TEST_F(VenueProbeTest, an_untrusted_certificate_stops_the_plain_request_too)
{
    script.asks_nothing = true;
    const ConnectorType type = listing_type();
    setup_.type = &type;
    const std::string other = net::test::temporary_path("other.pem");
    net::write_certificate_file(other, net::Authority::make("test other").certificate_pem());
    setup_.way.ca_file = other;
    VenueProbe probe(setup_);
    EXPECT_FALSE(probe.time(kSoon));
    EXPECT_TRUE(probe.untrusted());
    EXPECT_TRUE(targets().empty());
}

TEST_F(VenueProbeTest, an_untrusted_certificate_is_told_and_gets_nothing)
{
    const std::string other = net::test::temporary_path("other.pem");
    net::write_certificate_file(other, net::Authority::make("test other").certificate_pem());
    setup_.way.ca_file = other;
    VenueProbe probe(setup_);
    const auto time = probe.time(kSoon);
    ASSERT_FALSE(time);
    EXPECT_NE(time.error().message.find("authority that is not trusted"), std::string::npos)
        << time.error().message;
    EXPECT_TRUE(probe.untrusted());
    EXPECT_EQ(probe.tls().version, "");
    EXPECT_TRUE(targets().empty());
}

TEST_F(VenueProbeTest, nobody_listens)
{
    setup_.way.endpoint = "127.0.0.1:1";
    VenueProbe probe(setup_);
    EXPECT_FALSE(probe.time(kSoon));
    EXPECT_FALSE(probe.untrusted());
}

TEST_F(VenueProbeTest, balances_come_as_copies_and_the_offset_reaches_the_venue)
{
    VenueProbe probe(setup_);
    probe.set_clock_offset(milliseconds(7));
    const auto balances = probe.balances(kSoon);
    ASSERT_TRUE(balances) << balances.error().message;
    ASSERT_EQ(balances.value().size(), 1U);
    EXPECT_EQ(balances.value()[0].asset, "USDT");
    EXPECT_EQ(balances.value()[0].free.units, milliseconds(7).ns);
}

}  // namespace
}  // namespace arb::test
