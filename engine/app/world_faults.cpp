#include "engine/app/world_faults.hpp"

namespace arb {
namespace {

// Nothing strikes before everybody has logged on: the faults of start-up have tests of their own.
constexpr Duration kCalm = seconds(6);

// A message about one of our orders: it carries a client id of ours, in either spelling.
bool about_order(std::string_view text)
{
    return text.find("\"ar") != std::string_view::npos || text.find("61726269-") != std::string_view::npos ||
           text.find("=ar") != std::string_view::npos;
}

}  // namespace

Ordeal WorldFaults::play(Fate fate, Duration delay, Duration ban)
{
    ++played_;
    return {fate, delay, ban};
}

Ordeal WorldFaults::on_request(const ServerRequest& request, Timestamp now)
{
    if (!begun_.known()) begun_ = now;
    if (now - begun_ < kCalm) return {};
    const bool order = about_order(request.body) || about_order(request.target);
    if (one_in(25)) return play(Fate::pass, milliseconds(random_.between(5, 120)));
    if (one_in(order ? 60 : 400)) return play(Fate::fail_after);
    if (one_in(order ? 80 : 400)) return play(Fate::fail_before);
    if (one_in(order ? 90 : 600)) return play(Fate::cut_after);
    if (one_in(order ? 90 : 600)) return play(Fate::cut_before);
    if (one_in(2000) && now - banned_ > seconds(30)) {
        banned_ = now;
        return play(Fate::ban, {}, seconds(2));
    }
    return {};
}

Ordeal WorldFaults::on_frame_in(std::string_view text, Timestamp now)
{
    if (!begun_.known()) begun_ = now;
    if (now - begun_ < kCalm || !about_order(text)) return {};
    if (one_in(20)) return play(Fate::pass, milliseconds(random_.between(5, 80)));
    if (one_in(120)) return play(Fate::drop);
    if (one_in(120)) return play(Fate::fail_before);
    if (one_in(300)) return play(Fate::cut_before);
    if (one_in(300)) return play(Fate::cut_after);
    return {};
}

Ordeal WorldFaults::on_frame_out(std::string_view text, Timestamp now)
{
    if (!begun_.known()) begun_ = now;
    if (now - begun_ < kCalm) return {};
    if (!about_order(text)) return one_in(40'000) ? play(Fate::cut_before) : Ordeal{};
    if (one_in(25)) return play(Fate::pass, milliseconds(random_.between(5, 60)));
    if (one_in(40)) return play(Fate::duplicate);
    if (one_in(60)) return play(Fate::drop);
    if (one_in(60)) return play(Fate::reorder);
    if (one_in(500)) return play(Fate::cut_before);
    return {};
}

}  // namespace arb
