#pragma once
// Our record of the money at each venue beside the venue's own word: how the record begins, and whether the
// two are the same. Core thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/pipeline/watermarks.hpp"

namespace arb {

class MoneyRecord {
  public:
    /// Why a market is flagged or a venue halted whose money is not what our record says.
    static constexpr std::string_view kDiffer = "balances differ from what this engine's own record says";
    static constexpr const char* kMoved = "money moved there that this engine did not move";

    /// The venue's word on one asset, and how long it has been another one than ours.
    struct Truth {
        VenueId venue{};
        std::string asset;
        Amount total;
        bool fresh = false;     ///< told since the last question
        bool streamed = false;  ///< the private stream tells it
        Timestamp differs;      ///< since when it is not what we think; 0: it is
        bool asked = false;     ///< the venue was asked about that
        bool told = false;      ///< and so was the operator, of a deposit
        Amount moved;           ///< the difference that most looks find
        unsigned votes = 0;     ///< how many more did than did not
    };

    MoneyRecord(const LiveContext& context, VenueStates& venues, Watermarks& watermarks,
                StateRecords& records);

    void on_report(VenueId venue, const BalanceReport& report);
    Truth& truth(VenueId venue, std::string_view asset);
    std::vector<Truth>& truths() { return truths_; }
    void ask(VenueId id, Timestamp now);
    /// What the venue told last; an asset that it does not list is one we have none of.
    Amount told(VenueId id, const std::string& asset);
    /// Our record begins with the venue's word. Kept before the first order can leave, and whole only with
    /// its last line: a run that dies in between begins anew.
    void begin(VenueId id, Timestamp now);
    /// A venue with derivatives tells a wallet, not what positions cost on paper: positions alone are
    /// compared there.
    bool comparable(const Account& account) const;
    /// Our record and a venue's word are the same money: they differ by at most 10^-9 of the larger one, and
    /// by at most the smallest step by which an order of ours can move that asset there (the finest lot of
    /// what is bought, the finest tick times lot of what is paid; 10^-9 of the asset where nothing of ours
    /// moves it). Venues print balances from doubles (106.44801351999999 is 106.44801352) or cut them; a
    /// fill, a fee or a transfer worth naming is larger.
    bool same(const Account& account, Amount theirs) const;
    /// All of them at the venue are.
    bool equal(VenueId id);
    /// Tells each figure beside the venue's word, and counts those that differ.
    void report(VenueId id, bool final, Timestamp now);
    std::uint64_t mismatches() const { return mismatches_; }

  private:
    LiveContext context_;
    VenueStates* venues_;
    Watermarks* watermarks_;
    StateRecords* records_;
    std::vector<Truth> truths_;
    std::uint64_t mismatches_ = 0;
};

}  // namespace arb
