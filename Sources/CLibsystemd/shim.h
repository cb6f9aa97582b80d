#ifndef ALMANAC_CLibsystemd_SHIM_H
#define ALMANAC_CLibsystemd_SHIM_H

/* C because sd-journal.h otherwise replaces sd_journal_sendv by a macro that records the C caller's file and line. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <systemd/sd-daemon.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

#endif
