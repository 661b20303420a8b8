#pragma once
// What earlier runs left, line by line (state_lines.hpp), given back to whoever owns it: money, counted
// trades, exposure, held positions, flags, and packages that had not ended. Before the first input. Core
// thread.
#include "engine/pipeline/key_watch.hpp"
#include "engine/pipeline/market_flags.hpp"
#include "engine/pipeline/order_news.hpp"
#include "engine/pipeline/owners_money.hpp"
#include "engine/pipeline/stranger_watch.hpp"

namespace arb {

class StateRestore {
  public:
    struct Parts {
        VenueStates& venues;
        MarketFlags& flags;
        StrangerWatch& strangers;
        OrderNews& news;
        OrderDesk& desk;
        Watermarks& watermarks;
        MoneyRecord& money;
        OwnersMoney& owners;
        KeyWatch& keys;
        StateRecords& records;
    };
    StateRestore(const LiveContext& context, const Parts& parts) : context_(context), parts_(parts) {}
    void connect(PackageExecutor& executor) { executor_ = &executor; }

    /// False: the line is not understood.
    bool restore(LineReader& line, Timestamp now);

  private:
    bool restore_run(LineReader& line);
    bool restore_order_end(LineReader& line, Timestamp now);
    bool restore_money(LineReader& line, Timestamp now);
    bool restore_transfer(LineReader& line);
    bool restore_trades(LineReader& line, Timestamp now);
    bool restore_end(LineReader& line);
    bool restore_package(LineReader& line);
    bool restore_order(LineReader& line, bool unwind);
    bool restore_amend(LineReader& line);
    bool restore_closing(LineReader& line, Timestamp now);
    bool restore_line(LineReader& line);
    bool restore_joined(LineReader& line);
    bool restore_held(LineReader& line);
    bool restore_fill(LineReader& line, bool money, Timestamp now);
    bool restore_late(LineReader& line, Timestamp now);
    bool restore_trade(LineReader& line, const Fill& fill, ListingId listing, OrderId order, Timestamp now);

    LiveContext context_;
    Parts parts_;
    PackageExecutor* executor_ = nullptr;
};

}  // namespace arb
