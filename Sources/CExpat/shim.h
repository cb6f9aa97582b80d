#ifndef ALMANAC_CExpat_SHIM_H
#define ALMANAC_CExpat_SHIM_H

#include <expat.h>

/* C because newer versions of the library deprecate the only name that older ones have. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline long CExpat_byteIndex(XML_Parser parser) {
    return XML_GetCurrentByteIndex(parser);
}
#pragma GCC diagnostic pop

#endif
