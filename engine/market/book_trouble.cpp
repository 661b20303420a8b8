#include "engine/market/book_trouble.hpp"

namespace arb {

const char* name(BookTrouble trouble)
{
    switch (trouble) {
        case BookTrouble::none:
            return "usable";
        case BookTrouble::waiting:
            return "waiting";
        case BookTrouble::closed:
            return "closed";
        case BookTrouble::ended:
            return "ended";
        case BookTrouble::gap:
            return "gap";
        case BookTrouble::checksum:
            return "checksum";
        case BookTrouble::unreadable:
            return "unreadable";
        case BookTrouble::crossed:
            return "crossed";
        case BookTrouble::one_sided:
            return "one_sided";
        case BookTrouble::exhausted:
            return "exhausted";
        case BookTrouble::count_:
            break;
    }
    return "?";
}

const char* describe(BookTrouble trouble)
{
    switch (trouble) {
        case BookTrouble::none:
            return "usable";
        case BookTrouble::waiting:
            return "no snapshot yet";
        case BookTrouble::closed:
            return "connection closed";
        case BookTrouble::ended:
            return "recording over";
        case BookTrouble::gap:
            return "gap in the numbers";
        case BookTrouble::checksum:
            return "checksum wrong";
        case BookTrouble::unreadable:
            return "message unreadable";
        case BookTrouble::crossed:
            return "locked or crossed";
        case BookTrouble::one_sided:
            return "one side empty";
        case BookTrouble::exhausted:
            return "price left the snapshot";
        case BookTrouble::count_:
            break;
    }
    return "?";
}

}  // namespace arb
