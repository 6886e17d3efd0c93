# The engines: for each one that is switched on, its folder, its definition and its client library.
find_package(PkgConfig REQUIRED)

set(rowan_engine_module_sqlite sqlite3)
set(rowan_engine_module_postgresql libpq)
set(rowan_engine_module_mariadb libmariadb)

set(rowan_engines "")
foreach(engine IN ITEMS sqlite postgresql mariadb)
    string(TOUPPER ${engine} engine_upper)
    if(ROWAN_${engine_upper})
        list(APPEND rowan_engines ${engine})
    endif()
endforeach()
if(NOT rowan_engines)
    message(FATAL_ERROR
        "Rowan needs an engine: switch on ROWAN_SQLITE, ROWAN_POSTGRESQL or ROWAN_MARIADB")
endif()

# The generator of models always has SQLite, even where the library does not.
foreach(engine IN LISTS rowan_engines ITEMS sqlite)
    pkg_check_modules(${rowan_engine_module_${engine}} REQUIRED QUIET IMPORTED_TARGET
        ${rowan_engine_module_${engine}})
endforeach()

# SQLite is linked. The others' client libraries are loaded when they are needed, or linked, too.
set(rowan_loaded_engines "")
if(NOT ROWAN_LINK_CLIENTS)
    set(rowan_loaded_engines ${rowan_engines})
    list(REMOVE_ITEM rowan_loaded_engines sqlite)
endif()
set(rowan_linked_engines ${rowan_engines})
list(REMOVE_ITEM rowan_linked_engines "" ${rowan_loaded_engines})

# rowan_find_soname(VARIABLE MODULE): the name by which a program that links a library loads it.
function(rowan_find_soname variable module)
    get_target_property(files PkgConfig::${module} INTERFACE_LINK_LIBRARIES)
    list(FILTER files INCLUDE REGEX "/${module}[.]")
    execute_process(COMMAND ${CMAKE_READELF} --dynamic --wide ${files} OUTPUT_VARIABLE dynamic
        ERROR_QUIET)
    if(NOT dynamic MATCHES "SONAME[^\n]*\\[([^]\n]+)\\]")
        message(FATAL_ERROR "${module} is no shared library that can be loaded while a program runs:"
            " link it with -DROWAN_LINK_CLIENTS=ON")
    endif()
    set(${variable} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

# rowan_load_client(MODULE SOURCE): tells a source which library it is to load.
function(rowan_load_client module source)
    rowan_find_soname(file ${module})
    set_source_files_properties(${source} PROPERTIES
        COMPILE_DEFINITIONS ROWAN_CLIENT_FILE="${file}")
endfunction()

foreach(engine IN LISTS rowan_loaded_engines)
    rowan_load_client(${rowan_engine_module_${engine}}
        ${PROJECT_SOURCE_DIR}/src/driver/${engine}/library.c)
endforeach()

# rowan_use_engines(TARGET ENGINE...): what a target of ours that calls these engines itself needs.
function(rowan_use_engines target)
    foreach(engine IN LISTS ARGN)
        string(TOUPPER ${engine} engine_upper)
        target_compile_definitions(${target} PRIVATE ROWAN_WITH_${engine_upper}=1)
        target_link_libraries(${target} PRIVATE PkgConfig::${rowan_engine_module_${engine}})
    endforeach()
endfunction()
