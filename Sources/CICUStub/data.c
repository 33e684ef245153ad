/* The static command carries Foundation for a few small uses of the argument parser's, and with it ICU, whose tables of
 * locales are 32 MB that nothing in the program reads. An object of the same name keeps the linker from taking them out
 * of the archive. To ICU it is data of an unknown format: whoever asked for a locale would be told that there is none.
 * The number in the name is the version of ICU in the Swift release. */
#define STUB(version) \
  __attribute__((aligned(16))) const unsigned char icudt##version##_dat[16] = {0};

STUB(74) /* Swift 6.0, 6.1 */
STUB(76) /* Swift 6.2, 6.3 */
