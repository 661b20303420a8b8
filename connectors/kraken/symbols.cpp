#include "connectors/kraken/symbols.hpp"

#include <algorithm>

namespace arb::kraken {

std::string_view modern_asset(std::string_view asset)
{
    if (asset == "XBT") return "BTC";
    if (asset == "XDG") return "DOGE";
    return asset;
}

std::string_view modern_symbol(std::string_view pair, SymbolBuffer& buffer)
{
    const std::size_t slash = pair.find('/');
    if (slash == std::string_view::npos) return pair;
    const std::string_view base = modern_asset(pair.substr(0, slash));
    const std::string_view quote = modern_asset(pair.substr(slash + 1));
    const std::size_t size = base.size() + 1 + quote.size();
    if (size > buffer.size()) return pair;
    char* at = std::copy(base.begin(), base.end(), buffer.data());
    *at++ = '/';
    std::copy(quote.begin(), quote.end(), at);
    return {buffer.data(), size};
}

}  // namespace arb::kraken
