# The generator of models, the sample's model and the command-line tool.

# rowan_add_room(NAME FOLDER...): a room above the library as a static library, if it has sources.
function(rowan_add_room name)
    set(patterns "")
    foreach(folder IN LISTS ARGN)
        list(APPEND patterns ${PROJECT_SOURCE_DIR}/src/${folder}/*.c)
    endforeach()
    file(GLOB sources CONFIGURE_DEPENDS ${patterns})
    if(sources)
        add_library(${name} STATIC ${sources})
        set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
        target_link_libraries(${name} PRIVATE rowan_private)
    endif()
endfunction()

# The core with SQLite: the library itself, or a copy of it where the library is built without.
if(ROWAN_SQLITE)
    add_library(rowan_generator_core ALIAS rowan_static)
else()
    rowan_add_core(rowan_sqlite_objects sqlite)
    add_library(rowan_generator_core STATIC $<TARGET_OBJECTS:rowan_sqlite_objects>)
    set_target_properties(rowan_generator_core PROPERTIES LINKER_LANGUAGE C)
    target_link_libraries(rowan_generator_core PRIVATE Threads::Threads m ${CMAKE_DL_LIBS}
        PkgConfig::sqlite3)
endif()

rowan_add_room(rowan_schema schema)
file(GLOB rowan_generator_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/schema/generate/*.c)
if(rowan_generator_sources)
    add_executable(rowan_generate ${rowan_generator_sources})
    set_target_properties(rowan_generate PROPERTIES OUTPUT_NAME rowan-generate
        EXPORT_NAME generate)
    target_link_libraries(rowan_generate PRIVATE rowan_private
        $<TARGET_NAME_IF_EXISTS:rowan_schema> rowan_generator_core)
    add_executable(rowan::generate ALIAS rowan_generate)
endif()

if(TARGET rowan_generate AND EXISTS ${PROJECT_SOURCE_DIR}/schemas/bookshop)
    rowan_generate_model(TARGET bookshop SCHEMA ${PROJECT_SOURCE_DIR}/schemas/bookshop)
    target_link_libraries(bookshop_model PRIVATE rowan_warnings)
endif()

# The command needs more libraries than a program that links rowan does.
file(GLOB rowan_cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/*.c
    ${PROJECT_SOURCE_DIR}/src/cli/profile/*.c)
if(ROWAN_TOOL OR ROWAN_TESTS OR ROWAN_BENCH)
    foreach(module IN ITEMS jansson libcurl smartcols libdw)
        pkg_check_modules(${module} REQUIRED QUIET IMPORTED_TARGET ${module})
    endforeach()
endif()

# The generator of the bookshop's rows. It needs the models, so it is no part of the schema room's
# library, which the generator of models is made of.
if(TARGET bookshop_model)
    rowan_add_room(rowan_seed schema/seed)
endif()
if(TARGET rowan_seed)
    set(rowan_tables ${PROJECT_SOURCE_DIR}/schemas/bookshop/tables.sql)
    set(rowan_embedded_tables ${PROJECT_BINARY_DIR}/generated/bookshop_sql.c)
    add_custom_command(OUTPUT ${rowan_embedded_tables}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${rowan_embedded_tables}
            -DBASE=${PROJECT_SOURCE_DIR}/schemas/bookshop -DFILES=${rowan_tables}
            -DHEADER=schema/seed/seed.h -DTYPE=rowan__embedded -DARRAY=rowan__embedded_schema
            -P ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        DEPENDS ${rowan_tables} ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        COMMENT "Embedding the bookshop's tables" VERBATIM)
    target_sources(rowan_seed PRIVATE ${rowan_embedded_tables})
    target_link_libraries(rowan_seed PUBLIC bookshop_model rowan_schema rowan_static)
endif()

# The comparison as a library, so that the tests can run its use cases; it carries their source text.
file(GLOB rowan_case_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/compare/cases/*/*.c)
if(TARGET bookshop_model AND (ROWAN_TOOL OR ROWAN_TESTS))
    set(rowan_embedded ${PROJECT_BINARY_DIR}/generated/compare_sources.c)
    add_custom_command(OUTPUT ${rowan_embedded}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${rowan_embedded}
            -DBASE=${PROJECT_SOURCE_DIR}/src/cli/compare "-DFILES=${rowan_case_sources};${PROJECT_SOURCE_DIR}/src/cli/compare/page.css"
            -P ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        DEPENDS ${rowan_case_sources} ${PROJECT_SOURCE_DIR}/src/cli/compare/page.css
            ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        COMMENT "Embedding the source of the use cases" VERBATIM)
    file(GLOB rowan_compare_sources CONFIGURE_DEPENDS
        ${PROJECT_SOURCE_DIR}/src/cli/compare/*.c ${PROJECT_SOURCE_DIR}/src/cli/compare/cases/*.c)
    add_library(rowan_compare STATIC ${rowan_compare_sources} ${rowan_case_sources}
        ${rowan_embedded})
    target_link_libraries(rowan_compare PRIVATE rowan_private PUBLIC bookshop_model
        rowan_report rowan_seed rowan_schema rowan_static
        PkgConfig::jansson PkgConfig::smartcols m)
endif()

if(ROWAN_TOOL OR ROWAN_TESTS OR ROWAN_BENCH)
    rowan_add_room(rowan_report report)
    rowan_embed_page(rowan_report)
    target_link_libraries(rowan_report PUBLIC rowan_static PkgConfig::jansson m)
    rowan_add_room(rowan_verify verify)
    target_link_libraries(rowan_verify PUBLIC rowan_report)
    # What programs link for <rowan/verify.h>: both rooms as one archive, beside the library's own.
    add_library(rowan_verify_archive STATIC
        $<TARGET_OBJECTS:rowan_report> $<TARGET_OBJECTS:rowan_verify>)
    set_target_properties(rowan_verify_archive PROPERTIES OUTPUT_NAME rowan-verify
        EXPORT_NAME verify LINKER_LANGUAGE C)
    target_link_libraries(rowan_verify_archive PUBLIC rowan_static PkgConfig::jansson m)
    add_library(rowan::verify ALIAS rowan_verify_archive)
endif()

if(ROWAN_TOOL AND rowan_cli_sources)
    add_executable(rowan_tool ${rowan_cli_sources})
    set_target_properties(rowan_tool PROPERTIES OUTPUT_NAME rowan)
    target_link_libraries(rowan_tool PRIVATE rowan_private
        $<TARGET_NAME_IF_EXISTS:rowan_compare> $<TARGET_NAME_IF_EXISTS:rowan_seed>
        $<TARGET_NAME_IF_EXISTS:bookshop_model> rowan_verify rowan_report
        $<TARGET_NAME_IF_EXISTS:rowan_schema> rowan_static
        PkgConfig::jansson PkgConfig::libdw)
    if(ROWAN_LINK_CLIENTS)
        target_link_libraries(rowan_tool PRIVATE PkgConfig::libcurl)
    else()
        rowan_load_client(libcurl ${PROJECT_SOURCE_DIR}/src/cli/curl.c)
        target_include_directories(rowan_tool SYSTEM PRIVATE
            $<TARGET_PROPERTY:PkgConfig::libcurl,INTERFACE_INCLUDE_DIRECTORIES>)
    endif()
    file(RELATIVE_PATH rowan_libraries ${CMAKE_INSTALL_FULL_BINDIR}
        ${CMAKE_INSTALL_FULL_LIBDIR}/rowan)
    target_compile_definitions(rowan_tool PRIVATE ROWAN_LIBRARIES="${rowan_libraries}")
endif()
