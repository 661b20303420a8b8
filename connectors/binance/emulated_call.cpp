#include "connectors/binance/emulated_call.hpp"

#include <fmt/format.h>

namespace arb::binance {

Answer good(std::string body)
{
    return {200, std::move(body), 0, {}};
}

Answer refuse(int code, std::string text, int status)
{
    Answer answer;
    answer.status = status;
    answer.code = code;
    answer.text = std::move(text);
    answer.body = fmt::format(R"({{"code":{},"msg":{}}})", code, json_text(answer.text));
    return answer;
}

Answer missing(std::string_view parameter)
{
    return refuse(-1102, fmt::format("Mandatory parameter '{}' was not sent, was empty/null, or malformed.",
                                     parameter));
}

}  // namespace arb::binance
