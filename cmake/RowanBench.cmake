# bench/: hand-written driver code, Rowan's patterns and other libraries side by side. A contestant
# is a file and a line in this list; what is only in its file is left out where it cannot be built.
set(rowan_bench_folder ${PROJECT_SOURCE_DIR}/bench)
set(rowan_bench_candidates
    typical_sqlite best_sqlite typical_postgresql best_postgresql typical_mariadb best_mariadb
    raw querybuilder datamapper activerecord soci libzdb)

rowan_generate_model(TARGET forum SCHEMA ${rowan_bench_folder}/schema)
target_link_libraries(forum_model PRIVATE rowan_warnings)

add_executable(rowan_bench)
set_target_properties(rowan_bench PROPERTIES OUTPUT_NAME bench
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
target_include_directories(rowan_bench PRIVATE ${rowan_bench_folder})
target_link_libraries(rowan_bench PRIVATE rowan_private forum_model rowan_seed rowan_schema
    rowan_report rowan_static PkgConfig::jansson PkgConfig::smartcols m)
target_compile_definitions(rowan_bench PRIVATE BENCH_SCHEMA="${rowan_bench_folder}/schema")
rowan_use_engines(rowan_bench ${rowan_engines})

# Counts of instructions need the header with which a program talks to valgrind.
find_path(ROWAN_VALGRIND_INCLUDE_DIR valgrind/callgrind.h)
mark_as_advanced(ROWAN_VALGRIND_INCLUDE_DIR)
if(ROWAN_VALGRIND_INCLUDE_DIR)
    target_compile_definitions(rowan_bench PRIVATE BENCH_WITH_CALLGRIND=1)
    target_include_directories(rowan_bench SYSTEM PRIVATE ${ROWAN_VALGRIND_INCLUDE_DIR})
endif()

# The peers are optional: one that is not installed is missing from the tables, by name. They are
# written for all three engines at once.
set(rowan_bench_missing "")
list(LENGTH rowan_engines rowan_engine_count)
pkg_check_modules(zdb QUIET IMPORTED_TARGET zdb)
if(zdb_FOUND AND rowan_engine_count EQUAL 3)
    target_link_libraries(rowan_bench PRIVATE PkgConfig::zdb)
else()
    list(APPEND rowan_bench_missing libzdb)
endif()
find_path(ROWAN_SOCI_INCLUDE_DIR soci/soci.h)
mark_as_advanced(ROWAN_SOCI_INCLUDE_DIR)
set(rowan_soci_libraries "")
foreach(library IN ITEMS core sqlite3 postgresql mysql)
    find_library(ROWAN_SOCI_${library} soci_${library})
    mark_as_advanced(ROWAN_SOCI_${library})
    list(APPEND rowan_soci_libraries ${ROWAN_SOCI_${library}})
endforeach()
include(CheckLanguage)
check_language(CXX)
if(ROWAN_SOCI_INCLUDE_DIR AND CMAKE_CXX_COMPILER AND rowan_engine_count EQUAL 3
   AND NOT rowan_soci_libraries MATCHES NOTFOUND)
    enable_language(CXX)
    set_target_properties(rowan_bench PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
    target_include_directories(rowan_bench SYSTEM PRIVATE ${ROWAN_SOCI_INCLUDE_DIR})
    target_link_libraries(rowan_bench PRIVATE ${rowan_soci_libraries})
    if(ROWAN_SANITIZE)
        # SOCI exports no type information of some classes that its headers derive from.
        set_source_files_properties(${rowan_bench_folder}/peer_soci.cpp PROPERTIES
            COMPILE_OPTIONS -fno-sanitize=vptr)
    endif()
else()
    list(APPEND rowan_bench_missing soci)
endif()

file(GLOB rowan_bench_sources CONFIGURE_DEPENDS
    ${rowan_bench_folder}/*.c ${rowan_bench_folder}/*.cpp)
foreach(peer IN LISTS rowan_bench_missing)
    list(FILTER rowan_bench_sources EXCLUDE REGEX "/peer_${peer}")
endforeach()
foreach(engine IN ITEMS sqlite postgresql mariadb)
    if(NOT engine IN_LIST rowan_engines)
        list(FILTER rowan_bench_sources EXCLUDE REGEX "_${engine}[_.]")
    endif()
endforeach()

set(rowan_bench_declarations "")
set(rowan_bench_pointers "")
foreach(name IN LISTS rowan_bench_candidates)
    if(rowan_bench_sources MATCHES "/(peer_)?${name}[.]")
        string(APPEND rowan_bench_declarations "extern const bench_contestant bench_${name};\n")
        string(APPEND rowan_bench_pointers "    &bench_${name},\n")
    endif()
endforeach()
set(rowan_bench_contestants ${PROJECT_BINARY_DIR}/generated/bench_contestants.c)
file(GENERATE OUTPUT ${rowan_bench_contestants} CONTENT
"/* Generated: the contestants that could be built. */
#include \"contestants.h\"

${rowan_bench_declarations}
const bench_contestant *const bench_contestants[] = {
${rowan_bench_pointers}    NULL,
};
const char bench_missing_peers[] = \"${rowan_bench_missing}\";
")
set(rowan_bench_page ${PROJECT_BINARY_DIR}/generated/bench_page.c)
add_custom_command(OUTPUT ${rowan_bench_page}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${rowan_bench_page} -DBASE=${rowan_bench_folder}
        -DFILES=${rowan_bench_folder}/page.css
        -DHEADER=page.h -DTYPE=bench_page_file -DARRAY=bench_page_files
        -P ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
    DEPENDS ${rowan_bench_folder}/page.css ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
    COMMENT "Embedding the style of the benchmark's page" VERBATIM)
target_sources(rowan_bench PRIVATE
    ${rowan_bench_sources} ${rowan_bench_contestants} ${rowan_bench_page})

# Programs whose start is measured, linked as a user's program is: with the whole library, and with
# one that has SQLite only. Only `./run bench` builds them.
add_custom_target(rowan_bench_starts)

# rowan_add_start(NAME SOURCE LIBRARY...)
function(rowan_add_start name source)
    add_executable(bench_start_${name} EXCLUDE_FROM_ALL ${rowan_bench_folder}/start/${source}.c)
    set_target_properties(bench_start_${name} PROPERTIES OUTPUT_NAME ${name}
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench/start)
    target_link_libraries(bench_start_${name} PRIVATE rowan_warnings ${ARGN})
    add_dependencies(rowan_bench_starts bench_start_${name})
endfunction()

if(ROWAN_SQLITE)
    rowan_add_core(bench_sqlite_objects sqlite)
    add_library(bench_rowan_sqlite SHARED EXCLUDE_FROM_ALL $<TARGET_OBJECTS:bench_sqlite_objects>)
    set_target_properties(bench_sqlite_objects PROPERTIES EXCLUDE_FROM_ALL ON)
    set_target_properties(bench_rowan_sqlite PROPERTIES LINKER_LANGUAGE C)
    target_link_libraries(bench_rowan_sqlite PRIVATE Threads::Threads m ${CMAKE_DL_LIBS}
        PkgConfig::sqlite3)
    rowan_add_start(best best PkgConfig::sqlite3)
    foreach(pattern IN ITEMS raw querybuilder datamapper activerecord)
        rowan_add_start(${pattern} ${pattern} forum_model rowan)
        rowan_add_start(${pattern}_sqlite_only ${pattern} forum_model bench_rowan_sqlite)
    endforeach()
endif()
