/* How pages are asked for before they are touched. */
#pragma once

#include <stdint.h>
#include <sys/syscall.h>

/* Linux 5.14 names the advice; older headers do not. */
enum { populate_read = 22, populate_write = 23, page = 4096 };

/* No function of the C library works before relocation, so the system is called by hand; a refusal changes nothing. */
static inline void populate(uintptr_t first, uintptr_t end, long advice) {
  first &= ~(uintptr_t)(page - 1);
  if (first >= end) return;
#if defined(__x86_64__)
  long result = SYS_madvise;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(first), "S"(((end + page - 1) & ~(uintptr_t)(page - 1)) - first), "d"(advice)
                   : "rcx", "r11", "memory");
#endif
}
