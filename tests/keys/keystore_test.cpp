// The keystore: what goes in comes out, and nothing that was touched, cut or meant for somebody else opens.
#include "engine/keys/keystore.hpp"

#include <algorithm>
#include <random>

#include "tests/keys/keystore_support.hpp"

namespace arb {
namespace {

using namespace keystore_test;

class KeystoreTest : public KeystoreFolder {};

void expect_equal(const Keystore& a, const Keystore& b)
{
    ASSERT_EQ(a.list(), b.list());
    for (const KeyEntry& entry : a.list()) {
        const auto left = a.take_secret(entry.venue, entry.label);
        const auto right = b.take_secret(entry.venue, entry.label);
        ASSERT_TRUE(left && right);
        EXPECT_TRUE(left->secret.equals(right->secret));
        EXPECT_TRUE(left->passphrase.equals(right->passphrase));
    }
}

TEST_F(KeystoreTest, what_goes_in_comes_out)
{
    const Keystore written = made();
    const auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_EQ(store->list().size(), 3U);
    expect_equal(written, *store);
    EXPECT_EQ(text_of(store->take_secret("alpha", "one")->secret), "test-secret-one");
    const auto two = store->take_secret("alpha", "two");
    EXPECT_EQ(text_of(two->secret), "test-secret-two");
    EXPECT_EQ(text_of(two->passphrase), "pass two");
    EXPECT_EQ(text_of(store->take_secret("beta", "one")->secret), "-----BEGIN PRIVATE KEY-----\ntest\n");
    ASSERT_NE(store->find("alpha", "two"), nullptr);
    EXPECT_EQ(*store->find("alpha", "two"), entry_of("alpha", "two", KeyRole::trade));
    EXPECT_EQ(store->find("beta", "two"), nullptr);
    EXPECT_FALSE(store->take_secret("beta", "two"));
    struct stat about {};
    ASSERT_EQ(::stat(path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0600U);
    EXPECT_EQ(files_here(), 1U);
}

TEST_F(KeystoreTest, a_key_belongs_to_one_environment)
{
    auto store = Keystore::create(path(), secret_of(kPassphrase), quick()).take();
    for (const char* environment : {"live", "testnet", "demo", "emulated"}) {
        KeyEntry entry = entry_of("alpha", environment, KeyRole::trade);
        entry.environment = environment;
        ASSERT_FALSE(store.add(entry, key_secret("test-secret", "")));
    }
    for (const char* none : {"", "Live", "mainnet", "a\tb"}) {
        KeyEntry entry = entry_of("alpha", "more", KeyRole::read);
        entry.environment = none;
        EXPECT_TRUE(store.add(entry, key_secret("test-secret", ""))) << none;
    }
    ASSERT_FALSE(store.save());
    const auto read = open();
    ASSERT_TRUE(read) << read.error().message;
    expect_equal(store, *read);
    for (const KeyEntry& entry : read->list()) EXPECT_EQ(entry.environment, entry.label);
}

TEST_F(KeystoreTest, the_costs_are_those_of_the_one_who_made_it)
{
    const KdfCosts costs{2, 1U << 20};
    ASSERT_TRUE(Keystore::create(path(), secret_of(kPassphrase), {costs, {}}));
    EXPECT_EQ(open()->costs(), costs);
    EXPECT_EQ(KeystoreOptions{}.costs.memory, 256U << 20) << "what people get";
    EXPECT_FALSE(Keystore::create(at("b"), secret_of(kPassphrase), {{0, 1U << 20}, {}}));
    EXPECT_FALSE(Keystore::create(at("b"), secret_of(kPassphrase), {{11, 1U << 20}, {}}));
    EXPECT_FALSE(Keystore::create(at("b"), secret_of(kPassphrase), {{1, 8191}, {}}));
    EXPECT_FALSE(Keystore::create(at("b"), secret_of(kPassphrase), {{1, (1U << 30) + 1}, {}}));
    EXPECT_FALSE(std::filesystem::exists(at("b")));
}

TEST_F(KeystoreTest, one_that_is_there_is_not_made_again)
{
    made();
    const std::string before = read(path());
    EXPECT_FALSE(Keystore::create(path(), secret_of(kPassphrase), quick()));
    EXPECT_EQ(read(path()), before);
    EXPECT_EQ(files_here(), 1U);
}

std::string random_text(std::mt19937& random, std::size_t least, std::size_t most, bool any = false)
{
    static constexpr std::string_view kSome = "abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789._";
    std::string text(least + random() % (most - least + 1), ' ');
    for (char& c : text) c = any ? static_cast<char>(' ' + random() % 95) : kSome[random() % kSome.size()];
    return text;
}

KeyEntry random_entry(std::mt19937& random)
{
    constexpr std::int64_t kDay = 86'400'000'000'000;
    KeyEntry entry;
    entry.venue = random_text(random, 1, 8);
    entry.label = random_text(random, 1, 64);
    entry.role = random() % 2 == 0 ? KeyRole::read : KeyRole::trade;
    entry.state = static_cast<KeyState>(random() % 3);
    entry.key_id = random_text(random, 8, 512);
    entry.created.ns = kDay * static_cast<std::int64_t>(1 + random() % 30'000);
    if (random() % 2 == 0) entry.expires.ns = entry.created.ns + kDay * (1 + random() % 4'000);
    for (std::size_t i = random() % (kKeyIpsMax + 1); i > 0; --i)
        entry.ips.push_back("10." + std::to_string(random() % 256) + ".0.0/" +
                            std::to_string(1 + random() % 32));
    for (std::size_t i = random() % 5; i > 0; --i) {
        KeyAttestation& attestation = entry.attestations.emplace_back();
        attestation.what = random_text(random, 1, 512, true);
        attestation.by = random_text(random, 1, 512, true);
        attestation.date = entry.created;
        attestation.until.ns = entry.created.ns + kDay * (1 + random() % 300);
    }
    return entry;
}

TEST_F(KeystoreTest, whatever_it_takes_it_gives_back)
{
    for (unsigned seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        std::filesystem::remove(path());
        const std::string passphrase = random_text(random, 1, 200, true);
        Keystore store = Keystore::create(path(), secret_of(passphrase), quick()).take();
        std::vector<std::string> secrets, passphrases;
        for (std::size_t i = random() % 20; i > 0; --i) {
            secrets.push_back(random_text(random, 1, i == 1 ? kKeySecretMax : 600, true));
            passphrases.push_back(random_text(random, 0, i == 1 ? kKeyPassphraseMax : 40, true));
            const auto error =
                store.add(random_entry(random), key_secret(secrets.back(), passphrases.back()));
            ASSERT_FALSE(error) << error->message;
        }
        ASSERT_FALSE(store.save());
        const auto again = open(passphrase);
        ASSERT_TRUE(again);
        ASSERT_EQ(again->list(), store.list());
        for (std::size_t i = 0; i < secrets.size(); ++i) {
            const KeyEntry entry = again->list()[i];
            const auto secret = again->take_secret(entry.venue, entry.label);
            ASSERT_TRUE(secret);
            EXPECT_EQ(text_of(secret->secret), secrets[i]);
            EXPECT_EQ(text_of(secret->passphrase), passphrases[i]);
        }
    }
}

// ---- what does not open

TEST_F(KeystoreTest, a_wrong_passphrase_and_any_flipped_byte_are_one_and_the_same_error)
{
    made();
    const auto wrong = open("test passphrase of the keystorf");
    ASSERT_FALSE(wrong);
    const std::string text = wrong.error().message;
    EXPECT_EQ(wrong.error().code, ExitCode::refused);
    for (const std::string& other : {std::string(), std::string(kPassphrase) + " ", std::string(1000, 'x')}) {
        const auto refused = open(other);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, text);
    }
    const std::string good = read(path());
    ASSERT_GT(good.size(), 1000U);
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const int mask : {1 << i % 8, 0xff}) {
            std::string bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ mask);
            write(path(), bytes);
            const auto refused = open();
            ASSERT_FALSE(refused) << "byte " << i << " ^ " << mask;
            EXPECT_EQ(refused.error().message, text) << "byte " << i << " ^ " << mask;
            EXPECT_EQ(refused.error().code, ExitCode::refused);
        }
    }
    write(path(), good);
    EXPECT_TRUE(open());
}

TEST_F(KeystoreTest, cut_or_lengthened_it_does_not_open)
{
    made();
    const std::string text = open("wrong").error().message;
    const std::string good = read(path());
    for (std::size_t size = 0; size < good.size(); ++size) {
        write(path(), good.substr(0, size));
        const auto refused = open();
        ASSERT_FALSE(refused) << size;
        EXPECT_EQ(refused.error().message, text) << size;
    }
    for (const std::string& more : {std::string(1, '\0'), std::string(600, 'x'), good}) {
        write(path(), good + more);
        EXPECT_FALSE(open());
    }
}

TEST_F(KeystoreTest, blocks_do_not_change_places)
{
    made();
    const std::string good = read(path());
    constexpr std::size_t kBlock = 24 + 512 + 16;
    std::string swapped = good;
    const auto blocks = swapped.end() - static_cast<long>(3 * kBlock);
    std::swap_ranges(blocks, blocks + kBlock, blocks + kBlock);
    ASSERT_NE(swapped, good);
    write(path(), swapped);
    EXPECT_FALSE(open());
}

TEST_F(KeystoreTest, a_block_opens_for_its_own_entry_alone)
{
    const auto cipher = KeystoreCipher::make(secret_of(kPassphrase), kKdfLeast);
    ASSERT_TRUE(cipher);
    KeyEntry entry = entry_of("alpha", "one");
    entry.attestations.push_back({"what", "somebody", *parse_day("2026-02-01"), *parse_day("2026-03-01")});
    const SealedKey sealed{entry, cipher->seal_block(entry, key_secret("test-secret"))};
    ASSERT_TRUE(cipher->open_block(sealed));
    const std::vector<void (*)(KeyEntry&)> changes = {
        [](KeyEntry& e) { e.venue = "beta"; },
        [](KeyEntry& e) { e.label = "two"; },
        [](KeyEntry& e) { e.role = KeyRole::trade; },
        [](KeyEntry& e) { e.state = KeyState::retired; },
        [](KeyEntry& e) { e.key_id += "x"; },
        [](KeyEntry& e) { e.created = *parse_day("2026-01-01"); },
        [](KeyEntry& e) { e.expires = {}; },
        [](KeyEntry& e) { e.ips.pop_back(); },
        [](KeyEntry& e) { e.attestations.clear(); },
        [](KeyEntry& e) { e.attestations[0].until = *parse_day("2029-03-01"); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        SealedKey other = sealed;
        changes[i](other.entry);
        EXPECT_FALSE(cipher->open_block(other)) << i;
    }
    const auto foreign = KeystoreCipher::make(secret_of(kPassphrase), kKdfLeast);
    EXPECT_FALSE(foreign->open_block(sealed)) << "another salt";
}

TEST_F(KeystoreTest, absurd_costs_are_refused_before_they_are_paid)
{
    made();
    const std::string good = read(path());
    const std::string text = open("wrong").error().message;
    const auto with = [&](std::size_t at, std::uint64_t value) {
        std::string bytes = good;
        for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xffU);
        write(path(), bytes);
        const auto refused = open();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message, text) << value;
    };
    for (const std::uint64_t operations : {std::uint64_t{0}, std::uint64_t{11}, std::uint64_t{1} << 32U,
                                           std::uint64_t{1} << 63U, ~std::uint64_t{0}})
        with(16, operations);
    for (const std::uint64_t memory : {std::uint64_t{0}, std::uint64_t{8191}, (std::uint64_t{1} << 30U) + 1,
                                       std::uint64_t{1} << 63U, ~std::uint64_t{0}})
        with(24, memory);
}

