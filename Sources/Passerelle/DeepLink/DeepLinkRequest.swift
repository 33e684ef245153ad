import LTI
import Wire

/// A platform's request for content, kept from the launch that brought it until the teacher has chosen.
struct DeepLinkRequest {
  let issuer: Issuer
  let clientID: ClientID
  let deploymentID: DeploymentID
  let settings: DeepLinkingSettings
  /// Whether the registration of the tool sets a custom parameter `module`, which then stands in every launch.
  let isModuleSetByTool: Bool

  /// The request of a proven message; nil when it asks for nothing, or names no usable return URL.
  init?(_ message: LaunchMessage, issuer: Issuer, clientID: ClientID) {
    guard let settings = message.deepLinkingSettings else { return nil }
    self.issuer = issuer
    self.clientID = clientID
    deploymentID = message.deploymentID
    self.settings = settings
    isModuleSetByTool = message.custom[CustomParameter.module] != nil
  }

  /// Reads what ``json`` wrote; nil for anything else.
  init?(_ text: String) {
    guard let value = try? JSONValue(parsing: text),
      let issuer = value["issuer"]?.stringValue.flatMap({ Issuer($0) }),
      let clientID = value["clientId"]?.stringValue.flatMap({ ClientID($0) }),
      let deploymentID = value["deploymentId"]?.stringValue.flatMap({ DeploymentID($0) }),
      let settings = value["settings"]?.objectValue.flatMap({ DeepLinkingSettings($0) })
    else { return nil }
    self.issuer = issuer
    self.clientID = clientID
    self.deploymentID = deploymentID
    self.settings = settings
    isModuleSetByTool = value["moduleIsSetByTool"]?.boolValue ?? false
  }

  /// As the database keeps it.
  var json: JSONObject {
    [
      "issuer": .string(issuer.value), "clientId": .string(clientID.value),
      "deploymentId": .string(deploymentID.value), "settings": .object(settings.claim),
      "moduleIsSetByTool": .bool(isModuleSetByTool),
    ]
  }
}
