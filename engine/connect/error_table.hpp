#pragma once
// What a venue's codes mean, as data: classes of codes (numbers or words) that mean the same. What no class
// holds is for the connector to judge, mostly as of unknown outcome. Pure, any thread.
#include <algorithm>
#include <span>

#include "engine/venue/account_fields.hpp"

namespace arb {

constexpr Verdict refused(RejectReason reason)
{
    return {Outcome::refused, reason};
}

template <class Code>
struct ErrorClass {
    Verdict verdict;
    std::span<const Code> codes;
};

/// Null: no class holds the code.
template <class Code, class Key>
const Verdict* find_verdict(std::span<const ErrorClass<Code>> classes, const Key& code)
{
    for (const ErrorClass<Code>& one : classes) {
        if (std::find(one.codes.begin(), one.codes.end(), code) != one.codes.end()) return &one.verdict;
    }
    return nullptr;
}

}  // namespace arb
