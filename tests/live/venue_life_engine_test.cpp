// Every venue under the real driver and engine, over real TLS sockets: recovered and trading, books valid; a
// cut takes trading away until all is known again; a server that is not trusted is never spoken to.
#include "engine/live/live_driver.hpp"
#include "engine/pipeline/assembly.hpp"
#include "tests/live/venue_life.hpp"

namespace arb::test {
namespace {

class Heard final : public LiveListener {
  public:
    void on_connection(VenueId, std::string_view, bool open, std::string_view why) override
    {
        if (open)
            ++opened;
        else
            ends.emplace_back(why);
    }
    std::size_t opened = 0;
    std::vector<std::string> ends;
};

class VenueLifeEngine : public VenueLife {
  protected:
    /// Driver and engine as a run has them, at the venue that is served now.
    void assemble_run()
    {
        table_ = std::make_unique<InstrumentTable>(
            InstrumentTable::build({{{GetParam().exchange, GetParam().market}, {definition()}}}).take());
        const EmulatedKey& key = *venue->key("trade");
        std::string secret = key.secret;
        std::string passphrase = key.passphrase;
        credentials_.label = key.label;
        keys_.credentials = &credentials_;
        credentials_.key_id = key.key_id;
        credentials_.passphrase = Secret::take(passphrase);
        credentials_.signer = std::move(type->make_signer(Secret::take(secret))).take();
        VenueConfig at;
        at.label = table_->label(VenueId{0});
        at.key_file = "a key of this test";
        config_.venues = {at};
        config_.mode = RunMode::emulated;
        LiveVenue way;
        for (const std::string_view host : type->hosts(GetParam().market)) way.hosts.emplace_back(host);
        way.endpoint = venue->endpoint();
        if (type->dial_headers != nullptr) way.dial_headers = type->dial_headers(GetParam().market);
        way.ca_file = net::test::ca_file();
        driver_ = std::make_unique<LiveDriver>(*table_, std::vector<LiveVenue>{way}, loop, nullptr, &heard_);
        AssemblyRequest request;
        request.config = &config_;
        request.table = table_.get();
        request.plugins.connectors = connectors();
        request.keys = &keys_;
        EngineParts parts = assemble(request);
        parts.outbox = driver_.get();
        engine_ = std::make_unique<Engine>(std::move(parts));
        driver_->connect(*engine_, nullptr);
        driver_->start();
        (void)driver_->command("epoch\t1700000000");
        // Some venues tell neither addresses nor an end.
        (void)driver_->command("key\t" + at.label +
                               "\ttrade\ttrade\t0\tip\ttest\t1\t4102444800000000000\texpiry" +
                               "\ttest\t1\t4102444800000000000");
        (void)driver_->command("begin");
    }
    template <class Done>
    bool run_until(const char* what, Done done)
    {
        return until(what, [&] {
            driver_->turn({});
            return done();
        });
    }
    bool trading() const { return engine_->live()->phase() == Phase::trading && !view().stopped; }
    VenueView view() const { return engine_->live()->venues().view(VenueId{0}); }
    bool valid() const { return engine_->markets().builder(ListingId{0}).valid(); }

    struct OneKey final : KeySource {
        const Credentials* find(std::string_view, std::string_view) override { return credentials; }
        const Credentials* credentials = nullptr;
    };
    std::unique_ptr<InstrumentTable> table_;
    Credentials credentials_;
    OneKey keys_;
    EngineConfig config_;
    Heard heard_;
    std::unique_ptr<LiveDriver> driver_;
    std::unique_ptr<Engine> engine_;
};
INSTANTIATE_TEST_SUITE_P(Venues, VenueLifeEngine, testing::ValuesIn(venue_days()), case_name);

TEST_P(VenueLifeEngine, RecoversTradesAndComesBackAfterACut)
{
    assemble_run();
    ASSERT_TRUE(run_until("it trades", [&] { return trading() && valid(); }));
    EXPECT_TRUE(view().order_entry && view().private_stream && view().recovered);
    EXPECT_TRUE(view().clock_known);
    // Levels of old orders, finer than the listing's unit, are left out alone.
    const std::uint64_t finer = GetParam().manners ? engine_->intake().undecoded(UndecodedReason::too_precise) : 0;
    EXPECT_EQ(engine_->intake().undecoded_total(), finer);
    EXPECT_TRUE(heard_.ends.empty());
    const std::size_t opened = heard_.opened;
    venue->cut_all();
    ASSERT_TRUE(run_until("the cut is noticed", [&] { return !view().private_stream && !valid(); }));
    EXPECT_TRUE(view().stopped) << "nothing is opened while nobody listens";
    ASSERT_TRUE(run_until("it trades again", [&] { return trading() && valid() && view().private_stream; }));
    EXPECT_GT(heard_.opened, opened);
    EXPECT_EQ(venue->exchange.order_count(), 0U);
}

TEST_P(VenueLifeEngine, IsNeverLoggedOnWhereItDoesNotTrust)
{
    open(net::Authority::make("test authority").issue({{"localhost"}, {"127.0.0.1"}}));
    assemble_run();
    ASSERT_TRUE(run_until("dials fail", [&] { return heard_.ends.size() >= 2; }));
    EXPECT_EQ(heard_.opened, 0U);
    EXPECT_EQ(engine_->live()->phase(), Phase::connecting);
    EXPECT_FALSE(valid());
    EXPECT_EQ(venue->counts().requests + venue->counts().sessions + venue->counts().frames_in, 0U);
    EXPECT_NE(heard_.ends.front().find("authority"), std::string::npos) << heard_.ends.front();
}

}  // namespace
}  // namespace arb::test
