#pragma once
// Rules that hold for every connector there is or will be. A connector that is known not to keep one says so
// in the head of its connectors/NAME/messages/rules.txt (`fails RULE HOW`, with `.MARKET` where it is one
// market's alone); a rule that is kept and still named there is a failure too, so that the line goes when the
// fault goes.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "engine/venue/venue.hpp"
#include "tests/support/message_table.hpp"

namespace arb::test {

inline MessageTable rules_of(const ConnectorType& type)
{
    const std::string path =
        std::string(ARBITER_SOURCE_DIR) + "/connectors/" + std::string(type.exchange) + "/messages/rules.txt";
    if (!std::filesystem::exists(path))
        throw std::runtime_error(path + ": a connector has its rules: see tests/README.md");
    auto table = read_message_table(path, message_text(path));
    if (!table) throw std::runtime_error(path + ": " + table.error().message);
    return std::move(table).take();
}

/// `trouble`: how the rule is broken; empty: it is kept.
inline void judge(const MessageTable& rules, const std::string& rule, const std::string& trouble)
{
    const auto known = rules.fails.find(rule);
    if (known == rules.fails.end()) {
        EXPECT_EQ(trouble, "") << rules.path << ": " << rule;
    } else {
        EXPECT_NE(trouble, "") << rules.path << ": " << rule << " is kept: take its line `fails` out";
    }
}

}  // namespace arb::test
