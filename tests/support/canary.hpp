#pragma once
// Looks for secrets where none may be. A canary is a secret that was made for a test; the scanner knows it as
// it is, as the bytes it stands for (base64, hexadecimal, PEM), and each of these in hexadecimal, base64 and
// base64url at all three alignments, URL-encoded and JSON-escaped. Any 16 bytes of a form in a row are a hit,
// so a secret that was cut or broken into lines is found too. Tests only, one thread.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"

namespace arb::test {

/// One way in which a canary could stand in a file.
struct CanaryForm {
    std::string name;  ///< "okx trade secret, base64 at 1"
    std::string text;
};

class CanaryScanner {
  public:
    /// A PEM key counts by its private number: the rest of it is the same in every key, or public.
    void add(const std::string& name, std::string_view secret);

    /// All forms of all canaries, for a sink that leaks on purpose.
    const std::vector<CanaryForm>& forms() const { return forms_; }

    /// The forms found in a text, each once, as "WHERE: FORM". Empty: none.
    std::vector<std::string> scan(std::string_view text, const std::string& where) const;
    /// A file's name and bytes; a journal (.arb) record by record as well, since its blocks are compressed.
    std::vector<std::string> scan_file(const std::filesystem::path& file) const;
    /// Every file below; `files` is told how many there were.
    std::vector<std::string> scan_tree(const std::filesystem::path& folder, std::size_t& files) const;

  private:
    void add_bytes(const std::string& name, std::string_view bytes);
    void add_form(const std::string& name, std::string text);

    std::vector<CanaryForm> forms_;
    /// By each 8 bytes in a row: which form, and where in it.
    std::unordered_multimap<std::uint64_t, std::pair<std::size_t, std::size_t>> blocks_;
    std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>((1U << 20) / 64);  // a bit a block
};

}  // namespace arb::test
