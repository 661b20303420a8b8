#pragma once
// Plays one row of a table of messages: the venue's real Venue object is brought to the row's session with
// the help of its emulated venue, then the message comes in by its door, and what the connector says and
// wishes from then on is kept as lines. After the set-up the emulated venue's frames no longer arrive: what
// is heard is the message alone. Header only. Tests only.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fact_lines.hpp"
#include "tests/support/message_table.hpp"
#include "tests/support/venue_link.hpp"

namespace arb::test {

class MessageStage {
  public:
    /// `text_of` reads a message by its file's name; it may throw std::runtime_error.
    MessageStage(const ConnectorType& type, const MessageTable& table, const MessageRow& row,
                 std::function<std::string(const std::string&)> text_of)
        : type_(type), world_(*table.world(row.market)), row_(row), text_of_(std::move(text_of))
    {
    }

    /// The lines that came out. Throws std::runtime_error when the row cannot be played.
    std::vector<std::string> play(const std::string& message)
    {
        const std::vector<std::string> door = words_of(row_.door);
        if (door[0] == "instruments") return read_list(door, message);
        link_ = std::make_unique<VenueLink>(type_, row_.market, definitions(), FeeTaking::quote, row_.key, 7,
                                            false);
        lines_ = std::make_unique<FactLines>(link_->table);
        open_session();
        listen();
        for (const std::string& step : row_.steps) take(step);
        lines_->lines.clear();
        if (door[0] == "reply") {
            answer(door, message);
        } else {
            heard_ = row_.question.empty();
            if (!row_.question.empty()) ask(words_of(row_.question));
            heard_ = true;
            if (door[0] == "http") {
                give_http(door, message);
            } else {
                give_frame(door[0], filled_in(message));
            }
        }
        if (door.back().starts_with("run=")) link_->run(milliseconds(number(door.back().substr(4))));
        return std::move(lines_->lines);
    }

  private:
    [[noreturn]] static void trouble(const std::string& what) { throw std::runtime_error(what); }
    static std::int64_t number(const std::string& text)
    {
        const ScaledNumber n = parse_scaled(text, 0);
        if (n.error != DecimalError::none) trouble("no whole number: " + text);
        return n.value;
    }

    std::vector<ListingDefinition> definitions() const
    {
        std::vector<ListingDefinition> result;
        for (const auto& words : row_.listings.empty() ? world_.listings : row_.listings) {
            const auto guess = type_.guess_listing(row_.market, words[0]);
            auto listing = listing_of(words, guess.value_or(ListingDefinition{}));
            if (!listing) trouble(words[0] + ": " + listing.error().message);
            ListingDefinition d = std::move(listing).take();
            d.symbol = words[0];
            result.push_back(std::move(d));
        }
        return result;
    }
    std::vector<std::string> read_list(const std::vector<std::string>& door, const std::string& message)
    {
        const auto read =
            type_.read_instruments(row_.market, door.size() > 1 ? door[1] : std::string(), message);
        if (!read) return {"REFUSED " + read.error().message};
        std::vector<std::string> lines;
        for (const ListingDefinition& d : read.value()) lines.push_back(listing_line(d));
        return lines;
    }

