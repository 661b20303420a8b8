#include "connectors/binance/session.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace arb::binance {

void Session::subscribe(const std::vector<std::string>& streams, const std::vector<ListingId>& listings,
                        std::uint64_t& next_id, Timestamp now)
{
    std::size_t i = 0;
    while (i < streams.size()) {
        Request request;
        request.id = next_id++;
        request.text = R"({"method":"SUBSCRIBE","params":[)";
        const std::size_t first = i;
        while (i < streams.size() &&
               (i == first || request.text.size() + streams[i].size() < kRequestBytes)) {
            if (i != first) request.text += ',';
            request.text += '"' + streams[i] + '"';
            if (request.listings.empty() || request.listings.back() != listings[i]) {
                request.listings.push_back(listings[i]);
            }
            ++i;
        }
        request.text += fmt::format(R"(],"id":{}}})", request.id);
        request.sent = now;
        waiting_.push_back(std::move(request));
    }
}

void Session::send_within_budget(Timestamp now, Outbox& outbox)
{
    while (!waiting_.empty()) {
        if (now - window_ >= seconds(1)) {
            window_ = now;
            window_count_ = 0;
        }
        if (window_count_ >= kMessagesPerSecond) return;
        ++window_count_;
        Request& request = waiting_.front();
        outbox.send(connection_, request.text);
        request.sent = now;
        sent_.push_back(std::move(request));
        waiting_.pop_front();
    }
}

void Session::wake(std::uint64_t& next_id, Timestamp now, Outbox& outbox)
{
    if (leaving_) return;
    const bool unanswered = std::any_of(sent_.begin(), sent_.end(),
                                        [now](const Request& r) { return now - r.sent >= kAcknowledgeMax; });
    if (now - last_receive_ >= kSilenceMax) return leave("no message for 30 seconds", outbox);
    if (unanswered) return leave("a request was not acknowledged within 10 seconds", outbox);
    if (now - last_receive_ >= kProbeAfter && probed_ <= last_receive_) {
        probed_ = now;
        const std::uint64_t id = next_id++;
        waiting_.push_back({id, fmt::format(R"({{"method":"LIST_SUBSCRIPTIONS","id":{}}})", id), {}, now});
    }
    send_within_budget(now, outbox);

    Timestamp due = last_receive_ + (now - last_receive_ >= kProbeAfter ? kSilenceMax : kProbeAfter);
    if (!waiting_.empty()) due = std::min(due, window_ + seconds(1));
    for (const Request& request : sent_) due = std::min(due, request.sent + kAcknowledgeMax);
    outbox.wake_at(venue_, due);
}

std::vector<ListingId> Session::acknowledged(std::uint64_t id)
{
    const auto found =
        std::find_if(sent_.begin(), sent_.end(), [id](const Request& r) { return r.id == id; });
    if (found == sent_.end()) return {};
    std::vector<ListingId> listings = std::move(found->listings);
    sent_.erase(found);
    return listings;
}

void Session::leave(std::string_view why, Outbox& outbox)
{
    if (leaving_) return;
    leaving_ = true;
    outbox.reconnect(connection_, why);
}

}  // namespace arb::binance
