// Moves the wall clock of a program that it is loaded into (LD_PRELOAD) by as many milliseconds as the file says that
// CHAOS_CLOCK names, which may change at any time. Other clocks stay as they are.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { descriptors_max = 65536 };
// Whether a timer shows the wall clock.
static char is_wall_timer[descriptors_max];

static const long long second = 1000000000;

static long long offset(void) {
    const char *path = getenv("CHAOS_CLOCK");
    char text[32] = "";
    if (!path) return 0;
    // Not through functions that somebody may be in just now.
    long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    return atoll(text) * 1000000;
}

static void move(struct timespec *at, long long by) {
    long long sum = at->tv_sec * second + at->tv_nsec + by;
    if (sum < 1) sum = 1;
    at->tv_sec = sum / second;
    at->tv_nsec = sum % second;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) move(now, offset());
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int timerfd_create(int clock, int flags) {
    long file = syscall(SYS_timerfd_create, clock, flags);
    if (file >= 0 && file < descriptors_max) is_wall_timer[file] = clock == CLOCK_REALTIME;
    return file;
}

int timerfd_settime(int file, int flags, const struct itimerspec *wanted, struct itimerspec *old) {
    struct itimerspec real = *wanted;
    int is_set = real.it_value.tv_sec || real.it_value.tv_nsec;
    int is_wall = file >= 0 && file < descriptors_max && is_wall_timer[file];
    if (is_set && is_wall && (flags & TFD_TIMER_ABSTIME)) move(&real.it_value, -offset());
    return syscall(SYS_timerfd_settime, file, flags, &real, old);
}
