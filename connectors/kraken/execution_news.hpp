#pragma once
// What Kraken's private channels say of orders, fills and balances, as facts. Only the first message of an
// order and its fills tell what it is; the others name the venue's id and what changed. Where too little is
// known of an order its news are held back, and the venue is asked. Part of Account; core thread.
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/kraken/order_entry.hpp"
#include "connectors/kraken/rest_rows.hpp"

namespace arb::kraken {

class ExecutionNews {
  public:
    /// All outlive it.
    ExecutionNews(const VenueSetup& setup, const Session& session, OrderMemory& orders, const RestRows& rows,
                  OrderEntry& entry, Inquiries& inquiries)
        : setup_(setup),
          session_(&session),
          orders_(&orders),
          rows_(&rows),
          entry_(&entry),
          inquiries_(&inquiries)
    {
    }

    /// The entries of a message of a private channel.
    void read(std::string_view channel, simdjson::dom::array entries, bool snapshot, Timestamp now,
              FactSink& sink, Outbox& outbox);
    /// The order of that id has an owner now: what was held of it is told. `fills_alone`: newer news of its
    /// state was told already.
    void release(std::string_view id, bool fills_alone, Timestamp now, FactSink& sink, Outbox& outbox);
    /// The question about orders that too little was known of has ended.
    void on_answer(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
    {
        if (!wanted_.empty()) ask_wanted(now, sink, outbox);
    }

  private:
    using Json = simdjson::dom::element;
    static constexpr unsigned kWantedTries = 6;
    /// An order of which more must be known before its news mean anything.
    struct Wanted {
        std::string id;
        Timestamp ask_at;
        bool is_asked = false;
        bool is_alone = false;  ///< in a request of its own: with others it was refused
        unsigned tries = 0;
    };
    struct Held {
        std::string id, entry;
    };

    void read_execution(const Json& entry, bool snapshot, Timestamp now, FactSink& sink, Outbox& outbox);
    void learn(const Json& entry, KnownOrder& known, FactSink& sink);
    void read_fill(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink, Outbox& outbox);
    void read_state(const Json& entry, const KnownOrder& known, Timestamp now, FactSink& sink,
                    Outbox& outbox);
    void read_balance(const Json& entry, bool snapshot, FactSink& sink);
    void hold(std::string_view id, const Json& entry, bool soon, Timestamp now, Outbox& outbox);
    void want(std::string_view id, Timestamp at, Outbox& outbox);
    void ask_wanted(Timestamp now, FactSink& sink, Outbox& outbox);
    void undecoded(UndecodedReason reason, std::string_view text, FactSink& sink) const;

    VenueSetup setup_;
    const Session* session_;
    OrderMemory* orders_;
    const RestRows* rows_;
    OrderEntry* entry_;
    Inquiries* inquiries_;
    std::vector<Wanted> wanted_;
    std::vector<Held> held_;
    simdjson::dom::parser held_parser_;
};

}  // namespace arb::kraken
