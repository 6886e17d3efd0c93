# The interposer behind `rowan profile`: loaded before a program's libraries, linked with no client
# library, exporting nothing but the functions that it stands before.
file(GLOB rowan_preload_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/preload/*.c)
set(rowan_preload_folder ${CMAKE_INSTALL_LIBDIR}/rowan)
if(ROWAN_TOOL AND NOT ROWAN_SANITIZE)
    foreach(engine IN ITEMS sqlite postgresql mariadb)
        pkg_check_modules(${rowan_engine_module_${engine}} QUIET IMPORTED_TARGET
            ${rowan_engine_module_${engine}})
        if(NOT TARGET PkgConfig::${rowan_engine_module_${engine}})
            list(FILTER rowan_preload_sources EXCLUDE REGEX "/${engine}[^/]*\\.c$")
        endif()
    endforeach()
    # What runs for every statement is optimised as one: these parts of the library, too.
    include(CheckIPOSupported)
    check_ipo_supported(RESULT rowan_ipo OUTPUT rowan_ipo_refusal LANGUAGES C)
    list(APPEND rowan_preload_sources ${PROJECT_SOURCE_DIR}/src/base/clock.c
        ${PROJECT_SOURCE_DIR}/src/base/text.c ${PROJECT_SOURCE_DIR}/src/detector/key.c
        ${PROJECT_SOURCE_DIR}/src/detector/trace_value.c)
    add_library(rowan_profile MODULE ${rowan_preload_sources})
    if(rowan_ipo)
        target_compile_options(rowan_profile PRIVATE -flto)
        target_link_options(rowan_profile PRIVATE -flto=auto)
    endif()
    target_link_libraries(rowan_profile PRIVATE rowan_private Threads::Threads ${CMAKE_DL_LIBS}
        $<TARGET_FILE:rowan_static>)
    add_dependencies(rowan_profile rowan_static)
    foreach(engine IN ITEMS sqlite postgresql mariadb)
        if(TARGET PkgConfig::${rowan_engine_module_${engine}})
            target_include_directories(rowan_profile SYSTEM PRIVATE
                $<TARGET_PROPERTY:PkgConfig::${rowan_engine_module_${engine}},INTERFACE_INCLUDE_DIRECTORIES>)
        endif()
    endforeach()
    target_compile_options(rowan_profile PRIVATE -ftls-model=initial-exec)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/preload/dlsym.c PROPERTIES
        COMPILE_OPTIONS -O2) # it has to end with a jump
    target_link_options(rowan_profile PRIVATE -Wl,--exclude-libs,ALL -Wl,--no-undefined
        -Wl,--gc-sections -static-libgcc)
endif()
