#pragma once
// Lists of orders and trades as emulated venues tell them: newest first, cut into pages. What an entry says
// is the venue's. Any thread; no errors.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/emulate/answer_text.hpp"

namespace arb {

template <class Entry>
struct NewestPage {
    std::vector<const Entry*> entries;
    bool more = false;  ///< there are older ones behind it
    /// The id of the oldest entry; 0: there is none.
    std::uint64_t last() const { return entries.empty() ? 0 : entries.back()->id; }
};

/// Of `all`, which are told oldest first, those for which `is_wanted`: `most` of them behind the first
/// `skip`. Nobody is asked about what is older than the page and the one behind it.
template <class Entry, class IsWanted>
NewestPage<Entry> newest_page(const std::vector<const Entry*>& all, std::size_t most, IsWanted is_wanted,
                              std::size_t skip = 0)
{
    NewestPage<Entry> page;
    for (auto at = all.rbegin(); at != all.rend() && !page.more; ++at) {
        if (!is_wanted(**at)) continue;
        if (skip > 0)
            --skip;
        else if (page.entries.size() == most)
            page.more = true;
        else
            page.entries.push_back(*at);
    }
    return page;
}

/// What `write` says of each entry, with commas between.
template <class Entry, class Write>
std::string json_list(const NewestPage<Entry>& page, Write write)
{
    return json_list(page.entries, write);
}

}  // namespace arb
