#pragma once
// Which entry of an emulated venue's table of endpoints a request means. The table is the venue's: beside
// `method` and `path` its entries hold what the venue looks at, rights, limits and handlers. A path may end
// in "{}", which stands for one more part of it: "/spot/orders/{}". Any thread; no errors.
#include <span>
#include <string_view>

namespace arb {

/// Whether a path is of that form; `part` becomes what stands in the place of "{}", else it is empty.
inline bool is_path_of(std::string_view form, std::string_view path, std::string_view& part)
{
    part = {};
    if (!form.ends_with("{}")) return form == path;
    form.remove_suffix(2);
    if (path.size() <= form.size() || !path.starts_with(form)) return false;
    part = path.substr(form.size());
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

}  // namespace arb
