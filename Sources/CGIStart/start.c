/* The first instructions of the static CGI.
 *
 * A request takes one or two million instructions, and the first touch of a page costs as much as thousands of them: the
 * kernel is asked here for the pages that every request uses, all at once (MADV_POPULATE_READ and _WRITE, Linux 5.14; an
 * older one refuses, and they come one by one). On a virtual machine that saves a sixth of a launch's time.
 *
 * A position-independent program must besides add its address to some 38 000 pointers before anything else. That touches
 * 150 pages, asked for in the same way, and the pointers are relocated in a third of the instructions that the C library
 * would take; it then finds the table empty. `Tests/benchmark static-pie` measures what is left. */
#if defined(__x86_64__)

#include "pages.h"

#include <link.h>
#include <stddef.h>

/* glibc 2.36 names these; older headers do not. */
enum { tag_relr_size = 35, tag_relr = 36, word_size = sizeof(uintptr_t) };

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
/* Weak: a program at a fixed address has none, and nothing to relocate. */
extern ElfW(Dyn) _DYNAMIC[] __attribute__((weak, visibility("hidden")));

/* What every request uses lies between these: cgi-bin/link-order, by which the linker sorts each section, names them
   first and last. */
#define MARK(name, kind) __attribute__((section(kind "." #name), used, visibility("hidden"))) char name
MARK(passerelle_first_data, ".data") = 1;
MARK(passerelle_last_data, ".data") = 1;
MARK(passerelle_first_bss, ".bss");
MARK(passerelle_last_bss, ".bss");
extern const char passerelle_first_function[] __attribute__((visibility("hidden")));
extern const char passerelle_last_function[] __attribute__((visibility("hidden")));
__asm__(".pushsection .text.passerelle_first_function,\"ax\"\n"
        ".globl passerelle_first_function\n.hidden passerelle_first_function\npasserelle_first_function: ret\n"
        ".popsection\n"
        ".pushsection .text.passerelle_last_function,\"ax\"\n"
        ".globl passerelle_last_function\n.hidden passerelle_last_function\npasserelle_last_function: ret\n"
        ".popsection\n");

/* How deep a request's stack grows. */
enum { stack_bytes = 11 * page };

static void populate_what_every_request_uses(void) {
  const uintptr_t stack = (uintptr_t)__builtin_frame_address(0);
  populate((uintptr_t)passerelle_first_function, (uintptr_t)passerelle_last_function, populate_read);
  populate((uintptr_t)&passerelle_first_data, (uintptr_t)&passerelle_last_data, populate_write);
  populate((uintptr_t)&passerelle_first_bss, (uintptr_t)&passerelle_last_bss, populate_write);
  populate(stack - stack_bytes, stack - page, populate_write);
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
      if (last) populate(first, last, populate_write);
      first = base + *entry;
      last = first + word_size;
    }
  }
  if (last) populate(first, last, populate_write);
}

__attribute__((used, visibility("hidden"))) void passerelle_prepare(void) {
  populate_what_every_request_uses();
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
        "  call passerelle_prepare\n"
        "  mov %rbx, %rdx\n"
        "  jmp _start\n"
        ".size passerelle_start, . - passerelle_start\n");

#endif
