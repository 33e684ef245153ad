/* A program under ptrace(2): its clock may be another than the machine's, and it may be killed at any of its system calls.
 * Works with static programs, in a chroot and without rights: only a program's own parent looks at it. */
#ifndef TRACER_H
#define TRACER_H

#include <sys/types.h>

/* A program that was started, and the thread that watches it. */
struct tracer;

/* Starts a program with these as its standard input, output and error. It reads a CLOCK_REALTIME that is so many seconds ahead,
 * and is killed as it enters its kill_at-th system call; 0 lets it live. NULL, with errno, where it cannot be started. */
struct tracer *tracer_start(const char *path, char *const arguments[], char *const environment[], const int descriptors[3],
                            long ahead, long kill_at);

/* The program's process. */
pid_t tracer_process(const struct tracer *tracer);

/* Waits for its end, and frees the tracer: the status as waitpid gives it. calls: how many system calls it entered; killed: whether
 * it was killed at one of them. */
int tracer_wait(struct tracer *tracer, long *calls, int *killed);

#endif
