#pragma once
// The look of the HTML report: one style sheet with light, dark and print colours, and a script for the theme
// button and the tips over charts. Constant text, nothing of the run is in it. Called by html_report.cpp
// only.
#include <string>

namespace arb::html {

std::string style_sheet();
const char* script();

}  // namespace arb::html
