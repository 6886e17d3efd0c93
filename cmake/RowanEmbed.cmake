# Writes a C file that holds the text of other files. Run as a script:
#   cmake -DOUTPUT=FILE -DBASE=FOLDER "-DFILES=a;b" -P RowanEmbed.cmake
# It defines `const embedded_file embedded_files[]`, ended by a NULL name; names are relative to BASE.
# -DHEADER, -DTYPE and -DARRAY name another header, type and array.
if(NOT HEADER)
    set(HEADER cli/compare/embedded.h)
    set(TYPE embedded_file)
    set(ARRAY embedded_files)
endif()

set(arrays "")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(REGEX REPLACE "(......................................................................)"
        "\\1\n    " bytes "${bytes}")
    file(RELATIVE_PATH name ${BASE} ${file})
    string(APPEND arrays "static const char file_${index}[] = {\n    ${bytes}0};\n\n")
    string(APPEND table "    {\"${name}\", file_${index}},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT}.new
    "/* Generated: the text of source files. */\n#include \"${HEADER}\"\n\n${arrays}"
    "const ${TYPE} ${ARRAY}[] = {\n${table}    {0, 0},\n};\n")
file(RENAME ${OUTPUT}.new ${OUTPUT})
