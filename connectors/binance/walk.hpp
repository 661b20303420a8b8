#pragma once
// One walk over any JSON text of Binance with simdjson on-demand: values by key, places of price levels, and
// the first trouble met, all collected before anything is judged. Used by Decoder, core thread. Strings live
// in the parser's memory until its next text. No allocation once the parser has grown, no exception.
#include <string_view>

#include <simdjson.h>

#include "connectors/binance/message.hpp"
#include "engine/base/padded_text.hpp"

namespace arb::binance {

/// Keys outside the events: the combined-stream wrapper, replies on the websocket, REST depth.
enum class Top : std::uint8_t {
    none,
    stream,
    data,
    result,
    id,
    error,
    code,
    text,
    last_update_id,
    bids,
    asks,
    symbol
};

// What one text holds, collected before anything is judged. Strings live in the parser's memory until its
// next text.
struct Walk {
    const char* end = nullptr;
    std::uint32_t seen = 0;      ///< Key bits
    std::uint32_t seen_top = 0;  ///< Top bits
    bool broken = false;         ///< not JSON, or a key given twice
    bool trouble = false;        ///< a value of the wrong type or out of range: `reason`
    bool data_is_list = false;
    UndecodedReason reason = UndecodedReason::malformed;
    std::string_view event_type, symbol, stream, error_text, trade_kind, contract;
    std::uint64_t id = 0, last_update_id = 0;
    Message message;
    /// Where the raw values begin: levels '[', prices and quantities '"', ids. Read once the symbol is known.
    const char* bid = nullptr;
    const char* ask = nullptr;
    const char* bid_quantity = nullptr;
    const char* ask_quantity = nullptr;
    const char* price = nullptr;
    const char* quantity = nullptr;

    bool has(Key key) const { return (seen & bit(key)) != 0; }
    bool has(Top top) const { return (seen_top & (1U << static_cast<unsigned>(top))) != 0; }
    void fail(UndecodedReason why)
    {
        if (!trouble) reason = why;
        trouble = true;
    }

    void string(simdjson::ondemand::value value, std::string_view& out);
    void number(simdjson::ondemand::value value, std::uint64_t& out);
    void time(simdjson::ondemand::value value, Timestamp& out);
    void flag(simdjson::ondemand::value value, bool& out);
    /// A value that we do not need: simple ones are still checked, so that a cut-off word or number is
    /// noticed.
    void skip(simdjson::ondemand::value value);
    void event_field(Key key, simdjson::ondemand::value value);
    void top_field(Top top, simdjson::ondemand::value value);
};

/// False when `text` is not one whole JSON object or gives a key twice; `walk` then holds what came before.
bool walk_text(simdjson::ondemand::parser& parser, PaddedText text, Walk& walk);

}  // namespace arb::binance
