#include "engine/journal/import.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/journal/import_run.hpp"

namespace arb {
namespace {

constexpr std::uint64_t kProgressEvery = 1024;
/// Listings that a note names: their text grows no longer than this and one more.
constexpr std::size_t kListingsTextMax = 100;

std::string file_name(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

class ImportRun {
  public:
    ImportRun(const ImportRequest& request, Importer& importer, ImportNotes& notes)
        : request_(request), importer_(importer), notes_(notes), lines_good_(request.inputs.size())
    {
    }

    Result<ImportSummary> run()
    {
        if (const std::optional<Error> error = weigh_inputs()) return *error;
        for (std::size_t i = 0; i < request_.inputs.size() && !trouble_; ++i) scan(i);
        Result<std::vector<InstrumentTable::VenueListings>> venues = importer_.venues();
        if (!venues) return trouble_ ? nothing_kept() : venues.error();
        summary_.venues = std::move(*venues);
        note_unused_rules();
        if (const std::optional<Error> error = open_sources()) return *error;
        const std::size_t first = earliest();
        if (first == sources_.size()) {
            if (trouble_) return nothing_kept();
            return Error{ExitCode::data,
                         request_.inputs.front() + ": no record is in it; is the format right?"};
        }
        return write();
    }

  private:
    struct Open {
        std::unique_ptr<RecordSource> source;
        std::size_t input = 0;
        bool has = false;
    };

    Error nothing_kept() const
    {
        return {trouble_->code, trouble_->message + " (nothing before it could be kept)"};
    }

    /// All inputs can be opened; their sizes are the progress bar's total.
    std::optional<Error> weigh_inputs()
    {
        for (const std::string& path : request_.inputs) {
            const Result<LineSource> lines = LineSource::open(path);
            if (!lines) return lines.error();
            bytes_total_ += lines->bytes_total();
        }
        return std::nullopt;
    }

    void report(std::uint64_t done) const
    {
        if (request_.progress) request_.progress(done, 2 * bytes_total_, summary_.records);
    }

    void scan(std::size_t input)
    {
        Result<LineSource> opened = LineSource::open(request_.inputs[input]);
        if (!opened) {
            trouble_ = opened.error();
            return;
        }
        LineSource& lines = *opened;
        std::string_view line;
        std::uint64_t& good = lines_good_[input];
        while (!trouble_ && lines.next(line)) {
            trouble_ = importer_.scan(input, lines, line);
            if (!trouble_) good = lines.line();
            if (lines.line() % kProgressEvery == 0) report(bytes_scanned_ + lines.bytes_read());
        }
        if (!trouble_) trouble_ = lines.trouble();
        const std::optional<Error> late = importer_.scan_end(input, !trouble_, good);
        if (late && !trouble_) trouble_ = late;
        bytes_scanned_ += lines.bytes_total();
        report(bytes_scanned_);
    }

    /// Rules of --instruments that no listing of the inputs took: misspelt, or for other recordings.
    void note_unused_rules()
    {
        std::string listings;
        for (const InstrumentTable::VenueListings& venue : summary_.venues) {
            for (const ListingDefinition& d : venue.definitions) {
                if (listings.size() < kListingsTextMax)
                    listings +=
                        fmt::format("{}{} at {}", listings.empty() ? "" : ", ", d.symbol, venue.key.label());
            }
        }
        for (const InstrumentTable::VenueListings& given : request_.instruments) {
            std::vector<std::string> unused;
            for (const ListingDefinition& d : given.definitions) {
                if (!used(given.key, d)) unused.push_back(d.symbol);
            }
            if (unused.empty()) continue;
            const std::size_t shown = std::min<std::size_t>(unused.size(), 3);
            notes_.add(fmt::format(
                "--instruments: {} of the venue {} ({}{}) not used: the inputs have {}",
                unused.size() == 1 ? "a rule" : fmt::format("{} rules", unused.size()), given.key.label(),
                fmt::join(unused.begin(), unused.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                shown < unused.size() ? ", ..." : "", listings.empty() ? "nothing" : listings));
        }
    }

    bool used(const VenueKey& key, const ListingDefinition& rule) const
    {
        for (const InstrumentTable::VenueListings& venue : summary_.venues) {
            if (venue.key.label() != key.label()) continue;
            for (const ListingDefinition& d : venue.definitions) {
                if (d.symbol == rule.symbol) return true;
            }
        }
        return false;
    }

    std::optional<Error> open_sources()
    {
        for (std::size_t i = 0; i < request_.inputs.size(); ++i) {
            if (lines_good_[i] == 0) continue;
            Result<std::vector<std::unique_ptr<RecordSource>>> sources = importer_.sources(i, lines_good_[i]);
            if (!sources) return sources.error();
            for (auto& source : *sources) {
                Open open{std::move(source), i, false};
                advance(open);
                sources_.push_back(std::move(open));
            }
        }
        return std::nullopt;
    }

    void advance(Open& open)
    {
        open.has = open.source->next();
        if (!open.has && open.source->error() && !trouble_) trouble_ = open.source->error();
    }

    /// The source whose record comes next, or their count: by time, then input, then line.
    std::size_t earliest() const
    {
        std::size_t best = sources_.size();
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (!sources_[i].has) continue;
            if (best == sources_.size() || before(sources_[i], sources_[best])) best = i;
        }
        return best;
    }

    static bool before(const Open& a, const Open& b)
    {
        if (a.source->time() != b.source->time()) return a.source->time() < b.source->time();
        if (a.input != b.input) return a.input < b.input;
        return a.source->line() < b.source->line();
    }

    std::uint64_t bytes_done() const
    {
        // Several sources of one input each read the whole of it: their mean is what is done.
        std::vector<std::uint64_t> sums(request_.inputs.size()), counts(request_.inputs.size());
        for (const Open& open : sources_) {
            sums[open.input] += open.source->bytes_read();
            ++counts[open.input];
        }
        std::uint64_t done = bytes_total_;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (counts[i] > 0) done += sums[i] / counts[i];
        }
        return done;
    }

    Result<ImportSummary> write()
    {
        JournalHeader header;
        header.build = request_.build;
        header.source = fmt::format("import {}", request_.format);
        for (const std::string& path : request_.inputs) header.source += fmt::format(" {}", file_name(path));
        header.venues = summary_.venues;
        Result<JournalWriter> writer = JournalWriter::create(request_.output, header);
        if (!writer) return writer.error();
        // A source that fails ends the import: what the others hold comes later in time.
        const bool scanned_whole = !trouble_;
        for (std::size_t i = earliest(); i < sources_.size(); i = earliest()) {
            RecordSource& source = *sources_[i].source;
            source.write(*writer);
            ++summary_.records;
            if (source.frame()) ++summary_.frames;
            if (summary_.records % kProgressEvery == 0) report(bytes_done());
            advance(sources_[i]);
            if (scanned_whole && trouble_) break;
        }
        const Result<Written> written = writer->finish();
        if (!written) return written.error();
        summary_.records = written->records;
        summary_.bytes = written->bytes;
        summary_.notes = notes_.texts();
        report(2 * bytes_total_);
        if (!trouble_) return std::move(summary_);
        return Error{trouble_->code, fmt::format("{} (the {} records before it are kept in {})",
                                                 trouble_->message, summary_.records, request_.output)};
    }

    const ImportRequest& request_;
    Importer& importer_;
    ImportNotes& notes_;
    std::vector<std::uint64_t> lines_good_;
    std::vector<Open> sources_;
    std::optional<Error> trouble_;
    ImportSummary summary_;
    std::uint64_t bytes_total_ = 0;
    std::uint64_t bytes_scanned_ = 0;
};

Result<std::unique_ptr<Importer>> make_importer(const ImportContext& context)
{
    const std::string& format = context.request.format;
    if (format == "cryptofeed") return make_cryptofeed_importer(context);
    if (format == "hftbacktest-raw") return make_raw_importer(context);
    if (format == "tardis-l2") return make_tardis_importer(context);
    if (format == "book-csv") return make_book_csv_importer(context);
    return Error{ExitCode::usage, fmt::format("--from '{}' is no known format; known are: {}", format,
                                              fmt::join(import_formats(), ", "))};
}

}  // namespace

std::vector<std::string> import_formats()
{
    return {"cryptofeed", "hftbacktest-raw", "tardis-l2", "book-csv"};
}

Result<ImportSummary> run_import(const ImportRequest& request, const VenueDirectory& directory)
{
    ImportNotes notes;
    Result<std::unique_ptr<Importer>> importer = make_importer({request, directory, notes});
    if (!importer) return importer.error();
    if (request.inputs.empty()) return Error{ExitCode::usage, "import: no input file is given"};
    if (request.output.empty()) return Error{ExitCode::usage, "import: no output file is given (-o OUT.arb)"};
    return ImportRun(request, **importer, notes).run();
}

}  // namespace arb
