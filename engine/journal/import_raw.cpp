// hftbacktest's raw files: "<receive time in ns> <JSON>", one frame a line, from a combined stream of one
// Binance market (the venue is told on the command line). REST depth replies stand among the frames without
// their address: they are the objects with "lastUpdateId" and neither "stream" nor "e", and most do not say
// their symbol either.
#include <algorithm>

#include <fmt/format.h>

#include "engine/journal/exact_text.hpp"
#include "engine/journal/import_run.hpp"
#include "engine/journal/json_line.hpp"

namespace arb {
namespace {

struct RawLine {
    Timestamp time;
    std::string_view text;
    bool reply = false;       ///< a REST depth reply
    std::string_view symbol;  ///< a reply's, when it says one
};

/// Looks at the members of the outer object, and no further than needed.
std::string_view look_at_object(RawLine& line)
{
    JsonLine json(line.text);
    bool reply = false;
    while (json.next()) {
        if (json.key() == "stream" || json.key() == "e") return {};
        if (json.key() == "lastUpdateId") reply = true;
        if (json.key() == "symbol" && json.type() == JsonLine::Type::string) line.symbol = json.raw();
    }
    line.reply = reply && json.problem().empty();
    return json.problem();
}

/// Returns what is wrong with the line, or nothing.
std::string_view parse_raw_line(std::string_view text, RawLine& out)
{
    out = {};
    const std::size_t blank = text.find(' ');
    const std::optional<Timestamp> time = parse_epoch(text.substr(0, blank), 1);
    if (blank == std::string_view::npos || !time)
        return "the line does not begin with a time in ns and a blank";
    if (!plausible(*time)) return "the time at its begin is not in nanoseconds since 1970";
    out.time = *time;
    out.text = text.substr(blank + 1);
    if (out.text.empty() || (out.text[0] != '{' && out.text[0] != '[')) return "no JSON follows the time";
    // What is no frame of a stream and cannot be read is still a frame: the decoder counts it.
    if (out.text[0] == '{') look_at_object(out);
    return {};
}

class RawSource : public RecordSource {
  public:
    RawSource(LineSource lines, std::uint64_t lines_good, ConnectionId connection, std::string stream_url,
              std::function<std::string(std::string_view)> snapshot_url)
        : lines_(std::move(lines)),
          lines_good_(lines_good),
          connection_(connection),
          stream_url_(std::move(stream_url)),
          snapshot_url_(std::move(snapshot_url))
    {
    }

    bool next() override
    {
        if (opening_) {
            // The open record went out; its line's own record follows at the same time.
            opening_ = false;
            frame_ = !at_.reply;
            return true;
        }
        std::string_view text;
        while (lines_.line() < lines_good_ && lines_.next(text)) {
            if (text.empty()) continue;
            line_ = lines_.line();
            const std::string_view problem = parse_raw_line(text, at_);
            if (!problem.empty()) {
                error_ = lines_.at(problem);
                return false;
            }
            time_ = at_.time;
            opening_ = !opened_;
            opened_ = true;
            frame_ = !opening_ && !at_.reply;
            return true;
        }
        if (lines_.trouble()) error_ = lines_.trouble();
        return false;
    }

    void write(JournalWriter& out) override
    {
        if (opening_) return out.open(VenueId{}, connection_, time_, stream_url_);
        if (at_.reply) return out.http(VenueId{}, time_, snapshot_url_(at_.symbol), 200, at_.text);
        out.frame(VenueId{}, connection_, time_, at_.text);
    }

    std::uint64_t bytes_read() const override { return lines_.bytes_read(); }

  private:
    LineSource lines_;
    std::uint64_t lines_good_;
    ConnectionId connection_;
    std::string stream_url_;
    std::function<std::string(std::string_view)> snapshot_url_;
    RawLine at_;
    bool opened_ = false;
    bool opening_ = false;
};

class RawImporter : public Importer {
  public:
    RawImporter(const ImportContext& context, VenueKey key)
        : context_(context), key_(std::move(key)), inputs_(context.request.inputs.size())
    {
        for (const InstrumentTable::VenueListings& given : context.request.instruments) {
            if (given.key.label() == key_.label()) known_ = given.definitions;
        }
    }

