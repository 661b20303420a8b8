#include "engine/app/config/toml_tables.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "engine/base/result.hpp"

namespace arb {

struct TomlTable::Document {
    struct Override {
        TomlOverride said;
        bool taken = false;
    };
    toml::table root;
    std::string name;
    std::vector<Override> overrides;
    std::vector<std::string> asked;  ///< tables that were read
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

// "venue.*" is "venue.okx" too.
bool is_path(std::string_view pattern, std::string_view path)
{
    for (;;) {
        const std::string_view wanted = pattern.substr(0, pattern.find('.'));
        const std::string_view got = path.substr(0, path.find('.'));
        if (wanted != got && (wanted != "*" || got.empty())) return false;
        if (wanted.size() == pattern.size() || got.size() == path.size())
            return wanted.size() == pattern.size() && got.size() == path.size();
        pattern.remove_prefix(wanted.size() + 1);
        path.remove_prefix(got.size() + 1);
    }
}

std::string_view table_of(std::string_view key)
{
    const std::size_t point = key.rfind('.');
    return point == std::string_view::npos ? std::string_view() : key.substr(0, point);
}

std::string last_of(const std::string& key)
{
    return key.substr(key.rfind('.') + 1);
}

}  // namespace

TomlTable TomlTable::parse(const std::string& text, const std::string& name,
                           std::vector<TomlOverride> overrides)
{
    TomlTable table;
    try {
        table.document_ = std::make_shared<Document>();
        table.document_->root = toml::parse(text, name);
        table.document_->name = name;
        for (TomlOverride& said : overrides) table.document_->overrides.push_back({std::move(said), false});
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

bool TomlTable::has_table(const std::string& key) const
{
    return has(key) && as_table(node_)->get(key)->is_table();
}

std::string TomlTable::key_place(const std::string& key) const
{
    for (const auto& [each, node] : *as_table(node_)) {
        if (each.str() == key) return place_of(document_->name, each.source());
    }
    return document_->name;
}

std::optional<std::string> TomlTable::text(const std::string& key) const
{
    const toml::node* node = node_ != nullptr ? as_table(node_)->get(key) : nullptr;
    if (node == nullptr || !(node->is_string() || node->is_integer() || node->is_boolean()))
        return std::nullopt;
    return scalar_text(*node, {}, key);
}

TomlTable TomlTable::table(const std::string& key) const
{
    TomlTable result;
    result.document_ = document_;
    result.path_ = path_.empty() ? key : path_ + "." + key;
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
        table.path_ = key + "[]";  // no override names one of several
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
    for (const Document::Override& override : document_->overrides) {
        if (!is_path(table_of(override.said.key), path_)) continue;
        const std::string key = last_of(override.said.key);
        const auto place = std::lower_bound(result.begin(), result.end(), key);
        if (place == result.end() || *place != key) result.insert(place, key);
    }
    return result;
}

std::vector<std::string> TomlTable::keys_as_written() const
{
    std::vector<std::pair<toml::source_position, std::string>> placed;
    if (node_ == nullptr) return {};
    for (const auto& [key, node] : *as_table(node_)) placed.emplace_back(key.source().begin, key.str());
    std::sort(placed.begin(), placed.end());
    std::vector<std::string> result;
    for (auto& [place, key] : placed) result.push_back(std::move(key));
    return result;
}

void TomlTable::override_values(std::vector<SettingValue>& values) const
{
    document_->asked.push_back(path_);
    for (Document::Override& override : document_->overrides) {
        if (!is_path(table_of(override.said.key), path_)) continue;
        override.taken = true;
        const std::string key = last_of(override.said.key);
        auto value = std::find_if(values.begin(), values.end(),
                                  [&](const SettingValue& one) { return one.key == key; });
        if (value == values.end()) value = values.insert(values.end(), SettingValue{});
        *value = {key, {override.said.text}, false, override.said.place};
    }
}

void TomlTable::all_taken() const
{
    for (const Document::Override& override : document_->overrides) {
        if (override.taken) continue;
        const std::string table(table_of(override.said.key));
        const std::string near = nearest(table, document_->asked);
        throw StartError(
            ExitCode::usage,
            fmt::format("{}: the configuration has no table [{}] to take {}{}", override.said.place, table,
                        override.said.key, near.empty() ? "" : fmt::format("; did you mean [{}]?", near)));
    }
}

Settings TomlTable::settings(const std::string& name, const std::vector<std::string>& tables) const
{
    std::vector<SettingValue> values;
    if (node_ == nullptr) {
        override_values(values);
        return Settings(name, document_->name, std::move(values));
    }
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
    override_values(values);
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
