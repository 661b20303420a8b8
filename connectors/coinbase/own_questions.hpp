#pragma once
// What the connector asks for itself: the venue's time; the price of an amended order whose message told
// none; and the fills behind totals that grew (a chase), again and again with longer pauses, until they add
// up to the total or patience ends. Part of Account; core thread.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/coinbase/account_tools.hpp"
#include "engine/connect/inquiries.hpp"

namespace arb::coinbase {

class OwnQuestions {
  public:
    OwnQuestions(AccountTools& tools, Inquiries& inquiries) : tools_(&tools), inquiries_(&inquiries) {}

    void ask_time(Timestamp now, FactSink& sink, Outbox& outbox);
    /// The order's total grew on the stream: its fills are fetched.
    void chase(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox);
    /// A message of an amended order told no limit: the order is fetched, once at a time.
    void ask_price(std::string_view venue_id, Timestamp now, FactSink& sink, Outbox& outbox);
    /// One of these has ended.
    void on_end(const Inquiry& asked, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);

  private:
    struct Chase {
        std::string venue_id;
        Timestamp due;
        Duration pause;
        int tries = 0;
        bool asking = false;
    };
    std::vector<Chase>::iterator find(std::string_view venue_id);
    void on_chase_end(const Inquiry& asked, Timestamp now, Outbox& outbox);
    void ask_fills(Chase& chase, Timestamp now, FactSink& sink, Outbox& outbox);

    AccountTools* tools_;
    Inquiries* inquiries_;
    std::vector<Chase> chases_;
};

}  // namespace arb::coinbase
