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

# rowan_use_engines(TARGET ENGINE...): what a target of ours that calls these engines itself needs.
function(rowan_use_engines target)
    foreach(engine IN LISTS ARGN)
        string(TOUPPER ${engine} engine_upper)
        target_compile_definitions(${target} PRIVATE ROWAN_WITH_${engine_upper}=1)
        target_link_libraries(${target} PRIVATE PkgConfig::${rowan_engine_module_${engine}})
    endforeach()
endfunction()
