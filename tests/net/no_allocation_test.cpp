// Frames in and orders out do not allocate once warm: an echo over TLS, our client and our server on one
// loop, counted by operator new (OpenSSL has its own allocator and is not counted).
#include "tests/net/support.hpp"
#include "tests/support/allocation_counter.hpp"

namespace arb::net::test {
namespace {

class Counter final : public ClientHandler {
  public:
    void on_open(LinkId link) override { open = link; }
    void on_frame(LinkId link, char* data, std::size_t size) override
    {
        ++frames;
        client->send(link, {data, size});
    }
    void on_closed(LinkId, const CloseInfo&) override { ++ended; }
    void on_reply(RequestId, HttpOutcome&) override {}

    Client* client = nullptr;
    std::optional<LinkId> open;
    std::size_t frames = 0;
    std::size_t ended = 0;
};

TEST_F(Net, WarmFramesDoNotAllocate)
{
    Counter counter;
    Client counted(loop, TlsTrust{ca_file()}, counter);
    counter.client = &counted;
    counted.open(address("wss"));
    ASSERT_TRUE(pump(loop, [&] { return counter.open.has_value(); }));
    ASSERT_TRUE(counted.send(*counter.open, std::string(300, 'x')));
    ASSERT_TRUE(pump(loop, [&] { return counter.frames >= 500; }));
    const auto before = arb::test::allocations.load();
    ASSERT_TRUE(pump(loop, [&] { return counter.frames >= 2500; }));
    EXPECT_EQ(arb::test::allocations.load() - before, 0U);
    EXPECT_EQ(counter.ended, 0U);
}

}  // namespace
}  // namespace arb::net::test
