/* The first instructions of the static, position-independent CGI.
 *
 * Before anything else such a program adds its address to some 38 000 pointers, which touches 150 pages for the first
 * time, and every first touch is a page fault: together more than half a millisecond, of the three that a request takes.
 * Here the kernel is asked for all of them at once (MADV_POPULATE_WRITE, Linux 5.14; an older one refuses and the pages
 * come one by one), which leaves a fifth of that. `Tests/benchmark static-pie` measures it. */
#if defined(__x86_64__)

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* glibc 2.36 and Linux 5.14 name these; older headers do not. */
enum { populate_write = 23, tag_relr_size = 35, tag_relr = 36, page = 4096 };

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
/* Weak: a program at a fixed address has none, and nothing to relocate. */
extern ElfW(Dyn) _DYNAMIC[] __attribute__((weak, visibility("hidden")));

/* No function of the C library works before relocation, so the system is called by hand; a refusal changes nothing. */
static void populate(uintptr_t first, uintptr_t end) {
  first &= ~(uintptr_t)(page - 1);
  long result = SYS_madvise;
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(first), "S"(((end + page - 1) & ~(uintptr_t)(page - 1)) - first), "d"(populate_write)
                   : "rcx", "r11", "memory");
}

/* Walks the table of relative relocations (generic ABI, "Relative relocation table"): an even entry is the address of a
 * pointer, an odd one the 63 words after the last, a bit for each. Runs of pages go to the kernel. */
__attribute__((used, visibility("hidden"))) void passerelle_populate(void) {
  const uintptr_t base = (uintptr_t)&__ehdr_start;
  const uintptr_t *table = NULL;
  uintptr_t count = 0, first = 0, end = 0, words = 0;
  for (const ElfW(Dyn) *entry = _DYNAMIC; entry && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == tag_relr) table = (const uintptr_t *)(base + entry->d_un.d_ptr);
    if (entry->d_tag == tag_relr_size) count = entry->d_un.d_val / sizeof *table;
  }
  if (!table) return;
  for (uintptr_t index = 0; index < count; index++) {
    if (table[index] & 1) {
      words += 63 * sizeof *table;
    } else {
      uintptr_t address = base + table[index];
      if (end && address > words + page) {
        populate(first, end);
        end = 0;
      }
      if (!end) first = address;
      words = address + sizeof *table;
    }
    end = words;
  }
  if (end) populate(first, end);
}

/* rdx holds what `_start` must find there (System V ABI, AMD64 supplement, section 3.4.1). */
__asm__(".text\n"
        ".globl passerelle_start\n"
        ".type passerelle_start, @function\n"
        "passerelle_start:\n"
        "  mov %rdx, %rbx\n"
        "  call passerelle_populate\n"
        "  mov %rbx, %rdx\n"
        "  jmp _start\n"
        ".size passerelle_start, . - passerelle_start\n");

#endif
