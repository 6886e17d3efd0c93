# tests/fuzz/fuzz_NAME.c: programs that Clang's libFuzzer feeds. They are built of the rooms that they
# look at and of nothing else, so that this is quick and needs no client library of an engine.
if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "libFuzzer is Clang's: configure with the preset `fuzz`")
endif()
pkg_check_modules(jansson REQUIRED QUIET IMPORTED_TARGET jansson)
set(rowan_fuzz_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

file(GLOB rowan_fuzzed CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/base/*.c
    ${PROJECT_SOURCE_DIR}/src/model/*.c
    ${PROJECT_SOURCE_DIR}/src/detector/*.c ${PROJECT_SOURCE_DIR}/src/report/*.c)
list(FILTER rowan_fuzzed EXCLUDE REGEX "/detector/(detector|expect)\\.c$") # subscribers of a scope
add_library(rowan_fuzzed STATIC ${rowan_fuzzed})
rowan_embed_page(rowan_fuzzed)
target_compile_options(rowan_fuzzed PUBLIC ${rowan_fuzz_flags} PRIVATE -fsanitize=fuzzer-no-link)
target_link_options(rowan_fuzzed PUBLIC ${rowan_fuzz_flags})
target_link_libraries(rowan_fuzzed PUBLIC rowan_private PkgConfig::jansson m)

file(GLOB rowan_fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
foreach(source IN LISTS rowan_fuzzers)
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE rowan_fuzzed)
endforeach()
