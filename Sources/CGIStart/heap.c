/* The pages of the heap that every request uses, asked for at once like those in start.c. After all other constructors: what
 * they allocate, the C++ runtime's reserve for exceptions above all, lies in front of what the request will use. */
#include "pages.h"

#include <stdlib.h>
#include <unistd.h>

static void populate_heap(void) {
  void *first = malloc(1);
  if (!first) return;
  populate((uintptr_t)first, (uintptr_t)sbrk(0), populate_write);
  free(first);
}

/* The linker sorts constructors by this number; those without one are 65536. */
__attribute__((section(".init_array.65537"), used)) static void (*const last_constructor)(void) = populate_heap;
