#ifndef ALMANAC_CExpat_SHIM_H
#define ALMANAC_CExpat_SHIM_H

#include <expat.h>

#endif
