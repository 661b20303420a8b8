// The parts of HTTP that are text alone: addresses, writing of heads, the websocket's upgrade.
#include <algorithm>
#include <charconv>

#include "engine/net/frame_codec.hpp"
#include "engine/net/http_codec.hpp"

namespace arb::net {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b)
{
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// Whether a comma-separated header holds `token`.
bool lists(std::string_view value, std::string_view token)
{
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        std::string_view item = value.substr(0, comma);
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
        if (same_name(item, token)) return true;
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return false;
}

void add_headers(std::string& out, const Headers& headers)
{
    for (const Header& header : headers) {
        out += header.name;
        out += ": ";
        out += header.value;
        out += "\r\n";
    }
}

const char* phrase_of(int status)
{
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 418:
            return "I'm a teapot";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name)
{
    for (const Header& header : headers) {
        if (same_name(header.name, name)) return header.value;
    }
    return {};
}

std::optional<Url> parse_url(std::string_view url)
{
    const bool https = url.substr(0, 8) == "https://";
    const bool wss = url.substr(0, 6) == "wss://";
    if ((!https && !wss) || !is_plain(url) || url.find('#') != std::string_view::npos) return std::nullopt;
    url.remove_prefix(https ? 8 : 6);
    const std::size_t end = std::min(url.find_first_of("/?"), url.size());
    Url parsed;
    parsed.authority = std::string(url.substr(0, end));
    parsed.target = std::string(url.substr(end));
    if (parsed.target.empty() || parsed.target[0] != '/') parsed.target.insert(0, "/");
    std::string_view authority = parsed.authority;
    std::string_view port;
    if (!authority.empty() && authority.front() == '[') {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        parsed.host = std::string(authority.substr(1, close - 1));
        port = authority.substr(close + 1);
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        parsed.host = std::string(authority.substr(0, colon));
        port = authority.substr(colon);
    }
    if (parsed.host.empty() || parsed.host.size() > 253 || parsed.host.find('@') != std::string::npos)
        return std::nullopt;
    if (port.empty()) return parsed;
    port.remove_prefix(1);
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
    if (error != std::errc() || stop != port.data() + port.size() || parsed.port == 0) return std::nullopt;
    return parsed;
}

bool is_safe_header(const Header& header)
{
    const auto name_ok = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };
    const auto value_ok = [](char c) { return c != '\r' && c != '\n' && c != '\0'; };
    return !header.name.empty() && std::all_of(header.name.begin(), header.name.end(), name_ok) &&
           std::all_of(header.value.begin(), header.value.end(), value_ok);
}

void write_request(std::string& out, std::string_view method, const Url& url, const Headers& headers,
                   std::string_view body)
{
    out.assign(method);
    out += ' ';
    out += url.target;
    out += " HTTP/1.1\r\nHost: ";
    out += url.authority;
    out += "\r\n";
    add_headers(out, headers);
    if (!body.empty() || method == "POST" || method == "PUT") {
        out += "Content-Length: ";
        out += std::to_string(body.size());
        out += "\r\n";
    }
    out += "\r\n";
    out += body;
}

void write_reply(std::string& out, int status, const Headers& headers, std::string_view body, bool keep_alive)
{
    out = "HTTP/1.1 " + std::to_string(status) + ' ' + phrase_of(status) + "\r\n";
    add_headers(out, headers);
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (!keep_alive) out += "Connection: close\r\n";
    out += "\r\n";
    out += body;
}

std::string upgrade_request(const Url& url, const Headers& headers, const std::string& key)
{
    Headers all{{"Upgrade", "websocket"},
                {"Connection", "Upgrade"},
                {"Sec-WebSocket-Version", "13"},
                {"Sec-WebSocket-Key", key}};
    all.insert(all.end(), headers.begin(), headers.end());
    std::string out;
    write_request(out, "GET", url, all, {});
    return out;
}

std::string upgrade_reply(const std::string& key)
{
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
           "Upgrade\r\nSec-WebSocket-Accept: " +
           upgrade_accept(key) + "\r\n\r\n";
}

std::string refuse_upgrade_reply(const HttpMessage& reply, const std::string& key)
{
    if (reply.status != 101)
        return "the server answered " + std::to_string(reply.status) + " instead of a websocket";
    if (!reply.upgrade || !lists(find_header(reply.headers, "Connection"), "upgrade"))
        return "the server's answer does not open a websocket";
    if (find_header(reply.headers, "Sec-WebSocket-Accept") != upgrade_accept(key))
        return "the server's answer belongs to another handshake (wrong Sec-WebSocket-Accept)";
    if (!find_header(reply.headers, "Sec-WebSocket-Extensions").empty())
        return "the server turned on an extension that was not offered";
    if (!find_header(reply.headers, "Sec-WebSocket-Protocol").empty())
        return "the server chose a subprotocol that was not offered";
    return {};
}

std::string refuse_upgrade_request(const HttpMessage& request)
{
    if (request.method != "GET") return "a websocket is asked for with GET";
    if (!lists(find_header(request.headers, "Connection"), "upgrade")) return "Connection lacks Upgrade";
    if (find_header(request.headers, "Sec-WebSocket-Version") != "13")
        return "only websocket version 13 is spoken";
    if (find_header(request.headers, "Sec-WebSocket-Key").size() != 24) return "Sec-WebSocket-Key is no key";
    return {};
}

}  // namespace arb::net
