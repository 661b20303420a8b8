#pragma once
// Errors as values. `Result<T>` is a T or an `Error`: an exit code and one sentence that says what is
// wrong, where, and what to do. `StartError` is the same as an exception, allowed only before the first
// input is handled (configuration, command line, opening files). Any thread.
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/ensure.hpp"

namespace arb {

/// What the process says to the shell.
enum class ExitCode : int {
    ok = 0,
    internal = 1,
    usage = 2,    ///< command line or configuration
    refused = 3,  ///< key or permission refused, or another engine trades on the account
    exposed = 4,  ///< stopped with flagged exposure
    timeout = 5,
    network = 6,  ///< venue or network
    doctor = 7,
    data = 8,  ///< a recording or an input file that cannot be (wholly) read
};

struct Error {
    ExitCode code = ExitCode::internal;
    std::string message;
};

class StartError : public std::runtime_error {
  public:
    StartError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    explicit StartError(const Error& error) : StartError(error.code, error.message) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::move(value)) {}
    Result(Error error) : state_(std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& value()
    {
        ENSURE(state_.index() == 0, "the result was checked before its value was taken");
        return std::get<0>(state_);
    }
    const T& value() const { return const_cast<Result*>(this)->value(); }
    const Error& error() const
    {
        ENSURE(state_.index() == 1, "only a failed result has an error");
        return std::get<1>(state_);
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// The value, or the error thrown as a StartError: for code that runs before the first input.
    T take() &&
    {
        if (state_.index() == 1) throw StartError(std::get<1>(state_));
        return std::move(std::get<0>(state_));
    }

  private:
    std::variant<T, Error> state_;
};

}  // namespace arb
