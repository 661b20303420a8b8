#include "connectors/gate/encoder.hpp"

#include <fmt/format.h>

#include "connectors/gate/signer.hpp"
#include "engine/connect/inquiries.hpp"
#include "engine/venue/account_fields.hpp"

namespace arb::gate {
namespace {

// x-gate-exptime: what the venue receives later than this is dropped, and cannot happen any more.
constexpr Duration kRequestLife = seconds(5);

constexpr std::string_view kTimesInForce[] = {"ioc", "fok", "gtc", "poc"};

/// How an order is named: by the venue's id, or by the text that we gave it, which the venue takes for half
/// an hour alone.
class OrderName {
  public:
    explicit OrderName(const OrderReference& order)
        : client_(client_order_id(order.order)), id_(is_plain_id(order.venue_id) ? order.venue_id : "")
    {
        ours_ = id_.empty() && order.order != kForeignOrder;
    }
    bool known() const { return ours_ || !id_.empty(); }
    std::string_view head() const { return ours_ ? kTextHead : std::string_view(); }
    std::string_view rest() const { return ours_ ? client_.view() : id_; }

  private:
    ClientOrderId client_;
    std::string_view id_;
    bool ours_ = false;
};

}  // namespace

template <class... Parts>
std::string_view Encoder::write(std::string_view channel, std::uint64_t number, Timestamp now,
                                std::string_view form, const Parts&... parts)
{
    char* const end = line_.data() + line_.size();
    auto at = fmt::format_to_n(
        line_.data(), line_.size(),
        R"({{"time":{},"channel":"{}","event":"api","payload":{{"req_id":"{}","req_param":{{)",
        unix_seconds(now), channel, number);
    at = fmt::vformat_to_n(at.out, static_cast<std::size_t>(end - at.out), form,
                           fmt::make_format_args(parts...));
    at = fmt::format_to_n(at.out, static_cast<std::size_t>(end - at.out),
                          R"(}},"req_header":{{"x-gate-exptime":"{}"}}}}}})",
                          (now + kRequestLife).ns / 1'000'000);
    ENSURE(at.out < end, "an order's text fits its line");
    return {line_.data(), static_cast<std::size_t>(at.out - line_.data())};
}

std::string_view Encoder::place(const ApprovedOrder& order, std::uint64_t number, Timestamp now)
{
    const OrderIntent& intent = order.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    const ClientOrderId client = client_order_id(order.id());
    const std::string_view tif = kTimesInForce[static_cast<std::size_t>(intent.time_in_force)];
    // Contracts are counted with a sign and have no side of their own.
    if (!words_->spot)
        return write(words_->place, number, now,
                     R"("text":"{}{}","contract":"{}","size":{}{},"price":"{}","tif":"{}")", kTextHead,
                     client.view(), std::string_view(listing.symbol),
                     std::string_view(intent.side == Side::sell ? "-" : ""), digits.quantity(),
                     digits.price(), tif);
    return write(words_->place, number, now,
                 R"("text":"{}{}","currency_pair":"{}","type":"limit","account":"{}","side":"{}",)"
                 R"("amount":"{}","price":"{}","time_in_force":"{}")",
                 kTextHead, client.view(), std::string_view(listing.symbol), kWallet,
                 std::string_view(name(intent.side)), digits.quantity(), digits.price(), tif);
}

std::string_view Encoder::amend(const OrderReference& order, const ApprovedAmend& amend, std::uint64_t number,
                                Timestamp now)
{
    OrderReference named = order;
    named.order = amend.id();
    const OrderName name(named);
    const OrderIntent& intent = amend.intent();
    const Listing& listing = setup_.table->listing(intent.listing);
    const OrderDigits digits(intent, setup_.table->instrument(listing.instrument), listing);
    // A contract's order is found by its name alone.
    if (!words_->spot)
        return write(words_->amend, number, now, R"("order_id":"{}{}","price":"{}")", name.head(),
                     name.rest(), digits.price());
    return write(words_->amend, number, now, R"("order_id":"{}{}","currency_pair":"{}","price":"{}")",
                 name.head(), name.rest(), std::string_view(listing.symbol), digits.price());
}

std::string_view Encoder::cancel(const OrderReference& order, std::uint64_t number, Timestamp now)
{
    const OrderName name(order);
    if (!name.known()) return {};
    if (!words_->spot)
        return write(words_->cancel, number, now, R"("order_id":"{}{}")", name.head(), name.rest());
    return write(words_->cancel, number, now, R"("order_id":"{}{}","currency_pair":"{}")", name.head(),
                 name.rest(), std::string_view(setup_.table->listing(order.listing).symbol));
}

std::string_view Encoder::ping(Timestamp now)
{
    const auto written = fmt::format_to_n(line_.data(), line_.size(), R"({{"time":{},"channel":"{}"}})",
                                          unix_seconds(now), words_->ping);
    return {line_.data(), written.size};
}

std::string Encoder::log_on(Timestamp now) const
{
    const std::int64_t time = unix_seconds(now);
    const std::string signature = sign_log_on(*setup_.credentials, words_->log_on, time);
    if (signature.empty()) return {};
    return fmt::format(R"({{"time":{0},"channel":"{4}","event":"api","payload":{{"req_id":"{1}",)"
                       R"("api_key":"{2}","signature":"{3}","timestamp":"{0}"}}}})",
                       time, kLogOnId, setup_.credentials->key_id, signature, words_->log_on);
}

std::string Encoder::subscribe(std::string_view channel, std::string_view payload, Timestamp now) const
{
    const std::int64_t time = unix_seconds(now);
    const std::string signature = sign_subscription(*setup_.credentials, channel, "subscribe", time);
    if (signature.empty()) return {};
    return fmt::format(R"({{"time":{},"channel":"{}","event":"subscribe",{}{}{}"auth":{{"method":"api_key",)"
                       R"("KEY":"{}","SIGN":"{}"}}}})",
                       time, channel, payload.empty() ? "" : R"("payload":)", payload,
                       payload.empty() ? "" : ",", setup_.credentials->key_id, signature);
}

}  // namespace arb::gate
