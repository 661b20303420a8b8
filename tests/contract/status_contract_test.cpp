// A market that its venue halts takes no new risk, and takes it again when it resumes: by the venue's status
// channel where it has one, at once; by its list, which the driver reads again, everywhere.
#include <string>
#include <vector>

#include "engine/pipeline/instrument_watch.hpp"
#include "tests/support/venue_cases.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {
namespace {

/// Venues that tell on a public stream whether a market trades. The others' documents have no such stream.
struct StatusChannel {
    const char* label;
    bool cancel_only;  ///< tells also that a market takes cancellations alone
    bool repeats;      ///< a subscription begins with the status of each market
};
constexpr StatusChannel kStatusChannels[] = {
    {"binance_usdm", true, false},
    {"coinbase", false, true},
    {"kraken", true, true},
    {"okx", true, true},
};

const StatusChannel* channel_of(const VenueCase& venue)
{
    for (const StatusChannel& channel : kStatusChannels) {
        if (channel.label == std::string(venue.label)) return &channel;
    }
    return nullptr;
}

class StatusContract : public testing::TestWithParam<VenueCase> {
  protected:
    StatusContract()
        : link(type_of(GetParam()), GetParam().market, {definition_of(GetParam())}), watch(&link.table)
    {
        link.street("27.10", "27.20");
        link.start(false);
        run();
    }
    /// Long enough for channels that speak every few seconds.
    void run()
    {
        link.run(seconds(10));
        for (const auto& [listing, status] : link.statuses) watch.on_status(listing, status);
        told += link.statuses.size();
        link.statuses.clear();
    }
    void halt(bool cancel_only, bool on)
    {
        if (cancel_only)
            link.exchange().set_cancel_only(ListingId{0}, on);
        else
            link.exchange().set_halted(ListingId{0}, on);
        run();
    }
    RiskReason judged() { return link.judged(Side::buy, "1", "27.20", TimeInForce::ioc); }
    /// Unknown: not listed.
    ListingStatus listed_status()
    {
        for (const std::string& url : type_of(GetParam()).instrument_urls(GetParam().market)) {
            ServerRequest request;
            request.method = "GET";
            request.target = url.substr(url.find('/', url.find("://") + 3));
            request.remote = "127.0.0.1";
            const std::string body = link.emulated().on_request(request, link.now(), link).body;
            const auto read = type_of(GetParam()).read_instruments(GetParam().market, url, body);
            if (!read) continue;
            for (const ListingDefinition& d : read.value()) {
                if (d.symbol == GetParam().symbol) return d.status;
            }
        }
        return ListingStatus::unknown;
    }

    VenueLink link;
    InstrumentWatch watch;
    std::size_t told = 0;
};
INSTANTIATE_TEST_SUITE_P(Venues, StatusContract, testing::ValuesIn(kVenueCases), case_name);

TEST_P(StatusContract, a_halt_told_by_the_status_channel_stops_new_risk_and_a_resume_opens_it)
{
    const StatusChannel* const channel = channel_of(GetParam());
    for (const bool cancel_only : {false, true}) {
        SCOPED_TRACE(cancel_only ? "cancel only" : "halted");
        EXPECT_EQ(judged(), RiskReason::none);
        (void)watch.take_wish();
        halt(cancel_only, true);
        const bool tells = channel != nullptr && (!cancel_only || channel->cancel_only);
        EXPECT_EQ(judged(), tells ? RiskReason::not_trading : RiskReason::none);
        EXPECT_EQ(!watch.why(ListingId{0}).empty(), tells);
        EXPECT_EQ(watch.take_wish(), tells) << "its list should be read again";
        halt(cancel_only, false);
        EXPECT_EQ(judged(), RiskReason::none);
        EXPECT_EQ(watch.why(ListingId{0}), "");
        EXPECT_EQ(watch.take_wish(), tells);
    }
    if (channel == nullptr) {
        EXPECT_EQ(told, 0U);
    }
}

// A halt or a resume that happened while nothing was heard: told again by the channel, or left to the list.
TEST_P(StatusContract, a_new_connection_does_not_go_by_what_the_old_one_heard)
{
    const StatusChannel* const channel = channel_of(GetParam());
    if (channel == nullptr) GTEST_SKIP() << "no stream tells it";
    const auto deaf = [](VenueLink::Message& m) { return m.kind != VenueLink::Message::Kind::frame; };
    for (const bool halts : {true, false}) {
        SCOPED_TRACE(halts ? "halted" : "resumed");
        const RiskReason before = judged();
        link.on_to_client = deaf;
        halt(false, halts);
        EXPECT_EQ(judged(), before) << "nothing was heard";
        link.on_to_client = nullptr;
        (void)watch.take_wish();
        link.cut_all();
        run();
        EXPECT_EQ(judged() == RiskReason::not_trading, halts && channel->repeats);
        EXPECT_EQ(watch.take_wish(), channel->repeats || !halts) << "its list should be read again";
        // What comes of a halt that is heard, and not taken back on this connection.
        if (halts && !channel->repeats) {
            halt(false, false);
            halt(false, true);
            EXPECT_EQ(judged(), RiskReason::not_trading);
        }
    }
}

TEST_P(StatusContract, a_list_that_is_read_again_tells_a_halt_and_a_resume)
{
    for (const bool cancel_only : {false, true}) {
        SCOPED_TRACE(cancel_only ? "cancel only" : "halted");
        EXPECT_EQ(listed_status(), ListingStatus::trading);
        halt(cancel_only, true);
        EXPECT_NE(listed_status(), ListingStatus::trading) << "halted, or not listed any more";
        halt(cancel_only, false);
    }
    EXPECT_EQ(listed_status(), ListingStatus::trading);
}

}  // namespace
}  // namespace arb::test
