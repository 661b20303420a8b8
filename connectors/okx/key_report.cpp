#include "connectors/okx/key_report.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

namespace arb::okx {
namespace {

using Json = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

constexpr std::size_t kBodyMax = std::size_t{1} << 16;
constexpr std::size_t kEntriesMax = 200;
constexpr std::size_t kNameMax = 64;

bool plain(std::string_view name)
{
    return !name.empty() && name.size() <= kNameMax &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// What stands in an address list and shuts nobody out.
bool any_address(std::string_view entry)
{
    return entry == "*" || entry == "0.0.0.0" || entry == "::" || entry.ends_with("/0");
}

class KeyReader {
  public:
    explicit KeyReader(KeyTexts& texts) : texts_(texts) {}

    KeyReport run(std::string_view body)
    {
        texts_ = {};
        simdjson::dom::parser parser;
        Object root, entry;
        if (body.size() > kBodyMax)
            (void)fail("the reply", "is too long");
        else if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
            (void)fail("the reply", "is no JSON object");
        else if (find_entry(root, entry))
            (void)(read_rights(entry) && read_addresses(entry));
        if (!ok_) {
            report_ = {};
            report_.answer = KeyAnswer::unreadable;
            report_.text = texts_.text;
            return report_;
        }
        report_.answer = KeyAnswer::told;
        report_.foreign = texts_.foreign;
        report_.address_list = texts_.address_list;
        return report_;
    }

  private:
    bool fail(std::string_view field, std::string_view what)
    {
        if (ok_) texts_.text = fmt::format("{} {}", field, what);
        ok_ = false;
        return false;
    }
    bool find(const Object& object, std::string_view name, Json& out)
    {
        std::size_t times = 0;
        for (const auto& [key, value] : object) {
            if (key == name && ++times == 1) out = value;
        }
        if (times == 0) return fail(name, "is not there");
        return times == 1 || fail(name, "is told twice");
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
                texts_.foreign += (texts_.foreign.empty() ? "" : ",") + std::string(name);
            }
        }
        return true;
    }

    // Keys that are bound to addresses do not expire; the others do when they lie idle, and no day is told.
    bool read_addresses(const Object& entry)
    {
        std::vector<std::string_view> list;
        if (!find_parts(entry, "ip", list)) return false;
        const bool open = list.empty() || std::any_of(list.begin(), list.end(), any_address);
        report_.addresses = open ? KeyTold::none : KeyTold::some;
        report_.expiry = open ? KeyTold::silent : KeyTold::none;
        if (open) return true;
        for (const std::string_view address : list)
            texts_.address_list += (texts_.address_list.empty() ? "" : ",") + std::string(address);
        return true;
    }

    KeyTexts& texts_;
    KeyReport report_;
    bool ok_ = true;
};

}  // namespace

KeyReport read_key_report(std::string_view body, KeyTexts& texts)
{
    return KeyReader(texts).run(body);
}

}  // namespace arb::okx