    void open_session()
    {
        for (const Listing& listing : link_->table.listings()) {
            const Instrument& instrument = link_->table.instrument(listing.instrument);
            link_->deposit(instrument.base, "1000000");
            link_->deposit(instrument.quote, "1000000000");
        }
        const SessionScope scope = row_.scope == "orders"    ? SessionScope::orders
                                   : row_.scope == "account" ? SessionScope::account
                                                             : SessionScope::both;
        if (scope != SessionScope::both) link_->use_key(row_.key, scope);
        hear();
        link_->start(false);
        link_->run(milliseconds(500));
        if (row_.session == "none") return;
        const bool silent = row_.session == "starting";
        if (silent) {
            link_->on_to_client = [](VenueLink::Message& m) {
                return m.kind != VenueLink::Message::Kind::frame;
            };
        }
        link_->venue().start_session(link_->now(), *link_, *link_);
        link_->run(seconds(1));
        if (silent) return;
        if (scope != SessionScope::account && !link_->ready(Channel::order_entry)) trouble("no order entry");
        if (scope != SessionScope::orders && !link_->ready(Channel::private_stream))
            trouble("no private stream");
    }
    // The emulated venue is heard.
    void hear()
    {
        link_->on_to_client = [this](VenueLink::Message& m) {
            if (m.kind == VenueLink::Message::Kind::frame) heard_on_[m.connection].push_back(m.text);
            return true;
        };
    }
    // From here on frames of the emulated venue are lost and frames to it are only looked at.
    void listen()
    {
        link_->facts_to = lines_.get();
        link_->on_to_client = [](VenueLink::Message& m) { return m.kind == VenueLink::Message::Kind::reply; };
        link_->on_to_venue = [this](VenueLink::Message& m) { return leaves(m); };
        link_->on_reconnect = [this](ConnectionId c, std::string_view why) {
            if (heard_)
                lines_->lines.push_back("WISH reconnect " + door_of(c) + " \"" + std::string(why) + "\"");
        };
    }
    bool leaves(const VenueLink::Message& m)
    {
        using Kind = VenueLink::Message::Kind;
        if (m.kind == Kind::frame) {
            sent_ = m.text;
            if (heard_) lines_->lines.push_back("WISH send " + door_of(m.connection));
            return false;
        }
        if (m.kind == Kind::upgrade) {
            if (heard_) lines_->lines.push_back("WISH connect " + bare(m.text));
            return false;
        }
        sent_ = m.request.body.empty() ? m.request.url : m.request.body;
        if (heard_) lines_->lines.push_back("WISH ask " + m.request.method + " " + bare(m.request.url));
        return !mute_;
    }
    static std::string bare(const std::string& url) { return url.substr(0, url.find('?')); }
    std::string door_of(ConnectionId connection) const
    {
        const std::pair<std::string, std::string>* fits = nullptr;
        for (const auto& door : world_.doors) {
            const bool longer = fits == nullptr || door.second.size() > fits->second.size();
            if (longer && link_->url_of(connection).find(door.second) != std::string::npos) fits = &door;
        }
        return fits == nullptr ? "public" : fits->first;
    }
    ConnectionId connection_of(const std::string& name) const
    {
        for (const auto& [door, part] : world_.doors) {
            if (door != name) continue;
            // Where another door's part is longer and fits as well, it is that one's connection.
            const auto found = link_->last_open([&, part = std::string_view(part)](std::string_view url) {
                return url.find(part) != url.npos &&
                       std::none_of(world_.doors.begin(), world_.doors.end(), [&](const auto& other) {
                           return other.second.size() > part.size() && url.find(other.second) != url.npos;
                       });
            });
            if (!found) trouble("door " + name + ": no open connection to " + part);
            return *found;
        }
        trouble("no line `door " + name + " PART_OF_ADDRESS` for this market");
    }

    // Steps before the message.

    void take(const std::string& step)
    {
        const std::vector<std::string> words = words_of(step);
        if (words[0] == "frame" && words.size() > 2) {
            const std::size_t at = step.find(words[1]) + words[1].size() + 1;
            give_frame(words[1], with_names(text_of(step.substr(at))));
        } else if (words[0] == "run" && words.size() == 2) {
            link_->run(milliseconds(number(words[1])));
        } else if ((words[0] == "sent" || words[0] == "placed") && words.size() == 7) {
            place(words, words[0] == "placed");
        } else if (words[0] == "ask" && words.size() > 1) {
            mute_ = true;
            ask({words.begin() + 1, words.end()});
            mute_ = false;
        } else {
            trouble("unknown step: " + step);
        }
    }
    std::string text_of(const std::string& name)
    {
        return name[0] == '{' || name[0] == '[' ? name : text_of_(name);
    }

