#include "engine/net/http_codec.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>

namespace arb::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr int kInformationalMax = 8;

HttpMessage plain(http::request<http::string_body>&& from)
{
    HttpMessage message;
    message.method = std::string(from.method_string());
    message.target = std::string(from.target());
    return message;
}

HttpMessage plain(http::response<http::string_body>&& from)
{
    HttpMessage message;
    message.status = static_cast<int>(from.result_int());
    return message;
}

}  // namespace

struct HttpReader::Parts {
    Parts(Kind reader_kind, const Limits& reader_limits) : kind(reader_kind), limits(reader_limits) {}

    template <class Parser>
    void prepare(boost::optional<Parser>& parser)
    {
        parser.emplace();
        parser->eager(true);
        parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
        parser->body_limit(limits.http_body_bytes_max);
    }

    template <class Parser>
    State feed(boost::optional<Parser>& parser);

    template <class Parser>
    HttpMessage take(boost::optional<Parser>& parser)
    {
        auto from = parser->release();
        HttpMessage message;
        message.keep_alive = from.keep_alive();
        for (const auto& field : from) {
            message.headers.push_back({std::string(field.name_string()), std::string(field.value())});
        }
        message.body = std::move(from.body());
        HttpMessage first_line = plain(std::move(from));
        message.status = first_line.status;
        message.method = std::move(first_line.method);
        message.target = std::move(first_line.target);
        return message;
    }

    State fail(const beast::error_code& code)
    {
        error = "the HTTP message is not acceptable: " + code.message();
        state = State::failed;
        return state;
    }

    const Kind kind;
    const Limits limits;
    boost::optional<http::request_parser<http::string_body>> request;
    boost::optional<http::response_parser<http::string_body>> reply;
    std::string bytes;  ///< not parsed yet
    std::string error;
    State state = State::partial;
    bool no_body = false;
    bool started = false;
    bool upgraded = false;
    int informational = 0;
};

template <class Parser>
HttpReader::State HttpReader::Parts::feed(boost::optional<Parser>& parser)
{
    std::size_t used = 0;
    while (used < bytes.size() && !parser->is_done()) {
        beast::error_code code;
        const std::size_t taken =
            parser->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), code);
        used += taken;
        if (code == http::error::need_more) break;
        if (code) return fail(code);
        if (taken == 0) break;
    }
    bytes.erase(0, used);
    // The parser counts a header's bytes only as it gets through lines; a line without end would grow here.
    if (!parser->is_header_done() && bytes.size() > limits.header_bytes_max)
        return fail(http::error::header_limit);
    if (parser->is_done()) state = State::done;
    return state;
}

HttpReader::HttpReader(Kind kind, const Limits& limits) : parts_(std::make_unique<Parts>(kind, limits))
{
    next();
}

HttpReader::~HttpReader() = default;

void HttpReader::next(bool reply_has_no_body)
{
    parts_->state = State::partial;
    parts_->error.clear();
    parts_->no_body = reply_has_no_body;
    parts_->informational = 0;
    parts_->started = !parts_->bytes.empty();
    if (parts_->kind == Kind::request) {
        parts_->prepare(parts_->request);
    } else {
        parts_->prepare(parts_->reply);
        parts_->reply->skip(reply_has_no_body);
    }
}

HttpReader::State HttpReader::feed(std::string_view bytes)
{
    if (parts_->state == State::failed) return State::failed;
    parts_->bytes += bytes;
    parts_->started = parts_->started || !parts_->bytes.empty();
    if (parts_->state == State::done) return State::done;
    if (parts_->kind == Kind::request) return parts_->feed(parts_->request);
    for (;;) {
        const State state = parts_->feed(parts_->reply);
        if (state != State::done) return state;
        const unsigned status = parts_->reply->get().result_int();
        if (status >= 200 || status == 101) return state;
        // 100 Continue and its like come before the reply proper.
        if (++parts_->informational > kInformationalMax) return parts_->fail(http::error::bad_status);
        parts_->state = State::partial;
        parts_->prepare(parts_->reply);
        parts_->reply->skip(parts_->no_body);
    }
}

HttpReader::State HttpReader::end()
{
    if (parts_->state != State::partial) return parts_->state;
    beast::error_code code;
    if (parts_->kind == Kind::reply && parts_->reply->got_some()) {
        parts_->reply->put_eof(code);
        if (!code && parts_->reply->is_done()) return parts_->state = State::done;
    }
    return parts_->fail(code ? code : beast::error_code(http::error::end_of_stream));
}

bool HttpReader::started() const
{
    return parts_->started;
}

HttpMessage HttpReader::take()
{
    HttpMessage message =
        parts_->kind == Kind::request ? parts_->take(parts_->request) : parts_->take(parts_->reply);
    message.upgrade = beast::iequals(std::string(find_header(message.headers, "Upgrade")), "websocket");
    return message;
}

std::string HttpReader::rest()
{
    return std::move(parts_->bytes);
}

const std::string& HttpReader::error() const
{
    return parts_->error;
}

}  // namespace arb::net
