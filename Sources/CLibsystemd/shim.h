#ifndef ALMANAC_CLibsystemd_SHIM_H
#define ALMANAC_CLibsystemd_SHIM_H

#include <systemd/sd-daemon.h>

#endif
