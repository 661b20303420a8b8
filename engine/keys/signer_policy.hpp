#pragma once
// What a key may sign. An allow list: a request is signed only when its endpoint is listed, and an order only
// when its instrument is, on that product and margin, its size, price and pace are within limits and the hour
// is one of trading. Where a venue's signature does not cover method and path, the endpoint is concluded from
// the fields, and the same text may be good elsewhere at that venue: see the folder's README. Ways to
// move money out cannot be written down: add_endpoint refuses them, and judge() refuses them again by what
// the request says. Cancels and queries obey the endpoint list alone: taking orders back must always work.
// Used by the signer process, one thread; times are arguments. Sizes are exact decimals in the venue's own
// units (contracts where the venue counts contracts).
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/keys/request_view.hpp"

namespace arb {

enum class Refusal : std::uint8_t {
    none,
    no_such_key,     ///< not in the policy, or its slot was never opened on this connection
    malformed,       ///< the frame itself
    not_understood,  ///< the venue's parser could not read the text
    withdrawal,      ///< moves money, or touches sub-accounts, addresses or keys
    endpoint,        ///< not listed
    session,         ///< a log-on, without `sessions`
    unseen_order,    ///< an order whose content the text does not hold, without `unseen_orders`
    instrument,
    quantity,
    notional,
    no_price,  ///< a market order where the value is limited
    rate,
    hours,
    audit,    ///< the use could not be written down
    broken,   ///< the key's own signer failed
    product,  ///< another product or margin than the instrument's limit names
    count_,
};
/// One word, for the audit log and the wire.
const char* name(Refusal refusal);

/// "GET /api/v5/account/balance". The last segment of a GET may be "*": any one segment.
struct EndpointPattern {
    std::string method;
    std::string path;
    bool matches(std::string_view request_method, std::string_view request_path) const;
};

struct OrderLimit {
    std::string instrument;            ///< as the venue writes it
    std::string product;               ///< as SignedOrder has it; empty: spot
    std::string margin;                ///< as SignedOrder has it; empty: nothing borrowed
    std::optional<Decimal> quantity;   ///< of one order, at most
    std::optional<Decimal> notional;   ///< quantity x price x contract, at most
    Decimal contract = Decimal(1, 0);  ///< what one unit of quantity holds
};

/// Wall time says the hour, steady time the pace.
struct SigningTime {
    Timestamp wall;
    Timestamp steady;
};

class KeyPolicy {
  public:
    static constexpr std::uint32_t kAllHours = 0xff'ffff;
    static constexpr unsigned kOrdersPerSecondMax = 1'000;

    /// The error says why such a pattern cannot be had.
    std::optional<Error> add_endpoint(std::string_view pattern);
    std::optional<Error> add_limit(OrderLimit limit);
    /// 0: no orders. At most kOrdersPerSecondMax.
    std::optional<Error> set_orders_per_second(std::int64_t count);
    /// "07-19" is 07:00:00 to 19:59:59 UTC; "22-03" goes over midnight.
    std::optional<Error> set_hours(std::string_view range);
    /// The operator knows that orders sent after a log-on are not seen by the signer.
    void allow_sessions(bool allowed) { sessions_ = allowed; }
    /// The operator knows that this venue's signatures do not cover what an order says.
    void allow_unseen_orders(bool allowed) { unseen_orders_ = allowed; }

    /// Refusal::none lets it be signed, and counts its orders.
    Refusal judge(const RequestView& request, SigningTime now);

  private:
    Refusal judge_order(const SignedOrder& order) const;
    bool listed(const RequestView& request) const;
    bool pace(std::size_t orders, Timestamp now);

    std::vector<EndpointPattern> endpoints_;
    std::vector<OrderLimit> limits_;
    std::uint32_t hours_ = kAllHours;
    std::size_t orders_per_second_ = 0;
    bool sessions_ = false;
    bool unseen_orders_ = false;
    std::deque<Timestamp> recent_;  ///< orders of the last second
};

/// Whether a path is one of those that move money out or widen who may: by its words, at any venue.
bool moves_money(std::string_view method, std::string_view path);
/// Whether a field is one that only such requests have.
bool moves_money_field(std::string_view name);

}  // namespace arb
