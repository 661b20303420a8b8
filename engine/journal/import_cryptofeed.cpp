// Captures of cryptofeed: one JSON object a line,
//   {"t":"header"|"http"|"connect"|"send"|"recv","conn":"...","ts":<seconds>,"url"|"addr":"...","data":"..."}
// A capture is grouped by connection: first all lines of one, then all of the next, so the times of the file
// jump back where a connection begins. Within a connection they only grow. A file that is not in order as a
// whole is therefore read once for each connection, side by side, and merged; nothing but a line each is
// held.
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/journal/cryptofeed_line.hpp"
#include "engine/journal/format.hpp"
#include "engine/journal/import_run.hpp"
#include "engine/journal/json_line.hpp"

namespace arb {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
/// Connections of one file that can be merged: each holds a file and an unpacking window.
constexpr std::size_t kMergedMax = 64;
constexpr std::size_t kConnectionsMax = 65'535;

struct Connection {
    std::string name;
    std::size_t venue = kNone;
    ConnectionId id{};
    bool connected = false;  ///< a connect line was seen; `venue` stays kNone when its address is nobody's
    Timestamp last;
    std::uint64_t line_first = 0, line_last = 0;
};

/// What the first pass keeps of one file.
struct Capture {
    std::string path;
    std::vector<Connection> connections;
    std::map<std::string, std::size_t, std::less<>> places;
    std::map<std::uint64_t, std::size_t> http_venues;  ///< venue of each REST line that is recorded
    Timestamp last;
    bool in_order = true;
};

class CaptureSource : public RecordSource {
  public:
    /// `only` is the connection to give, kNone for all.
    CaptureSource(LineSource lines, const Capture& capture, std::size_t only, std::uint64_t lines_good)
        : lines_(std::move(lines)),
          capture_(capture),
          only_(only),
          line_end_(lines_good),
          opened_(capture.connections.size())
    {
        if (only_ != kNone) line_end_ = std::min(line_end_, capture.connections[only_].line_last);
    }

    bool next() override
    {
        std::string_view text;
        while (!error_ && lines_.line() < line_end_ && lines_.next(text)) {
            line_ = lines_.line();
            if (!mine(text)) continue;
            const std::string_view problem = parse_capture_line(text, at_);
            if (!problem.empty()) return changed();
            if (recordable()) {
                if ((at_.has_data || at_.packed) && !JsonLine::unescape(at_.data, text_)) return changed();
                time_ = at_.time;
                frame_ = at_.kind == CaptureLine::Kind::recv;
                return true;
            }
        }
        if (lines_.trouble()) error_ = lines_.trouble();
        return false;
    }

    void write(JournalWriter& out) override
    {
        if (at_.kind == CaptureLine::Kind::http) {
            const auto venue = static_cast<VenueId>(capture_.http_venues.at(line_));
            return out.http(venue, time_, at_.address, 200, text_);
        }
        const Connection& connection = capture_.connections[place_];
        const auto venue = static_cast<VenueId>(connection.venue);
        if (frame_) return out.frame(venue, connection.id, time_, text_);
        if (opened_[place_]) out.close(venue, connection.id, time_, "connected anew");
        opened_[place_] = true;
        out.open(venue, connection.id, time_, at_.address);
    }

    std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

  private:
    bool changed()
    {
        error_ = lines_.at("the line reads otherwise than before: was the file changed meanwhile?");
        return false;
    }

    bool mine(std::string_view text) const
    {
        if (text.empty()) return false;
        if (only_ == kNone) return true;
        const Connection& connection = capture_.connections[only_];
        return line_ >= connection.line_first && connection_of(text) == connection.name;
    }

    bool recordable()
    {
        if (at_.kind == CaptureLine::Kind::http) return capture_.http_venues.contains(line_);
        if (at_.kind != CaptureLine::Kind::recv && at_.kind != CaptureLine::Kind::connect) return false;
        const auto found = capture_.places.find(at_.connection);
        if (found == capture_.places.end()) return false;
        place_ = found->second;
        // A frame counts from its connection's first connect line on, as in the first pass.
        const bool frame = at_.kind == CaptureLine::Kind::recv;
        return capture_.connections[place_].venue != kNone && (opened_[place_] || !frame);
    }

    LineSource lines_;
    const Capture& capture_;
    std::size_t only_;
    std::uint64_t line_end_;
    std::vector<bool> opened_;
    CaptureLine at_;
    std::string text_;
    std::size_t place_ = 0;
};

class CryptofeedImporter : public Importer {
  public:
    explicit CryptofeedImporter(const ImportContext& context) : context_(context)
    {
        for (const std::string& path : context.request.inputs) captures_.emplace_back().path = path;
    }

