#include "engine/live/instrument_fetch.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "engine/net/client.hpp"

namespace arb {
namespace {

// Far more pages than any venue has: a list that never ends is one that repeats itself.
constexpr std::size_t kPagesMax = 100;

class Fetch final : public net::ClientHandler {
  public:
    Fetch(net::Loop& loop, const FetchVenue& venue)
        : venue_(&venue), client_(loop, net::TlsTrust{venue.way.ca_file}, *this)
    {
        for (const std::string& url : venue.type->instrument_urls(venue.key.market)) ask(url);
    }
    bool over() const { return answered_ == urls_.size(); }
    std::size_t answers() const { return answered_; }
    const std::string& trouble() const { return trouble_; }
    std::vector<ListingDefinition>& listings() { return listings_; }

    void on_open(net::LinkId) override {}
    void on_frame(net::LinkId, char*, std::size_t) override {}
    void on_closed(net::LinkId, const net::CloseInfo&) override {}
    void on_reply(net::RequestId request, net::HttpOutcome& outcome) override
    {
        ++answered_;
        const auto url =
            std::find_if(urls_.begin(), urls_.end(), [&](const auto& u) { return u.first == request; });
        const std::string label = venue_->key.label();
        if (outcome.status != 200) {
            trouble_ =
                fmt::format("{}: no list of instruments from {}: {}", label, url->second,
                            outcome.status == 0 ? outcome.error : fmt::format("status {}", outcome.status));
            return;
        }
        const std::string asked = url->second;
        auto read = venue_->type->read_instruments(venue_->key.market, asked, outcome.body.view());
        if (!read) {
            trouble_ = fmt::format("{}: {}", label, read.error().message);
            return;
        }
        for (ListingDefinition& definition : *read) listings_.push_back(std::move(definition));
        if (venue_->type->next_instrument_url == nullptr) return;
        const std::string next = venue_->type->next_instrument_url(asked, outcome.body.view());
        if (next.empty()) return;
        if (urls_.size() >= kPagesMax)
            trouble_ = fmt::format("{}: its list of instruments has no end", label);
        else
            ask(next);
    }

  private:
    void ask(const std::string& url)
    {
        std::string address = address_of(venue_->way, url);
        if (address.empty()) {
            trouble_ = fmt::format("{} is not an address of {}", url, venue_->key.label());
            return;
        }
        urls_.push_back({client_.request(call_of(venue_->way, HttpRequest(), std::move(address))), url});
    }

    const FetchVenue* venue_;
    net::Client client_;
    std::vector<std::pair<net::RequestId, std::string>> urls_;
    std::size_t answered_ = 0;
    std::string trouble_;
    std::vector<ListingDefinition> listings_;
};

void wait_for(net::Loop& loop, const std::vector<std::unique_ptr<Fetch>>& fetches, Duration deadline)
{
    const LiveClock clock;
    const Timestamp end = clock.now() + deadline;
    const auto over = [&] {
        return std::all_of(fetches.begin(), fetches.end(), [](const auto& f) { return f->over(); });
    };
    while (!over() && clock.now() < end) (void)loop.run_once(std::chrono::milliseconds(10));
}

std::optional<Error> trouble_of(const Fetch& fetch, const FetchVenue& venue, Duration deadline)
{
    if (!fetch.trouble().empty()) return Error{ExitCode::network, fetch.trouble()};
    if (fetch.over()) return std::nullopt;
    return Error{ExitCode::network, fmt::format("{}: no list of instruments within {} s", venue.key.label(),
                                                deadline.ns / seconds(1).ns)};
}

}  // namespace

Result<std::vector<InstrumentTable::VenueListings>> fetch_instruments(net::Loop& loop,
                                                                      const std::vector<FetchVenue>& venues,
                                                                      Duration deadline)
{
    std::vector<std::unique_ptr<Fetch>> fetches;
    for (const FetchVenue& venue : venues) fetches.push_back(std::make_unique<Fetch>(loop, venue));
    wait_for(loop, fetches, deadline);
    std::vector<InstrumentTable::VenueListings> result;
    for (std::size_t i = 0; i < venues.size(); ++i) {
        if (const auto error = trouble_of(*fetches[i], venues[i], deadline)) return *error;
        result.push_back({venues[i].key, std::move(fetches[i]->listings())});
    }
    return result;
}

Result<FetchedList> fetch_list(net::Loop& loop, const FetchVenue& venue, Duration deadline)
{
    std::vector<std::unique_ptr<Fetch>> fetches;
    fetches.push_back(std::make_unique<Fetch>(loop, venue));
    wait_for(loop, fetches, deadline);
    if (const auto error = trouble_of(*fetches.front(), venue, deadline)) return *error;
    return FetchedList{std::move(fetches.front()->listings()), fetches.front()->answers()};
}

}  // namespace arb
