#include "engine/live/journal_thread.hpp"

#include <chrono>
#include <cstring>

namespace arb {
namespace {

// How long the thread sleeps when there is nothing to write: bounds what SIGKILL can take from the journal's
// tail.
constexpr auto kIdle = std::chrono::milliseconds(2);
// A block is written at least so often, however little is in it.
constexpr auto kFlushEvery = std::chrono::milliseconds(500);
constexpr auto kChoresEvery = std::chrono::milliseconds(200);

}  // namespace

JournalThread::JournalThread(JournalWriter writer, const InstrumentTable& table, std::function<bool()> chores)
    : writer_(std::move(writer)), table_(&table), chores_(std::move(chores)), ring_(kRingBytes)
{
    thread_ = std::thread([this] { run(); });
}

JournalThread::~JournalThread()
{
    stop_.store(true);
    if (thread_.joinable()) thread_.join();
}

void JournalThread::put(RecordKind kind, VenueId venue, std::uint16_t place, Timestamp time,
                        std::string_view text, std::string_view url)
{
    Head head;
    const std::size_t size = (sizeof(Head) + text.size() + url.size() + 7) / 8 * 8;
    const std::uint64_t begin = head_.load(std::memory_order_relaxed);
    const std::uint64_t read = tail_.load(std::memory_order_acquire);
    const std::size_t place_in_ring = begin % kRingBytes;
    // A record does not wrap: what is left of the ring is skipped when it does not fit there.
    const std::size_t skipped = place_in_ring + size > kRingBytes ? kRingBytes - place_in_ring : 0;
    if (size + skipped > kRingBytes - (begin - read)) {
        failed_.store(true, std::memory_order_relaxed);
        return;
    }
    if (skipped >= sizeof(std::uint32_t)) std::memset(ring_.data() + place_in_ring, 0, sizeof(std::uint32_t));
    char* at = ring_.data() + (begin + skipped) % kRingBytes;
    head.size = static_cast<std::uint32_t>(size);
    head.kind = kind;
    head.venue = static_cast<std::uint8_t>(venue);
    head.place = place;
    head.time = time.ns;
    head.text = static_cast<std::uint32_t>(text.size());
    head.url = static_cast<std::uint32_t>(url.size());
    std::memcpy(at, &head, sizeof head);
    if (!text.empty()) std::memcpy(at + sizeof head, text.data(), text.size());
    if (!url.empty()) std::memcpy(at + sizeof head + text.size(), url.data(), url.size());
    head_.store(begin + skipped + size, std::memory_order_release);
    ++records_;
}

void JournalThread::frame(VenueId venue, ConnectionId connection, Timestamp time, std::string_view text)
{
    put(RecordKind::frame, venue, static_cast<std::uint16_t>(connection), time, text, {});
}
void JournalThread::http(VenueId venue, Timestamp time, std::string_view url, int status,
                         std::string_view body)
{
    put(RecordKind::http, venue, static_cast<std::uint16_t>(status), time, body, url);
}
void JournalThread::open(VenueId venue, ConnectionId connection, Timestamp time, std::string_view url)
{
    put(RecordKind::open, venue, static_cast<std::uint16_t>(connection), time, {}, url);
}
void JournalThread::close(VenueId venue, ConnectionId connection, Timestamp time, std::string_view reason)
{
    put(RecordKind::close, venue, static_cast<std::uint16_t>(connection), time, reason, {});
}
void JournalThread::wake(VenueId venue, Timestamp time)
{
    put(RecordKind::wake, venue, 0, time, {}, {});
}
void JournalThread::on_decision(const Decision& decision)
{
    static_assert(std::is_trivially_copyable_v<Decision>);
    put(RecordKind::output, VenueId{}, 0, decision.time,
        {reinterpret_cast<const char*>(&decision), sizeof decision}, {});
}
void JournalThread::command(Timestamp time, std::string_view text)
{
    put(RecordKind::command, VenueId{}, 0, time, text, {});
}

void JournalThread::write(const Head& head, const char* bytes)
{
    const std::string_view text(bytes, head.text);
    const std::string_view url(bytes + head.text, head.url);
    const auto venue = static_cast<VenueId>(head.venue);
    const Timestamp time{head.time};
    switch (head.kind) {
        case RecordKind::frame:
            return writer_.frame(venue, static_cast<ConnectionId>(head.place), time, text);
        case RecordKind::http:
            return writer_.http(venue, time, url, head.place, text);
        case RecordKind::open:
            return writer_.open(venue, static_cast<ConnectionId>(head.place), time, url);
        case RecordKind::close:
            return writer_.close(venue, static_cast<ConnectionId>(head.place), time, text);
        case RecordKind::wake:
            return writer_.wake(venue, time);
        case RecordKind::output: {
            Decision decision;
            std::memcpy(&decision, bytes, sizeof decision);
            return writer_.output(time, decision.line(*table_));
        }
        case RecordKind::command:
            return writer_.command(time, text);
        case RecordKind::book:
            break;
    }
}

bool JournalThread::take()
{
    const std::uint64_t read = tail_.load(std::memory_order_relaxed);
    if (read == head_.load(std::memory_order_acquire)) return false;
    const std::size_t place = read % kRingBytes;
    Head head;
    std::uint32_t size = 0;
    if (kRingBytes - place >= sizeof size) std::memcpy(&size, ring_.data() + place, sizeof size);
    if (size == 0) {
        tail_.store(read + (kRingBytes - place), std::memory_order_release);
        return true;
    }
    std::memcpy(&head, ring_.data() + place, sizeof head);
    write(head, ring_.data() + place + sizeof head);
    tail_.store(read + head.size, std::memory_order_release);
    return true;
}

void JournalThread::run()
{
    auto flushed = std::chrono::steady_clock::now();
    auto chores = flushed;
    for (;;) {
        const bool stopping = stop_.load();
        while (take()) {
        }
        if (stopping) return;
        const auto now = std::chrono::steady_clock::now();
        if (now - flushed >= kFlushEvery) {
            writer_.flush();
            flushed = now;
        }
        if (now - chores >= kChoresEvery) {
            if (chores_ && !chores_()) failed_.store(true, std::memory_order_relaxed);
            chores = now;
        }
        std::this_thread::sleep_for(kIdle);
    }
}

Result<Written> JournalThread::finish()
{
    stop_.store(true);
    if (thread_.joinable()) thread_.join();
    return writer_.finish();
}

}  // namespace arb
