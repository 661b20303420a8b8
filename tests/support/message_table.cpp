#include "tests/support/message_table.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace arb::test {
namespace {

Error table_error(std::size_t line, const std::string& what)
{
    return {ExitCode::data, "line " + std::to_string(line) + ": " + what};
}

std::string rest_after(const std::string& text, std::size_t words)
{
    std::size_t at = 0;
    for (std::size_t i = 0; i < words; ++i) {
        at = text.find_first_not_of(' ', at);
        at = text.find(' ', at);
        if (at == std::string::npos) return {};
    }
    at = text.find_first_not_of(' ', at);
    return at == std::string::npos ? std::string() : text.substr(at);
}

// A line before the first row. Empty: understood.
std::string read_head(MessageTable& table, const std::string& line, const std::vector<std::string>& words)
{
    if (words[0] == "incomplete" && words.size() == 1) {
        table.incomplete = true;
    } else if (words[0] == "rules" && words.size() == 1) {
        table.rules = true;
    } else if (words[0] == "fails" && words.size() > 2 && table.rules) {
        table.fails[words[1]] = rest_after(line, 2);
    } else if (words[0] == "market" && words.size() <= 2) {
        table.worlds.push_back({words.size() == 2 ? words[1] : std::string(), {}, {}});
    } else if (table.worlds.empty()) {
        return "a table begins with `market NAME`";
    } else if (words[0] == "listing" && words.size() > 1) {
        table.worlds.back().listings.emplace_back(words.begin() + 1, words.end());
    } else if (words[0] == "door" && words.size() == 3) {
        table.worlds.back().doors.emplace_back(words[1], words[2]);
    } else {
        return "unknown line: " + words[0];
    }
    return {};
}

// A line of a row. Empty: understood.
std::string read_row_line(MessageRow& row, const std::string& line, const std::vector<std::string>& words)
{
    const std::string& word = words[0];
    const std::string rest = rest_after(line, 1);
    if (word == ">") {
        row.expected.push_back(rest);
    } else if (word == "market" && words.size() <= 2) {
        row.market = rest;
        row.market_given = true;
    } else if (word == "listing" && words.size() > 1) {
        row.listings.emplace_back(words.begin() + 1, words.end());
    } else if (word == "session" && (rest == "ready" || rest == "starting" || rest == "none")) {
        row.session = rest;
    } else if (word == "key" && words.size() == 2) {
        row.key = rest;
    } else if (word == "scope" && (rest == "both" || rest == "orders" || rest == "account")) {
        row.scope = rest;
    } else if (word == "do" && words.size() > 1) {
        row.steps.push_back(rest);
    } else if (word == "ask" && words.size() > 1) {
        row.question = rest;
    } else if (word == "at" && words.size() > 1) {
        row.door = rest;
    } else if (word == "body" && row.own && words.size() > 1) {
        row.body = rest;
    } else if (word == "ignored" && words.size() > 1) {
        row.ignored = rest;
    } else if (word == "unasked" && words.size() > 1) {
        row.unasked = rest;
    } else if (word == "replace" && rest.find(" => ") != std::string::npos) {
        const std::size_t arrow = rest.find(" => ");
        row.replaced.emplace_back(rest.substr(0, arrow), rest.substr(arrow + 4));
    } else {
        return "unknown line in a row: " + line;
    }
    return {};
}

std::string check_row(const MessageTable& table, const MessageRow& row)
{
    if (!row.unasked.empty()) {
        return row.door.empty() && row.expected.empty() && row.ignored.empty()
                   ? std::string()
                   : row.name + ": what cannot come in has no door and no facts";
    }
    if (row.door.empty()) return row.name + ": no `at`: by which door does it come?";
    const bool says = !row.expected.empty() || !row.ignored.empty();
    if (table.rules && says) return row.name + ": the facts of a rule are told by the rule";
    if (!table.rules && !says)
        return row.name + ": neither a fact (`> ...`) nor a reason why there is none (`ignored WHY`)";
    return {};
}

std::string set_number(ListingDefinition& d, const std::string& key, const std::string& value)
{
    const auto number = Decimal::parse(value);
    if (!number) return "no decimal: " + value;
    if (key == "tick") {
        d.tick = *number;
    } else if (key == "lot") {
        d.lot = *number;
    } else if (key == "min") {
        d.quantity_min = *number;
    } else if (key == "notional") {
        d.notional_min = *number;
    } else if (key == "multiplier") {
        d.multiplier = *number;
    } else if (key == "price_unit") {
        d.price_unit = *number;
    } else if (key == "quantity_unit") {
        d.quantity_unit = *number;
    } else {
        return "unknown word of a listing: " + key;
    }
    return {};
}

}  // namespace

std::string message_text(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::ostringstream text;
    text << in.rdbuf();
    std::string result = text.str();
    while (!result.empty() && result.back() == '\n') result.pop_back();
    return result;
}

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

const MessageWorld* MessageTable::world(const std::string& market) const
{
    for (const MessageWorld& candidate : worlds) {
        if (candidate.market == market) return &candidate;
    }
    return nullptr;
}

Result<MessageTable> read_message_table(const std::string& path, const std::string& text)
{
    MessageTable table;
    table.path = path;
    std::istringstream in(text);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const std::vector<std::string> words = words_of(line);
        if (words.empty() || words[0][0] == '#') continue;
        const bool in_row = line[0] == ' ';
        std::string trouble;
        if (!in_row && (words[0] == "message" || words[0] == "own")) {
            if (words.size() != 2) return table_error(number, "a row begins with its file's name alone");
            MessageRow row;
            row.name = words[1];
            row.line = number;
            row.own = words[0] == "own";
            table.rows.push_back(std::move(row));
        } else if (!in_row) {
            trouble =
                table.rows.empty() ? read_head(table, line, words) : "a line of a row begins with a blank";
        } else if (table.rows.empty()) {
            trouble = "a row begins with `message FILE` or `own NAME`";
        } else {
            trouble = read_row_line(table.rows.back(), line, words);
        }
        if (!trouble.empty()) return table_error(number, trouble);
    }
    if (table.worlds.empty()) return table_error(number, "a table begins with `market NAME`");
    for (MessageRow& row : table.rows) {
        if (!row.market_given) row.market = table.worlds.front().market;
        if (table.world(row.market) == nullptr) return table_error(row.line, "no such market: " + row.market);
        const std::string trouble = check_row(table, row);
        if (!trouble.empty()) return table_error(row.line, trouble);
    }
    return table;
}

Result<ListingDefinition> listing_of(const std::vector<std::string>& words, ListingDefinition guess)
{
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos) return Error{ExitCode::data, "no key=value: " + words[i]};
        const std::string key = words[i].substr(0, equals);
        const std::string value = words[i].substr(equals + 1);
        if (key == "base") {
            guess.base = value;
        } else if (key == "quote") {
            guess.quote = value;
        } else if (key == "code") {
            guess.code = value;
        } else if (const std::string trouble = set_number(guess, key, value); !trouble.empty()) {
            return Error{ExitCode::data, trouble};
        }
    }
    if (guess.quantity_min.zero()) guess.quantity_min = guess.lot;
    return guess;
}

}  // namespace arb::test
