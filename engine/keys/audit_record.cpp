#include "engine/keys/audit_record.hpp"

#include <algorithm>
#include <charconv>

#include <openssl/sha.h>

namespace arb {
namespace {

constexpr std::size_t kFields = 9;
constexpr std::size_t kAuditTextMax = 120;

constexpr std::array<std::string_view, 7> kKinds{"begin", "resume", "use", "retire", "torn", "lost", "close"};
constexpr std::array<std::string_view, 3> kOutcomes{"done", "refused", "failed"};

AuditHash next_chain(const AuditHash& before, std::string_view text)
{
    std::string whole(reinterpret_cast<const char*>(before.data()), before.size());
    whole += text;
    return audit_hash(whole);
}

bool plain(char c)
{
    return c >= ' ' && c <= '~' && c != '%';
}

void append_text(std::string_view text, std::string& out)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    if (text.empty()) out += '-';
    if (text == "-") {
        out += "%2D";
        return;
    }
    for (const char c : text.substr(0, kAuditTextMax)) {
        if (plain(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
        }
    }
}

/// Texts are kept as they stand in the line, escapes and all: they may be shown anywhere.
bool read_text(std::string_view field, std::string& out)
{
    const auto good = [](char c) { return c >= ' ' && c <= '~'; };
    if (field.empty() || field.size() > 3 * kAuditTextMax || !std::all_of(field.begin(), field.end(), good))
        return false;
    out = field == "-" ? std::string_view() : field;
    return true;
}

template <class Number>
bool read_number(std::string_view field, Number& out)
{
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out);
    // One way to write a number: a changed byte must not read the same.
    const bool minimal = field == "0" || (!field.empty() && field.front() != '0');
    return error == std::errc{} && end == field.data() + field.size() && minimal;
}

bool read_hash(std::string_view field, AuditHash& out)
{
    if (field.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        unsigned value = 0;
        for (const char c : field.substr(2 * i, 2)) {
            if (c >= '0' && c <= '9')
                value = value * 16 + static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f')
                value = value * 16 + static_cast<unsigned>(c - 'a' + 10);
            else
                return false;
        }
        out[i] = static_cast<unsigned char>(value);
    }
    return true;
}

/// "done", "refused:quantity", or a bare number for the kinds that count.
bool read_outcome(std::string_view field, AuditRecord& record)
{
    if (record.kind != AuditKind::use) return read_number(field, record.count);
    const std::size_t colon = std::min(field.find(':'), field.size());
    const auto found = std::find(kOutcomes.begin(), kOutcomes.end(), field.substr(0, colon));
    if (found == kOutcomes.end()) return false;
    record.outcome = static_cast<KeyOutcome>(found - kOutcomes.begin());
    return colon == field.size() || read_text(field.substr(colon + 1), record.reason);
}

}  // namespace

AuditHash audit_hash(std::string_view text)
{
    AuditHash result;
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
    return result;
}

std::string hex_text(const AuditHash& hash)
{
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : hash) out.append({kHex[byte >> 4], kHex[byte & 15]});
    return out;
}

const char* name(AuditKind kind)
{
    return kKinds[static_cast<std::size_t>(kind)].data();
}

const char* name(KeyOutcome outcome)
{
    return kOutcomes[static_cast<std::size_t>(outcome)].data();
}

AuditRecord record_of(const KeyUse& use)
{
    AuditRecord record;
    record.time = use.time;
    record.venue = use.venue.view();
    record.label = use.label.view();
    record.endpoint = use.endpoint.view();
    record.hash = use.request;
    record.outcome = use.outcome;
    record.reason = use.reason.view();
    return record;
}

void append_line(const AuditRecord& record, AuditHash& chain, std::string& out)
{
    const std::size_t first = out.size();
    out += std::to_string(record.number);
    out.append(1, '\t').append(name(record.kind)).append(1, '\t').append(std::to_string(record.time.ns));
    for (const std::string* text : {&record.venue, &record.label, &record.endpoint}) {
        out += '\t';
        append_text(*text, out);
    }
    out.append(1, '\t').append(hex_text(record.hash)).append(1, '\t');
    if (record.kind == AuditKind::use) {
        out += name(record.outcome);
        if (!record.reason.empty()) {
            out += ':';
            append_text(record.reason, out);
        }
    } else {
        out += std::to_string(record.count);
    }
    chain = next_chain(chain, std::string_view(out).substr(first));
    out.append(1, '\t').append(hex_text(chain)).append(1, '\n');
}

std::optional<AuditRecord> read_line(std::string_view line, std::uint64_t number, AuditHash& chain)
{
    std::array<std::string_view, kFields> fields;
    std::size_t count = 0;
    for (std::string_view rest = line; count < kFields; ++count) {
        const std::size_t tab = std::min(rest.find('\t'), rest.size());
        fields[count] = rest.substr(0, tab);
        if (tab == rest.size()) {
            ++count;
            break;
        }
        rest.remove_prefix(tab + 1);
        if (count + 1 == kFields) return std::nullopt;
    }
    if (count != kFields) return std::nullopt;
    AuditRecord record;
    const auto kind = std::find(kKinds.begin(), kKinds.end(), fields[1]);
    if (kind == kKinds.end()) return std::nullopt;
    record.kind = static_cast<AuditKind>(kind - kKinds.begin());
    AuditHash told;
    if (!read_number(fields[0], record.number) || record.number != number ||
        !read_number(fields[2], record.time.ns) || !read_text(fields[3], record.venue) ||
        !read_text(fields[4], record.label) || !read_text(fields[5], record.endpoint) ||
        !read_hash(fields[6], record.hash) || !read_outcome(fields[7], record) ||
        !read_hash(fields[8], told)) {
        return std::nullopt;
    }
    const std::size_t signed_part = line.size() - fields[8].size() - 1;
    const AuditHash expected = next_chain(chain, line.substr(0, signed_part));
    if (expected != told) return std::nullopt;
    chain = expected;
    return record;
}

}  // namespace arb
