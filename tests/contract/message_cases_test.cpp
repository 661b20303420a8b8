// What real messages of every venue must become: each connector's tables (connectors/NAME/messages/*.txt,
// described in tests/README.md) against its real Venue object. Messages of the shared folder are played where
// it is (ARBITER_DATA, else beside the project), messages of our own always. A message of a venue that has a
// connector and that no row expects is a failure.
//
//   ARBITER_SHOW_FACTS=1 contract_test --gtest_filter='*okx*'            prints what comes out of each row
//   ARBITER_MESSAGE=ws_account.json ...                                  plays rows of that name alone
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "tests/support/message_stage.hpp"

namespace arb {
namespace {

using test::MessageRow;
using test::MessageTable;

namespace fs = std::filesystem;

fs::path shared_messages()
{
    const char* given = std::getenv("ARBITER_DATA");
    const fs::path data =
        given != nullptr ? fs::path(given) : fs::path(ARBITER_SOURCE_DIR) / "../shared/data";
    return data / "messages";
}

std::vector<std::string> names_in(const fs::path& folder, bool folders)
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.is_directory() == folders) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A table: connectors/EXCHANGE/messages/FOLDER.txt.
struct TablePlace {
    const ConnectorType* type;
    std::string folder;
    fs::path messages() const
    {
        return fs::path(ARBITER_SOURCE_DIR) / "connectors" / type->exchange / "messages";
    }
    fs::path path() const { return messages() / (folder + ".txt"); }
    friend void PrintTo(const TablePlace& place, std::ostream* out) { *out << place.folder; }
};

std::vector<TablePlace> table_places()
{
    std::vector<TablePlace> places;
    for (const ConnectorType* type : connectors()) {
        for (const std::string& name : names_in(TablePlace{type, {}}.messages(), false)) {
            if (!name.ends_with(".txt") || name == "rules.txt") continue;
            places.push_back({type, name.substr(0, name.size() - 4)});
        }
    }
    return places;
}

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines) text += "\n    > " + line;
    return text.empty() ? "\n    (nothing)" : text;
}

class MessageCases : public testing::TestWithParam<TablePlace> {
  protected:
    MessageTable table()
    {
        const std::string path = GetParam().path().string();
        auto read = test::read_message_table(path, test::message_text(path));
        if (!read) throw std::runtime_error(path + ": " + read.error().message);
        return std::move(read).take();
    }
    std::string text_of(const std::string& name, bool own) const
    {
        const fs::path shared = shared_messages() / GetParam().folder / name;
        if (!own) return test::message_text(shared.string());
        for (const fs::path& folder : {GetParam().messages(), GetParam().messages() / "../frames"}) {
            if (fs::exists(folder / name)) return test::message_text((folder / name).string());
        }
        throw std::runtime_error("no " + name + " beside the connector");
    }
    void play(const MessageTable& table, const MessageRow& row)
    {
        SCOPED_TRACE(GetParam().path().string() + ":" + std::to_string(row.line) + " " + row.name);
        const auto reader = [&](const std::string& name) { return text_of(name, row.own); };
        std::vector<std::string> lines;
        try {
            const std::string message = row.body.empty() ? reader(row.name) : row.body;
            lines = test::MessageStage(*GetParam().type, table, row, reader).play(message);
        } catch (const std::runtime_error& error) {
            ADD_FAILURE() << error.what();
            return;
        }
        if (std::getenv("ARBITER_SHOW_FACTS") != nullptr)
            std::printf("%s %s%s\n", row.own ? "own" : "message", row.name.c_str(), joined(lines).c_str());
        EXPECT_TRUE(lines == row.expected)
            << "came:" << joined(lines) << "\nexpected:" << joined(row.expected);
        if (row.ignored.empty()) return;
        for (const std::string& line : lines) {
            EXPECT_TRUE(line.starts_with("UNDECODED ") || line.starts_with("WISH "))
                << "a fact of what is ignored: " << line;
        }
    }
};

bool asked_for(const MessageRow& row)
{
    const char* only = std::getenv("ARBITER_MESSAGE");
    return only == nullptr || row.name == only;
}

TEST_P(MessageCases, our_own_become_these_facts)
{
    const MessageTable t = table();
    std::size_t played = 0;
    for (const MessageRow& row : t.rows) {
        if (!row.own || !asked_for(row)) continue;
        play(t, row);
        ++played;
    }
    std::printf("%-14s %3zu messages of our own\n", GetParam().folder.c_str(), played);
}

