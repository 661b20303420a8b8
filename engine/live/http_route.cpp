#include "engine/live/http_route.hpp"

#include <algorithm>

#include "engine/base/decimal.hpp"

namespace arb {
namespace {

// Zero: the header is missing, is a date, or is no sane number of seconds.
Duration retry_after(const net::Headers& headers)
{
    const std::string_view text = net::find_header(headers, "Retry-After");
    const ScaledNumber number = parse_scaled(text, 0);
    if (text.empty() || number.error != DecimalError::none || number.value < 0 || number.value > 1'000'000)
        return {};
    return seconds(number.value);
}

// -1: no name, no such header, or no whole number.
std::int64_t header_count(const net::Headers& headers, std::string_view name)
{
    const std::string_view text = name.empty() ? name : net::find_header(headers, name);
    const ScaledNumber number = parse_scaled(text, 0);
    return text.empty() || number.error != DecimalError::none || number.value < 0 ? -1 : number.value;
}

void add_headers(net::Headers& to, const std::vector<HttpHeader>& from)
{
    for (const HttpHeader& header : from) to.push_back({header.name, header.value});
}

}  // namespace

std::string address_of(const LiveVenue& way, const std::string& url)
{
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t end = std::min(url.find('/', begin), url.size());
    const std::string host = url.substr(begin, end - begin);
    if (!way.endpoint.empty()) return url.substr(0, begin) + way.endpoint + url.substr(end);
    const bool allowed = std::any_of(way.hosts.begin(), way.hosts.end(), [&](const std::string& known) {
        return host == known || (host.starts_with(known) && host.substr(known.size(), 1) == ":");
    });
    if (!allowed || way.moved.empty()) return allowed ? url : std::string();
    const std::pair<std::string, std::string>* longest = nullptr;
    for (const auto& move : way.moved) {
        const std::size_t size = move.first.size();
        const bool ends =
            url.size() <= size || std::string_view("/?#").find(url[size]) != std::string_view::npos;
        if (url.starts_with(move.first) && ends && (longest == nullptr || size > longest->first.size()))
            longest = &move;
    }
    return longest == nullptr ? std::string() : longest->second + url.substr(longest->first.size());
}

net::HttpCall call_of(const LiveVenue& way, const HttpRequest& request, std::string address)
{
    net::HttpCall call;
    call.method = request.method;
    call.url = std::move(address);
    call.body = request.body;
    add_headers(call.headers, request.headers);
    add_headers(call.headers, way.headers);
    return call;
}

HttpReply reply_of(const AskedByHttp& asked, net::HttpOutcome& outcome)
{
    HttpReply reply;
    reply.url = asked.url;
    reply.status = outcome.status;
    reply.body = {outcome.body.data(), outcome.body.size()};
    reply.tag = asked.tag;
    reply.sent = outcome.status != 0 || outcome.sent;
    reply.retry_after = retry_after(outcome.headers);
    reply.count = header_count(outcome.headers, asked.count_header);
    return reply;
}

HttpReply unsent_reply(std::uint64_t tag, std::string_view url)
{
    static const PaddedBuffer kNothing;
    HttpReply reply;
    reply.url = url;
    reply.status = 0;
    reply.sent = false;
    reply.tag = tag;
    reply.body = kNothing.text_of();
    return reply;
}

}  // namespace arb
