#include "engine/live/venue_probe.hpp"

#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/live/clock.hpp"
#include "engine/live/http_route.hpp"
#include "engine/live/instrument_fetch.hpp"
#include "engine/net/client.hpp"

namespace arb {
namespace {

constexpr Duration kTurn = milliseconds(10);

std::string_view query_cut(std::string_view url)
{
    return url.substr(0, url.find('?'));
}

// "Sat, 21 Nov 2026 14:24:25 GMT", the middle of that second.
std::optional<Timestamp> time_of_date(std::string_view text)
{
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29) return std::nullopt;
    const std::size_t month = kMonths.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
    const auto whole = parse_utc(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1,
                                             text.substr(5, 2), text.substr(17, 8)));
    if (!whole) return std::nullopt;
    return *whole + milliseconds(500);
}

// How a question ended, with texts of our own.
struct Ended {
    Outcome outcome = Outcome::unknown;
    std::string text;
};

}  // namespace

KeyReport ProbedKey::report() const
{
    KeyReport report = bare;
    report.label = label;
    report.text = text;
    report.foreign = foreign;
    report.missing = missing;
    report.address_list = address_list;
    return report;
}

class VenueProbe::Parts final : public Outbox, public TradingSink, private net::ClientHandler {
  public:
    explicit Parts(const ProbeSetup& setup)
        : setup_(setup),
          table_(InstrumentTable::build({{setup.key, setup.definitions}}).take()),
          client_(loop_, net::TlsTrust{setup.way.ca_file}, *this)
    {
        VenueSetup venue_setup;
        venue_setup.table = &table_;
        venue_setup.credentials = setup.credentials;
        if (setup.credentials == nullptr) {
            // Connectors ask nothing without credentials, not even the time: these sign zeros, and request()
            // lets nothing out that is signed.
            stand_in_.signer = std::make_unique<ReplaySigner>(setup.type->replay_algorithm);
            venue_setup.credentials = &stand_in_;
        }
        venue_ = setup.type->make(venue_setup);
    }

    /// Asks and turns the loop until the question has ended. Empty: it has, see end().
    template <class Question>
    std::string ask(RequestKind kind, Duration deadline, Question question)
    {
        wanted_ = kind;
        ended_.reset();
        trouble_.clear();
        untrusted_ = false;
        asked_ = false;
        const Timestamp until = clock_.now() + deadline;
        question(*venue_);
        while (!ended_) {
            work_off_unsent();
            if (ended_) break;
            // Neither a request nor a timer is out: nothing will ever end this.
            if (waiting_.empty() && !wake_.known()) return "nothing was asked: the connector cannot";
            if (clock_.now() >= until)
                return fmt::format("no answer within {} s", deadline.ns / seconds(1).ns);
            (void)loop_.run_once(std::chrono::nanoseconds(kTurn.ns));
            if (wake_.known() && wake_ <= clock_.now()) {
                wake_ = {};
                venue_->on_wake(now(), *this, *this);
            }
        }
        if (ended_->outcome == Outcome::done) return {};
        if (!trouble_.empty()) return trouble_;
        return ended_->text.empty() ? name(ended_->outcome) : ended_->text;
    }

    /// The connector sent a request for the last question.
    bool asked() const { return asked_; }

