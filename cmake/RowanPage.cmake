# rowan_embed_page(TARGET): makes the style and the script of the report's page part of a target.
function(rowan_embed_page target)
    set(page ${PROJECT_SOURCE_DIR}/src/report/page.css ${PROJECT_SOURCE_DIR}/src/report/page.js)
    set(embedded ${PROJECT_BINARY_DIR}/generated/report_page.c)
    add_custom_command(OUTPUT ${embedded}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${embedded} -DBASE=${PROJECT_SOURCE_DIR}/src/report
            "-DFILES=${page}" -DHEADER=report/page_private.h -DTYPE=rowan__embedded_part
            -DARRAY=rowan__embedded_parts -P ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        DEPENDS ${page} ${PROJECT_SOURCE_DIR}/cmake/RowanEmbed.cmake
        COMMENT "Embedding the page of the report" VERBATIM)
    target_sources(${target} PRIVATE ${embedded})
endfunction()