TEST_P(MessageCases, real_ones_become_these_facts)
{
    const fs::path folder = shared_messages() / GetParam().folder;
    if (!fs::is_directory(folder)) GTEST_SKIP() << "no messages at " << folder << "; set ARBITER_DATA";
    const MessageTable t = table();
    std::size_t played = 0, ignored = 0, unasked = 0;
    std::set<std::string> known;
    for (const MessageRow& row : t.rows) {
        if (row.own) continue;
        EXPECT_TRUE(fs::exists(folder / row.name))
            << t.path << ":" << row.line << ": no such message " << row.name;
        // A message that means something else at another door has a row for each, and counts once.
        const std::size_t first = known.insert(row.name).second ? 1 : 0;
        if (!asked_for(row)) continue;
        if (!row.unasked.empty()) {
            unasked += first;
            continue;
        }
        ignored += row.ignored.empty() ? 0 : first;
        played += first;
        play(t, row);
    }
    std::vector<std::string> missing;
    for (const std::string& name : names_in(folder, false)) {
        if (name.ends_with(".json") && known.count(name) == 0) missing.push_back(name);
    }
    std::printf(
        "%-14s %3zu real messages: %zu played (%zu of them of no concern), %zu never asked for, "
        "%zu without a row\n",
        GetParam().folder.c_str(), known.size() + missing.size(), played, ignored, unasked, missing.size());
    if (t.incomplete) {
        for (const std::string& name : missing) std::printf("    no row yet: %s\n", name.c_str());
        EXPECT_FALSE(missing.empty())
            << t.path << ": every message has a row: take the line `incomplete` out";
    } else {
        EXPECT_TRUE(missing.empty()) << t.path << ": messages that no row expects:" << joined(missing);
    }
}

INSTANTIATE_TEST_SUITE_P(tables, MessageCases, testing::ValuesIn(table_places()), [](const auto& info) {
    std::string name = info.param.folder;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

// A folder of messages belongs to a connector by its name: "okx", or "binance-spot" to "binance".
TEST(MessageFolders, each_of_a_connector_has_a_table)
{
    std::set<std::string> tables;
    for (const TablePlace& place : table_places()) tables.insert(place.folder);
    for (const ConnectorType* type : connectors()) {
        const auto of_type = [&](const std::string& folder) {
            return folder == type->exchange || folder.starts_with(std::string(type->exchange) + "-");
        };
        EXPECT_TRUE(std::any_of(tables.begin(), tables.end(), of_type))
            << type->exchange << " has no messages/*.txt";
        for (const std::string& folder : names_in(shared_messages(), true)) {
            if (of_type(folder)) {
                EXPECT_EQ(tables.count(folder), 1U)
                    << "no connectors/" << type->exchange << "/messages/" << folder << ".txt";
            }
        }
    }
}

TEST(MessageTables, a_wrong_table_is_refused_with_its_line)
{
    const auto error_of = [](const std::string& text) {
        const auto read = test::read_message_table("t.txt", text);
        return read ? std::string("none") : read.error().message;
    };
    const std::string head = "market spot\nmessage a.json\n";
    EXPECT_EQ(error_of("listing X\n"), "line 1: a table begins with `market NAME`");
    EXPECT_EQ(error_of(head + "  at private\n  > TIME\n"), "none");
    EXPECT_EQ(error_of(head + "  at private\n  ignored not ours\n"), "none");
    EXPECT_EQ(error_of(head + "  unasked never\n"), "none");
    EXPECT_EQ(error_of(head + "  > TIME\n"), "line 2: a.json: no `at`: by which door does it come?");
    EXPECT_EQ(error_of(head + "  at private\n"),
              "line 2: a.json: neither a fact (`> ...`) nor a reason why there is none (`ignored WHY`)");
    EXPECT_EQ(error_of(head + "  unasked never\n  > TIME\n"),
              "line 2: a.json: what cannot come in has no door and no facts");
    EXPECT_EQ(error_of(head + "  market usdm\n  at private\n  > TIME\n"), "line 2: no such market: usdm");
    EXPECT_EQ(error_of(head + "  by private\n"), "line 3: unknown line in a row:   by private");
}

}  // namespace
}  // namespace arb
