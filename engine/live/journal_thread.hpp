#pragma once
// Writes the journal of a live session off the core thread: the core copies each record into a ring and goes
// on; one thread takes them out, compresses and writes. The ring never blocks: when it is full the record is
// lost and `failed` says so, and whoever drives the engine stops trading, for a session that is not kept must
// not go on. Single producer.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/journal/writer.hpp"
#include "engine/pipeline/decision.hpp"

namespace arb {

class JournalThread final : public DecisionSink {
  public:
    static constexpr std::size_t kRingBytes = 64U << 20;

    /// `chores` is called by the thread several times a second (syncing the state log); false: it failed.
    JournalThread(JournalWriter writer, const InstrumentTable& table, std::function<bool()> chores);
    ~JournalThread() override;
    JournalThread(const JournalThread&) = delete;
    JournalThread& operator=(const JournalThread&) = delete;

    // Core thread. No allocation, no system call.
    void frame(VenueId venue, ConnectionId connection, Timestamp time, std::string_view text);
    void http(VenueId venue, Timestamp time, std::string_view url, int status, std::string_view body);
    void open(VenueId venue, ConnectionId connection, Timestamp time, std::string_view url);
    void close(VenueId venue, ConnectionId connection, Timestamp time, std::string_view reason);
    void wake(VenueId venue, Timestamp time);
    /// Its text is made by the thread.
    void on_decision(const Decision& decision) override;
    void command(Timestamp time, std::string_view text);

    bool failed() const { return failed_.load(std::memory_order_relaxed); }
    std::uint64_t records() const { return records_; }
    /// Writes everything, ends the file and the thread.
    Result<Written> finish();

  private:
    struct Head {
        std::uint32_t size =
            0;  ///< of head and texts together, a multiple of 8; 0: the rest of the ring is unused
        RecordKind kind{};
        std::uint8_t venue = 0;
        std::uint16_t place = 0;
        std::int64_t time = 0;
        std::uint32_t text = 0, url = 0;
    };
    void put(RecordKind kind, VenueId venue, std::uint16_t place, Timestamp time, std::string_view text,
             std::string_view url);
    void run();
    bool take();
    void write(const Head& head, const char* bytes);

    JournalWriter writer_;
    const InstrumentTable* table_;
    std::function<bool()> chores_;
    std::vector<char> ring_;
    alignas(64) std::atomic<std::uint64_t> head_{0};  // bytes written so far
    alignas(64) std::atomic<std::uint64_t> tail_{0};  // bytes read so far
    std::atomic<bool> failed_{false};
    std::atomic<bool> stop_{false};
    std::uint64_t records_ = 0;
    std::thread thread_;
};

}  // namespace arb