    std::optional<Error> scan(std::size_t input, const LineSource& lines, std::string_view text) override
    {
        if (text.empty()) return std::nullopt;
        CaptureLine line;
        const std::string_view problem = parse_capture_line(text, line);
        if (!problem.empty()) return lines.at(problem);
        if (line.kind == CaptureLine::Kind::header) return std::nullopt;
        if (line.kind == CaptureLine::Kind::other) {
            context_.notes.add(fmt::format("line of the unknown kind '{}' skipped", line.type));
            return std::nullopt;
        }
        if (line.has_data && !JsonLine::unescape(line.data, text_))
            return lines.at("\"data\" has a bad escape");
        Capture& capture = captures_[input];
        Connection& connection = connection_at(capture, line.connection);
        if (line.time < connection.last) {
            return lines.at(fmt::format("connection {}: {}", connection.name,
                                        backwards_text(line.time, connection.last)));
        }
        if (connection.line_first == 0) connection.line_first = lines.line();
        connection.line_last = lines.line();
        connection.last = line.time;
        if (line.time < capture.last) capture.in_order = false;
        capture.last = line.time;
        switch (line.kind) {
            case CaptureLine::Kind::http:
                return scan_http(capture, line, lines);
            case CaptureLine::Kind::connect:
                return scan_connect(connection, line, lines);
            case CaptureLine::Kind::recv:
                scan_frame(connection, line);
                break;
            default:
                context_.notes.add("message of our own side (send) skipped");
        }
        return std::nullopt;
    }

    std::optional<Error> scan_end(std::size_t, bool, std::uint64_t&) override { return std::nullopt; }

    Result<std::vector<InstrumentTable::VenueListings>> venues() override
    {
        if (venues_.empty()) {
            return Error{ExitCode::data,
                         fmt::format("{}: no address in it belongs to a venue that has a connector{}",
                                     captures_.front().path, addresses_text())};
        }
        std::vector<InstrumentTable::VenueListings> result;
        for (VenueDraft& venue : venues_) {
            InstrumentTable::VenueListings listings{venue.key, {}};
            if (venue.learner) listings.definitions = venue.learner->result();
            // A list that came behind the first frame was unknown to the learner.
            for (ListingDefinition& definition : listings.definitions) {
                const auto told = venue.places.find(definition.symbol);
                if (definition.inferred && told != venue.places.end()) definition = venue.known[told->second];
            }
            if (listings.definitions.empty()) {
                context_.notes.add(fmt::format("{}: no book, quote or trade was seen", venue.key.label()));
            }
            result.push_back(std::move(listings));
        }
        return result;
    }

    Result<std::vector<std::unique_ptr<RecordSource>>> sources(std::size_t input,
                                                               std::uint64_t lines_good) override
    {
        const Capture& capture = captures_[input];
        std::vector<std::size_t> parts;
        if (capture.in_order) parts.push_back(kNone);
        for (std::size_t i = 0; i < capture.connections.size() && !capture.in_order; ++i) parts.push_back(i);
        if (parts.size() > kMergedMax) {
            return Error{
                ExitCode::data,
                fmt::format("{}: it is not in time order and has {} connections; at most {} can be merged: "
                            "split the file by connection",
                            capture.path, parts.size(), kMergedMax)};
        }
        std::vector<std::unique_ptr<RecordSource>> result;
        for (const std::size_t only : parts) {
            Result<LineSource> lines = LineSource::open(capture.path);
            if (!lines) return lines.error();
            result.push_back(std::make_unique<CaptureSource>(std::move(*lines), capture, only, lines_good));
        }
        return result;
    }

  private:
    struct VenueDraft {
        VenueKey key;
        std::vector<ListingDefinition> known;
        std::map<std::string, std::size_t, std::less<>> places;  ///< of `known`, by symbol
        std::set<std::string, std::less<>>
            list_paths;  ///< addresses without query that gave instrument lists
        std::unique_ptr<VenueDirectory::Learner> learner;
    };

    static Connection& connection_at(Capture& capture, std::string_view name)
    {
        const auto [found, fresh] = capture.places.try_emplace(std::string(name), capture.connections.size());
        if (fresh) capture.connections.emplace_back().name = name;
        return capture.connections[found->second];
    }

