#include "connectors/bybit/account_tools.hpp"

namespace arb::bybit {
namespace {

constexpr std::int64_t kLogOnValidMs = 10'000;

}  // namespace

void AccountTools::log_on(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const std::string_view text = encoder.log_on(++requests, timestamp(now) + kLogOnValidMs);
    if (text.empty()) {
        log_on_failed(socket, {Outcome::refused, RejectReason::permission}, 0, "the signer refused", now,
                      sink, outbox);
        return;
    }
    outbox.used_key(setup.id, "auth");
    outbox.send(socket.connection(), text);
}

// A clock can be set right, another key is another start.
void AccountTools::log_on_failed(PrivateSocket& socket, Verdict verdict, std::int64_t code,
                                 std::string_view text, Timestamp now, FactSink& sink, Outbox& outbox)
{
    if (verdict.outcome == Outcome::key_trouble && verdict.reason != RejectReason::clock) shut = true;
    end(RequestKind::session, verdict, sink, kForeignOrder, code, text);
    socket.log_on_failed("log-on failed", now, outbox);
}

void AccountTools::wake(PrivateSocket& socket, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const bool subscribes = socket.is_open();
    switch (socket.on_wake(now, outbox)) {
        case PrivateSocket::Due::ping:
            outbox.send(socket.connection(), encoder.ping(++requests));
            break;
        case PrivateSocket::Due::no_answer:
            log_on_failed(socket, {}, 0,
                          subscribes ? "no answer to the subscription" : "no answer to the log-on", now, sink,
                          outbox);
            break;
        default:
            break;
    }
}

}  // namespace arb::bybit
