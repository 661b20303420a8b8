// Questions to a venue's REST side, against a protocol that says what the row of a table says: what each
// reply leads to, and with how many requests and which end the question is over.
#include <deque>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/connect/inquiries.hpp"
#include "engine/venue/json_fields.hpp"

namespace arb {
namespace {

constexpr Verdict kGood{Outcome::done, RejectReason::none};
constexpr Timestamp kBegin{1'700'000'000'000'000'000};

struct Script final : InquiryProtocol {
    std::deque<std::string> words;  ///< one a reply
    std::size_t part_count = 1;
    bool signs = true, patient = false;
    std::vector<std::string> asked;
    std::string sent;    ///< two letters of each kind
    Timestamp leaves;    ///< not before
    bool joins = false;  ///< questions of one kind ask the same
    std::size_t anew_most = 0;
    RequestKind first = RequestKind::time;

    Ask ask(const Inquiry& q) override
    {
        Ask ask;
        ask.path = fmt::format("{}:{}", q.step, q.cursor);
        asked.push_back(ask.path);
        return ask;
    }
    bool sign(const Ask& ask, Timestamp, HttpRequest& out) override
    {
        out.url = ask.path;
        return signs;
    }
    Envelope open(const Inquiry&, const HttpReply& reply) override
    {
        word_ = words.empty() ? "done" : words.front();
        if (!words.empty()) words.pop_front();
        Envelope envelope;
        envelope.has_data = word_ != "broken";
        envelope.verdict = kGood;
        if (word_ == "slow") envelope.verdict = {Outcome::rate_limited, RejectReason::rate_limited};
        if (word_ == "refused") envelope.verdict = {Outcome::refused, RejectReason::other};
        if (word_ == "key") envelope.verdict = {Outcome::key_trouble, RejectReason::permission};
        if (word_ == "anew") envelope.verdict = {Outcome::refused, RejectReason::clock};
        if (word_ == "down") envelope.verdict = {};
        if (word_ != "done") envelope.code = envelope.text = word_;
        if (word_ == "clock") envelope.venue_time = kBegin + seconds(7);
        envelope.retry_after = reply.status == 403 ? seconds(600) : Duration{};
        return envelope;
    }
    Next read(Inquiry& q, const Envelope&, FactSink&) override
    {
        if (word_.starts_with("page")) return Inquiries::next_page(q, word_.substr(4), true);
        if (word_ == "part-missing") q.complete = false;
        return Inquiries::next_step(q, parts(q));
    }
    KeyReport read_key(std::string_view, KeyTexts&) override
    {
        KeyReport report;
        report.answer = KeyAnswer::told;
        return report;
    }
    std::size_t parts(const Inquiry&) const override { return part_count; }
    std::optional<Next> sends_anew(Inquiry& q, Envelope& envelope, Timestamp) override
    {
        if (envelope.code != "anew" || q.tries == anew_most) return std::nullopt;
        ++q.tries;
        return Next::again;
    }
    Timestamp leaves_at(const Inquiry& q, const Ask&, Timestamp now) override
    {
        return q.kind == RequestKind::cancel_all ? now : leaves;
    }
    void on_sent(const Inquiry& q, const Ask&, Timestamp) override
    {
        sent += std::string_view(name(q.kind)).substr(0, 2);
    }
    bool goes_before(const Inquiry& q, const Inquiry& older) const override
    {
        return q.kind == first && older.kind != first;
    }
    bool is_same(const Inquiry& a, const Inquiry& b) const override { return joins && a.kind == b.kind; }
    bool is_patient(const Inquiry& q) const override { return patient || InquiryProtocol::is_patient(q); }

  private:
    std::string word_;
};

struct Heard final : TradingSink, Outbox {
    std::vector<RequestEnd> ends;
    std::vector<std::string> texts;
    std::vector<KeyAnswer> keys;
    std::vector<HttpRequest> requests;
    std::vector<Timestamp> samples;
    std::size_t used = 0;
    Timestamp wake;

