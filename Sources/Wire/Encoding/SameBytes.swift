import Glibc

/// Whether two strings are the same bytes. `==` on String also equates canonically equivalent texts, which RFC 8259
/// §8.3 warns against for names and RFC 7519 §2 ("StringOrURI") for identifiers.
package func sameBytes(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  let compared = left.utf8.withContiguousStorageIfAvailable { left in
    right.utf8.withContiguousStorageIfAvailable { right in
      guard let first = left.baseAddress, let second = right.baseAddress else { return true }
      return memcmp(first, second, left.count) == 0
    }
  }
  // Only a string that Foundation lent has no storage of its own.
  return (compared ?? nil) ?? left.utf8.elementsEqual(right.utf8)
}
