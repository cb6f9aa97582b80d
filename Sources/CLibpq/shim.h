#ifndef ALMANAC_CLibpq_SHIM_H
#define ALMANAC_CLibpq_SHIM_H

#include <libpq-fe.h>

#endif