    /// A plain request without a key, for what only its coming back tells.
    Result<ProbedTime> reach(Duration deadline)
    {
        const std::vector<std::string> urls = setup_.type->instrument_urls != nullptr
                                                  ? setup_.type->instrument_urls(setup_.key.market)
                                                  : std::vector<std::string>();
        HttpRequest asked;
        asked.method = "HEAD";
        net::HttpCall call =
            call_of(setup_.way, asked, urls.empty() ? std::string() : address_of(setup_.way, urls.front()));
        call.deadline = std::chrono::milliseconds(deadline.ns / milliseconds(1).ns);
        if (call.url.empty()) return Error{ExitCode::network, "the connector has no address to ask"};
        reached_.reset();
        untrusted_ = false;
        ProbedTime heard;
        heard.sent = now();
        reach_ = client_.request(std::move(call));
        while (!reached_) (void)loop_.run_once(std::chrono::nanoseconds(kTurn.ns));
        heard.received = now();
        reach_.reset();
        if (reached_->status == 0) {
            untrusted_ = reached_->distrust != net::Distrust::none;
            return Error{ExitCode::network, reached_->error};
        }
        const auto date = time_of_date(net::find_header(reached_->headers, "Date"));
        heard.told = date ? TimeTold::in_seconds : TimeTold::not_at_all;
        heard.venue = date ? *date : heard.sent + Duration{heard.round_trip().ns / 2};
        return heard;
    }

    Timestamp now() { return clock_.stamp(); }
    Venue& venue() { return *venue_; }
    std::string label() const { return setup_.key.label(); }
    net::TlsFacts tls() const { return client_.tls_facts(); }
    bool untrusted() const { return untrusted_; }

    std::optional<ProbedTime> time;
    std::optional<ProbedKey> key;
    std::vector<ProbedBalance> balances;
    std::vector<std::string> refused;

    // Outbox
    void send(ConnectionId, std::string_view) override { refused.emplace_back("a message"); }
    void connect(VenueId, std::string_view url) override
    {
        refused.push_back(fmt::format("a connection to {}", query_cut(url)));
    }
    void reconnect(ConnectionId, std::string_view) override { refused.emplace_back("a new connection"); }
    void wake_at(VenueId, Timestamp time_due) override
    {
        if (!wake_.known() || time_due < wake_) wake_ = time_due;
    }
    void used_key(VenueId, std::string_view endpoint) override
    {
        if (setup_.credentials != nullptr && setup_.on_key_use) setup_.on_key_use(endpoint);
    }
    void request(const HttpRequest& request) override
    {
        const std::string shown(query_cut(request.url));
        LiveVenue venues_own = setup_.way;
        venues_own.endpoint.clear();
        const bool stranger = address_of(venues_own, request.url).empty();
        if (stranger || (request.is_signed && setup_.credentials == nullptr)) {
            refused.push_back(fmt::format("{} {}", request.method, shown));
            trouble_ = stranger ? fmt::format("{} is not an address of {}", shown, label())
                                : "there is no key to ask with";
            unsent_.push_back({request.tag, request.is_signed ? shown : request.url});
            return;
        }
        asked_ = true;
        net::HttpCall call = call_of(setup_.way, request, address_of(setup_.way, request.url));
        waiting_[client_.request(std::move(call))] = {request.tag, request.is_signed ? shown : request.url,
                                                      std::string(request.count_header)};
    }

    // FactSink
    void on_undecoded(const Undecoded&) override { trouble_ = "the answer cannot be read"; }
    void on_clock_sample(Timestamp venue_time, Timestamp sent, Timestamp received) override
    {
        time = ProbedTime{venue_time, sent, received};
    }
    void on_balance_report(const BalanceReport& r) override
    {
        balances.push_back({std::string(r.asset), r.has_total, r.has_free, r.total, r.free});
    }
    void on_key_report(const KeyReport& r) override
    {
        KeyReport bare = r;
        bare.label = bare.text = bare.foreign = bare.missing = bare.address_list = {};
        key = ProbedKey{bare,
                        std::string(r.label),
                        std::string(r.text),
                        std::string(r.foreign),
                        std::string(r.missing),
                        std::string(r.address_list)};
    }
    void on_request_end(const RequestEnd& end) override
    {
        if (end.kind != wanted_ || ended_) return;
        ended_ = Ended{end.outcome, std::string(end.text)};
        if (ended_->text.empty() && !end.code.empty()) ended_->text = fmt::format("code {}", end.code);
    }

