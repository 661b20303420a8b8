# Runs one fuzz target for SECONDS over a copy of its seeds, with a fixed seed, and on failure prints the input and the
# command that repeats it. Called by ctest: cmake -DPROGRAM= -DNAME= -DSECONDS= -DCORPORA= -DDICTIONARY= -DWORK= -P.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/corpus ${WORK}/failures)
set(seeds 0)
foreach(folder ${CORPORA})
  file(GLOB_RECURSE files ${folder}/*)
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    math(EXPR seeds "${seeds} + 1")
    configure_file(${file} ${WORK}/corpus/${seeds}-${name} COPYONLY)
  endforeach()
endforeach()
if(seeds EQUAL 0)
  message(FATAL_ERROR "fuzz_${NAME}: no seeds in ${CORPORA}")
endif()

execute_process(
  COMMAND ${PROGRAM} -seed=20240808 -max_total_time=${SECONDS} -rss_limit_mb=1024 -malloc_limit_mb=256 -timeout=20
    -max_len=262144 -len_control=20 -dict=${DICTIONARY} -artifact_prefix=${WORK}/failures/ -print_final_stats=1
    ${WORK}/corpus
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

string(REGEX MATCHALL "stat::[^\n]*" statistics "${output}")
string(REPLACE ";" "\n" statistics "${statistics}")
message("fuzz_${NAME}: ${seeds} seeds\n${statistics}")
if(NOT result STREQUAL "0")
  string(LENGTH "${output}" length)
  if(length GREATER 12000)
    math(EXPR begin "${length} - 12000")
    string(SUBSTRING "${output}" ${begin} -1 output)
  endif()
  message("${output}")
  file(GLOB failures ${WORK}/failures/*)
  foreach(failure ${failures})
    message("repeat with: ${PROGRAM} ${failure}")
    message("keep it, once mended, as a seed: tests/fuzz/corpus/${NAME}/")
  endforeach()
  message(FATAL_ERROR "fuzz_${NAME} failed (${result})")
endif()
