import Testing

/// The error that `body` throws; where it throws none, or another one, that is recorded as an issue and the answer is nil.
///
/// `#expect(throws:)` answers its error only from Swift 6.1 on.
@discardableResult
package func caught<Failure: Error>(
  _ type: Failure.Type, _ comment: @autoclosure () -> Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) -> Failure? {
  do {
    _ = try body()
    Issue.record(comment() ?? "no error was thrown", sourceLocation: sourceLocation)
  } catch let failure as Failure {
    return failure
  } catch {
    Issue.record(error, comment(), sourceLocation: sourceLocation)
  }
  return nil
}
