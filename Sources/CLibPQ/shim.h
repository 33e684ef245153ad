/* Debian keeps libpq's headers in a folder of their own; other systems put them on the default path. */
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#error "libpq-fe.h not found: apt-get install libpq-dev"
#endif
