#include "engine/net/dialer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace arb::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t kAddressesMax = 4;
/// A reconnect within this time asks no name server; when the server fails, an older answer is better than
/// none.
constexpr std::chrono::seconds kResolvedFresh{30};
constexpr std::chrono::seconds kResolvedUsable{600};

}  // namespace

struct Dialer::Asio {
    explicit Asio(asio::io_context& io) : resolver(io), socket(io) {}
    tcp::resolver resolver;
    tcp::socket socket;
};

Dialer::Dialer(LoopCore& core, const std::string& host, std::uint16_t port,
               std::chrono::milliseconds deadline, Done done)
    : core_(core),
      host_(host),
      port_(port),
      until_(core.now() + deadline),
      address_until_(until_),
      done_(std::move(done)),
      asio_(std::make_unique<Asio>(core.io()))
{
    core_.add(this);
}

Dialer::~Dialer()
{
    if (done_) core_.remove(this);
}

std::shared_ptr<Dialer> Dialer::start(LoopCore& core, const std::string& host, std::uint16_t port,
                                      std::chrono::milliseconds deadline, Done done)
{
    std::shared_ptr<Dialer> dialer(new Dialer(core, host, port, deadline, std::move(done)));
    boost::system::error_code numeric;
    asio::ip::make_address(host, numeric);
    if (!numeric) {
        dialer->addresses_.push_back(host);
        dialer->connect_next();
    } else if (dialer->use_recent(kResolvedFresh)) {
        dialer->connect_next();
    } else {
        dialer->resolve();
    }
    return dialer;
}

bool Dialer::use_recent(std::chrono::seconds age_max)
{
    const auto found = core_.resolved().find(host_);
    if (found == core_.resolved().end() || core_.now() - found->second.at > age_max) return false;
    addresses_ = found->second.addresses;
    return true;
}

void Dialer::resolve()
{
    asio_->resolver.async_resolve(
        host_, std::to_string(port_), tcp::resolver::numeric_service,
        [self = shared_from_this()](const boost::system::error_code& error,
                                    const tcp::resolver::results_type& results) {
            if (!self->done_) return;
            for (const auto& entry : results) {
                if (self->addresses_.size() == kAddressesMax) break;
                self->addresses_.push_back(entry.endpoint().address().to_string());
            }
            if (!self->addresses_.empty()) {
                self->core_.resolved()[self->host_] = {self->addresses_, self->core_.now()};
            } else if (!self->use_recent(kResolvedUsable)) {
                const std::string why = error ? ": " + error.message() : std::string();
                self->finish(-1, CloseKind::resolve, "no address for " + self->host_ + why);
                return;
            }
            self->connect_next();
        });
}

void Dialer::connect_next()
{
    if (next_ >= addresses_.size()) {
        // What was remembered may have moved: the next attempt asks again.
        core_.resolved().erase(host_);
        finish(-1, CloseKind::connect, "no connection to " + host_ + ":" + std::to_string(port_) + trouble_);
        return;
    }
    const auto left = static_cast<long>(addresses_.size() - next_);
    address_until_ = core_.now() + (until_ - core_.now()) / left;
    boost::system::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(addresses_[next_++], error), port_);
    asio_->socket = tcp::socket(core_.io());
    asio_->socket.async_connect(
        endpoint, [self = shared_from_this(), attempt = next_](const boost::system::error_code& failed) {
            if (!self->done_ || attempt != self->next_) return;
            if (failed) {
                self->trouble_ = ": " + failed.message();
                self->connect_next();
                return;
            }
            boost::system::error_code ignored;
            self->asio_->socket.set_option(tcp::no_delay(true), ignored);
            self->asio_->socket.non_blocking(true, ignored);
            boost::system::error_code released;
            const int descriptor = self->asio_->socket.release(released);
            self->finish(released ? -1 : descriptor, CloseKind::connect, released.message());
        });
}

void Dialer::on_tick(TimePoint now)
{
    if (!done_ || now < address_until_) return;
    const auto self = shared_from_this();
    if (addresses_.empty()) {
        if (now < until_) return;
        asio_->resolver.cancel();
        if (!use_recent(kResolvedUsable)) {
            finish(-1, CloseKind::resolve, "the name " + host_ + " did not resolve in time");
            return;
        }
        // One chance more than the deadline had: the name server hangs, the addresses may live.
        until_ = now + std::chrono::seconds(1);
    }
    trouble_ = ": no answer in time";
    connect_next();
}

void Dialer::finish(int descriptor, CloseKind kind, const std::string& text)
{
    const Done done = std::move(done_);
    cancel();
    done(descriptor, kind, text);
}

void Dialer::cancel()
{
    done_ = nullptr;
    core_.remove(this);
    asio_->resolver.cancel();
    boost::system::error_code ignored;
    if (asio_->socket.is_open()) asio_->socket.close(ignored);
}

}  // namespace arb::net
