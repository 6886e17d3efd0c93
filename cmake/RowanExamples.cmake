# examples/NAME.c: one program each, linked as a user's program is, and run as a test.
file(GLOB rowan_examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.c)
foreach(source IN LISTS rowan_examples)
    get_filename_component(name ${source} NAME_WE)
    set(rowan_example_library rowan::rowan)
    if(name STREQUAL "verify") # which is not in the library itself
        set(rowan_example_library rowan::verify)
        if(NOT TARGET rowan_verify_archive)
            continue()
        endif()
    endif()
    add_executable(example_${name} ${source})
    set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name}
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
    target_link_libraries(example_${name} PRIVATE
        rowan_warnings $<TARGET_NAME_IF_EXISTS:bookshop_model> ${rowan_example_library})
    add_test(NAME example_${name} COMMAND example_${name}
        WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
endforeach()
