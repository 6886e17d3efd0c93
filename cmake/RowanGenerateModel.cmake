# rowan_generate_model(TARGET name SCHEMA folder)
#
# Writes the models of a schema (name.h, name_rows.h, name.c) at build time and compiles them into
# the static library name_model. Link it before rowan::rowan or rowan::static:
#
#   rowan_generate_model(TARGET shop SCHEMA ${CMAKE_CURRENT_SOURCE_DIR}/schemas/shop)
#   target_link_libraries(program PRIVATE shop_model rowan::rowan)
function(rowan_generate_model)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;SCHEMA" "")
    if(NOT arg_TARGET OR NOT arg_SCHEMA OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "usage: rowan_generate_model(TARGET name SCHEMA folder)")
    endif()
    get_filename_component(schema ${arg_SCHEMA} ABSOLUTE)
    if(NOT IS_DIRECTORY ${schema})
        message(FATAL_ERROR "rowan_generate_model: there is no schema folder ${schema}")
    endif()

    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}_model)
    set(outputs ${folder}/${arg_TARGET}_rows.h ${folder}/${arg_TARGET}.h
        ${folder}/${arg_TARGET}.c)
    file(GLOB inputs CONFIGURE_DEPENDS ${schema}/*)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND rowan::generate --name ${arg_TARGET} --output ${folder} ${schema}
        DEPENDS rowan::generate ${inputs}
        COMMENT "Generating the models of ${arg_TARGET}"
        VERBATIM)

    add_library(${arg_TARGET}_model STATIC ${outputs})
    set_target_properties(${arg_TARGET}_model PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_features(${arg_TARGET}_model PUBLIC c_std_11)
    target_include_directories(${arg_TARGET}_model PUBLIC ${folder}
        $<TARGET_PROPERTY:rowan::rowan,INTERFACE_INCLUDE_DIRECTORIES>)
endfunction()
