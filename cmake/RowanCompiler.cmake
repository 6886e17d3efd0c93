# How our own code is compiled. These targets are linked by ours and never installed.

# For all of it, examples and generated models too.
add_library(rowan_warnings INTERFACE)
target_compile_options(rowan_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla
    "$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes;-Wmissing-prototypes>"
    $<$<BOOL:${ROWAN_WERROR}>:-Werror>)

# Call sites and assertions name files as the reader of a report knows them.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)

# For what sees the private headers. xxHash is used as a header only.
find_path(ROWAN_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
mark_as_advanced(ROWAN_XXHASH_INCLUDE_DIR)
add_library(rowan_private INTERFACE)
target_include_directories(rowan_private INTERFACE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_include_directories(rowan_private SYSTEM INTERFACE ${ROWAN_XXHASH_INCLUDE_DIR})
target_compile_definitions(rowan_private INTERFACE _POSIX_C_SOURCE=200809L XXH_INLINE_ALL=
    $<$<BOOL:${ROWAN_LINK_CLIENTS}>:ROWAN_LINK_CLIENTS=1>)
target_link_libraries(rowan_private INTERFACE rowan_warnings)

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
