// What the folder offers, and Kraken's trading half: each call goes to Account, which exists when there are
// credentials.
#include "connectors/kraken/emulated_venue.hpp"
#include "connectors/kraken/emulator.hpp"
#include "connectors/kraken/instruments.hpp"
#include "connectors/kraken/kraken.hpp"
#include "connectors/kraken/signed_text.hpp"
#include "connectors/kraken/signer.hpp"

namespace arb::kraken {

TradingFeatures Kraken::trading_features() const
{
    return kraken::trading_features();
}
void Kraken::start_session(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->start(now, sink, outbox);
}
void Kraken::send_order(const ApprovedOrder& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->send_order(order, now, sink, outbox);
}
void Kraken::amend_order(const OrderReference& order, const ApprovedAmend& amend, Timestamp now,
                         FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->amend_order(order, amend, now, sink, outbox);
}
void Kraken::cancel_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->cancel_order(order, now, sink, outbox);
}
void Kraken::cancel_all(std::span<const ListingId>, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->cancel_all(now, sink, outbox);
}
void Kraken::query_order(const OrderReference& order, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::query_order);
    inquiry.order = order;
    ask(std::move(inquiry), now, sink, outbox);
}
void Kraken::query_open_orders(std::span<const ListingId>, Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask(Inquiry(RequestKind::open_orders), now, sink, outbox);
}
void Kraken::query_fills(std::span<const ListingId>, Timestamp since, Timestamp now, FactSink& sink,
                         Outbox& outbox)
{
    Inquiry inquiry(RequestKind::fills);
    inquiry.since = since;
    ask(std::move(inquiry), now, sink, outbox);
}
void Kraken::query_balances(Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask(Inquiry(RequestKind::balances), now, sink, outbox);
}
void Kraken::query_fees(std::span<const ListingId> listings, Timestamp now, FactSink& sink, Outbox& outbox)
{
    Inquiry inquiry(RequestKind::fees);
    inquiry.listings.assign(listings.begin(), listings.end());
    ask(std::move(inquiry), now, sink, outbox);
}
void Kraken::query_key(Timestamp now, FactSink& sink, Outbox& outbox)
{
    ask(Inquiry(RequestKind::key_info), now, sink, outbox);
}
void Kraken::query_time(Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (account_ != nullptr) account_->query_time(now, sink, outbox);
}

const ConnectorType& type()
{
    static const ConnectorType connector{
        .exchange = "kraken",
        .markets = {"spot"},
        .make = [](const VenueSetup& setup) -> std::unique_ptr<Venue> {
            return std::make_unique<Kraken>(setup);
        },
        .market_of_url = market_of_url,
        .stream_url = [](std::string_view) { return std::string(kStreamUrl); },
        .snapshot_url = [](std::string_view, std::string_view) { return std::string(); },
        .read_instruments = read_instruments,
        .guess_listing = guess_listing,
        .make_emulator = [](std::string_view) -> std::unique_ptr<arb::Emulator> {
            return std::make_unique<Emulator>();
        },
        .hosts = [](std::string_view) -> std::vector<std::string_view> {
            return {"api.kraken.com", "ws.kraken.com", "ws-auth.kraken.com"};
        },
        .instrument_urls = [](std::string_view) -> std::vector<std::string> {
            return {"https://api.kraken.com/0/public/AssetPairs"};
        },
        .make_signer = make_signer,
        .read_signed_text = read_signed_text,
        .key_page = "https://www.kraken.com/c/account-settings/api",
        .replay_algorithm = KeyAlgorithm::hmac_sha512,
        .make_emulated_venue = make_emulated_venue,
        .make_emulated_keys = make_emulated_keys,
        .tardis_names = {{"kraken", "spot"}},
    };
    return connector;
}

}  // namespace arb::kraken
