#include "engine/app/run/run_keys.hpp"

#include <fmt/format.h>

#include "engine/live/host_thread.hpp"
#include "engine/report/utf8.hpp"

namespace arb {

RunKeys::RunKeys(const RunRequest& request, const InstrumentTable& table)
    : request_(&request), table_(&table), leases_(AccountLeases::usual_directory())
{
    KeyAccess access;
    // In mode "emulated" the keystore's keys of that environment, which are thrown away too.
    access.trade = request.config.mode == RunMode::emulated || request.live;
    access.passphrase = request.passphrase;
    ring_ = KeyRing::open(request.config, request.plugins, access);
    for (const std::unique_ptr<HeldKey>& key : ring_->keys()) {
        if (std::optional<Error> trouble = lease(*key)) throw StartError(trouble->code, trouble->message);
    }
    const std::string& named = request.config.keys.audit_log;
    audit_log_ = AuditLog::open(named.empty() ? request.directory + "/" + kAuditFile : named).take();
    audit_.emplace(table, *ring_, *audit_log_);
}

void RunKeys::begin(LiveDriver& driver) const
{
    for (const std::unique_ptr<HeldKey>& key : ring_->keys()) {
        if (!driver.command(KeyRing::line(*key, driver.now()))) {
            throw StartError(ExitCode::internal, fmt::format("key '{}' of {} cannot be used",
                                                             key->facts.label, key->facts.venue));
        }
    }
}

std::optional<Error> RunKeys::lease(const HeldKey& key)
{
    const VenueConfig* venue = config_of(request_->config, key.facts.venue);
    return leases_.take(key.facts.venue, venue != nullptr ? venue->endpoint : "", key.key_id,
                        request_->directory);
}

// It is read on a thread of its own, for a passphrase takes its time.
std::optional<Error> RunKeys::use(const std::string& venue, const std::string& label)
{
    if (fresh_.valid()) return Error{ExitCode::usage, "another key is being read; ask again in a moment"};
    if (ring_->find(venue, label) != nullptr)
        return Error{ExitCode::usage, "a key of that label is in use or was; give another"};
    fresh_ = std::async(std::launch::async, [this, venue, label] {
        leave_engine_core();
        return ring_->read(venue, label);
    });
    return std::nullopt;
}

void RunKeys::take_fresh(LiveDriver& driver)
{
    if (!fresh_.valid() || fresh_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    Result<KeyRing::Fresh> fresh = fresh_.get();
    if (!fresh) {
        request_->log("use-key: " + plain_text(fresh.error().message));
        return;
    }
    const Result<const HeldKey*> key = ring_->add(std::move(*fresh));
    std::optional<Error> trouble;
    if (key) trouble = lease(**key);
    if (!key || trouble)
        request_->log("use-key: " + plain_text(trouble ? trouble->message : key.error().message));
    else if (!driver.command(KeyRing::line(**key, driver.now())))
        request_->log("use-key: the engine does not take that key");
}

void RunKeys::on_use(VenueId venue, std::string_view label, std::string_view endpoint, Timestamp now)
{
    auto& [count, last] = uses_[{venue, std::string(label), std::string(endpoint)}];
    ++count;
    last = now;
    audit_->record(venue, label, endpoint, now);
}

void RunKeys::store_uses(Ledger& ledger)
{
    for (const auto& [use, times] : uses_) {
        ledger::KeyUseRow row;
        row.time = times.second;
        row.venue = table_->label(use.venue);
        row.label = use.label;
        row.endpoint = use.endpoint;
        row.outcome = "sent";
        row.count = times.first;
        ledger.record(row);
    }
    uses_.clear();
}

bool RunKeys::end(const LiveTrading* live, bool wipe, Timestamp now, std::vector<std::string>& troubles)
{
    if (fresh_.valid()) fresh_.wait();
    if (wipe) ring_->wipe();
    // From here on a use of a key that was replaced is somebody else's.
    if (live != nullptr) {
        live->keys().gate().for_each([&](const KeyNews& news) {
            if (news.fault != KeyFault::none) {
                troubles.push_back(fmt::format("{}; it is changed at {}", plain_text(news.text),
                                               ring_->page(table_->label(news.venue))));
            }
            if (news.stage == KeyStage::gone)
                (void)audit_log_->retire(table_->venue(news.venue).exchange, news.label, now);
        });
    }
    return audit_log_->close();
}

}  // namespace arb
