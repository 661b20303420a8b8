#pragma once
// A connector and its emulated venue on a VenueLink, with short ways to look at what came: what fixtures of a
// connector's trading side stand on. Header only. One thread, no sleep.
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/venue_link.hpp"

namespace arb::test {

/// One answer to query_key and what the connector has to make of it.
struct KeyReplyRow {
    int status;
    const char* body;
    KeyAnswer answer;
    const char* text;
};

class LinkLife {
  protected:
    using Link = VenueLink;
    using Message = VenueLink::Message;

    LinkLife(const ConnectorType& type, std::string_view market, std::vector<ListingDefinition> definitions,
             FeeTaking taking, std::string_view key_label = "trade")
        : link_(type, market, std::move(definitions), taking, key_label)
    {
    }
    void settle(Duration time = milliseconds(50)) { link_.run(time); }
    /// "refused/balance"; "none" when there was none of that kind.
    std::string last_end(RequestKind kind) const
    {
        const LinkEnd* end = link_.last_end(kind);
        return end == nullptr ? "none" : std::string(name(end->end.outcome)) + "/" + name(end->end.reason);
    }
    std::size_t ends(RequestKind kind) const
    {
        return static_cast<std::size_t>(std::count_if(link_.ends.begin(), link_.ends.end(),
                                                      [&](const LinkEnd& e) { return e.end.kind == kind; }));
    }
    EmulatedKey& key(std::string_view label)
    {
        return *std::find_if(link_.keys.begin(), link_.keys.end(),
                             [&](const EmulatedKey& k) { return k.label == label; });
    }
    /// Every reply from now on.
    void answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {})
    {
        link_.instead_of_reply = [=](const HttpRequest&) -> std::optional<ServerReply> {
            return ServerReply{status, headers, body};
        };
    }
    /// Asks once what the key may do and hands out the one report.
    LinkKeyReport ask(Duration time = seconds(2))
    {
        link_.reports.clear();
        link_.ends.clear();
        link_.query_key();
        link_.run(time);
        EXPECT_EQ(link_.reports.size(), 1U);
        EXPECT_EQ(ends(RequestKind::key_info), 1U);
        return link_.reports.empty() ? LinkKeyReport{} : link_.reports[0];
    }
    /// Of the key "trade"; none of the answers is one that tells its rights.
    void expect_replies(std::span<const KeyReplyRow> rows)
    {
        for (const KeyReplyRow& row : rows) {
            answer(row.status, row.body);
            const LinkKeyReport told = ask();
            EXPECT_EQ(told.report.answer, row.answer) << row.status << row.body;
            EXPECT_EQ(told.text, row.text);
            EXPECT_EQ(told.label, "trade");
            EXPECT_EQ(told.report.rights, KeyRights{});
            EXPECT_NE(last_end(RequestKind::key_info), "done/none");
        }
    }
    Link link_;
};

}  // namespace arb::test
