# Installing: the library, its headers, a CMake package, a pkg-config file, the programs, the manual and the pages.
include(CMakePackageConfigHelpers)
set(rowan_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rowan)

install(TARGETS rowan rowan_static EXPORT rowan)
foreach(program IN ITEMS rowan_generate rowan_tool rowan_verify_archive)
    if(TARGET ${program})
        install(TARGETS ${program} EXPORT rowan)
    endif()
endforeach()
if(TARGET rowan_profile)
    install(TARGETS rowan_profile LIBRARY DESTINATION ${rowan_preload_folder})
endif()
install(DIRECTORY include/rowan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)

set(rowan_private_modules "")
foreach(engine IN LISTS rowan_linked_engines)
    list(APPEND rowan_private_modules ${rowan_engine_module_${engine}})
endforeach()
list(JOIN rowan_private_modules " " rowan_private_modules)
set(rowan_private_libs -lpthread -lm)
foreach(library IN LISTS CMAKE_DL_LIBS)
    list(APPEND rowan_private_libs -l${library})
endforeach()
list(JOIN rowan_private_libs " " rowan_private_libs)
configure_package_config_file(cmake/rowan-config.cmake.in rowan-config.cmake
    INSTALL_DESTINATION ${rowan_cmake_dir})
write_basic_package_version_file(rowan-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT rowan NAMESPACE rowan:: FILE rowan-targets.cmake DESTINATION ${rowan_cmake_dir})
install(FILES ${PROJECT_BINARY_DIR}/rowan-config.cmake
    ${PROJECT_BINARY_DIR}/rowan-config-version.cmake cmake/RowanGenerateModel.cmake
    DESTINATION ${rowan_cmake_dir})

file(RELATIVE_PATH rowan_prefix_from_pc
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/rowan.pc.in rowan.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rowan.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(section IN ITEMS 1 3 5 7)
    file(GLOB rowan_manual CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
    install(FILES ${rowan_manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

file(GLOB rowan_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.md)
install(FILES LICENSE CHANGELOG.md ${rowan_pages} DESTINATION ${CMAKE_INSTALL_DOCDIR})
