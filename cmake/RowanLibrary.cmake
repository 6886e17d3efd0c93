# librowan: one object library, from which the shared and the static library are made.
find_package(Threads REQUIRED)
set(rowan_rooms base model driver database sql relation raw querybuilder activerecord datamapper
    detector)

# rowan_core_sources(VARIABLE ENGINE...): the sources of the library with these engines.
function(rowan_core_sources variable)
    set(patterns "")
    foreach(room IN LISTS rowan_rooms)
        list(APPEND patterns ${PROJECT_SOURCE_DIR}/src/${room}/*.c)
    endforeach()
    foreach(engine IN LISTS ARGN)
        list(APPEND patterns ${PROJECT_SOURCE_DIR}/src/driver/${engine}/*.c)
    endforeach()
    file(GLOB sources CONFIGURE_DEPENDS ${patterns} ${PROJECT_SOURCE_DIR}/src/rowan.c)
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# rowan_add_core(NAME ENGINE...): the library as an object library with these engines.
function(rowan_add_core name)
    rowan_core_sources(sources ${ARGN})
    add_library(${name} OBJECT ${sources})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${name} PRIVATE rowan_private Threads::Threads)
    rowan_use_engines(${name} ${ARGN})
endfunction()

rowan_core_sources(rowan_sources ${rowan_engines})
if(NOT rowan_sources)
    return()
endif()
# What runs for every value calls other libraries without a detour by the procedure linkage table.
# Elsewhere the detour is worth it: a program that starts looks up only what it comes to call.
set_source_files_properties(
    ${PROJECT_SOURCE_DIR}/src/driver/postgresql/rows.c
    ${PROJECT_SOURCE_DIR}/src/driver/sqlite/parameters.c
    ${PROJECT_SOURCE_DIR}/src/driver/sqlite/rows.c
    ${PROJECT_SOURCE_DIR}/src/driver/sqlite/statement.c
    PROPERTIES COMPILE_OPTIONS -fno-plt)

rowan_add_core(rowan_objects ${rowan_engines})

set(rowan_engine_targets "")
foreach(engine IN LISTS rowan_linked_engines)
    list(APPEND rowan_engine_targets PkgConfig::${rowan_engine_module_${engine}})
endforeach()

add_library(rowan SHARED $<TARGET_OBJECTS:rowan_objects>)
set_target_properties(rowan PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
    LINKER_LANGUAGE C)
add_library(rowan_static STATIC $<TARGET_OBJECTS:rowan_objects>)
set_target_properties(rowan_static PROPERTIES OUTPUT_NAME rowan EXPORT_NAME static
    LINKER_LANGUAGE C)
add_library(rowan::rowan ALIAS rowan)
add_library(rowan::static ALIAS rowan_static)
foreach(target IN ITEMS rowan rowan_static)
    target_compile_features(${target} INTERFACE c_std_11)
    target_include_directories(${target} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PRIVATE Threads::Threads m ${CMAKE_DL_LIBS}
        ${rowan_engine_targets})
endforeach()
if(NOT ROWAN_SANITIZE)
    # A call of a client library that is not by its table is found here.
    target_link_options(rowan PRIVATE -Wl,--no-undefined)
endif()
