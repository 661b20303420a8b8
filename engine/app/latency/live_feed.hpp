#pragma once
// `arbiter latency --live-feed`: a paper run on feeds of now, and what its frames took: from the venue's own
// time to ours, and from the socket to the end of what is decided about them. Nothing is sent to a venue but
// subscriptions. Throws StartError where the configuration is no paper run or no venue can be reached. Main
// thread.
#include <cstdint>
#include <functional>
#include <string>

#include "engine/pipeline/engine_config.hpp"
#include "engine/report/latency_report.hpp"

namespace arb {

struct LiveFeedRequest {
    EngineConfig config;
    std::string config_path;
    std::string directory;  ///< of ours, empty; removed by the caller
    std::string build;
    std::int64_t seconds = 60;
    int engine_core = -1;
    bool unsafe_endpoint = false;
    std::function<bool()> stops;  ///< the user has had enough: what there is by then is told
    std::function<void(std::string_view)> log;
};

LatencyReport measure_live_feed(const LiveFeedRequest& request);

}  // namespace arb
