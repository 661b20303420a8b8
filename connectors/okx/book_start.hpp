#pragma once
// How a book begins when the venue confirms its subscription and sends changes without a snapshot before
// them, as OKX announced in 2026-02 (and took back): the changes are held until a snapshot came by REST that
// they join, and then handed on behind it as one unbroken chain. With a snapshot on the socket, which is how
// it is, everything goes through untouched. Owned by the venue, core thread; it stands between decoder and
// sink only while a book begins. Allocates only while it holds changes.
#include <cstdint>
#include <vector>

#include "engine/venue/venue.hpp"

namespace arb::okx {

class BookStart final : public FactSink {
  public:
    BookStart(VenueId venue, const InstrumentTable& table);

    /// The listing's book is being subscribed.
    void expect(ListingId listing);
    /// Its connection ended.
    void forget(ListingId listing);
    /// No book begins: frames need not come by here.
    bool idle() const { return beginning_ == 0; }

    /// Where facts go and wishes are made until the next call; `by_rest`: of a REST reply.
    FactSink& between(FactSink& sink, Outbox& outbox, Timestamp now, bool by_rest);
    void on_wake(Timestamp now, Outbox& outbox);

    void on_book(const BookUpdate& update) override;
    void on_quote(const BestQuote& quote) override { sink_->on_quote(quote); }
    void on_trade(const Trade& trade) override { sink_->on_trade(trade); }
    void on_connection_sequence(ConnectionId connection, std::uint64_t sequence) override
    {
        sink_->on_connection_sequence(connection, sequence);
    }
    void on_acknowledged(ConnectionId connection, ListingId listing, bool subscribed) override;
    void on_venue_time(Timestamp venue_time, Timestamp receive_time) override
    {
        sink_->on_venue_time(venue_time, receive_time);
    }
    void on_undecoded(const Undecoded& undecoded) override { sink_->on_undecoded(undecoded); }
    void on_listing_status(ListingId listing, ListingStatus status) override
    {
        sink_->on_listing_status(listing, status);
    }

  private:
    enum class Stage : std::uint8_t { settled, subscribing, confirmed, joining };
    struct Held {
        BookUpdate update;
        std::vector<Level> bids, asks;
    };
    struct Book {
        Stage stage = Stage::settled;
        std::vector<Held> held;
        Timestamp ask_at;  ///< joining: when the snapshot is asked for again
    };

    void settle(Book& book);
    void hold(Book& book, const BookUpdate& update);
    void join(Book& book, const BookUpdate& snapshot);
    void ask(ListingId listing, Book& book, Timestamp now, Outbox& outbox);

    VenueId venue_;
    const InstrumentTable* table_;
    std::vector<Book> books_;  // by listing
    std::size_t beginning_ = 0;
    FactSink* sink_ = nullptr;
    Outbox* outbox_ = nullptr;
    Timestamp now_;
    bool by_rest_ = false;
};

}  // namespace arb::okx
