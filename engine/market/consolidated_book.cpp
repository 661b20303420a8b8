#include "engine/market/consolidated_book.hpp"

namespace arb {

ConsolidatedBook::ConsolidatedBook(MarketDefinition definition)
    : definition_(std::move(definition)), quotes_(definition_.members.size())
{
}

void ConsolidatedBook::update(std::size_t member, const BookBuilder& builder)
{
    VenueQuote& quote = quotes_[member];
    quote.usable = builder.tradable();
    quote.ended = builder.trouble() == BookTrouble::ended && quote.bid.units > 0;
    quote.updated = builder.updated();
    if (quote.usable) {
        const MarketMember& scale = definition_.members[member];
        const Level& bid = builder.book().bids().best();
        const Level& ask = builder.book().asks().best();
        quote.bid = {bid.price.units * scale.price_factor};
        quote.ask = {ask.price.units * scale.price_factor};
        quote.bid_quantity = {bid.quantity.units * scale.quantity_factor};
        quote.ask_quantity = {ask.quantity.units * scale.quantity_factor};
    }
    best_bid_ = best_ask_ = kNone;
    any_ended_ = false;
    for (std::size_t i = 0; i < quotes_.size(); ++i) {
        any_ended_ |= quotes_[i].ended;
        if (!quotes_[i].usable) continue;
        if (best_bid_ == kNone || quotes_[i].bid > quotes_[best_bid_].bid) best_bid_ = i;
        if (best_ask_ == kNone || quotes_[i].ask < quotes_[best_ask_].ask) best_ask_ = i;
    }
}

}  // namespace arb
