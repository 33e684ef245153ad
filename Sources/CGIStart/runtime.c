/* Two parts of the Swift runtime that work at the start of every process and that a CGI program has no use for: the
 * search for the arguments (it reads /proc/self/maps; the CGI never looks at its arguments, see RFC 3875, section 4.4)
 * and the search for the program that would print a backtrace (ten places, none of which a web server has).
 *
 * Weak: a runtime in which these parts have grown brings its own, and all of it. */
#include <stdbool.h>
#include <stddef.h>

#define WEAK __attribute__((weak))

WEAK void *_swift_stdlib_getUnsafeArgvArgc(int *count) {
  static char *none[1];
  *count = 0;
  return none;
}

WEAK void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count) { (void)arguments, (void)count; }

/* All zero: off. Larger than the runtime's own structure. */
WEAK long _swift_backtraceSettings[64];

WEAK bool _swift_backtrace_isThunkFunction(const char *name) {
  (void)name;
  return false;
}

WEAK char *_swift_backtrace_demangle(const char *name, size_t length, char *buffer, size_t *size) {
  (void)name, (void)length, (void)buffer, (void)size;
  return NULL;
}

WEAK void _swift_displayCrashMessage(int signal, const void *address) { (void)signal, (void)address; }

WEAK bool _swift_spawnBacktracer(const void *crash) {
  (void)crash;
  return false;
}