    void on_undecoded(const Undecoded&) override {}
    void on_request_end(const RequestEnd& end) override
    {
        ends.push_back(end);
        texts.push_back(fmt::format("{}/{}{}{}", name(end.outcome), end.text, end.text.empty() ? "" : "/",
                                    end.complete ? "whole" : "cut"));
    }
    void on_key_report(const KeyReport& report) override { keys.push_back(report.answer); }
    void on_clock_sample(Timestamp venue, Timestamp, Timestamp) override { samples.push_back(venue); }
    void send(ConnectionId, std::string_view) override {}
    void request(const HttpRequest& request) override { requests.push_back(request); }
    void wake_at(VenueId, Timestamp time) override { wake = time; }
    void reconnect(ConnectionId, std::string_view) override {}
    void used_key(VenueId, std::string_view) override { ++used; }
};

class InquiriesTest : public ::testing::Test {
  protected:
    InquiriesTest()
    {
        ListingDefinition d;
        d.market = "spot";
        d.base = "BTC";
        d.quote = "USDT";
        d.tick = d.lot = d.quantity_min = *Decimal::parse("0.1");
        d.multiplier = *Decimal::parse("1");
        d.symbol = "A";
        ListingDefinition e = d;
        e.base = "ETH";
        e.symbol = "B";
        table_ = InstrumentTable::build({{{"venue", ""}, {d, e}}}).take();
        setup_.table = &table_;
        credentials_.label = "main";
        setup_.credentials = &credentials_;
        rules_.fees_most = 2;
        rules_.fees_window = seconds(2);
        rules_.waits_max = 2;
        make();
    }
    void make()
    {
        inquiries_ = std::make_unique<Inquiries>(
            setup_, script_, rules_, [this](const Inquiry&, Timestamp, FactSink&, Outbox&) { ++own_ends_; });
    }
    void reply(std::size_t request, int status = 200, bool sent = true)
    {
        const PaddedBuffer body("{}");
        HttpReply r;
        r.url = heard_.requests[request].url;
        r.status = status;
        r.body = body.text_of();
        r.tag = heard_.requests[request].tag;
        r.sent = sent;
        EXPECT_TRUE(inquiries_->on_http(r, now_, heard_, heard_));
    }
    /// Answers what is asked, and lets waits pass, until nothing is out.
    void answer_all()
    {
        for (std::size_t i = 0; i < 50; ++i) {
            while (answered_ < heard_.requests.size()) reply(answered_++);
            if (!is_out()) return;
            now_ = heard_.wake;
            inquiries_->on_wake(now_, heard_, heard_);
        }
        ADD_FAILURE() << "it never ends";
    }
    bool is_out() const
    {
        for (std::size_t i = 0; i < static_cast<std::size_t>(RequestKind::count_); ++i) {
            if (inquiries_->is_out(static_cast<RequestKind>(i))) return true;
        }
        return false;
    }
    void begin(RequestKind kind, std::vector<ListingId> listings = {})
    {
        Inquiry inquiry(kind);
        inquiry.listings = std::move(listings);
        inquiries_->begin(std::move(inquiry), now_, heard_, heard_);
    }

