#include "connectors/gate/instruments.hpp"

#include "connectors/gate/gate.hpp"
#include "connectors/gate/test_support.hpp"

namespace arb::gate::test {
namespace {

TEST(GateInstruments, KnowsItsAddresses)
{
    EXPECT_EQ(market_of_url(stream_url("spot")), "spot");
    EXPECT_EQ(market_of_url(stream_url("usdt")), "usdt");
}

}  // namespace
}  // namespace arb::gate::test
