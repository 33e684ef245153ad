import Foundation

/// Whether this thread was sent `SIGPIPE` while it did the work. The signal stays blocked meanwhile: its default action would
/// end the tests, and the whole process's disposition is not one test's to change (others write to programs that end early).
func raisesBrokenPipe(_ work: () throws -> Void) rethrows -> Bool {
  var signals = sigset_t()
  var before = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  try work()
  var atOnce = timespec()
  return sigtimedwait(&signals, nil, &atOnce) == SIGPIPE
}
