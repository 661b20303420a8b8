#include "tests/support/fact_lines.hpp"

#include "engine/base/time.hpp"

namespace arb::test {
namespace {

std::string field(const char* key, std::string_view value)
{
    if (value.empty()) return {};
    const bool plain = value.find_first_of(" \"\n\t") == std::string_view::npos;
    return " " + std::string(key) + "=" + (plain ? std::string(value) : "\"" + std::string(value) + "\"");
}

// Up to milliseconds, further only where there is more.
std::string instant(Timestamp time)
{
    std::string text = format_utc(time);
    if (time.ns % 1'000'000 == 0 && text.size() == 30) text.erase(23, 6);
    return text;
}

std::string at(Timestamp time)
{
    return time.known() ? " at=" + instant(time) : std::string();
}

std::string whole(std::uint64_t value)
{
    return std::to_string(value);
}

std::string rate(Rate value)
{
    return format_scaled128(value.units, 8);
}

std::string rights(KeyRights held)
{
    static constexpr std::pair<KeyRight, const char*> kNames[] = {
        {KeyRight::read, "read"},         {KeyRight::trade, "trade"},
        {KeyRight::withdraw, "withdraw"}, {KeyRight::transfer, "transfer"},
        {KeyRight::sub_accounts, "sub"},  {KeyRight::address_book, "addresses"},
        {KeyRight::other, "other"},
    };
    std::string text;
    for (const auto& [right, word] : kNames) {
        if (held.has(right)) text += (text.empty() ? "" : ",") + std::string(word);
    }
    return text;
}

std::string told(const char* key, KeyTold what, const std::string& value)
{
    if (what == KeyTold::silent) return {};
    return field(key, what == KeyTold::none ? "none" : value);
}

}  // namespace

std::string FactLines::symbol(ListingId listing) const
{
    return listing == kNoListing ? "-" : table_->listing(listing).symbol;
}

std::string FactLines::price(ListingId listing, Price p) const
{
    if (listing == kNoListing) return whole(static_cast<std::uint64_t>(p.units));
    return format_scaled128(p.units, table_->instrument_of(listing).price_decimals);
}

std::string FactLines::quantity(ListingId listing, Quantity q) const
{
    if (listing == kNoListing) return whole(static_cast<std::uint64_t>(q.units));
    return format_scaled128(q.units, table_->instrument_of(listing).quantity_decimals);
}

std::string FactLines::level(ListingId listing, const Level& l) const
{
    return quantity(listing, l.quantity) + "@" + price(listing, l.price);
}

std::string FactLines::order(OrderId id) const
{
    if (id == kForeignOrder) return "foreign";
    const auto found = names.find(id);
    return found == names.end() ? "another" : found->second;
}

void FactLines::on_book(const BookUpdate& u)
{
    std::string line = "BOOK " + symbol(u.listing) + (u.snapshot ? " snapshot" : " delta");
    if (u.sequence_first != 0) line += " first=" + whole(u.sequence_first);
    if (u.sequence_last != 0) line += " last=" + whole(u.sequence_last);
    if (u.has_previous) line += " previous=" + whole(u.sequence_previous);
    if (u.has_checksum) line += " checksum=" + whole(u.checksum);
    if (u.text.price != 0 || u.text.quantity != 0)
        line += " digits=" + whole(u.text.price) + "/" + whole(u.text.quantity);
    if (u.depth != 0) line += " depth=" + whole(u.depth);
    line += at(u.venue_time);
    for (const bool bids : {true, false}) {
        const auto side = bids ? u.bids : u.asks;
        line += (bids ? " bids:" : " asks:") + whole(side.size());
        constexpr std::size_t kShown = 8;
        for (std::size_t i = 0; i < side.size() && i < kShown; ++i) line += " " + level(u.listing, side[i]);
        if (side.size() > kShown) line += " ...";
    }
    lines.push_back(line);
}

void FactLines::on_quote(const BestQuote& q)
{
    std::string line =
        "QUOTE " + symbol(q.listing) + " bid=" + level(q.listing, q.bid) + " ask=" + level(q.listing, q.ask);
    if (q.sequence != 0) line += " sequence=" + whole(q.sequence);
    lines.push_back(line + at(q.venue_time));
}

void FactLines::on_trade(const Trade& t)
{
    lines.push_back("TRADE " + symbol(t.listing) + (t.aggressor == Side::buy ? " buy " : " sell ") +
                    quantity(t.listing, t.quantity) + "@" + price(t.listing, t.price) + at(t.venue_time));
}

void FactLines::on_connection_sequence(ConnectionId, std::uint64_t sequence)
{
    lines.push_back("SEQUENCE " + whole(sequence));
}

void FactLines::on_acknowledged(ConnectionId, ListingId listing, bool subscribed)
{
    lines.push_back("ACK " + symbol(listing) + (subscribed ? " subscribed" : " ended"));
}

void FactLines::on_venue_time(Timestamp venue_time, Timestamp)
{
    lines.push_back("TIME" + at(venue_time));
}

void FactLines::on_undecoded(const Undecoded& u)
{
    lines.push_back("UNDECODED " + std::string(name(u.reason)) +
                    (u.listing == kNoListing ? std::string() : " " + symbol(u.listing)) +
                    field("text", u.text));
}

void FactLines::on_listing_status(ListingId listing, ListingStatus status)
{
    lines.push_back("STATUS " + symbol(listing) + " " + name(status));
}

void FactLines::on_order_report(const OrderReport& r)
{
    std::string line = "ORDER " + order(r.order) + " " + symbol(r.listing) + " " + name(r.status);
    if (r.reason != RejectReason::none) line += " reason=" + std::string(name(r.reason));
    line += std::string(" by=") + name(r.source) + (r.side == Side::buy ? " buy" : " sell");
    if (!r.quantity.zero()) line += " quantity=" + quantity(r.listing, r.quantity);
    if (r.price.units != 0) line += " price=" + price(r.listing, r.price);
    if (r.has_filled) line += " filled=" + quantity(r.listing, r.filled);
    line += field("venue_id", r.venue_id);
    if (r.order == kForeignOrder) line += field("client_id", r.client_id);
    lines.push_back(line + at(r.venue_time));
}

void FactLines::on_fill_report(const FillReport& r)
{
    std::string line = "FILL " + order(r.order) + " " + symbol(r.listing) + " by=" + name(r.source) +
                       (r.side == Side::buy ? " buy " : " sell ") + quantity(r.listing, r.quantity) + "@" +
                       price(r.listing, r.price) + (r.maker ? " maker" : " taker");
    if (r.has_fee) line += " fee=" + r.fee.text() + field("fee_asset", r.fee_asset);
    lines.push_back(line + field("trade_id", r.trade_id) + field("venue_id", r.venue_id) + at(r.venue_time));
}

void FactLines::on_balance_report(const BalanceReport& r)
{
    std::string line = "BALANCE " + std::string(r.asset);
    if (r.has_total) line += " total=" + r.total.text();
    if (r.has_free) line += " free=" + r.free.text();
    lines.push_back(line + " by=" + name(r.source) + at(r.venue_time));
}

void FactLines::on_fee_report(const FeeReport& r)
{
    lines.push_back("FEE " + symbol(r.listing) + " maker=" + rate(r.maker) + " taker=" + rate(r.taker));
}

void FactLines::on_request_end(const RequestEnd& e)
{
    std::string line = "END " + std::string(name(e.kind)) + " " + name(e.outcome);
    if (e.reason != RejectReason::none) line += " reason=" + std::string(name(e.reason));
    if (e.order != kForeignOrder) line += " order=" + order(e.order);
    if (!e.complete) line += " incomplete";
    if (e.retry_after.ns != 0) line += " retry_after=" + format_scaled128(e.retry_after.ns, 9) + "s";
    lines.push_back(line + field("code", e.code) + field("text", e.text));
}

void FactLines::on_channel(Channel channel, bool ready)
{
    lines.push_back("CHANNEL " + std::string(name(channel)) + (ready ? " ready" : " down"));
}

void FactLines::on_clock_sample(Timestamp venue_time, Timestamp, Timestamp)
{
    lines.push_back("CLOCK" + at(venue_time));
}

void FactLines::on_key_report(const KeyReport& r)
{
    std::string line = "KEY " + std::string(r.label) + " " + name(r.answer) +
                       field("rights", rights(r.rights)) + field("foreign", r.foreign) +
                       field("missing", r.missing);
    line += told("addresses", r.addresses, std::string(r.address_list));
    line += told("expires", r.expiry, instant(r.expires));
    if (r.created.known()) line += " created=" + instant(r.created);
    lines.push_back(line + field("text", r.text));
}

std::string listing_line(const ListingDefinition& d)
{
    std::string line = "LISTING " + d.symbol + " " + d.instrument_name() + field("market", d.market) +
                       field("code", d.code) + " tick=" + d.tick.text() + " lot=" + d.lot.text() +
                       " min=" + d.quantity_min.text();
    if (!d.notional_min.zero()) line += " notional=" + d.notional_min.text();
    if (d.multiplier != Decimal{1, 0}) line += " multiplier=" + d.multiplier.text();
    if (d.inverse) line += " inverse";
    if (!d.price_unit.zero()) line += " price_unit=" + d.price_unit.text();
    if (!d.quantity_unit.zero()) line += " quantity_unit=" + d.quantity_unit.text();
    if (d.fee_maker) line += " maker=" + d.fee_maker->text();
    if (d.fee_taker) line += " taker=" + d.fee_taker->text();
    return line + " " + name(d.status);
}

}  // namespace arb::test