    std::optional<Error> scan(std::size_t input, const LineSource& lines, std::string_view text) override
    {
        if (text.empty()) return std::nullopt;
        RawLine line;
        const std::string_view problem = parse_raw_line(text, line);
        if (!problem.empty()) return lines.at(problem);
        Input& state = inputs_[input];
        if (line.time < state.last) return lines.at(backwards_text(line.time, state.last));
        const auto connection = static_cast<std::uint16_t>(input);
        if (!state.learner) {
            state.learner = context_.directory.learn(key_, known_);
            state.learner->open(connection, context_.directory.stream_url(key_), line.time);
        }
        state.last = line.time;
        if (!line.reply) {
            state.learner->frame(connection, line.text, line.time);
            return std::nullopt;
        }
        const std::string symbol = line.symbol.empty() ? only_symbol(state) : std::string(line.symbol);
        if (line.symbol.empty() && state.nameless_line == 0) {
            state.nameless_line = lines.line();
            state.nameless = lines.at(
                "a depth snapshot does not say its symbol, and the file has several (or none) "
                "that it could be of; split the file by symbol");
        }
        if (!symbol.empty())
            state.learner->http(context_.directory.snapshot_url(key_, symbol), line.text, line.time);
        return std::nullopt;
    }

    std::optional<Error> scan_end(std::size_t input, bool, std::uint64_t& lines_good) override
    {
        Input& state = inputs_[input];
        state.symbol = only_symbol(state);
        if (state.nameless_line == 0 || !state.symbol.empty()) return std::nullopt;
        lines_good = std::min(lines_good, state.nameless_line - 1);
        return state.nameless;
    }

    Result<std::vector<InstrumentTable::VenueListings>> venues() override
    {
        InstrumentTable::VenueListings listings{key_, {}};
        for (const Input& input : inputs_) {
            if (!input.learner) continue;
            for (const ListingDefinition& definition : input.learner->result())
                merge(definition, listings.definitions);
        }
        if (listings.definitions.empty()) {
            context_.notes.add(fmt::format("{}: no book, quote or trade was seen", key_.label()));
        }
        return std::vector{std::move(listings)};
    }

    Result<std::vector<std::unique_ptr<RecordSource>>> sources(std::size_t input,
                                                               std::uint64_t lines_good) override
    {
        Result<LineSource> lines = LineSource::open(context_.request.inputs[input]);
        if (!lines) return lines.error();
        std::vector<std::unique_ptr<RecordSource>> result;
        result.push_back(std::make_unique<RawSource>(
            std::move(*lines), lines_good, static_cast<ConnectionId>(input),
            context_.directory.stream_url(key_), [this, input](std::string_view symbol) {
                return context_.directory.snapshot_url(
                    key_, symbol.empty() ? std::string_view(inputs_[input].symbol) : symbol);
            }));
        return result;
    }

  private:
    struct Input {
        Timestamp last;
        std::unique_ptr<VenueDirectory::Learner>
            learner;  ///< its own: a file's only symbol names its snapshots
        std::string symbol;
        std::uint64_t nameless_line = 0;  ///< first depth reply without a symbol
        Error nameless;
    };

    /// The symbol that all frames of the file so far speak of; empty when there is none or more than one.
    static std::string only_symbol(const Input& input)
    {
        if (!input.learner) return {};
        const std::vector<ListingDefinition> seen = input.learner->result();
        return seen.size() == 1 ? seen.front().symbol : std::string();
    }

    /// Two files may show the same symbol with different decimals: the finer ones count.
    static void merge(const ListingDefinition& definition, std::vector<ListingDefinition>& out)
    {
        for (ListingDefinition& known : out) {
            if (known.symbol != definition.symbol) continue;
            if (known.inferred && definition.inferred) {
                if (definition.tick.decimals() > known.tick.decimals()) known.tick = definition.tick;
                if (definition.lot.decimals() > known.lot.decimals()) known.lot = definition.lot;
            }
            return;
        }
        out.push_back(definition);
    }

    ImportContext context_;
    VenueKey key_;
    std::vector<ListingDefinition> known_;
    std::vector<Input> inputs_;
};

}  // namespace

Result<std::unique_ptr<Importer>> make_raw_importer(const ImportContext& context)
{
    const ImportRequest& request = context.request;
    if (request.venue.empty()) {
        return Error{ExitCode::usage,
                     "import --from hftbacktest-raw needs --venue (and --market), for example "
                     "--venue binance --market usdm"};
    }
    VenueKey key{request.venue, request.market};
    if (!context.directory.known(key) && key.market.empty()) key.market = "spot";
    if (!context.directory.known(key)) {
        return Error{ExitCode::usage,
                     fmt::format("no connector for the market '{}' of the venue '{}'; README.md "
                                 "lists venues and markets",
                                 request.market, request.venue)};
    }
    if (request.inputs.size() > 65'535) return Error{ExitCode::usage, "more than 65,535 inputs"};
    return std::unique_ptr<Importer>(std::make_unique<RawImporter>(context, std::move(key)));
}

}  // namespace arb