    std::size_t venue_at(std::string_view address)
    {
        const std::optional<VenueKey> key = context_.directory.venue_of_url(address);
        if (!key) {
            if (strangers_.size() < 3) strangers_.insert(std::string(address.substr(0, 100)));
            return kNone;
        }
        for (std::size_t i = 0; i < venues_.size(); ++i) {
            if (venues_[i].key == *key) return i;
        }
        if (venues_.size() == format::kVenuesMax) return kNone;
        venues_.emplace_back().key = *key;
        return venues_.size() - 1;
    }

    void know(VenueDraft& venue, std::vector<ListingDefinition> definitions)
    {
        for (ListingDefinition& definition : definitions) {
            if (!venue.places.try_emplace(definition.symbol, venue.known.size()).second) continue;
            venue.known.push_back(std::move(definition));
        }
    }

    /// The venue's learner, made when first needed: by then the instrument lists at the head of the file are
    /// known.
    VenueDirectory::Learner& learner_of(VenueDraft& venue)
    {
        if (!venue.learner) {
            for (const InstrumentTable::VenueListings& given : context_.request.instruments) {
                if (given.key.label() == venue.key.label()) know(venue, given.definitions);
            }
            venue.learner = context_.directory.learn(venue.key, venue.known);
        }
        return *venue.learner;
    }

    std::optional<Error> scan_http(Capture& capture, const CaptureLine& line, const LineSource& lines)
    {
        const std::size_t place = venue_at(line.address);
        if (place != kNone && line.packed) {
            context_.notes.add("REST reply that was no text left out");
            return std::nullopt;
        }
        if (place == kNone) {
            context_.notes.add("REST reply from an address of no venue with a connector skipped");
            return std::nullopt;
        }
        VenueDraft& venue = venues_[place];
        const std::string path = line.address.substr(0, line.address.find('?'));
        Result<std::vector<ListingDefinition>> read =
            context_.directory.read_instruments(venue.key, line.address, text_);
        if (!read) {
            context_.notes.add(fmt::format("{}:{}: an instrument list that cannot be read: {}", capture.path,
                                           lines.line(), read.error().message));
        } else if (!read->empty() || venue.list_paths.contains(path)) {
            // Megabytes of rules whose useful part stands in the header. The same address with another query
            // may list only what we cannot express (options).
            venue.list_paths.insert(path);
            know(venue, std::move(*read));
            context_.notes.add("instrument list not copied: the listings that occur stand in the header");
            return std::nullopt;
        }
        capture.http_venues.emplace(lines.line(), place);
        learner_of(venue).http(line.address, text_, line.time);
        return std::nullopt;
    }

    std::optional<Error> scan_connect(Connection& connection, const CaptureLine& line,
                                      const LineSource& lines)
    {
        const std::size_t venue = venue_at(line.address);
        if (connection.connected && connection.venue != venue) {
            return lines.at(fmt::format("connection {} goes to another venue than before", connection.name));
        }
        if (venue == kNone) context_.notes.add("websocket of no venue with a connector skipped");
        if (!connection.connected && venue != kNone) {
            if (websockets_ == kConnectionsMax) return lines.at("more than 65,535 connections");
            connection.id = static_cast<ConnectionId>(websockets_++);
        }
        connection.connected = true;
        connection.venue = venue;
        if (venue != kNone) {
            learner_of(venues_[venue])
                .open(static_cast<std::uint16_t>(connection.id), line.address, line.time);
        }
        return std::nullopt;
    }

    void scan_frame(const Connection& connection, const CaptureLine& line)
    {
        if (connection.venue == kNone) {
            context_.notes.add("frame of a connection without a venue skipped");
            return;
        }
        if (line.packed) {
            // It is recorded as it stands: the decoder cannot read it and doubts what it might have changed.
            context_.notes.add("frame that was no text kept as its base64 text");
            return;
        }
        learner_of(venues_[connection.venue])
            .frame(static_cast<std::uint16_t>(connection.id), text_, line.time);
    }

    std::string addresses_text() const
    {
        std::string text;
        for (const std::string& address : strangers_) text += (text.empty() ? " (seen: " : ", ") + address;
        return text.empty() ? text : text + ")";
    }

    ImportContext context_;
    std::vector<Capture> captures_;
    std::vector<VenueDraft> venues_;
    std::set<std::string> strangers_;
    std::size_t websockets_ = 0;
    std::string text_;
};

}  // namespace

std::unique_ptr<Importer> make_cryptofeed_importer(const ImportContext& context)
{
    return std::make_unique<CryptofeedImporter>(context);
}

}  // namespace arb
