#pragma once
// Which entry of an emulated venue's table of endpoints a request means. The table is the venue's: beside
// `method` and `path` its entries hold what the venue looks at, rights, limits and handlers. In a path
// "{}" stands for any one part of it: "/spot/orders/{}", "/products/{}/ticker". Any thread; no errors.
#include <span>
#include <string_view>
#include <tuple>

namespace arb {

/// Whether a path is of that form; `part` becomes what stands in the place of "{}", else it is empty.
inline bool is_path_of(std::string_view form, std::string_view path, std::string_view& part)
{
    part = {};
    const std::size_t open = form.find("{}");
    if (open == std::string_view::npos) return form == path;
    const std::string_view head = form.substr(0, open), tail = form.substr(open + 2);
    if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail))
        return false;
    part = path.substr(head.size(), path.size() - head.size() - tail.size());
    return part.find('/') == std::string_view::npos;
}

template <class Endpoint>
struct FoundEndpoint {
    const Endpoint* endpoint = nullptr;  ///< nullptr: none
    std::string_view part;               ///< of the path, in the place of "{}"
    bool known_path = false;             ///< also when it is there with other methods alone
};

template <class Endpoint>
FoundEndpoint<Endpoint> find_endpoint(std::span<const Endpoint> endpoints, std::string_view method,
                                      std::string_view path)
{
    FoundEndpoint<Endpoint> found;
    for (const Endpoint& endpoint : endpoints) {
        std::string_view part;
        if (path.empty() || !is_path_of(endpoint.path, path, part)) continue;
        found.known_path = true;
        if (method != endpoint.method) continue;
        found.endpoint = &endpoint;
        found.part = part;
        break;
    }
    return found;
}

// Whose method it is: for its type alone.
template <class Part, class Answer, class Call>
Part& part_of(Answer (Part::*)(const Call&));
template <class Part, class Answer, class Call>
Part& part_of(Answer (Part::*)(const Call&) const);

/// What a method of one of the venue's parts answers, as the handler of an endpoint. The parts that do so are
/// told by `Parts::answering`, a tuple of references.
template <auto kMethod, class Answer, class Parts, class Call>
Answer ask(Parts& parts, const Call& call)
{
    return (std::get<decltype(part_of(kMethod))>(parts.answering()).*kMethod)(call);
}

}  // namespace arb
