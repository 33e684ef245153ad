/// An error that a person is told of in words, in their language.
package protocol Explained: Error {
  /// What went wrong, and where it can, what to do.
  var words: Words { get }
}

extension Explained {
  /// In English, for logs.
  package var description: String { words.english }
}
