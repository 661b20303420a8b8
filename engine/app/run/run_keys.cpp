// The keys of a run: which mode takes which, one that takes over while it runs, and what is left at the end.
#include <fmt/format.h>

#include "engine/app/run/run_session.hpp"
#include "engine/report/utf8.hpp"

namespace arb {

void RunSession::open_keys()
{
    const bool orders = request_.config.mode == RunMode::emulated || request_.config.mode == RunMode::live;
    if (!orders || request_.record_only) return;
    KeyAccess access;
    // In mode "emulated" the keystore's keys of that environment, which are thrown away too.
    access.trade = request_.config.mode == RunMode::emulated || request_.live;
    access.passphrase = request_.passphrase;
    keys_ = KeyRing::open(request_.config, request_.plugins, access);
    leases_ = std::make_unique<AccountLeases>(AccountLeases::usual_directory());
    for (const std::unique_ptr<HeldKey>& key : keys_->keys()) {
        if (std::optional<Error> trouble = lease(*key)) throw StartError(trouble->code, trouble->message);
    }
    const std::string& named = request_.config.keys.audit_log;
    audit_log_ = AuditLog::open(named.empty() ? request_.directory + "/" + kAuditFile : named).take();
}

std::optional<Error> RunSession::lease(const HeldKey& key)
{
    const VenueConfig* venue = config_of(request_.config, key.facts.venue);
    return leases_->take(key.facts.venue, venue != nullptr ? venue->endpoint : "", key.key_id,
                         request_.directory);
}

// It is read on a thread of its own, for a passphrase takes its time.
std::optional<Error> RunSession::use_key(const std::string& venue, const std::string& label)
{
    if (keys_ == nullptr) return Error{ExitCode::usage, "this run has no keys"};
    if (fresh_key_.valid()) return Error{ExitCode::usage, "another key is being read; ask again in a moment"};
    if (keys_->find(venue, label) != nullptr)
        return Error{ExitCode::usage, "a key of that label is in use or was; give another"};
    fresh_key_ = std::async(std::launch::async, [this, venue, label] { return keys_->read(venue, label); });
    return std::nullopt;
}

void RunSession::take_fresh_key()
{
    if (!fresh_key_.valid() || fresh_key_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    Result<KeyRing::Fresh> fresh = fresh_key_.get();
    if (!fresh) {
        request_.log("use-key: " + plain_text(fresh.error().message));
        return;
    }
    const Result<const HeldKey*> key = keys_->add(std::move(*fresh));
    std::optional<Error> trouble;
    if (key) trouble = lease(**key);
    if (!key || trouble)
        request_.log("use-key: " + plain_text(trouble ? trouble->message : key.error().message));
    else if (!driver_->command(KeyRing::line(**key, driver_->now())))
        request_.log("use-key: the engine does not take that key");
}

bool RunSession::end_keys(Timestamp now, RunOutcome& outcome)
{
    if (keys_ == nullptr) return true;
    if (fresh_key_.valid()) fresh_key_.wait();
    if (panic_) keys_->wipe();
    // From here on a use of a key that was replaced is somebody else's.
    if (engine_->live() != nullptr) {
        engine_->live()->keys().gate().for_each([&](const KeyNews& news) {
            if (news.fault != KeyFault::none) {
                outcome.troubles.push_back(fmt::format("{}; it is changed at {}", plain_text(news.text),
                                                       keys_->page(table_->label(news.venue))));
            }
            if (news.stage == KeyStage::gone)
                (void)audit_log_->retire(table_->venue(news.venue).exchange, news.label, now);
        });
    }
    return audit_log_->close();
}

}  // namespace arb