TEST_F(KeystoreTest, the_file_tells_nothing_without_its_passphrase)
{
    made();
    const std::string bytes = read(path());
    for (const char* text : {"alpha", "one", "test-id", "203.0.113", "test-secret", "pass two", "BEGIN"})
        EXPECT_EQ(bytes.find(text), std::string::npos) << text;
}

TEST_F(KeystoreTest, every_save_looks_different)
{
    Keystore store = made();
    const std::string before = read(path());
    ASSERT_FALSE(store.save());
    const std::string after = read(path());
    ASSERT_EQ(before.size(), after.size());
    EXPECT_NE(before.substr(48, 24), after.substr(48, 24)) << "a nonce is used once";
    EXPECT_EQ(before.substr(0, 48), after.substr(0, 48));
}

// ---- whose file it is

TEST_F(KeystoreTest, rights_of_others_are_refused)
{
    made();
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0660U, 0644U, 0700U, 0400U, 04600U}) {
        ASSERT_EQ(::chmod(path().c_str(), mode), 0);
        const auto refused = open();
        ASSERT_FALSE(refused) << std::oct << mode;
        EXPECT_EQ(refused.error().code, ExitCode::refused);
        EXPECT_NE(refused.error().message.find("chmod 600"), std::string::npos) << refused.error().message;
    }
    ::chmod(path().c_str(), 0600);
    EXPECT_TRUE(open());
    ASSERT_EQ(::chmod(folder_.c_str(), 0770), 0);
    EXPECT_FALSE(open()) << "the group could replace it";
    ASSERT_EQ(::chmod(folder_.c_str(), 01777), 0);
    EXPECT_TRUE(open()) << "sticky";
}

