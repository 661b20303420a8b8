#pragma once
// Hides who somebody is in a venue's messages, so that they can be shown to others: ids of keys, accounts,
// users and orders, tokens and addresses. What it was told, or what stands under a telling name in JSON, is
// replaced wherever it occurs by something as long, of the same kind of characters, and always by the same:
// the messages keep their shape and what belongs together still does. Prices, quantities, times, client ids
// of ours and trade ids stay. Cold path, one thread.
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace arb {

class Mask {
  public:
    /// Never shown from here on. Shorter values are hidden only under a telling name: as text they are too
    /// common.
    void know(std::string_view value);
    static constexpr std::size_t kKnownLeast = 6;
    /// Takes in every value that stands under a telling name.
    void learn(std::string_view json);
    /// The text with everything hidden that is known or stands under a telling name, and what looks like a
    /// token.
    std::string hidden(std::string_view text) const;
    /// An address: the same, and its query is cut. The mark behind it (#...) stays.
    std::string hidden_url(std::string_view url) const;

    /// A member of that name tells who somebody is: "orderId", "api_key", "uid".
    static bool telling(std::string_view name);

  private:
    /// The longest first: one may be a part of another.
    struct Longest {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const
        {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        }
    };
    void hide_known(std::string& text) const;

    std::map<std::string, std::string, Longest> known_;  // and what is shown instead
};

}  // namespace arb
