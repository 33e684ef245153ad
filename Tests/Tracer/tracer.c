#define _GNU_SOURCE
#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_threads = 64, syscall_stop = SIGTRAP | 0x80 };

/* A thread of the program that is inside a system call. */
struct call {
  pid_t thread;
  uint64_t number, first, second;
};

struct tracer {
  const char *path;
  char *const *arguments, *const *environment;
  const int *descriptors;
  long ahead, kill_at, calls;
  bool killed, started;
  pid_t process;
  int status, error;
  pthread_t watcher;
  pthread_mutex_t lock;
  pthread_cond_t begun;
  struct call inside[most_threads];
};

/* In the child, which shares its parent's memory until it is another program: nothing but system calls. */
static void become(const struct tracer *tracer) {
  for (int number = 0; number < 3; number++)
    if (dup2(tracer->descriptors[number], number) < 0) _exit(127);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) execve(tracer->path, tracer->arguments, tracer->environment);
  _exit(127);
}

static long peek(pid_t thread, uint64_t address) { return ptrace(PTRACE_PEEKDATA, thread, (void *)address, NULL); }

static void poke(pid_t thread, uint64_t address, long word) { ptrace(PTRACE_POKEDATA, thread, (void *)address, (void *)word); }

/* A program reads the clock from a page of the kernel's, without a call, unless it is not told of that page: the entry of its
 * auxiliary vector is made one to be passed over. It has just begun, and its stack holds nothing else. */
static void hide_kernel_page(pid_t thread) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) <= 0) return;
  uint64_t word = info.stack_pointer + sizeof(long) * (2 + (uint64_t)peek(thread, info.stack_pointer));
  while (peek(thread, word) != 0) word += sizeof(long);
  for (word += sizeof(long); peek(thread, word) != AT_NULL; word += 2 * sizeof(long))
    if (peek(thread, word) == AT_SYSINFO_EHDR) poke(thread, word, AT_IGNORE);
}

/* The whole seconds that a call has just answered are moved. */
static void move_clock(const struct tracer *tracer, const struct call *call, int64_t answer) {
  switch (call->number) {
    case SYS_clock_gettime:
      if (answer == 0 && (call->first == CLOCK_REALTIME || call->first == CLOCK_REALTIME_COARSE))
        poke(call->thread, call->second, peek(call->thread, call->second) + tracer->ahead);
      break;
    case SYS_gettimeofday:
      if (answer == 0 && call->first) poke(call->thread, call->first, peek(call->thread, call->first) + tracer->ahead);
      break;
#ifdef __x86_64__
    case SYS_time: {
      struct user_regs_struct registers;
      if (answer < 0 || ptrace(PTRACE_GETREGS, call->thread, NULL, &registers) != 0) break;
      registers.rax = (unsigned long long)(answer + tracer->ahead);
      ptrace(PTRACE_SETREGS, call->thread, NULL, &registers);
      if (call->first) poke(call->thread, call->first, answer + tracer->ahead);
      break;
    }
#endif
    default: break;
  }
}

/* A thread stands at the beginning or at the end of a system call. */
static void at_call(struct tracer *tracer, pid_t thread) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) <= 0) return;
  struct call *place = NULL, *free_place = NULL;
  for (int index = 0; index < most_threads; index++) {
    if (tracer->inside[index].thread == thread) place = &tracer->inside[index];
    if (!free_place && !tracer->inside[index].thread) free_place = &tracer->inside[index];
  }
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    if (++tracer->calls == tracer->kill_at) {
      tracer->killed = kill(tracer->process, SIGKILL) == 0;
      return;
    }
    if (!place) place = free_place;
    if (place) *place = (struct call){thread, info.entry.nr, info.entry.args[0], info.entry.args[1]};
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && place) {
    if (tracer->ahead) move_clock(tracer, place, info.exit.rval);
    place->thread = 0;
  }
}

/* Whoever traces is the thread that started the program, so that is a thread of its own; and it waits for nobody else's. */
static void *watch(void *argument) {
  struct tracer *tracer = argument;
  const pid_t process = vfork();
  if (process == 0) become(tracer);
  tracer->error = process < 0 ? errno : 0;
  tracer->process = process;
  int status = 0;
  if (process > 0) {
    while (waitpid(process, &status, __WALL) < 0 && errno == EINTR) continue;
    if (WIFSTOPPED(status)) {
      ptrace(PTRACE_SETOPTIONS, process, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL));
      if (tracer->ahead) hide_kernel_page(process);
    } else {
      tracer->error = ENOEXEC;
    }
  }
  pthread_mutex_lock(&tracer->lock);
  tracer->started = true;
  pthread_cond_signal(&tracer->begun);
  pthread_mutex_unlock(&tracer->lock);
  if (tracer->error) return NULL;

  ptrace(PTRACE_SYSCALL, process, NULL, NULL);
  for (;;) {
    const pid_t thread = waitpid(-1, &status, __WALL | __WNOTHREAD);
    if (thread < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread == process) {
        tracer->status = status;
        break;
      }
      continue;
    }
    int signal = WSTOPSIG(status);
    if (signal == syscall_stop) {
      at_call(tracer, thread);
      signal = 0;
    } else if (status >> 16 || signal == SIGSTOP || signal == SIGTRAP) {
      /* A thread began, or says so. */
      signal = 0;
    }
    ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(long)signal);
  }
  return NULL;
}

struct tracer *tracer_start(const char *path, char *const arguments[], char *const environment[], const int descriptors[3],
                            long ahead, long kill_at) {
  struct tracer *tracer = calloc(1, sizeof *tracer);
  if (!tracer) return NULL;
  tracer->path = path;
  tracer->arguments = arguments;
  tracer->environment = environment;
  tracer->descriptors = descriptors;
  tracer->ahead = ahead;
  tracer->kill_at = kill_at;
  pthread_mutex_init(&tracer->lock, NULL);
  pthread_cond_init(&tracer->begun, NULL);
  int error = pthread_create(&tracer->watcher, NULL, watch, tracer);
  if (!error) {
    pthread_mutex_lock(&tracer->lock);
    while (!tracer->started) pthread_cond_wait(&tracer->begun, &tracer->lock);
    pthread_mutex_unlock(&tracer->lock);
    error = tracer->error;
    if (error) pthread_join(tracer->watcher, NULL);
  }
  if (!error) return tracer;
  free(tracer);
  errno = error;
  return NULL;
}

pid_t tracer_process(const struct tracer *tracer) { return tracer->process; }

int tracer_wait(struct tracer *tracer, long *calls, int *killed) {
  pthread_join(tracer->watcher, NULL);
  const int status = tracer->status;
  *calls = tracer->calls;
  *killed = tracer->killed;
  free(tracer);
  return status;
}