TEST_F(KeystoreTest, another_owner_is_refused)
{
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    made();
    ASSERT_EQ(::chown(path().c_str(), 65534, 65534), 0);
    EXPECT_EQ(open().error().code, ExitCode::refused);
    ASSERT_EQ(::chown(path().c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(folder_.c_str(), 65534, 65534), 0);
    EXPECT_EQ(open().error().code, ExitCode::refused) << "its owner could replace it";
}

TEST_F(KeystoreTest, links_pipes_folders_and_nothing_are_refused)
{
    EXPECT_EQ(open().error().code, ExitCode::usage);
    EXPECT_EQ(Keystore::open("", secret_of(kPassphrase)).error().code, ExitCode::usage);
    EXPECT_EQ(Keystore::open(folder_ + "/", secret_of(kPassphrase)).error().code, ExitCode::usage);
    EXPECT_EQ(Keystore::open(at("none/keys"), secret_of(kPassphrase)).error().code, ExitCode::usage);
    made();
    std::filesystem::create_symlink(path(), at("link"));
    const auto link = Keystore::open(at("link"), secret_of(kPassphrase));
    ASSERT_FALSE(link);
    EXPECT_EQ(link.error().code, ExitCode::refused);
    EXPECT_NE(link.error().message.find("symbolic link"), std::string::npos);
    EXPECT_FALSE(Keystore::create(at("link"), secret_of(kPassphrase), quick()));
    std::filesystem::create_symlink(at("nowhere"), at("dangling"));
    EXPECT_FALSE(Keystore::create(at("dangling"), secret_of(kPassphrase), quick()));
    EXPECT_FALSE(std::filesystem::exists(at("nowhere")));
    ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
    EXPECT_FALSE(Keystore::open(at("pipe"), secret_of(kPassphrase)));
    EXPECT_FALSE(Keystore::open(folder_, secret_of(kPassphrase)));
    EXPECT_FALSE(Keystore::open("/dev/null", secret_of(kPassphrase)));
}

TEST_F(KeystoreTest, a_huge_file_is_not_read)
{
    write(path(), "ARBKEYS\n");
    ASSERT_EQ(::truncate(path().c_str(), static_cast<off_t>(kKeystoreFileMax) + 1), 0);
    EXPECT_NE(open().error().message.find("too large"), std::string::npos);
}

// ---- limits

TEST_F(KeystoreTest, entries_that_make_no_sense_are_refused)
{
    Keystore store = made();
    const std::size_t before = store.list().size();
    const std::vector<void (*)(KeyEntry&)> wrongs = {
        [](KeyEntry& e) { e.venue.clear(); },
        [](KeyEntry& e) { e.venue = "al pha"; },
        [](KeyEntry& e) { e.label.clear(); },
        [](KeyEntry& e) { e.label = "-x"; },
        [](KeyEntry& e) { e.label = "a\nb"; },
        [](KeyEntry& e) { e.label = std::string(65, 'a'); },
        [](KeyEntry& e) { e.key_id.clear(); },
        [](KeyEntry& e) { e.key_id = "a b"; },
        [](KeyEntry& e) { e.key_id = std::string("a\0b", 3); },
        [](KeyEntry& e) { e.key_id = std::string(513, 'a'); },
        [](KeyEntry& e) { e.created = {}; },
        [](KeyEntry& e) { e.created.ns += 1; },
        [](KeyEntry& e) { e.expires = e.created; },
        [](KeyEntry& e) { e.expires.ns += 1; },
        [](KeyEntry& e) { e.ips = {"203.0.113.256"}; },
        [](KeyEntry& e) { e.ips = {"203.0.113.0/0"}; },
        [](KeyEntry& e) { e.ips = {"203.0.113.0/33"}; },
        [](KeyEntry& e) { e.ips = {"203.0.113.0/"}; },
        [](KeyEntry& e) { e.ips = {"203.0.113.0/8x"}; },
        [](KeyEntry& e) { e.ips = {"example.org"}; },
        [](KeyEntry& e) { e.ips = {""}; },
        [](KeyEntry& e) { e.ips.assign(kKeyIpsMax + 1, "203.0.113.7"); },
        [](KeyEntry& e) {
            e.attestations.push_back({"", "by", e.created, e.expires});
        },
        [](KeyEntry& e) {
            e.attestations.push_back({"what", "by", e.created, e.created});
        },
        [](KeyEntry& e) {
            e.attestations.push_back({"wh\x1bt", "by", e.created, e.expires});
        },
        [](KeyEntry& e) {
            e.attestations.assign(kKeyAttestationsMax + 1, {"what", "by", e.created, e.expires});
        },
    };
    for (std::size_t i = 0; i < wrongs.size(); ++i) {
        KeyEntry entry = entry_of("gamma", "new");
        wrongs[i](entry);
        const auto error = store.add(entry, key_secret("test-secret"));
        ASSERT_TRUE(error) << i;
        EXPECT_EQ(error->code, ExitCode::usage);
    }
    EXPECT_TRUE(store.add(entry_of("alpha", "one"), key_secret("test-secret"))) << "the label is taken";
    KeyEntry twin = entry_of("alpha", "three");
    twin.key_id = entry_of("alpha", "one").key_id;
    EXPECT_TRUE(store.add(twin, key_secret("test-secret"))) << "the key is there already";
    EXPECT_EQ(store.list().size(), before);
}

TEST_F(KeystoreTest, secrets_that_are_none_are_refused_and_not_told)
{
    Keystore store = made();
    const std::string secrets[] = {"", std::string(kKeySecretMax + 1, 'x'), "test\nsecret",
                                   std::string("te\0st", 5), "t\xc3\xa4st"};
    for (const std::string& secret : secrets) {
        const auto error = store.add(entry_of("gamma", "new"), key_secret(secret));
        ASSERT_TRUE(error);
        EXPECT_EQ(error->message.find("test"), std::string::npos) << error->message;
    }
    EXPECT_TRUE(
        store.add(entry_of("gamma", "new"), key_secret("test", std::string(kKeyPassphraseMax + 1, 'x'))));
    EXPECT_TRUE(store.add(entry_of("gamma", "new"), key_secret("test", "two\nlines")));
    EXPECT_FALSE(store.add(entry_of("gamma", "new"), key_secret("test", "one line")));
}

TEST_F(KeystoreTest, it_is_full_at_some_time)
{
    Keystore store = Keystore::create(path(), secret_of(kPassphrase), quick()).take();
    for (std::size_t i = 0; i < kKeystoreEntriesMax; ++i)
        ASSERT_FALSE(store.add(entry_of("alpha", "k" + std::to_string(i)), key_secret("test-secret")));
    EXPECT_TRUE(store.add(entry_of("alpha", "last"), key_secret("test-secret")));
    ASSERT_FALSE(store.save());
    EXPECT_EQ(open()->list().size(), kKeystoreEntriesMax);
}

TEST(KeystoreDays, are_read_and_counted)
{
    EXPECT_EQ(format_day(*parse_day("2026-02-28")), "2026-02-28");
    for (const char* text : {"", "2026-02-30", "2026-2-3", "2026-02-03T", "26-02-03xx", "1970-01-01"})
        EXPECT_FALSE(parse_day(text)) << text;
    const Timestamp then = *parse_day("2026-03-01");
    EXPECT_EQ(days_until(then, *parse_day("2026-02-27")), 2);
    EXPECT_EQ(days_until(then, then - nanoseconds(1)), 0);
    EXPECT_EQ(days_until(then, then), 0);
    EXPECT_EQ(days_until(then, then + nanoseconds(1)), -1);
    EXPECT_EQ(days_until(then, *parse_day("2026-03-02")), -1);
}

}  // namespace
}  // namespace arb
