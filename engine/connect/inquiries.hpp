#pragma once
// Questions to a venue's REST side, and everything about them that is the same at every venue: numbering, one
// request at a time, pages and parts, pace, deadlines, a signer that refuses, a venue that says "slower", a
// key that may not, a reply that cannot be read, and the one RequestEnd. What is the venue's own stands
// behind InquiryProtocol. A part of a connector; core thread, sans-I/O; allocates, so it is not on an order's
// path.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/venue/account_fields.hpp"
#include "engine/venue/key_fields.hpp"
#include "engine/venue/venue.hpp"

namespace arb {

/// What a protocol remembers of one question beyond what every venue has.
struct InquiryNotes {
    virtual ~InquiryNotes() = default;
};

/// One question and how far it has come: answered by one request or by several, one after the other.
struct Inquiry {
    Inquiry() = default;
    explicit Inquiry(RequestKind what) : kind(what) {}

    RequestKind kind = RequestKind::time;
    bool own = false;  ///< asked by the connector for itself: its end goes to OwnEnd, no RequestEnd tells it
    bool is_public = false;  ///< needs no key, so it waits for no nonce
    OrderReference order;
    std::string venue_id;             ///< of the order, where it is named so; empty: none that is plain
    std::vector<ListingId> listings;  ///< what it is about, where it is asked by listing
    Timestamp since;                  ///< fills: of the venue's clock

    // Where it stands: the protocol's to move.
    std::size_t step = 0;          ///< which listing or part
    std::string cursor;            ///< of the page; empty: the first
    std::vector<std::string> ids;  ///< names that a part asks for: of orders to cancel, of wallets
    std::size_t ids_done = 0;      ///< of them, those in answered batches
    Timestamp window;              ///< fills: the span of time that is asked for begins here
    std::size_t tries = 0;         ///< how often a request of it was sent anew
    std::unique_ptr<InquiryNotes> notes;

    // What came of it.
    Verdict verdict{Outcome::done, RejectReason::none};
    bool complete = true;  ///< nothing is missing from what was told
    std::string code, text;
    Duration retry_after;
    KeyAnswer key_answer = KeyAnswer::none;  ///< key_info

    // Kept by Inquiries.
    std::uint64_t tag = 0;         ///< 0: no request is out, it goes on at `due`
    bool begun = false;            ///< its first request has left
    Timestamp asked, venue_asked;  ///< its last request left, by our clock and the venue's
    Timestamp due;
    std::size_t pages = 0;
    std::size_t waits = 0;   ///< how often in a row it was told to slow down
    std::size_t askers = 1;  ///< how many questions this one answers
    bool answered = false;   ///< a part of it is known
    bool may_wait = true;    ///< it has not been told to slow down too often yet
};

/// One request before it is signed.
struct Ask {
    std::string method = "GET";
    std::string path, query, body;
    std::string_view endpoint;  ///< what the key's use is noted as; empty: the path
    bool is_signed = true;
    bool secret_reply = false;  ///< the reply holds a token: no recording keeps it
};

/// What a reply says before anyone looks into its entries; the texts live until the next reply.
struct Envelope {
    Verdict verdict;
    std::string_view code, text;
    simdjson::dom::element data;
    bool has_data = false;
    bool is_silent = false;               ///< there was no reply at all
    bool is_unknown = false;              ///< the venue has no such question
    int status = 0;                       ///< of HTTP, set by Inquiries; 0: silence
    Timestamp venue_time;                 ///< asked for by RequestKind::time
    Duration retry_after;                 ///< where the reply's header does not tell; zero: it does not say
    std::optional<KeyAnswer> key_answer;  ///< key_info: where the venue's words say more than the verdict
};

/// What one reply leads to: another request at once, another one later, or the end.
enum class Next : std::uint8_t { again, later, over };

/// What is the venue's own of its questions. Called by Inquiries alone.
class InquiryProtocol {
  public:
    /// The request for the part where the question stands.
    virtual Ask ask(const Inquiry& inquiry) = 0;
    /// Address, headers and body into `out`. False: the signer refused.
    virtual bool sign(const Ask& ask, Timestamp venue_now, HttpRequest& out) = 0;
    virtual Envelope open(const Inquiry& inquiry, const HttpReply& reply) = 0;
    /// Facts to the sink; what cannot be read clears `complete`. Anything but `over`: it has moved the
    /// question on.
    virtual Next read(Inquiry& inquiry, const Envelope& envelope, FactSink& sink) = 0;
    /// Of a reply whose verdict is done.
    virtual KeyReport read_key(std::string_view body, KeyTexts& texts) = 0;

    /// How many parts (listings, wallets, lists) the question has; none: it is over before it is asked.
    virtual std::size_t parts(const Inquiry& inquiry) const
    {
        return inquiry.kind == RequestKind::fees ? inquiry.listings.size() : 1;
    }
    /// Told to slow down: may it be asked again, later? What is known already stays known.
    virtual bool is_patient(const Inquiry& inquiry) const
    {
        return inquiry.answered || inquiry.kind == RequestKind::fees;
    }
    /// A reply, or its absence, that is no answer. By default the question ends with it; but one listing
    /// whose fees are refused is no reason not to ask for the next.
    virtual Next on_refusal(Inquiry& inquiry, const Envelope& envelope, FactSink& sink);
    /// The venue did not look at the request (a nonce out of order, a token that it refused): what happens
    /// to it, before the reply counts as an answer. None: the reply is one.
    virtual std::optional<Next> sends_anew(Inquiry&, Envelope&, Timestamp /*now*/) { return std::nullopt; }

