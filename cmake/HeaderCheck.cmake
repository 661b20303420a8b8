# header_check: every header of ours compiles alone, and twice in a row. One generated .cpp a header, found by pattern.
# Left out is a header that the release build shows it of: the first include of its own source, where sources are compiled
# file by file. (Elsewhere they are compiled some at a time, and no source shows it of its own header.)
# Part of ALL in the sanitized debug build; elsewhere `cmake --build <dir> --target header_check`.
find_package(GTest REQUIRED)

set(header_check_sources "")
foreach(folder engine connectors strategies tests/support)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${folder}/*.hpp)
  foreach(header ${headers})
    string(REPLACE "/" "_" name ${header})
    string(REGEX REPLACE "\\.hpp$" ".cpp" own ${header})
    if(name MATCHES "^(engine_)?(${ARBITER_FILE_BY_FILE})_" AND NOT header MATCHES "/emulat[^/]*$" AND
       EXISTS ${CMAKE_SOURCE_DIR}/${own})
      file(STRINGS ${CMAKE_SOURCE_DIR}/${own} first LIMIT_COUNT 1 REGEX "^#include")
      if(first STREQUAL "#include \"${header}\"")
        continue()
      endif()
    endif()
    set(source ${CMAKE_BINARY_DIR}/generated/header_check/${name}.cpp)
    set(HEADER ${header})
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@HEADER@\"\n#include \"@HEADER@\"\n" @ONLY)
    list(APPEND header_check_sources ${source})
  endforeach()
endforeach()

if(header_check_sources)
  add_library(header_check OBJECT ${header_check_sources})
  # Nothing is run from these objects: no sanitizer, no debug information, so they cost parsing alone. Linked last: the
  # sanitizers come with the libraries.
  add_library(header_check_options INTERFACE)
  target_compile_options(header_check_options INTERFACE -fno-sanitize=all -O0 -g0)
  target_link_libraries(header_check PRIVATE arb_program arb_test_support GTest::gtest header_check_options)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" OR ARBITER_SANITIZE MATCHES "thread")
    set_target_properties(header_check PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endif()
