#include "connectors/okx/book_start.hpp"

#include <fmt/format.h>

namespace arb::okx {
namespace {

// A snapshot that is older than the first change held, and one that never came.
constexpr Duration kSnapshotAgain = milliseconds(300), kSnapshotLost = seconds(5);
// A minute of changes and more; whoever waits longer begins anew.
constexpr std::size_t kHeldMax = 1000;

}  // namespace

BookStart::BookStart(VenueId venue, const InstrumentTable& table)
    : venue_(venue), table_(&table), books_(table.listings().size())
{
}

void BookStart::expect(ListingId listing)
{
    Book& book = books_[index(listing)];
    settle(book);
    book.stage = Stage::subscribing;
    ++beginning_;
}

void BookStart::forget(ListingId listing)
{
    settle(books_[index(listing)]);
}

void BookStart::settle(Book& book)
{
    if (book.stage == Stage::settled) return;
    book.stage = Stage::settled;
    book.held.clear();
    book.ask_at = {};
    --beginning_;
}

FactSink& BookStart::between(FactSink& sink, Outbox& outbox, Timestamp now, bool by_rest)
{
    sink_ = &sink;
    outbox_ = &outbox;
    now_ = now;
    by_rest_ = by_rest;
    return *this;
}

void BookStart::on_acknowledged(ConnectionId connection, ListingId listing, bool subscribed)
{
    // The trades of the listing are confirmed behind its book, and nothing tells the two apart here.
    if (listing != kNoListing && subscribed) {
        Book& book = books_[index(listing)];
        if (book.stage == Stage::subscribing) book.stage = Stage::confirmed;
    }
    sink_->on_acknowledged(connection, listing, subscribed);
}

void BookStart::on_book(const BookUpdate& update)
{
    Book& book = books_[index(update.listing)];
    if (by_rest_) {
        if (book.stage == Stage::joining)
            join(book, update);
        else
            sink_->on_book(update);
        return;
    }
    if (update.snapshot) settle(book);
    // Without numbers nothing could be joined; the judge of the book says what it thinks of such a change.
    const bool numbered = update.has_previous && update.sequence_last != 0;
    if (book.stage == Stage::settled || book.stage == Stage::subscribing || !numbered) {
        sink_->on_book(update);
        return;
    }
    if (book.stage == Stage::confirmed) {
        book.stage = Stage::joining;
        ask(update.listing, book, now_, *outbox_);
    }
    hold(book, update);
}

void BookStart::hold(Book& book, const BookUpdate& update)
{
    if (book.held.size() == kHeldMax) book.held.clear();
    Held& held = book.held.emplace_back();
    held.update = update;
    held.bids.assign(update.bids.begin(), update.bids.end());
    held.asks.assign(update.asks.begin(), update.asks.end());
}

// "The first applied must satisfy prevSeqId <= snapshot < seqId", then each names the one before it.
void BookStart::join(Book& book, const BookUpdate& snapshot)
{
    if (book.held.front().update.sequence_previous > snapshot.sequence_last) {
        book.ask_at = now_ + kSnapshotAgain;
        outbox_->wake_at(venue_, book.ask_at);
        return;
    }
    std::vector<Held> held = std::move(book.held);
    settle(book);
    sink_->on_book(snapshot);
    bool joined = false;
    for (Held& next : held) {
        BookUpdate& update = next.update;
        if (!joined && update.sequence_last <= snapshot.sequence_last) continue;
        if (!joined && update.sequence_previous <= snapshot.sequence_last)
            update.sequence_previous = snapshot.sequence_last;
        joined = true;
        update.bids = next.bids;
        update.asks = next.asks;
        sink_->on_book(update);
    }
}

void BookStart::ask(ListingId listing, Book& book, Timestamp now, Outbox& outbox)
{
    HttpRequest request;
    request.venue = venue_;
    request.url = fmt::format("https://www.okx.com/api/v5/market/books?instId={}&sz=400",
                              table_->listing(listing).symbol);
    outbox.request(request);
    book.ask_at = now + kSnapshotLost;
    outbox.wake_at(venue_, book.ask_at);
}

void BookStart::on_wake(Timestamp now, Outbox& outbox)
{
    for (const Listing& listing : table_->listings()) {
        Book& book = books_[index(listing.id)];
        if (book.stage != Stage::joining) continue;
        if (now >= book.ask_at)
            ask(listing.id, book, now, outbox);
        else
            outbox.wake_at(venue_, book.ask_at);
    }
}

}  // namespace arb::okx
