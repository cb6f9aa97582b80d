#ifndef ALMANAC_CLINUX_SHIM_H
#define ALMANAC_CLINUX_SHIM_H

#include <malloc.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
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

/* C because the same header is left out. It counts since the machine started, the time of a suspension included. */
static inline int CLinux_makeBootTimer(void) {
    return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
}

/* C because the same header is left out. Nanoseconds since the machine started, more than 0. */
static inline int CLinux_armBootTimer(int descriptor, int64_t nanoseconds) {
    struct itimerspec time = {{0, 0}, {nanoseconds / 1000000000, nanoseconds % 1000000000}};
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &time, 0);
}

/* C because Swift's Glibc module leaves <sys/inotify.h> and <sys/eventfd.h> out, and their flags are enums. */
static inline int CLinux_makeWatch(void) {
    return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

/* C because the same header is left out. What changes the names of a directory, and files written to their end. */
static inline int CLinux_watchDirectory(int descriptor, const char *path) {
    return inotify_add_watch(descriptor, path,
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF
            | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK);
}

/* C because the same header is left out. */
static inline int CLinux_forgetDirectory(int descriptor, int watch) {
    return inotify_rm_watch(descriptor, watch);
}

/* C because the same header is left out. */
static inline int CLinux_makeEvent(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* C because Swift does not import functions with variable arguments. */
static inline int CLinux_closeToOthers(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static inline int CLinux_isClosedToOthers(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

/* Declared here because <spawn.h> shows it only to those who ask for GNU's additions. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* C because Swift does not import functions with variable arguments. 0 when it is no terminal. */
static inline int CLinux_terminalColumns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static inline int CLinux_terminalRows(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

/* C because the type of the pointer differs between the modules that declare it. */
static inline char *const *CLinux_environment(void) {
    return environ;
}

#endif
