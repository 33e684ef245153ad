// swift-tools-version: 6.0
import PackageDescription

/// `cgi-bin/build` sets this: everything, C libraries included, goes into the executables.
let linksStatically = Context.environment["PASSERELLE_STATIC"] == "1"

let libpq: [Target.Dependency] = linksStatically ? ["CLibPQ", "CLibPQStatic"] : ["CLibPQ"]

/// Static archives name no dependencies of their own, so they are named here, users before what they use.
let postgresLibraries: [LinkerSetting] =
  linksStatically
  ? [.linkedLibrary("pq"), .linkedLibrary("pgcommon"), .linkedLibrary("pgport")]
  : [.linkedLibrary("pq")]
/// The static CGI starts in its own way (Sources/CGIStart), where that is written for the processor.
#if arch(x86_64)
  let cgiStart: (dependencies: [Target.Dependency], linker: [LinkerSetting]) =
    linksStatically ? (["CGIStart"], [.unsafeFlags(["-Xlinker", "--entry=passerelle_start"])]) : ([], [])
#else
  let cgiStart: (dependencies: [Target.Dependency], linker: [LinkerSetting]) = (linksStatically ? ["CGIStart"] : [], [])
#endif
/// The static command leaves ICU's tables out (Sources/CICUStub).
let icuStub: [Target.Dependency] = linksStatically ? ["CICUStub"] : []
/// What only the administrator's command has mostly waits for people, the database and Moodle; unoptimised it is compiled in half
/// the time.
let unoptimised: [SwiftSetting] = [.unsafeFlags(["-Onone"])]
let opensslLibraries: [LinkerSetting] = [.linkedLibrary("ssl"), .linkedLibrary("crypto")]

let package = Package(
  name: "passerelle",
  products: [
    .executable(name: "passerelle-cgi", targets: ["passerelle-cgi"]),
    .executable(name: "passerelle", targets: ["PasserelleCommand"]),
    .executable(name: "demo-moodle", targets: ["demo-moodle"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.2.3")
  ],
  targets: [
    .systemLibrary(name: "CLibPQ"),
    .target(name: "CLibPQStatic"),
    .systemLibrary(name: "COpenSSL"),

    .plugin(name: "TextEmbedding", capability: .buildTool, path: "Sources/TextEmbedding", exclude: ["embed"]),

    .target(name: "Wire"),
    .target(name: "CGI", dependencies: ["Wire"]),
    .target(name: "JOSE", dependencies: ["COpenSSL", "Wire"], linkerSettings: opensslLibraries),
    .target(name: "HTTPClient", dependencies: ["COpenSSL", "Wire"], linkerSettings: opensslLibraries),
    .target(
      name: "Postgres", dependencies: libpq + ["COpenSSL", "Wire"],
      linkerSettings: postgresLibraries + opensslLibraries),
    .target(name: "LTI", dependencies: ["JOSE", "Wire"]),
    .target(
      name: "Schema", dependencies: ["Postgres", "Wire"],
      exclude: ["Functions", "README.md", "Tables"],
      plugins: ["TextEmbedding"]),
    .target(name: "Store", dependencies: ["JOSE", "LTI", "Postgres", "Wire"]),
    .target(
      name: "Passerelle",
      dependencies: ["CGI", "HTTPClient", "JOSE", "LTI", "Postgres", "Store", "Wire"],
      exclude: ["Library", "Resources"],
      plugins: ["TextEmbedding"]),
    .target(
      name: "Adoption", dependencies: ["Postgres", "Schema", "Wire"],
      exclude: ["DEVELOPERS.md", "README.md", "README.fr.md"], swiftSettings: unoptimised),
    .target(
      name: "Directus", dependencies: ["Postgres", "Schema", "Wire"],
      exclude: ["Directus-12.md", "Directus-12.fr.md", "README.md", "README.fr.md"], swiftSettings: unoptimised),
    .target(name: "CICUStub"),
    .target(name: "CGIStart", cSettings: [.unsafeFlags(["-fno-stack-protector"])]),
    .executableTarget(
      name: "passerelle-cgi", dependencies: ["Passerelle"] + cgiStart.dependencies, linkerSettings: cgiStart.linker),
    .executableTarget(
      name: "PasserelleCommand",
      dependencies: [
        "Adoption", "Directus", "HTTPClient", "JOSE", "LTI", "Passerelle", "Postgres", "Schema", "Store", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + icuStub,
      exclude: ["README.md"], swiftSettings: unoptimised),

    .target(name: "DemoMoodle", dependencies: ["HTTPClient", "JOSE", "Wire"]),
    .executableTarget(
      name: "demo-moodle",
      dependencies: ["DemoMoodle", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

    .target(
      name: "TestSupport", dependencies: ["DemoMoodle", "Postgres", "Wire"], path: "Tests/Support",
      exclude: ["Directus"]),
    .target(
      name: "DirectusTestSupport", dependencies: ["Adoption", "Directus", "Postgres", "Schema", "TestSupport", "Wire"],
      path: "Tests/Support/Directus"),
    .target(name: "CTracer", path: "Tests/Tracer"),
    .testTarget(name: "WireTests", dependencies: ["Wire"]),
    .testTarget(name: "CGITests", dependencies: ["CGI", "Wire"]),
    .testTarget(name: "JOSETests", dependencies: ["COpenSSL", "JOSE", "Wire", "TestSupport"]),
    .testTarget(name: "HTTPClientTests", dependencies: ["COpenSSL", "HTTPClient", "Wire"]),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport", "Wire"]),
    .testTarget(name: "LTITests", dependencies: ["JOSE", "LTI", "Wire"]),
    .testTarget(name: "SchemaTests", dependencies: ["Postgres", "Schema", "TestSupport"]),
    .testTarget(
      name: "AdoptionTests",
      dependencies: ["Adoption", "Directus", "DirectusTestSupport", "Postgres", "Schema", "TestSupport", "Wire"]),
    .testTarget(
      name: "DirectusTests",
      dependencies: [
        "Adoption", "DemoMoodle", "Directus", "DirectusTestSupport", "HTTPClient", "Postgres", "Schema", "TestSupport",
        "Wire",
      ],
      exclude: ["Golden"]),
    .testTarget(name: "StoreTests", dependencies: ["Postgres", "Schema", "Store", "TestSupport", "Wire"]),
    .testTarget(
      name: "PasserelleTests",
      dependencies: ["CGI", "JOSE", "LTI", "Passerelle", "Postgres", "Store", "TestSupport", "Wire"]),
    .testTarget(name: "DemoMoodleTests", dependencies: ["DemoMoodle", "JOSE", "Wire"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CGI", "CTracer", "DemoMoodle", "HTTPClient", "JOSE", "LTI", "Passerelle", "Postgres", "Store", "TestSupport",
        "Wire",
      ],
      path: "Tests/EndToEnd"),
  ],
  swiftLanguageModes: [.v6]
)
