import JOSE
import Wire

/// `lis_result_sourcedid` as Moodle makes it: JSON text with a hash over its data, another at each launch. Old ones
/// stay good.
struct ResultSourcedID {
  /// The activity's instance id.
  var instance: Int
  /// The person.
  var user: Int
  /// What the hash covers.
  var data: String
  /// The hash that came along.
  var hash: String

  /// Reads one that came back; nil when it is no JSON or lacks something.
  init?(_ text: String) {
    guard let json = try? JSONValue(parsing: text), let data = json["data"],
      let instance = Self.number(data["instanceid"]), let user = Self.number(data["userid"]),
      let hash = json["hash"]?.stringValue
    else { return nil }
    self.instance = instance
    self.user = user
    self.hash = hash
    // The order in which Moodle writes them, whatever order came back.
    let members = ["instanceid", "userid", "typeid", "launchid"].map { ($0, data[$0] ?? .null) }
    self.data = PHPJSON.encode(.object(JSONObject(members)))
  }

  private static func number(_ json: JSONValue?) -> Int? {
    json?.intValue.map(Int.init) ?? json?.stringValue.flatMap { Int($0) }
  }
}

extension Platform {
  /// A new one for a launch.
  func resultSourcedID(person: Person, activity: Activity, tool: Tool) -> String {
    let launch = Int(randomHex(7), radix: 16) ?? 0
    let data =
      "{\"instanceid\":\"\(activity.instance)\",\"userid\":\"\(person.id)\",\"typeid\":\"\(tool.typeID)\",\"launchid\":\(launch)}"
    return "{\"data\":\(data),\"hash\":\"\(resultHash(data))\"}"
  }

  /// The hash that belongs to some data.
  func resultHash(_ data: String) -> String {
    configuration.resultHash?(data) ?? Hex.encode(HMAC.sha256(key: Array(configuration.guid.utf8), Array(data.utf8)))
  }
}
