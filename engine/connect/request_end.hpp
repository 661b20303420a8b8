#pragma once
// How the end of a request is told: by the connector, once for each, to whoever hears the venue's facts.
// Core thread; no errors of its own.
#include "engine/venue/account_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

/// `code` and `text` are the venue's, or ours where nothing left. `complete`: a list lacks nothing.
inline void tell_request_end(RequestKind kind, Verdict verdict, OrderId order, std::string_view code,
                             std::string_view text, FactSink& sink, bool complete = true,
                             Duration retry_after = {})
{
    RequestEnd end;
    end.kind = kind;
    end.outcome = verdict.outcome;
    end.reason = verdict.reason;
    end.order = order;
    end.complete = complete;
    end.retry_after = retry_after;
    end.code = code;
    end.text = text;
    sink.on_request_end(end);
}

/// The answer to what a key may do where none is used: a market without a trading side. Whoever asks waits
/// for the report.
inline void tell_no_key(const Credentials* credentials, FactSink& sink)
{
    KeyReport report;
    if (credentials != nullptr) report.label = credentials->label;
    report.text = "no key is used here";
    sink.on_key_report(report);
    tell_request_end(RequestKind::key_info, {Outcome::refused, RejectReason::none}, kForeignOrder, {},
                     report.text, sink);
}

}  // namespace arb
