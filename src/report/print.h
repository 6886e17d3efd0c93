/* Findings, written out. */
#ifndef ROWAN_REPORT_PRINT_H
#define ROWAN_REPORT_PRINT_H

#include <stdio.h>

#include "report/analysis.h"

/** One JSON object a line. @return false if memory ran out; what the disk says is in @p file. */
bool rowan__print_json(const rowan__analysis *analysis, FILE *file);

/** For a person. @param colour  whether the terminal shows it */
void rowan__print_text(const rowan__analysis *analysis, bool colour, FILE *file);

#endif
