/* The first instructions of the static, position-independent CGI.
 *
 * Before anything else such a program adds its address to some 38 000 pointers. That touches 150 pages for the first
 * time, and every first touch is a page fault: together more than half a millisecond, of the three that a request takes.
 * Here the kernel is asked for all of those pages at once (MADV_POPULATE_WRITE, Linux 5.14; an older one refuses and they
 * come one by one), and the pointers are relocated in a third of the instructions that the C library would take; it then
 * finds the table empty. `Tests/benchmark static-pie` measures what is left. */
#if defined(__x86_64__)

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* glibc 2.36 and Linux 5.14 name these; older headers do not. */
enum { populate_write = 23, tag_relr_size = 35, tag_relr = 36, page = 4096, word_size = sizeof(uintptr_t) };

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

/* The table of relative relocations (generic ABI, section "Relative Relocation Table"): an even entry is the address of
 * a word to relocate, an odd one says with 63 bits which of the words after those are. */
static void relocate(const uintptr_t *entry, const uintptr_t *end, uintptr_t base) {
  uintptr_t *word = NULL;
  for (; entry < end; entry++) {
    if (*entry & 1) {
      for (uintptr_t bits = *entry >> 1; bits; bits &= bits - 1) word[__builtin_ctzl(bits)] += base;
      word += 63;
    } else {
      word = (uintptr_t *)(base + *entry);
      *word++ += base;
    }
  }
}

/* Asks for the pages of the same words, run by run. */
static void populate_words(const uintptr_t *entry, const uintptr_t *end, uintptr_t base) {
  uintptr_t first = 0, last = 0;
  for (; entry < end; entry++) {
    if (*entry & 1) {
      last += 63 * word_size;
    } else if (last && base + *entry < last + page) {
      last = base + *entry + word_size;
    } else {
      if (last) populate(first, last);
      first = base + *entry;
      last = first + word_size;
    }
  }
  if (last) populate(first, last);
}

__attribute__((used, visibility("hidden"))) void passerelle_relocate(void) {
  const uintptr_t base = (uintptr_t)&__ehdr_start;
  const uintptr_t *table = NULL;
  ElfW(Dyn) *size = NULL;
  for (ElfW(Dyn) *entry = _DYNAMIC; entry && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == tag_relr) table = (const uintptr_t *)(base + entry->d_un.d_ptr);
    if (entry->d_tag == tag_relr_size) size = entry;
  }
  if (!table || !size) return;
  const uintptr_t *end = table + size->d_un.d_val / word_size;
  populate_words(table, end, base);
  relocate(table, end, base);
  size->d_un.d_val = 0;
}

/* rdx holds what `_start` must find there (System V ABI, AMD64 supplement, section 3.4.1). */
__asm__(".text\n"
        ".globl passerelle_start\n"
        ".type passerelle_start, @function\n"
        "passerelle_start:\n"
        "  mov %rdx, %rbx\n"
        "  call passerelle_relocate\n"
        "  mov %rbx, %rdx\n"
        "  jmp _start\n"
        ".size passerelle_start, . - passerelle_start\n");

#endif
