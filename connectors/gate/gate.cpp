#include "connectors/gate/gate.hpp"

#include <fmt/format.h>

#include "connectors/gate/decoder.hpp"
#include "connectors/gate/environments.hpp"
#include "connectors/gate/instruments.hpp"
#include "engine/connect/feed_sockets.hpp"

namespace arb::gate {
namespace {

constexpr FeedRules kFeedRules{seconds(45), "nothing heard for 45 s", seconds(15), false};
constexpr std::size_t kListingsPerConnection = 100;

class GateVenue final : public Venue {
  public:
    explicit GateVenue(const VenueSetup& setup)
        : url_(gate::stream_url(setup.table->venue(setup.id).market)),
          decoder_(setup.id, *setup.table),
          feeds_(setup.id, kFeedRules)
    {
    }

    // A delta is U to u, and U must be the number after the last applied one: told as its link to U - 1.
    SequenceRule sequence_rule(const Listing&) const override { return {.kind = SequenceKind::chained}; }

    std::vector<ConnectionPlan> plan(std::span<const ListingId> listings) override
    {
        return feeds_.set_plans(plans_of(url_, listings, kListingsPerConnection));
    }
    void on_open(ConnectionId connection, std::string_view url, Timestamp now, FactSink&,
                 Outbox& outbox) override
    {
        feeds_.on_open(connection, url, now, outbox);
    }
    void on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink, Outbox&) override
    {
        feeds_.heard(connection, now);
        decoder_.decode(connection, frame, now, sink);
    }
    void on_http(const HttpReply&, Timestamp, FactSink&, Outbox&) override {}
    void on_close(ConnectionId connection, Timestamp, FactSink&, Outbox&) override
    {
        feeds_.on_close(connection);
    }
    void on_wake(Timestamp now, FactSink&, Outbox& outbox) override { (void)feeds_.on_wake(now, outbox); }
    void resync(ListingId, Timestamp, Outbox&) override {}

  private:
    std::string url_;
    Decoder decoder_;
    FeedSockets feeds_;
};

}  // namespace

const ConnectorType& type()
{
    static const ConnectorType kType{
        .exchange = "gate",
        .markets = {"spot", "usdt"},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<GateVenue>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = stream_url,
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .hosts = [](std::string_view market) -> std::vector<std::string_view> {
            if (market == "spot") return {"api.gateio.ws"};
            return {"api.gateio.ws", "fx-ws.gateio.ws"};
        },
        .instrument_urls = [](std::string_view market) -> std::vector<std::string> {
            return {fmt::format("{}{}", kRestUrl,
                                market == "spot" ? "/spot/currency_pairs" : "/futures/usdt/contracts")};
        },
        .environments = environments,
        .key_page = "https://www.gate.com/myaccount/api_key_manage",
        .fees_from_received = true,
        .replay_algorithm = KeyAlgorithm::hmac_sha512,
    };
    return kType;
}

}  // namespace arb::gate