  private:
    // net::ClientHandler
    void on_open(net::LinkId) override {}
    void on_frame(net::LinkId, char*, std::size_t) override {}
    void on_closed(net::LinkId, const net::CloseInfo&) override {}
    void on_reply(net::RequestId id, net::HttpOutcome& outcome) override
    {
        if (reach_ == id) {
            reached_ = std::move(outcome);
            return;
        }
        const auto found = waiting_.find(id);
        if (found == waiting_.end()) return;
        const AskedByHttp waited = std::move(found->second);
        waiting_.erase(found);
        if (outcome.status == 0) {
            trouble_ = outcome.error;
            untrusted_ = outcome.distrust != net::Distrust::none;
        }
        venue_->on_http(reply_of(waited, outcome), now(), *this, *this);
    }
    // What was refused is told behind the call that wished it, as a driver does.
    void work_off_unsent()
    {
        while (!unsent_.empty()) {
            const AskedByHttp one = std::move(unsent_.back());
            unsent_.pop_back();
            venue_->on_http(unsent_reply(one.tag, one.url), now(), *this, *this);
        }
    }

    ProbeSetup setup_;
    LiveClock clock_;
    InstrumentTable table_;
    Credentials stand_in_;
    std::unique_ptr<Venue> venue_;
    std::map<net::RequestId, AskedByHttp> waiting_;
    std::vector<AskedByHttp> unsent_;
    Timestamp wake_;
    RequestKind wanted_{};
    std::optional<Ended> ended_;
    std::string trouble_;
    bool untrusted_ = false;
    bool asked_ = false;
    std::optional<net::RequestId> reach_;
    std::optional<net::HttpOutcome> reached_;
    net::Loop loop_;
    net::Client client_;  // last: its end calls nobody
};

VenueProbe::VenueProbe(const ProbeSetup& setup) : parts_(std::make_unique<Parts>(setup)) {}

VenueProbe::~VenueProbe() = default;

Result<ProbedTime> VenueProbe::time(Duration deadline)
{
    Parts& p = *parts_;
    p.time.reset();
    const std::size_t before = p.refused.size();
    const std::string trouble =
        p.ask(RequestKind::time, deadline, [&](Venue& venue) { venue.query_time(p.now(), p, p); });
    if (trouble.empty() && p.time) return *p.time;
    std::string why = trouble.empty() ? "not told" : trouble;
    if (!p.asked() && p.refused.size() == before) {
        const auto reached = p.reach(deadline);
        if (reached) return reached;
        why = reached.error().message;
    }
    return Error{ExitCode::network, fmt::format("{}: its time: {}", p.label(), why)};
}

ProbedKey VenueProbe::key(Duration deadline)
{
    Parts& p = *parts_;
    p.key.reset();
    const std::string trouble =
        p.ask(RequestKind::key_info, deadline, [&](Venue& venue) { venue.query_key(p.now(), p, p); });
    if (p.key) {
        // The venue's words are the answer; where it said nothing, the connection's trouble is.
        if (p.key->bare.answer == KeyAnswer::none && p.key->text.empty()) p.key->text = trouble;
        return *p.key;
    }
    ProbedKey none;
    none.text = trouble.empty() ? "not told" : trouble;
    return none;
}

Result<std::vector<ProbedBalance>> VenueProbe::balances(Duration deadline)
{
    Parts& p = *parts_;
    p.balances.clear();
    const std::string trouble =
        p.ask(RequestKind::balances, deadline, [&](Venue& venue) { venue.query_balances(p.now(), p, p); });
    if (trouble.empty()) return p.balances;
    return Error{ExitCode::network, fmt::format("{}: balances: {}", p.label(), trouble)};
}

void VenueProbe::set_clock_offset(Duration offset)
{
    parts_->venue().set_clock_offset(offset);
}

net::TlsFacts VenueProbe::tls() const
{
    return parts_->tls();
}

bool VenueProbe::untrusted() const
{
    return parts_->untrusted();
}

const std::vector<std::string>& VenueProbe::refused() const
{
    return parts_->refused;
}

}  // namespace arb
