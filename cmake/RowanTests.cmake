# tests/test_NAME.c: one Check program each; tests/test_NAME.sh: one script each.
pkg_check_modules(check REQUIRED QUIET IMPORTED_TARGET check)
find_library(rowan_pg_query pg_query REQUIRED) # PostgreSQL's parser, which reads what we read

# What a test hands to a compiler so that its output can be linked with the library.
set(rowan_test_cflags "")
if(ROWAN_SANITIZE)
    set(rowan_test_cflags "-fsanitize=${ROWAN_SANITIZE}")
endif()

# rowan_test_uses(TARGET): what every part of the tests is compiled and linked with. The static
# library, so that the functions which modules share among themselves can be tested too.
function(rowan_test_uses target)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(${target} PRIVATE
        ROWAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ROWAN_BINARY_DIR="${PROJECT_BINARY_DIR}"
        ROWAN_TEST_CFLAGS="${rowan_test_cflags}")
    target_link_libraries(${target} PRIVATE rowan_private
        $<TARGET_NAME_IF_EXISTS:rowan_seed> $<TARGET_NAME_IF_EXISTS:bookshop_model>
        $<TARGET_NAME_IF_EXISTS:rowan_verify> $<TARGET_NAME_IF_EXISTS:rowan_report>
        $<TARGET_NAME_IF_EXISTS:rowan_schema> rowan_static Threads::Threads PkgConfig::check)
    rowan_use_engines(${target} ${rowan_engines})
endfunction()

file(GLOB rowan_test_support_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.c)
if(rowan_test_support_sources)
    add_library(rowan_test_support STATIC ${rowan_test_support_sources})
    rowan_test_uses(rowan_test_support)
endif()

file(GLOB rowan_test_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/test_*.c)
foreach(source IN LISTS rowan_test_sources)
    get_filename_component(name ${source} NAME_WE)
    if(name STREQUAL "test_bench_parts" AND NOT TARGET forum_model)
        continue() # without the benchmark
    endif()
    add_executable(${name} ${source})
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    if(name MATCHES "^test_compare")
        # First, because the support library has a schema of its own with some of the same names.
        target_link_libraries(${name} PRIVATE rowan_compare bookshop_model)
    endif()
    if(name STREQUAL "test_bench_parts") # those of the benchmark that reach no database
        foreach(part IN ITEMS budget figures goals options results rows sum tasks)
            target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/bench/${part}.c)
        endforeach()
        target_link_libraries(${name} PRIVATE forum_model)
    endif()
    if(name STREQUAL "test_fingerprint_oracle")
        target_link_libraries(${name} PRIVATE ${rowan_pg_query})
    endif()
    target_link_libraries(${name} PRIVATE $<TARGET_NAME_IF_EXISTS:rowan_test_support>)
    rowan_test_uses(${name})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endforeach()
if(TARGET test_model_random)
    add_dependencies(test_model_random rowan) # it compiles programs and links them
endif()

set(rowan_script_environment
    ROWAN_BUILD_DIR=${PROJECT_BINARY_DIR} ROWAN_TOOL=${PROJECT_BINARY_DIR}/rowan)
if(ROWAN_SANITIZE)
    list(APPEND rowan_script_environment CFLAGS=-fsanitize=${ROWAN_SANITIZE})
endif()
file(GLOB rowan_test_scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/test_*.sh)
foreach(script IN LISTS rowan_test_scripts)
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME ${name} COMMAND ${script} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES
        ENVIRONMENT "${rowan_script_environment}")
endforeach()