    // sent|placed|place NAME SYMBOL SIDE QUANTITY PRICE TIF
    void place(const std::vector<std::string>& words, bool arrives)
    {
        const std::size_t listing = index(listing_called(words[2]));
        const TimeInForce tif = words[6] == "ioc"         ? TimeInForce::ioc
                                : words[6] == "fok"       ? TimeInForce::fok
                                : words[6] == "post_only" ? TimeInForce::post_only
                                                          : TimeInForce::gtc;
        const Side side = words[3] == "buy" ? Side::buy : Side::sell;
        mute_ = !arrives && words[0] != "place";
        const ApprovedOrder order = link_->approve(side, words[4], words[5], tif, listing);
        orders_[words[1]] = {order.id(), static_cast<ListingId>(listing), {}};
        lines_->names[order.id()] = words[1];
        if (arrives) {
            link_->facts_to = nullptr;
            hear();
            link_->on_to_venue = nullptr;
        }
        link_->venue().send_order(order, link_->now(), link_->facts(), *link_);
        if (arrives) {
            link_->run(milliseconds(200));
            if (const LinkOrder* last = link_->last(order.id())) orders_[words[1]].venue_id = last->venue_id;
            listen();
        }
        mute_ = false;
    }
    ListingId listing_called(const std::string& symbol) const
    {
        for (const Listing& listing : link_->table.listings()) {
            if (listing.symbol == symbol) return listing.id;
        }
        trouble("no listing " + symbol);
    }

    struct Ours {
        OrderId id{};
        ListingId listing = kNoListing;
        std::string venue_id;
    };

    // QUESTION: what the engine asks a venue.
    void ask(const std::vector<std::string>& words)
    {
        Venue& venue = link_->venue();
        const Timestamp now = link_->now();
        FactSink& facts = link_->facts();
        const std::vector<ListingId> all = link_->all_listings();
        const std::string& what = words[0];
        if (what == "place" && words.size() == 7) {
            place(words, false);
        } else if ((what == "cancel" || what == "order") && words.size() >= 2) {
            const auto found = orders_.find(words[1]);
            if (found == orders_.end()) trouble("no order called " + words[1]);
            OrderReference reference;
            reference.order = found->second.id;
            reference.listing = found->second.listing;
            reference.venue_id = words.size() > 2 ? words[2] : found->second.venue_id;
            reference.sent = now;
            if (what == "cancel")
                venue.cancel_order(reference, now, facts, *link_);
            else
                venue.query_order(reference, now, facts, *link_);
        } else if (what == "amend" && words.size() == 3) {
            const auto found = orders_.find(words[1]);
            if (found == orders_.end()) trouble("no order called " + words[1]);
            link_->amend(found->second.id, words[2], index(found->second.listing));
        } else if (what == "cancel_all") {
            venue.cancel_all(all, now, facts, *link_);
        } else if (what == "open_orders") {
            venue.query_open_orders(all, now, facts, *link_);
        } else if (what == "fills") {
            venue.query_fills(all, kStart - seconds(3600), now, facts, *link_);
        } else if (what == "balances") {
            venue.query_balances(now, facts, *link_);
        } else if (what == "fees") {
            venue.query_fees(all, now, facts, *link_);
        } else if (what == "time") {
            venue.query_time(now, facts, *link_);
        } else if (what == "key") {
            venue.query_key(now, facts, *link_);
        } else if (what == "session") {
            venue.start_session(now, facts, *link_);
        } else if (what == "resync" && words.size() == 2) {
            venue.resync(listing_called(words[1]), now, *link_);
        } else {
            trouble("unknown question: " + row_.question);
        }
    }

    // Doors.

