import Wire

/// Why a login initiation cannot be followed (1EdTech Security Framework §5.1.1.1).
///
/// The names are those of the fields this module reads, never something the sender chose.
package enum LoginRefusal: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// A required field is not there, or is empty.
  case parameterMissing(String)
  /// A field was sent more than once: two readers could take two different values.
  case parameterDuplicate(String)
  /// A field's value is longer than allowed or holds control characters.
  case parameterInvalid(String)

  package enum Code: String, StableCode {
    case parameterMissing = "login_parameter_missing"
    case parameterDuplicate = "login_parameter_duplicate"
    case parameterInvalid = "login_parameter_invalid"
  }

  package var stableCode: any StableCode {
    switch self {
    case .parameterMissing: Code.parameterMissing
    case .parameterDuplicate: Code.parameterDuplicate
    case .parameterInvalid: Code.parameterInvalid
    }
  }

  /// The name of the field concerned.
  package var parameter: String {
    switch self {
    case .parameterMissing(let name), .parameterDuplicate(let name), .parameterInvalid(let name): name
    }
  }

  /// One line for the log: the code and the field's name, never its value.
  package var logLine: String { "\(code) parameter=\(parameter)" }

  /// The same as `logLine`.
  package var description: String { logLine }
}
