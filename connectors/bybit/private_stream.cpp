#include "connectors/bybit/private_stream.hpp"

#include <fmt/format.h>

#include "connectors/bybit/private_fields.hpp"

namespace arb::bybit {

// "Order" and "Execution": topics of one category and of all may not stand in one request; the wallet knows
// no category and gets a request of its own.
PrivateStream::PrivateStream(AccountTools& tools)
    : tools_(&tools),
      socket_(tools.setup.id, socket_rules(kPrivateUrl), tools.shut),
      topics_(tools.encoder.spot()
                  ? R"("order.spot","execution.spot")"
                  : fmt::format(R"("order.{0}","execution.{0}","position.{0}")", tools.encoder.category()))
{
}

void PrivateStream::subscribe(Timestamp now, Outbox& outbox)
{
    waiting_ = 2;
    socket_.await(now, outbox);
    outbox.send(socket_.connection(), tools_->encoder.subscribe(++tools_->requests, topics_));
    outbox.send(socket_.connection(), tools_->encoder.subscribe(++tools_->requests, R"("wallet")"));
}

bool PrivateStream::on_frame(ConnectionId connection, PaddedText frame, Timestamp now, FactSink& sink,
                             Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.heard(connection, now);
    if (event != PrivateSocket::Event::ours) return event == PrivateSocket::Event::surplus;
    simdjson::dom::object root;
    if (!tools_->read(frame, root)) {
        sink.on_undecoded({UndecodedReason::malformed, kNoListing, connection, {}});
        return true;
    }
    simdjson::dom::element topic;
    if (root.at_key("topic").get(topic) == simdjson::SUCCESS) {
        tools_->decoder.event(root, connection, sink);
        return true;
    }
    PrivateFields fields(root);
    const std::string_view operation = fields.text("op");
    if (!fields.ok() || operation.empty())
        sink.on_undecoded({UndecodedReason::unknown_message, kNoListing, connection, {}});
    else
        operation_reply(root, operation, now, sink, outbox);
    return true;
}

void PrivateStream::operation_reply(const simdjson::dom::object& root, std::string_view operation,
                                    Timestamp now, FactSink& sink, Outbox& outbox)
{
    PrivateFields fields(root);
    if (operation == "pong") {
        simdjson::dom::element first;
        std::string_view digits;
        if (root.at_key("args").at(0).get(first) == simdjson::SUCCESS &&
            first.get_string().get(digits) == simdjson::SUCCESS) {
            if (const auto time = parse_ms(digits)) sink.on_venue_time(*time, now);
        }
        return;
    }
    const bool good = fields.flag("success") && fields.ok();
    std::string_view text = fields.text("ret_msg");
    if (text.empty()) text = fields.text("retMsg");
    if (operation == "auth" && socket_.is_logging_on()) {
        if (!good) {
            std::int64_t code = 0;
            if (root.at_key("retCode").get(code) == simdjson::SUCCESS && code != 0) {
                tools_->log_on_failed(socket_, verdict_of(code, text), code, text, now, sink, outbox);
                return;
            }
            // Mostly there is no code, and texts are not documented: the trade socket's log-on tells what is
            // wrong, or, where there is none, a question by REST.
            tools_->doubtful = !tools_->channels.wants(Channel::order_entry);
            tools_->log_on_failed(socket_, {Outcome::refused, RejectReason::permission}, 0, text, now, sink,
                                  outbox);
            return;
        }
        socket_.logged_on();
        subscribe(now, outbox);
    } else if (operation == "subscribe" && waiting_ > 0) {
        if (!good) {
            sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), text});
            tools_->log_on_failed(socket_, {Outcome::refused, RejectReason::permission}, 0, text, now, sink,
                                  outbox);
        } else if (--waiting_ == 0) {
            socket_.answered();
            tools_->channels.set(Channel::private_stream, true, sink);
        }
    } else if (!good && operation != "ping") {
        sink.on_undecoded({UndecodedReason::venue_error, kNoListing, socket_.connection(), text});
    }
}

bool PrivateStream::on_close(ConnectionId connection, Timestamp now, FactSink& sink, Outbox& outbox)
{
    const PrivateSocket::Event event = socket_.on_close(connection, now, outbox);
    if (event == PrivateSocket::Event::ours) {
        waiting_ = 0;
        tools_->channels.set(Channel::private_stream, false, sink);
    }
    return event != PrivateSocket::Event::not_ours;
}

void PrivateStream::on_wake(Timestamp now, FactSink& sink, Outbox& outbox)
{
    tools_->wake(socket_, now, sink, outbox);
}

}  // namespace arb::bybit
