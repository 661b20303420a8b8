#include "connectors/gate/private_entries.hpp"

#include "connectors/gate/encoder.hpp"
#include "connectors/gate/errors.hpp"

namespace arb::gate {
namespace {

/// A fee is paid in one of three ways; the others are zero then.
struct FeeWay {
    std::string_view key, asset;
};
constexpr FeeWay kFeeWays[] = {{"fee", {}}, {"gt_fee", "GT"}, {"point_fee", "POINT"}};

}  // namespace

OrderId order_of(std::string_view text)
{
    if (!text.starts_with(kTextHead)) return kForeignOrder;
    return parse_client_order_id(text.substr(kTextHead.size())).value_or(kForeignOrder);
}

bool trouble(UndecodedReason reason, std::string_view text, FactSink& sink)
{
    sink.on_undecoded({reason, kNoListing, kNoConnection, text});
    return false;
}

// Two ways at once are not documented: such a fill has no fee here, and it is asked for.
bool read_fee(AccountFields& fields, std::string_view received, FillReport& report)
{
    std::size_t ways = 0;
    report.has_fee = fields.has("fee");
    report.fee_asset = received;
    for (const FeeWay& way : kFeeWays) {
        const Amount paid = fields.amount(way.key, false);
        if (paid.zero()) continue;
        ++ways;
        report.fee = paid;
        report.fee_asset = way.asset.empty() ? received : way.asset;
    }
    if (ways > 1) report.has_fee = false;
    return ways <= 1;
}

void read_client(AccountFields& fields, OrderReport& report)
{
    report.client_id = fields.text("text", false);
    report.order = order_of(report.client_id);
    if (report.order != kForeignOrder) report.client_id.remove_prefix(kTextHead.size());
}

// An order whose last word is not understood has ended all the same.
void read_end(AccountFields& fields, bool filled, OrderReport& report, FactSink& sink)
{
    const std::string_view word = fields.text("finish_as", false);
    const EndWord* const end = find_end(word);
    if (filled || (end != nullptr && end->filled)) {
        report.status = OrderStatus::filled;
    } else {
        report.status = OrderStatus::cancelled;
        report.reason = end != nullptr ? end->reason : RejectReason::other;
    }
    if (end == nullptr)
        (void)trouble(UndecodedReason::unknown_message, word.empty() ? "finish_as" : word, sink);
}

}  // namespace arb::gate
