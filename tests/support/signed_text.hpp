#pragma once
// What the tests of every venue's read_signed_text share: a signer that keeps what it is asked to sign, and a
// venue's parser with the questions that are put to it. Header only. One thread.
//
//   const arb::test::SignedTextReader kReader{read_signed_text};
//   EXPECT_EQ(kReader.said(text), "query GET /account");
//   EXPECT_EQ(kReader.judged(text, {"POST /order"}), Refusal::not_understood);
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "engine/keys/credentials.hpp"
#include "engine/keys/request_view.hpp"
#include "engine/keys/signer_policy.hpp"

namespace arb::test {

/// Keeps what it is asked to sign.
struct RecordingSigner final : Signer {
    std::string text;
    KeyAlgorithm kind = KeyAlgorithm::hmac_sha256;
    KeyAlgorithm algorithm() const override { return kind; }
    bool sign(std::string_view message, Signature& out) override
    {
        text = message;
        out.size = kind == KeyAlgorithm::hmac_sha256 ? 32 : 64;
        return true;
    }
};

class SignedTextReader {
  public:
    explicit constexpr SignedTextReader(SignedTextParser parser) : parser_(parser) {}

    /// Empty when not understood.
    std::optional<RequestView> view_of(std::string_view text, std::string key_id = "testkey") const
    {
        RequestView view;
        view.key_id = std::move(key_id);
        if (!parser_(text, view)) return std::nullopt;
        return view;
    }
    /// "order POST /order"; empty when not understood.
    std::string said(std::string_view text) const
    {
        const auto view = view_of(text);
        return view ? std::string(name(view->kind)) + " " + view->method + " " + view->path : std::string();
    }
    /// By a policy that allows as much as can be written down.
    Refusal judged(std::string_view text, std::initializer_list<const char*> endpoints) const
    {
        KeyPolicy policy;
        for (const char* endpoint : endpoints) EXPECT_FALSE(policy.add_endpoint(endpoint)) << endpoint;
        EXPECT_FALSE(policy.set_orders_per_second(1'000));
        policy.allow_sessions(true);
        policy.allow_unseen_orders(true);
        const auto view = view_of(text);
        if (!view) return Refusal::not_understood;
        return policy.judge(*view, {{1'700'000'000'000'000'000}, {1}});
    }
    void expect_strict(const std::string& text) const
    {
        ASSERT_TRUE(view_of(text)) << text;
        // Cut anywhere it is another text; whatever it says then, it crashes nothing and is no longer the
        // same.
        for (std::size_t size = 0; size < text.size(); ++size) (void)view_of(text.substr(0, size));
        for (std::size_t i = 0; i < text.size(); ++i) {
            for (const char c : {'\0', '\n', '"', '&', '{', '%', '\x80'}) {
                std::string other = text;
                other[i] = c;
                (void)view_of(other);
            }
        }
        EXPECT_FALSE(view_of(text + std::string(kSignedTextMax, 'x')));
        EXPECT_FALSE(view_of(""));
    }

  private:
    SignedTextParser parser_;
};

}  // namespace arb::test