    InstrumentTable table_;
    Credentials credentials_;
    VenueSetup setup_;
    InquiryRules rules_;
    Script script_;
    Heard heard_;
    std::unique_ptr<Inquiries> inquiries_;
    Timestamp now_ = kBegin;
    std::size_t answered_ = 0;
    int own_ends_ = 0;
};

TEST_F(InquiriesTest, every_question_ends_once_and_as_the_replies_say)
{
    struct Row {
        RequestKind kind;
        std::size_t parts;
        std::deque<std::string> replies;
        const char* end;
        std::vector<std::string> asked;
    };
    const Row rows[] = {
        {RequestKind::balances, 1, {"done"}, "done/whole", {"0:"}},
        {RequestKind::balances, 0, {}, "done/whole", {}},
        {RequestKind::balances, 3, {}, "done/whole", {"0:", "1:", "2:"}},
        {RequestKind::open_orders, 1, {"pageX", "pageY", "done"}, "done/whole", {"0:", "0:X", "0:Y"}},
        {RequestKind::open_orders, 2, {"pageX", "done", "done"}, "done/whole", {"0:", "0:X", "1:"}},
        {RequestKind::open_orders, 1, {"pageX", "pageX"}, "done/cut", {"0:", "0:X"}},
        {RequestKind::open_orders, 1, {"page"}, "done/cut", {"0:"}},
        {RequestKind::open_orders, 1, {"part-missing"}, "done/cut", {"0:"}},
        {RequestKind::open_orders, 1, {"broken"}, "unknown/the reply cannot be read/cut", {"0:"}},
        {RequestKind::open_orders, 3, {"done", "refused"}, "refused/refused/cut", {"0:", "1:"}},
        {RequestKind::open_orders, 1, {"slow"}, "rate_limited/slow/cut", {"0:"}},
        // What is known stays known: from the second part on it waits, twice in a row at most.
        {RequestKind::open_orders,
         2,
         {"done", "slow", "slow", "done"},
         "done/whole",
         {"0:", "1:", "1:", "1:"}},
        {RequestKind::open_orders,
         2,
         {"done", "slow", "slow", "slow"},
         "rate_limited/slow/cut",
         {"0:", "1:", "1:", "1:"}},
        {RequestKind::dead_man, 1, {"key"}, "refused/key/cut", {"0:"}},
        {RequestKind::fills, 1, {"key"}, "key_trouble/key/cut", {"0:"}},
        {RequestKind::time, 1, {"clock"}, "done/clock/whole", {"0:"}},
        {RequestKind::time, 1, {"done"}, "unknown/the time cannot be read/cut", {"0:"}},
    };
    for (const Row& row : rows) {
        script_ = {};
        script_.words = row.replies;
        script_.part_count = row.parts;
        heard_ = {};
        answered_ = 0;
        begin(row.kind);
        answer_all();
        ASSERT_EQ(heard_.ends.size(), 1U) << row.end;
        EXPECT_EQ(heard_.ends[0].kind, row.kind);
        const bool clock = row.replies == std::deque<std::string>{"clock"};
        EXPECT_EQ(heard_.texts[0], clock ? "done/whole" : row.end);
        EXPECT_EQ(script_.asked, row.asked) << row.end;
        EXPECT_EQ(heard_.samples.size(), clock ? 1U : 0U);
        EXPECT_EQ(heard_.used, row.asked.size());
    }
}

TEST_F(InquiriesTest, silence_is_no_answer)
{
    begin(RequestKind::fills);
    reply(0, 0, true);
    begin(RequestKind::fills);
    reply(1, 0, false);
    begin(RequestKind::fills);
    now_ = now_ + seconds(10);
    inquiries_->on_wake(now_, heard_, heard_);
    reply(2);  // too late: it was meant for a question, and tells nothing any more
    script_.signs = false;
    begin(RequestKind::fills);
    const std::vector<std::string> expected{"unknown/no reply/cut", "refused/no reply/cut",
                                            "unknown/no answer within 10 s/cut",
                                            "refused/the signer refused/cut"};
    EXPECT_EQ(heard_.texts, expected);
    HttpReply stranger;
    stranger.tag = 77;
    EXPECT_FALSE(inquiries_->on_http(stranger, now_, heard_, heard_)) << "nobody asked";
}

TEST_F(InquiriesTest, fees_are_asked_for_in_turn_and_every_asker_is_answered)
{
    script_.part_count = 2;
    begin(RequestKind::fees, {ListingId{0}});
    begin(RequestKind::fees, {ListingId{1}});
    EXPECT_EQ(heard_.requests.size(), 1U) << "one question is out";
    script_.words = {"refused", "done"};
    answer_all();
    EXPECT_EQ(script_.asked.size(), 2U) << "a listing that is refused keeps back no other";
    const std::vector<std::string> expected{"refused/refused/cut", "refused/refused/cut"};
    EXPECT_EQ(heard_.texts, expected) << "each asker hears that something is missing";
    // Two in two seconds: the third waits.
    begin(RequestKind::fees, {ListingId{0}});
    EXPECT_EQ(heard_.requests.size(), 2U);
    answer_all();
    EXPECT_EQ(now_, kBegin + seconds(2));
    EXPECT_EQ(heard_.texts.back(), "done/whole");
}

TEST_F(InquiriesTest, a_key_is_told_once_whatever_comes_back)
{
    begin(RequestKind::key_info);
    reply(0);
    script_.words = {"key", "down", "broken"};
    for (const int status : {200, 404, 200}) {
        begin(RequestKind::key_info);
        reply(heard_.requests.size() - 1, status);
    }
    begin(RequestKind::key_info);
    reply(heard_.requests.size() - 1, 0);
    const std::vector<KeyAnswer> expected{KeyAnswer::told, KeyAnswer::refused, KeyAnswer::absent,
                                          KeyAnswer::told, KeyAnswer::none};
    EXPECT_EQ(heard_.keys, expected);
    EXPECT_EQ(heard_.ends.size(), 5U);
}

TEST_F(InquiriesTest, a_question_of_the_connectors_own_ends_there)
{
    Inquiry own(RequestKind::session);
    own.own = true;
    inquiries_->begin(std::move(own), now_, heard_, heard_);
    EXPECT_TRUE(inquiries_->is_out(RequestKind::session));
    answer_all();
    EXPECT_EQ(own_ends_, 1);
    EXPECT_TRUE(heard_.ends.empty());
}

TEST_F(InquiriesTest, nonces_arrive_in_order)
{
    rules_.in_order = true;
    make();
    script_.first = RequestKind::cancel_all;
    begin(RequestKind::fills);
    begin(RequestKind::balances);
    begin(RequestKind::cancel_all);
    Inquiry names(RequestKind::open_orders);
    names.is_public = true;
    inquiries_->begin(std::move(names), now_, heard_, heard_);
    EXPECT_EQ(script_.sent, "fiop") << "one signed request is out; what needs no key waits for none";
    reply(0);
    EXPECT_EQ(script_.sent, "fiopca") << "what is urgent goes before what is older";
    // It is lost: the next leaves when its time is up.
    now_ = now_ + seconds(10);
    inquiries_->on_wake(now_, heard_, heard_);
    // The counter is full: the next in turn keeps its place, what is urgent does not wait.
    script_.leaves = now_ + seconds(3);
    begin(RequestKind::fills);
    begin(RequestKind::cancel_all);
    reply(3);
    reply(4);
    EXPECT_EQ(script_.sent, "fiopcabaca");
    EXPECT_EQ(heard_.wake, script_.leaves);
    now_ = script_.leaves;
    inquiries_->on_wake(now_, heard_, heard_);
    EXPECT_EQ(script_.sent, "fiopcabacafi");
}

TEST_F(InquiriesTest, a_question_that_must_wait_too_long_ends)
{
    rules_.wait_most = seconds(5);
    rules_.wait_text = "the hour is used up";
    make();
    script_.leaves = now_ + seconds(5);
    begin(RequestKind::balances);
    script_.leaves = now_ + seconds(60);
    begin(RequestKind::fills);
    EXPECT_EQ(heard_.texts, std::vector<std::string>{"rate_limited/the hour is used up/cut"});
    EXPECT_EQ(heard_.ends[0].retry_after, seconds(60));
    script_.leaves = {};
    now_ = now_ + seconds(5);
    inquiries_->on_wake(now_, heard_, heard_);
    EXPECT_EQ(heard_.requests.size(), 1U);
}

TEST_F(InquiriesTest, equal_questions_are_asked_once_or_one_after_the_other)
{
    script_.joins = true;
    Inquiry late(RequestKind::fills);
    late.since = kBegin;
    inquiries_->begin(std::move(late), now_, heard_, heard_);
    for (const Duration back : {seconds(60), seconds(90)}) {
        Inquiry early(RequestKind::fills);
        early.since = kBegin - back;
        inquiries_->begin(std::move(early), now_, heard_, heard_);
    }
    EXPECT_EQ(heard_.requests.size(), 1U) << "something may have happened since: they wait for the first";
    reply(0);
    EXPECT_EQ(heard_.requests.size(), 2U);
    EXPECT_EQ(heard_.ends.size(), 1U);
    reply(1);
    EXPECT_EQ(heard_.ends.size(), 3U) << "the one that had not begun answers both";
}

TEST_F(InquiriesTest, what_the_venue_did_not_look_at_is_sent_anew)
{
    script_.anew_most = 2;
    script_.words = {"anew", "anew", "done", "anew", "anew", "anew"};
    begin(RequestKind::balances);
    answer_all();
    EXPECT_EQ(heard_.requests.size(), 3U);
    EXPECT_EQ(heard_.texts.back(), "done/whole");
    begin(RequestKind::balances);
    answer_all();
    EXPECT_EQ(heard_.requests.size(), 6U);
    EXPECT_EQ(heard_.texts.back(), "refused/anew/cut");
}

}  // namespace
}  // namespace arb
