#include "engine/app/config/toml_tables.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "engine/base/result.hpp"

namespace arb {

struct TomlTable::Document {
    toml::table root;
    std::string name;
};

namespace {

const toml::table* as_table(const void* node)
{
    return static_cast<const toml::table*>(node);
}

std::string place_of(const std::string& name, const toml::source_region& source)
{
    return fmt::format("{}:{}:{}", name, source.begin.line, source.begin.column);
}

// The exact text of a plain value. Integers and strings only: a float has already lost digits.
std::string scalar_text(const toml::node& node, const std::string& place, const std::string& key)
{
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (node.is_floating_point()) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: {} is a floating-point number; write it in quotes, as in "
                                     "\"0.25\", so that no digit is lost",
                                     place, key));
    }
    throw StartError(ExitCode::usage,
                     fmt::format("{}: {} must be a text, a whole number or true/false", place, key));
}

}  // namespace

TomlTable TomlTable::parse(const std::string& text, const std::string& name)
{
    TomlTable table;
    try {
        table.document_ = std::make_shared<Document>(Document{toml::parse(text, name), name});
    } catch (const toml::parse_error& error) {
        throw StartError(ExitCode::usage,
                         fmt::format("{}: {}", place_of(name, error.source()), error.description()));
    }
    table.node_ = &table.document_->root;
    return table;
}

bool TomlTable::has(const std::string& key) const
{
    return node_ != nullptr && as_table(node_)->contains(key);
}

TomlTable TomlTable::table(const std::string& key) const
{
    TomlTable result;
    result.document_ = document_;
    const toml::node* node = node_ != nullptr ? as_table(node_)->get(key) : nullptr;
    if (node == nullptr) return result;
    if (!node->is_table()) {
        throw StartError(ExitCode::usage, fmt::format("{}: '{}' must be a table, as in [{}]",
                                                      place_of(document_->name, node->source()), key, key));
    }
    result.node_ = node->as_table();
    return result;
}

std::vector<TomlTable> TomlTable::tables(const std::string& key) const
{
    std::vector<TomlTable> result;
    const toml::node* node = node_ != nullptr ? as_table(node_)->get(key) : nullptr;
    if (node == nullptr) return result;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_array_of_tables()) {
        throw StartError(ExitCode::usage, fmt::format("{}: '{}' must be a list of tables, as in [[{}]]",
                                                      place_of(document_->name, node->source()), key, key));
    }
    for (const toml::node& item : *array) {
        TomlTable table;
        table.document_ = document_;
        table.node_ = item.as_table();
        result.push_back(table);
    }
    return result;
}

std::vector<std::string> TomlTable::keys() const
{
    std::vector<std::string> result;
    if (node_ == nullptr) return result;
    for (const auto& [key, node] : *as_table(node_)) result.emplace_back(key.str());
    return result;
}

Settings TomlTable::settings(const std::string& name, const std::vector<std::string>& tables) const
{
    std::vector<SettingValue> values;
    if (node_ == nullptr) return Settings(name, document_->name, {});
    for (const auto& [key, node] : *as_table(node_)) {
        SettingValue value;
        value.key = key.str();
        const bool expected = std::find(tables.begin(), tables.end(), value.key) != tables.end();
        if (node.is_table() || node.is_array_of_tables()) {
            if (expected) continue;
            throw StartError(ExitCode::usage, fmt::format("{}: {} has no table '{}'{}",
                                                          place_of(document_->name, key.source()), name,
                                                          value.key, did_you_mean(value.key, tables)));
        }
        value.place = place_of(document_->name, node.source());
        if (expected) {
            throw StartError(ExitCode::usage, fmt::format("{}: '{}' must be a table, as in [{}]", value.place,
                                                          value.key, value.key));
        }
        if (const toml::array* array = node.as_array()) {
            value.array = true;
            for (const toml::node& item : *array)
                value.items.push_back(scalar_text(item, value.place, value.key));
        } else {
            value.items.push_back(scalar_text(node, value.place, value.key));
        }
        values.push_back(std::move(value));
    }
    return Settings(name, place_of(document_->name, as_table(node_)->source()), std::move(values));
}

void TomlTable::allow_only(const std::vector<std::string>& keys) const
{
    for (const auto& [key, node] : *as_table(node_)) {
        const std::string text(key.str());
        bool known = false;
        for (const std::string& allowed : keys) known |= allowed == text;
        if (known) continue;
        throw StartError(ExitCode::usage, fmt::format("{}: there is no key '{}' here{}",
                                                      place_of(document_->name, key.source()), text,
                                                      did_you_mean(text, keys)));
    }
}

}  // namespace arb
