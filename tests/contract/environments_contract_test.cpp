// Testnets, demos and sites of regions at every venue: a name that is none is refused with the place and the
// way out, and nothing signed ever reaches the real venue from another environment.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/app/config/venue_way.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

class EnvironmentsContract : public testing::TestWithParam<VenueCase> {
  protected:
    const ConnectorType& type() const { return type_of(GetParam()); }
    std::vector<VenueEnvironment> all() const
    {
        return type().environments == nullptr ? std::vector<VenueEnvironment>()
                                              : type().environments(GetParam().market);
    }
    VenueConfig config(std::string_view environment, std::string_view region = "") const
    {
        VenueConfig venue;
        venue.label = GetParam().label;
        venue.environment = environment;
        venue.region = region;
        venue.environment_place = "my.toml:3:15";
        venue.region_place = "my.toml:4:10";
        return venue;
    }
    std::string refusal(const VenueConfig& venue) const
    {
        try {
            (void)way_to(type(), GetParam().market, venue);
            return "none";
        } catch (const StartError& error) {
            return error.what();
        }
    }
};
INSTANTIATE_TEST_SUITE_P(Venues, EnvironmentsContract, testing::ValuesIn(kVenueCases), case_name);

TEST_P(EnvironmentsContract, live_at_the_main_site_are_the_connectors_own_addresses)
{
    const LiveVenue way = way_to(type(), GetParam().market, config("live"));
    EXPECT_TRUE(way.moved.empty());
    for (const std::string& url : type().instrument_urls(GetParam().market))
        EXPECT_EQ(address_of(way, url), url);
}

TEST_P(EnvironmentsContract, a_name_that_is_none_is_refused_with_its_place_and_those_that_are)
{
    const std::string unknown = refusal(config("prod"));
    EXPECT_TRUE(unknown.starts_with("my.toml:3:15: environment is 'prod': ")) << unknown;
    EXPECT_NE(unknown.find("live"), std::string::npos) << unknown;
    for (const VenueEnvironment& one : all()) {
        EXPECT_NE(unknown.find(one.name), std::string::npos) << unknown;
        const std::string region = refusal(config(one.name, "atlantis"));
        EXPECT_TRUE(region.starts_with("my.toml:4:10: region is 'atlantis': ")) << region;
        EXPECT_EQ(refusal(config(one.name, one.region)), "none");
    }
    EXPECT_TRUE(refusal(config("live", "atlantis")).starts_with("my.toml:4:10: ")) << "a site nobody has";
}

TEST_P(EnvironmentsContract, the_public_half_is_there_in_each)
{
    const std::string market = GetParam().market;
    for (const VenueEnvironment& one : all()) {
        SCOPED_TRACE(std::string(one.name) + " " + std::string(one.region));
        EXPECT_TRUE(one.name == "live" || one.name == "testnet" || one.name == "demo");
        EXPECT_TRUE(one.name != "live" || !one.region.empty()) << "live at the main site needs no table";
        const LiveVenue way = way_to(type(), market, config(one.name, one.region));
        std::vector<std::string> urls = type().instrument_urls(market);
        urls.push_back(type().stream_url(market));
        for (const std::string& url : urls) EXPECT_NE(address_of(way, url), "") << url;
        EXPECT_EQ(address_of(way, "https://example.org/x"), "");
        EXPECT_EQ(address_of(way, urls.front().substr(0, urls.front().find('/', 8)) + ".example.org/x"), "")
            << "a name that only begins alike";
    }
}

// What a session dials and signs, taken from one beside the emulated venue.
TEST_P(EnvironmentsContract, nothing_signed_reaches_the_real_venue_from_elsewhere)
{
    VenueLink link(type(), GetParam().market, {definition_of(GetParam())});
    std::vector<std::string> dialled;
    std::vector<HttpRequest> asked;
    bool session = false;
    link.on_to_venue = [&](VenueLink::Message& m) {
        if (m.kind == VenueLink::Message::Kind::upgrade && session) dialled.push_back(m.text);
        if (m.kind == VenueLink::Message::Kind::request && m.request.is_signed) asked.push_back(m.request);
        return true;
    };
    link.start(false);
    link.run(milliseconds(100));
    session = true;
    link.venue().start_session(link.now(), link, link);
    link.run(seconds(1));
    link.query_key();
    link.venue().query_balances(link.now(), link, link);
    link.run(seconds(1));
    ASSERT_FALSE(asked.empty());
    for (const VenueEnvironment& one : all()) {
        if (one.name == "live") continue;
        SCOPED_TRACE(std::string(one.name) + " " + std::string(one.region));
        const LiveVenue way = way_to(type(), GetParam().market, config(one.name, one.region));
        for (const std::string& url : dialled) {
            const std::string own = url.substr(0, url.find('#'));
            EXPECT_NE(address_of(way, own), own);
        }
        for (const HttpRequest& request : asked)
            EXPECT_TRUE(address_of(way, request.url) != request.url || !way.headers.empty()) << request.url;
    }
}

TEST(Environments, a_venue_without_any_says_so)
{
    VenueConfig venue;
    venue.label = "nowhere";
    venue.environment = "testnet";
    venue.environment_place = "my.toml:3:15";
    ConnectorType type = *connectors().front();
    type.environments = nullptr;
    try {
        (void)way_to(type, "spot", venue);
        FAIL();
    } catch (const StartError& error) {
        EXPECT_EQ(
            std::string(error.what()),
            "my.toml:3:15: environment is 'testnet': nowhere has live alone: leave it out, and try things "
            "with mode = \"paper\" or an emulated venue");
    }
}

}  // namespace
}  // namespace arb::test
