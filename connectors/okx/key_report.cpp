#include "connectors/okx/key_report.hpp"

#include <algorithm>
#include <vector>

namespace arb::okx {
namespace {

class KeyReader final : public KeyReplyReader {
  public:
    explicit KeyReader(KeyTexts& texts) : KeyReplyReader(texts) {}

  private:
    bool read(const Object& root) override
    {
        Object entry;
        return find_entry(root, entry) && read_rights(entry) && read_addresses(entry);
    }
    /// One account was asked about: one entry.
    bool find_entry(const Object& root, Object& out)
    {
        Json value;
        Array data;
        if (!find(root, "data", value)) return false;
        if (value.get(data) != simdjson::SUCCESS) return fail("data", "is no list");
        if (data.size() != 1) return fail("data", "does not hold one entry");
        return data.at(0).get(out) == simdjson::SUCCESS || fail("data", "holds no object");
    }
    /// The parts of a text that are parted by commas; none when it is empty.
    bool find_parts(const Object& entry, std::string_view name, std::vector<std::string_view>& out)
    {
        Json value;
        std::string_view text;
        if (!find(entry, name, value)) return false;
        if (value.get(text) != simdjson::SUCCESS) return fail(name, "is no text");
        if (text.empty()) return true;
        for (;;) {
            const std::string_view part = text.substr(0, text.find(','));
            if (!plain(part)) return fail(name, "holds what is no name");
            if (out.size() == kEntriesMax) return fail(name, "is too long");
            out.push_back(part);
            if (part.size() == text.size()) return true;
            text.remove_prefix(part.size() + 1);
        }
    }

    bool read_rights(const Object& entry)
    {
        std::vector<std::string_view> names;
        if (!find_parts(entry, "perm", names)) return false;
        if (names.empty()) return fail("perm", "is empty");
        for (const std::string_view name : names) {
            if (std::count(names.begin(), names.end(), name) > 1) return fail("perm", "names a right twice");
            if (name == "read_only") {
                report_.rights.add(KeyRight::read);
            } else if (name == "trade") {
                report_.rights.add(KeyRight::trade);
            } else if (name == "withdraw") {
                report_.rights.add(KeyRight::withdraw);
            } else {
                report_.rights.add(KeyRight::other);
                append_name(texts_.foreign, name);
            }
        }
        return true;
    }

    // Keys that are bound to addresses do not expire; the others do when they lie idle, and no day is told.
    bool read_addresses(const Object& entry)
    {
        std::vector<std::string_view> list;
        if (!find_parts(entry, "ip", list)) return false;
        tell_addresses(list);
        report_.expiry = report_.addresses == KeyTold::none ? KeyTold::silent : KeyTold::none;
        return true;
    }
};

}  // namespace

KeyReport read_key_report(std::string_view body, KeyTexts& texts)
{
    return KeyReader(texts).run(body);
}

}  // namespace arb::okx
