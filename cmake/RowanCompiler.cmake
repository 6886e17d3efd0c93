# Warnings, sanitizers and feature macros for our own code. Linked by our targets, never installed.
add_library(rowan_private INTERFACE)
target_include_directories(rowan_private INTERFACE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(rowan_private INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(rowan_private INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    $<$<BOOL:${ROWAN_WERROR}>:-Werror>)

# Everything must agree on the sanitizers, so they are for the whole tree and not for one target.
if(ROWAN_SANITIZE)
    add_compile_options(-fsanitize=${ROWAN_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${ROWAN_SANITIZE})
endif()
if(ROWAN_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
