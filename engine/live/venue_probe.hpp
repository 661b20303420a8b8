#pragma once
// Asks one venue single questions over HTTPS, with or without a key, before or beside a run: its time, what a
// key may do, balances. No session, no stream, no order: what a connector wishes beyond that is refused and
// noted. Used by `arbiter doctor` and `arbiter keys check`. Each call blocks its caller until the answer is
// there or the deadline is over. One thread. Errors (ExitCode::network) and texts may hold the venue's own
// words: clean them before showing.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/live/live_driver.hpp"
#include "engine/net/trust.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

struct ProbeSetup {
    VenueKey key;
    const ConnectorType* type = nullptr;
    LiveVenue way;
    const Credentials* credentials = nullptr;    ///< null: only what needs no key; outlives the probe
    std::vector<ListingDefinition> definitions;  ///< for the names of positions; may be empty
    std::function<void(std::string_view endpoint)> on_key_use;  ///< each time the key signs; may be empty
};

/// How well a venue's time is known.
enum class TimeTold : std::uint8_t {
    exactly,
    in_seconds,  ///< by the Date header of a reply: some whole second
    not_at_all,  ///< the venue tells its time on websockets alone
};

/// The venue's clock by question and answer; sent and received are ours.
struct ProbedTime {
    Timestamp venue, sent, received;
    TimeTold told = TimeTold::exactly;
    Duration round_trip() const { return received - sent; }
    /// How far the venue is ahead of us, the way taken as equally long both ways.
    Duration offset() const { return {(venue - sent).ns - round_trip().ns / 2}; }
};

/// A KeyReport that owns its texts.
struct ProbedKey {
    KeyReport bare;  ///< without its texts
    std::string label, text, foreign, missing, address_list;
    /// Good as long as this is.
    KeyReport report() const;
};

struct ProbedBalance {
    std::string asset;
    bool has_total = false, has_free = false;
    Amount total, free;
};

/// What is asked. VenueProbe asks a venue; tests have other answers.
class VenueQuestions {
  public:
    virtual ~VenueQuestions() = default;
    /// Of a venue whose connector asks the time elsewhere, what a plain request tells: that it is there.
    virtual Result<ProbedTime> time(Duration deadline) = 0;
    /// Always an answer: without one from the venue it is KeyAnswer::none with the reason as its text.
    virtual ProbedKey key(Duration deadline) = 0;
    virtual Result<std::vector<ProbedBalance>> balances(Duration deadline) = 0;
    /// What signed timestamps are corrected by.
    virtual void set_clock_offset(Duration offset) = 0;
    /// Of the last connection; its version is empty when none stood.
    virtual net::TlsFacts tls() const = 0;
    /// The last connection failed because the certificate is not to be trusted.
    virtual bool untrusted() const = 0;
};

class VenueProbe final : public VenueQuestions {
  public:
    /// Throws std::runtime_error: a CA file that cannot be used.
    explicit VenueProbe(const ProbeSetup& setup);
    ~VenueProbe() override;

    Result<ProbedTime> time(Duration deadline) override;
    ProbedKey key(Duration deadline) override;
    Result<std::vector<ProbedBalance>> balances(Duration deadline) override;
    void set_clock_offset(Duration offset) override;
    net::TlsFacts tls() const override;
    bool untrusted() const override;

    /// What the connector wished and did not get.
    const std::vector<std::string>& refused() const;

  private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace arb
