#pragma once
// The inside of the doctor: its groups of checks, one .cpp file each, and the checks that collects what they
// find. For engine/app/doctor*.cpp alone. Main thread; a check never throws for what it finds.
#include <map>
#include <string>
#include <string_view>

#include "engine/app/doctor/doctor.hpp"

namespace arb {

/// How long a venue may take to answer one question.
constexpr Duration kVenueAnswerMax = seconds(10);

class DoctorChecks {
  public:
    DoctorChecks(const DoctorRequest& asked, const DoctorSurroundings& surroundings, DoctorReport& report)
        : request(asked), around(surroundings), report_(&report)
    {
    }

    /// Texts may be hostile: they are cleaned here.
    void add(std::string_view group, std::string_view name, std::string_view subject, CheckState state,
             std::string_view said, std::string_view fix = {});
    void accept(const HeldKey& key);

    const DoctorRequest& request;
    const DoctorSurroundings& around;
    /// Orders or feeds: there are venues to ask.
    bool asks_venues() const { return request.config.mode != RunMode::backtest; }

    /// What a venue lists, for later groups; no entry where it could not be had.
    std::map<std::string, std::vector<ListingDefinition>> listed;
    /// How far each venue that answered is ahead of us.
    std::map<std::string, Duration> offsets;

  private:
    DoctorReport* report_;
};

void check_venues(DoctorChecks& checks);       ///< clock, TLS, latency, instrument list
void check_instruments(DoctorChecks& checks);  ///< after check_venues
void check_keys(DoctorChecks& checks);         ///< scope, addresses, expiry, balances; after check_venues
void check_files(DoctorChecks& checks);
void check_disk(DoctorChecks& checks);
void check_machine(DoctorChecks& checks);

/// The log of key uses that this configuration keeps.
std::string audit_path(const DoctorRequest& request);

}  // namespace arb
