// What a connector must make of answers that are broken, strange or refused. The rule is said here once; what
// the venue sends in that case stands in each connector's messages/rules.txt, a row by the rule's name (and
// `.VARIANT` for another market). Every connector of the registry has a row for each.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "tests/contract/rules.hpp"
#include "tests/support/message_stage.hpp"

namespace arb::test {
namespace {

using Lines = std::vector<std::string>;

bool any(const Lines& lines, const std::function<bool(const std::string&)>& is)
{
    return std::any_of(lines.begin(), lines.end(), is);
}
bool any_begins(const Lines& lines, const std::string& with)
{
    return any(lines, [&](const std::string& line) { return line.starts_with(with); });
}
bool has(const std::string& line, const std::string& words)
{
    return line.find(words) != std::string::npos;
}

/// Empty: the question ended, and does not pass for a whole answer.
std::string no_whole_answer(const Lines& lines, const std::string& question)
{
    const std::string end = "END " + question + " ";
    if (!any_begins(lines, end)) return "the question never ended";
    if (any(lines,
            [&](const std::string& l) { return l.starts_with(end + "done") && !has(l, " incomplete"); }))
        return "passes for a whole answer";
    return {};
}

std::string fees_broken_row(const Lines& lines)
{
    if (any(lines, [](const std::string& l) { return l.starts_with("FEE ") && l.ends_with(" taker=0"); }))
        return "what cannot be read became a fee of zero";
    return no_whole_answer(lines, "fees");
}
std::string fills_broken_row(const Lines& lines)
{
    if (any_begins(lines, "FILL ")) return "a fill without a quantity";
    return no_whole_answer(lines, "fills");
}
// Other people's instruments are none of ours, but a name that nobody knows is said.
std::string fills_unknown_instrument(const Lines& lines)
{
    if (any_begins(lines, "FILL ")) return "a fill of an instrument that nobody knows";
    if (any_begins(lines, "UNDECODED ")) return {};
    return no_whole_answer(lines, "fills");
}
std::string open_orders_unknown_status(const Lines& lines)
{
    return no_whole_answer(lines, "open_orders");
}
std::string balances_broken_row(const Lines& lines)
{
    return no_whole_answer(lines, "balances");
}
// More digits than a 64-bit number holds are no trouble: venues print doubles.
std::string balances_many_digits(const Lines& lines)
{
    if (!any(lines, [](const std::string& l) {
            return l.starts_with("BALANCE ") && has(l, "=123456.52768569797846 ");
        }))
        return "the balance was not read to its last digit";
    return any_begins(lines, "END balances done") && no_whole_answer(lines, "balances").empty()
               ? "the answer does not count as whole"
               : "";
}
std::string instruments_broken_row(const Lines& lines)
{
    if (any(lines, [](const std::string& l) { return l.starts_with("LISTING ") && has(l, "BAD"); }))
        return "a broken row became a listing";
    if (!any_begins(lines, "LISTING ") && !any_begins(lines, "REFUSED ")) return "nothing was said";
    return {};
}
std::string order_unknown_status(const Lines& lines)
{
    for (const char* word : {" filled ", " cancelled ", " rejected ", " absent ", " working "}) {
        if (any(lines, [&](const std::string& l) { return l.starts_with("ORDER ") && has(l, word); }))
            return std::string("a status that nobody knows became") + word;
    }
    return any_begins(lines, "UNDECODED ") ? "" : "nothing was said";
}
std::string fill_too_fine(const Lines& lines)
{
    if (any_begins(lines, "FILL ")) return "a quantity finer than the unit was rounded";
    if (any_begins(lines, "UNDECODED ")) return {};
    return no_whole_answer(lines, "fills");
}
std::string refused_before_ack(const Lines& lines)
{
    if (!any_begins(lines, "END place refused ") ||
        !any(lines, [](const std::string& l) { return l.starts_with("END place ") && has(l, "order=ours"); }))
        return "the order is not refused";
    return any_begins(lines, "ORDER ours") &&
                   !any(lines, [](const std::string& l) { return has(l, " rejected "); })
               ? "a refused order lives"
               : "";
}
std::string refused_after_ack(const Lines& lines)
{
    return any(lines,
               [](const std::string& l) {
                   return l.starts_with("ORDER ours ") && (has(l, " rejected ") || has(l, " cancelled "));
               })
               ? ""
               : "the order did not end";
}
// What a message leaves out is known from the order's first word: it is neither a stranger's nor dropped.
std::string sparse_update(const Lines& lines)
{
    if (any(lines, [](const std::string& l) { return l.starts_with("ORDER ") && has(l, " foreign "); }))
        return "news of our order became a stranger's";
    return any(lines,
               [](const std::string& l) {
                   return l.starts_with("ORDER ours ") && has(l, " cancelled ") && has(l, " filled=0.");
               })
               ? ""
               : "the end of the order, or what was filled of it, was not understood";
}
std::string place_unknown_code(const Lines& lines)
{
    return any(lines,
               [](const std::string& l) {
                   return l.starts_with("END place unknown ") && has(l, "order=ours");
               })
               ? ""
               : "a code that nobody knows passes for an answer";
}

struct Rule {
    const char* name;
    std::string (*trouble)(const Lines&);
};
constexpr Rule kRules[] = {
    {"fees_broken_row", fees_broken_row},
    {"fills_broken_row", fills_broken_row},
    {"fills_unknown_instrument", fills_unknown_instrument},
    {"open_orders_unknown_status", open_orders_unknown_status},
    {"balances_broken_row", balances_broken_row},
    {"balances_many_digits", balances_many_digits},
    {"instruments_broken_row", instruments_broken_row},
    {"order_unknown_status", order_unknown_status},
    {"fill_too_fine", fill_too_fine},
    {"refused_before_ack", refused_before_ack},
    {"refused_after_ack", refused_after_ack},
    {"sparse_update", sparse_update},
    {"place_unknown_code", place_unknown_code},
};

class RulesContract : public testing::TestWithParam<const ConnectorType*> {};

TEST_P(RulesContract, every_answer_is_taken_for_what_it_is)
{
    const MessageTable table = rules_of(*GetParam());
    for (const Rule& rule : kRules) {
        std::size_t rows = 0;
        for (const MessageRow& row : table.rows) {
            if (row.name.substr(0, row.name.find('.')) != rule.name) continue;
            ++rows;
            SCOPED_TRACE(table.path + ":" + std::to_string(row.line));
            Lines lines;
            try {
                lines = MessageStage(*GetParam(), table, row, message_text).play(row.body);
            } catch (const std::runtime_error& error) {
                ADD_FAILURE() << row.name << ": " << error.what();
                continue;
            }
            std::string came;
            for (const std::string& line : lines) came += "\n    > " + line;
            SCOPED_TRACE("came:" + came);
            if (std::getenv("ARBITER_SHOW_FACTS") != nullptr)
                std::printf("%s%s\n", row.name.c_str(), came.c_str());
            judge(table, row.name, rule.trouble(lines));
        }
        EXPECT_GT(rows, 0U) << table.path << ": no row of the rule " << rule.name;
    }
    for (const MessageRow& row : table.rows) {
        const std::string name = row.name.substr(0, row.name.find('.'));
        EXPECT_TRUE(
            std::any_of(std::begin(kRules), std::end(kRules), [&](const Rule& r) { return r.name == name; }))
            << table.path << ": no such rule: " << name;
    }
}

INSTANTIATE_TEST_SUITE_P(Venues, RulesContract, testing::ValuesIn(connectors().begin(), connectors().end()),
                         [](const auto& info) { return std::string(info.param->exchange); });

}  // namespace
}  // namespace arb::test
