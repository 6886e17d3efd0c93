# Writes a C file that holds the text of other files. Run as a script:
#   cmake -DOUTPUT=FILE -DBASE=FOLDER "-DFILES=a;b" -P RowanEmbed.cmake
# It defines `const embedded_file embedded_files[]`, ended by a NULL name; names are relative to BASE.

set(arrays "")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(................................................................................)"
        "\\1\n    " bytes "${bytes}")
    file(RELATIVE_PATH name ${BASE} ${file})
    string(APPEND arrays "static const char file_${index}[] = {\n    ${bytes}0};\n\n")
    string(APPEND table "    {\"${name}\", file_${index}},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT}.new
    "/* Generated: the text of source files. */\n#include \"cli/compare/embedded.h\"\n\n${arrays}"
    "const embedded_file embedded_files[] = {\n${table}    {0, 0},\n};\n")
file(RENAME ${OUTPUT}.new ${OUTPUT})