    /// What it means that the signer refused: nothing was sent.
    virtual Verdict on_signer_refusal(const Inquiry&) { return {Outcome::refused, RejectReason::permission}; }
    /// What a reply made the connector itself want to know (each is `own`): asked before its question goes
    /// on.
    virtual std::vector<Inquiry> own_questions() { return {}; }

    /// When the venue's counters let the request go: `now` or earlier means at once.
    virtual Timestamp leaves_at(const Inquiry&, const Ask&, Timestamp now) { return now; }
    /// It has left, and counts.
    virtual void on_sent(const Inquiry&, const Ask&, Timestamp /*now*/) {}
    /// A reply has come, before it is opened: its headers may tell the venue's own count.
    virtual void on_reply(const Inquiry&, const HttpReply&, Timestamp /*now*/) {}
    /// Of two that wait, the younger one leaves first.
    virtual bool goes_before(const Inquiry&, const Inquiry& /*older*/) const { return false; }
    /// Both ask the same. One that has not begun answers both; behind one that has, the other waits, because
    /// something may have happened since. `since` becomes the earlier of both.
    virtual bool is_same(const Inquiry&, const Inquiry&) const { return false; }

  protected:
    ~InquiryProtocol() = default;
};

struct InquiryRules {
    std::string_view code_name = "code";  ///< how the venue calls what a reply must hold
    bool has_codes = true;                ///< a refusal has a code; else its text alone tells it
    Duration answer_max = seconds(10);
    Duration slow_down = seconds(1);  ///< told to slow down without a time
    std::size_t waits_max = 10;       ///< so often in a row before the question ends
    std::size_t fees_most = 0;        ///< fee questions in `fees_window`; 0: no such limit
    Duration fees_window;
    bool in_order = false;  ///< one signed request is out at a time, since nonces must arrive in order
    Duration wait_most = seconds(86'400);  ///< a question that must wait longer for a counter ends
    std::string_view wait_text;            ///< with this
};

/// At most 64 letters, digits, '-' and '_': it can stand in an address as it is.
bool is_plain_id(std::string_view text);

class Inquiries {
  public:
    /// Hears of the end of a question of the connector's own.
    using OwnEnd = std::function<void(const Inquiry&, Timestamp, FactSink&, Outbox&)>;

    Inquiries(const VenueSetup& setup, InquiryProtocol& protocol, const InquiryRules& rules, OwnEnd own_end)
        : setup_(setup),
          protocol_(&protocol),
          rules_(rules),
          own_end_(std::move(own_end)),
          fees_sent_(rules.fees_most)
    {
    }

    /// Asks. One question about fees is out at a time: a further one is answered by it as well, because
    /// venues answer few of them and whoever waits asks again.
    void begin(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox);
    /// True: the reply was meant for a question, be it one that is over.
    bool on_http(const HttpReply& reply, Timestamp now, FactSink& sink, Outbox& outbox);
    void on_wake(Timestamp now, FactSink& sink, Outbox& outbox);
    /// What the venue's clock is ahead of ours.
    void set_clock_offset(Duration offset) { offset_ = offset; }
    bool is_out(RequestKind kind) const;

    // For protocols' `read`.

    /// The question ends with this; the first trouble counts.
    static Next trouble(Inquiry& inquiry, Verdict verdict, std::string_view code, std::string_view text);
    /// The next of `count` parts, from its first page.
    static Next next_step(Inquiry& inquiry, std::size_t count);
    /// A full page has another one behind it, whose place is `mark` (as it can stand in an address). It must
    /// move, or the list is cut.
    static Next next_page(Inquiry& inquiry, std::string_view mark, bool full);

    /// The order that is asked for is nowhere; `cancelled`: it ended without a fill, says the venue.
    static void tell_absent(const Inquiry& inquiry, FactSink& sink, OrderStatus status = OrderStatus::absent);

  private:
    bool join_fees(const Inquiry& inquiry);
    bool join_same(const Inquiry& inquiry);
    void ask(Inquiry inquiry, Timestamp now, FactSink& sink, Outbox& outbox);
    void wait(Inquiry inquiry, Timestamp due, Outbox& outbox);
    bool may_go(const Inquiry& inquiry, Timestamp now) const;
    void pump(Timestamp now, FactSink& sink, Outbox& outbox);
    void send(Inquiry inquiry, const Ask& ask, Timestamp now, FactSink& sink, Outbox& outbox);
    Timestamp leaves_at(const Inquiry& inquiry, const Ask& ask, Timestamp now);
    void note_sent(const Inquiry& inquiry, const Ask& ask, Timestamp now);
    void conclude(const Inquiry& inquiry, Timestamp now, FactSink& sink, Outbox& outbox) const;
    void go_on(Inquiry inquiry, Next next, Timestamp now, FactSink& sink, Outbox& outbox);
    Next answer_none(Inquiry& inquiry, Verdict verdict, std::string_view text, FactSink& sink);
    Next answer(Inquiry& inquiry, const HttpReply& reply, Timestamp now, FactSink& sink);
    Next answer_key(Inquiry& inquiry, const HttpReply& reply, const Envelope& envelope, FactSink& sink);

    VenueSetup setup_;
    InquiryProtocol* protocol_;
    InquiryRules rules_;
    OwnEnd own_end_;
    Duration offset_;
    std::vector<Inquiry> out_;
    std::vector<Timestamp> fees_sent_;  // the last ones, in a ring
    std::size_t fees_next_ = 0;
    std::uint64_t next_tag_ = 1;
};

/// Venues leave flat positions out of their answers: each contract of the venue that is not `seen` has none.
void tell_flat_positions(const VenueSetup& setup, const std::vector<bool>& seen, FactSink& sink);

}  // namespace arb
