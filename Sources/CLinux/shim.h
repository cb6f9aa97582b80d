#ifndef ALMANAC_CLINUX_SHIM_H
#define ALMANAC_CLINUX_SHIM_H

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* C because Swift's Glibc module leaves <sys/timerfd.h> out, and its flags are an enum of another type. */
static inline int CLinux_makeTimer(void) {
    return timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
}

/* C because the same header is left out. Microseconds since the epoch, more than 0. */
static inline int CLinux_armTimer(int descriptor, int64_t microseconds) {
    struct itimerspec time = {{0, 0}, {microseconds / 1000000, microseconds % 1000000 * 1000}};
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, 0);
}

/* C because the type of the pointer differs between the modules that declare it. */
static inline char *const *CLinux_environment(void) {
    return environ;
}

#endif