    std::string filled_in(std::string text) const
    {
        for (const auto& [from, to] : row_.replaced) {
            if (text.find(from) == std::string::npos) trouble("nothing to replace: " + from);
            put(text, from, to);
        }
        return with_names(std::move(text));
    }
    // {NAME}, {NAME.uuid}, {NAME.venue_id} of an order of ours; {request.MEMBER} of what we last sent.
    std::string with_names(std::string text) const
    {
        for (const auto& [name, order] : orders_) {
            put(text, "{" + name + "}", std::string(client_order_id(order.id).view()));
            put(text, "{" + name + ".uuid}", std::string(client_order_uuid(order.id).view()));
            put(text, "{" + name + ".venue_id}", order.venue_id);
        }
        for (std::size_t at = text.find("{request."); at != std::string::npos; at = text.find("{request.")) {
            const std::size_t end = text.find('}', at);
            text.replace(at, end - at + 1, member_of(sent_, text.substr(at + 9, end - at - 9)));
        }
        return text;
    }
    static std::string member_of(const std::string& message, const std::string& member)
    {
        std::size_t found = message.find("\"" + member + "\":");
        if (found == std::string::npos) trouble("no member " + member + ": " + message);
        found = message.find_first_not_of(" \"", found + member.size() + 3);
        return message.substr(found, message.find_first_of(",\"}] ", found) - found);
    }
    static void put(std::string& text, const std::string& from, const std::string& to)
    {
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    }

    void give_frame(const std::string& door, const std::string& message)
    {
        const ConnectionId connection = connection_of(door);
        std::string text = message;
        // {next.MEMBER}: one more than in the last frame that has it.
        for (std::size_t at = text.find("{next."); at != std::string::npos; at = text.find("{next.")) {
            const std::size_t end = text.find('}', at);
            const std::string member = text.substr(at + 6, end - at - 6);
            std::string last;
            for (const std::string& frame : heard_on_[connection]) {
                if (frame.find("\"" + member + "\":") != std::string::npos) last = member_of(frame, member);
            }
            text.replace(at, end - at + 1, std::to_string(number(last) + 1));
        }
        heard_on_[connection].push_back(text);
        const PaddedBuffer frame(text);
        link_->venue().on_frame(connection, frame.text_of(), link_->now(), *lines_, *link_);
    }
    // http URL [status=N]: a reply to an address, whoever asked.
    void give_http(const std::vector<std::string>& door, const std::string& message)
    {
        if (door.size() < 2) trouble("`at http` needs an address");
        const PaddedBuffer body(filled_in(message));
        HttpReply reply;
        reply.url = door[1];
        reply.status = status_of(door);
        reply.body = body.text_of();
        link_->venue().on_http(reply, link_->now(), *lines_, *link_);
    }
    static int status_of(const std::vector<std::string>& door)
    {
        for (const std::string& word : door) {
            if (word.starts_with("status=")) return static_cast<int>(number(word.substr(7)));
        }
        return 200;
    }
    // reply [PART_OF_ADDRESS] [status=N] [times=N] [run=MS]: the answer to the first questions that we ask by
    // REST there; the others are answered by the emulated venue.
    void answer(const std::vector<std::string>& door, const std::string& message)
    {
        std::string part;
        std::int64_t times = 1;
        for (std::size_t i = 1; i < door.size(); ++i) {
            if (door[i].find('=') == std::string::npos) part = door[i];
            if (door[i].starts_with("times=")) times = number(door[i].substr(6));
        }
        std::int64_t given = 0;
        const int status = status_of(door);
        link_->instead_of_reply = [&, this](const HttpRequest& request) -> std::optional<ServerReply> {
            if (given >= times || request.url.find(part) == std::string::npos) return std::nullopt;
            ++given;
            heard_ = true;
            return ServerReply{status, {}, filled_in(message)};
        };
        if (row_.question.empty()) trouble("`at reply` needs an `ask`");
        ask(words_of(row_.question));
        link_->run(milliseconds(300));
        link_->instead_of_reply = nullptr;
        if (given == 0) trouble("the connector asked nothing that this could answer");
    }

    const ConnectorType& type_;
    const MessageWorld& world_;
    const MessageRow& row_;
    std::function<std::string(const std::string&)> text_of_;
    std::unique_ptr<VenueLink> link_;
    std::unique_ptr<FactLines> lines_;
    std::map<std::string, Ours> orders_;
    std::string sent_;
    std::map<ConnectionId, std::vector<std::string>> heard_on_;
    bool heard_ = false;  // wishes are kept: the message was given
    bool mute_ = false;   // requests do not arrive
};

}  // namespace arb::test
