#pragma once
// Tables of an emulated venue's words: what its clients say for a value and it says itself, and rows of what
// it says of something. The words are the venue's. Any thread; no errors.
#include <cstddef>
#include <string_view>

namespace arb {

/// The first row whose `field` is that; nullptr: there is none.
template <class Row, std::size_t kCount, class Field>
constexpr const Row* find_row(const Row (&rows)[kCount], Field Row::*field, Field wanted)
{
    for (const Row& row : rows) {
        if (row.*field == wanted) return &row;
    }
    return nullptr;
}

template <class Value>
struct Word {
    std::string_view text;
    Value value;
};

/// Sets `value` to what the word means; without any it stays. False: there is no such word.
template <class Value, std::size_t kCount>
constexpr bool read_word(const Word<Value> (&words)[kCount], std::string_view text, Value& value)
{
    const Word<Value>* const word = find_row(words, &Word<Value>::text, text);
    if (word != nullptr) value = word->value;
    return word != nullptr || text.empty();
}

/// The venue's word for a value; empty: it has none.
template <class Value, std::size_t kCount>
constexpr std::string_view word_of(const Word<Value> (&words)[kCount], Value value)
{
    const Word<Value>* const word = find_row(words, &Word<Value>::value, value);
    return word != nullptr ? word->text : std::string_view();
}

}  // namespace arb
