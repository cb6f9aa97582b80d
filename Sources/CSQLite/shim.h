#ifndef ALMANAC_CSQLite_SHIM_H
#define ALMANAC_CSQLite_SHIM_H

#include <sqlite3.h>

#endif
