#pragma once
// A table of messages of a venue and of the facts that must come out of each: plain text beside the connector
// (connectors/NAME/messages/FOLDER.txt), described in tests/README.md. Reading it knows nothing of any venue.
// Tests only.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/instrument.hpp"
#include "engine/base/result.hpp"

namespace arb::test {

/// What the connector of one market is given before a message: its listings, and which address is meant by
/// a door's name ("private" -> a part of the address).
struct MessageWorld {
    std::string market;
    std::vector<std::vector<std::string>> listings;  ///< words: symbol, then key=value
    std::vector<std::pair<std::string, std::string>> doors;
};

struct MessageRow {
    std::string name;  ///< the file's
    std::size_t line = 0;
    bool own = false;  ///< beside the connector or written in the row; else of the shared folder
    std::string body;  ///< written in the row; empty: read from the file
    std::string market;
    bool market_given = false;
    std::vector<std::vector<std::string>> listings;  ///< instead of the market's
    std::string session = "ready";                   ///< ready, starting, none
    std::string key = "trade";
    std::string scope = "both";
    std::vector<std::string> steps;  ///< what happens before: "sent ours BTC-USDT buy 1 20 gtc"
    std::string question;            ///< what we ask: "open_orders"
    std::string door;                ///< "private", "reply /path status=400", ...
    std::vector<std::pair<std::string, std::string>> replaced;
    std::string ignored;  ///< why nothing comes out
    std::string unasked;  ///< why it cannot come in: an answer to a question that we never ask
    std::vector<std::string> expected;
};

struct MessageTable {
    std::string exchange;                      ///< the connector's folder
    std::string folder;                        ///< of the shared messages
    std::string path;                          ///< of the table
    bool incomplete = false;                   ///< messages without a row are shown, not a failure
    bool rules = false;                        ///< rows of rules: what must come out is said by the rule
    std::map<std::string, std::string> fails;  ///< rules that the connector is known not to keep yet: how
    std::vector<MessageWorld> worlds;
    std::vector<MessageRow> rows;
    /// The world of that market; nullptr: none.
    const MessageWorld* world(const std::string& market) const;
};

/// Reads a table. The error names the line.
Result<MessageTable> read_message_table(const std::string& path, const std::string& text);

/// The text of a file without the line breaks at its end. Throws std::runtime_error.
std::string message_text(const std::string& path);

/// Words parted by blanks.
std::vector<std::string> words_of(const std::string& text);
/// The listing that `words` describe; `guess` gives what the symbol tells. The error names the word.
Result<ListingDefinition> listing_of(const std::vector<std::string>& words, ListingDefinition guess);

}  // namespace arb::test
