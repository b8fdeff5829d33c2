// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 mode, strict memory safety, and no warning left standing.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A room of the house: a target, its tests, and the rooms below it that it may use.
/// `.ci/check-imports` holds every source file to this table.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], linker: [LinkerSetting] = []
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: linker)
}

func tests(
  _ name: String, _ more: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + more, exclude: exclude,
    resources: resources, swiftSettings: [.treatAllWarnings(as: .error)])
}

let package = Package(
  name: "CollabDict",
  products: [
    .executable(name: "collabdict", targets: ["collabdict"]),
    .library(name: "CollabDict", targets: ["CollaborativeLearning", "Storage"]),
  ],
  targets: [
    // Floor 0: C.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CVectorMath"),
    // Counts allocations, for tests and benchmarks only.
    .target(name: "CAllocationCounter"),

    // Floor 1: numbers, secrets, settings by name.
    room("LinearAlgebra", ["COpenBLAS", "CVectorMath"]),
    room("Randomness", ["CVectorMath"]),
    room("Cryptography", ["CSodium"]),
    room("Settings"),

    // Floors 2 and 3: tensors and what stands on them.
    room("Tensors", ["LinearAlgebra", "Randomness"]),
    room("AutomaticDifferentiation", ["Tensors", "LinearAlgebra", "Randomness"]),
    room("Datasets", ["Tensors", "LinearAlgebra", "Randomness"]),
    room("Metrics", linker: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    room("Consensus", ["LinearAlgebra", "Randomness", "Cryptography"]),

    // Floors 4 to 7: models, and learning together.
    room("NeuralNetworks", ["AutomaticDifferentiation", "Tensors", "LinearAlgebra", "Randomness"]),
    room("GraphicalModels", ["LinearAlgebra", "Randomness"]),
    // Blocks in a chain: bytes that nobody can change unseen.
    room("Ledger", ["Cryptography"]),
    room(
      "VariationalInference",
      ["NeuralNetworks", "AutomaticDifferentiation", "Tensors", "LinearAlgebra", "Randomness"]),

    room(
      "AnomalyDetection",
      [
        "VariationalInference", "NeuralNetworks", "AutomaticDifferentiation", "GraphicalModels",
        "Datasets", "Metrics", "Tensors", "LinearAlgebra", "Randomness",
      ]),
    room(
      "CollaborativeLearning",
      [
        "AnomalyDetection", "GraphicalModels", "VariationalInference", "NeuralNetworks",
        "AutomaticDifferentiation", "Ledger",
        "Consensus", "Cryptography", "Datasets", "Metrics", "Tensors", "LinearAlgebra",
        "Randomness", "Settings",
      ]),

    // Tokens, and contracts that pay for honest help.
    room("Incentives", ["Ledger", "Cryptography"]),

    // Parties with models of different kinds, which do not trust one another.
    room(
      "MultipartyLearning",
      [
        "NeuralNetworks", "AutomaticDifferentiation", "Ledger", "Cryptography", "Datasets",
        "Metrics", "Tensors", "LinearAlgebra", "Randomness", "Settings",
      ]),

    // Devices that learn from those that they meet.
    room(
      "OpportunisticLearning",
      [
        "NeuralNetworks", "AutomaticDifferentiation", "Datasets", "Metrics", "Tensors",
        "LinearAlgebra", "Randomness",
      ]),

    // Floor 8: files.
    room(
      "Storage",
      [
        "CHDF5", "CSQLite", "CCurl", "CollaborativeLearning", "AnomalyDetection", "GraphicalModels",
        "VariationalInference", "NeuralNetworks", "AutomaticDifferentiation", "Ledger", "Consensus",
        "Cryptography", "Datasets", "Tensors", "LinearAlgebra", "Settings",
      ]),

    room("Transport", ["CZeroMQ", "CollaborativeLearning", "Ledger", "Consensus", "Cryptography"]),
    room(
      "Simulation",
      [
        "CollaborativeLearning", "MultipartyLearning", "OpportunisticLearning", "Incentives",
        "AnomalyDetection", "GraphicalModels", "NeuralNetworks", "Ledger", "Consensus",
        "Cryptography", "Datasets", "Randomness", "Metrics", "Settings",
      ]),

    // Floor 9: the papers' experiments.
    room(
      "Experiments",
      [
        "CCairo", "Storage", "Simulation", "MultipartyLearning", "OpportunisticLearning",
        "Incentives", "CollaborativeLearning", "AnomalyDetection",
        "GraphicalModels", "NeuralNetworks", "Consensus", "Datasets", "Metrics", "LinearAlgebra",
        "Randomness",
      ]),

    // Floor 10: programs.
    .executableTarget(
      name: "collabdict",
      dependencies: [
        "Experiments", "Storage", "Transport", "Simulation", "CollaborativeLearning",
        "MultipartyLearning", "OpportunisticLearning", "Incentives", "NeuralNetworks",
        "AnomalyDetection", "GraphicalModels", "Ledger", "Consensus", "Cryptography", "Datasets",
        "Settings",
      ], swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Storage", "Transport", "OpportunisticLearning", "CollaborativeLearning",
        "AnomalyDetection", "VariationalInference", "NeuralNetworks", "AutomaticDifferentiation",
        "Ledger", "Consensus", "Cryptography", "Datasets", "GraphicalModels", "Metrics",
        "Tensors", "LinearAlgebra", "Randomness", "CAllocationCounter", "Incentives",
        "Simulation",
      ], exclude: ["peers", "soak"], swiftSettings: strict),
    // What reference runs gave, for tests only.
    room("GoldenValues", ["AutomaticDifferentiation", "Tensors"]),

    tests("LinearAlgebra"),
    tests("Randomness"),
    tests("Cryptography"),
    tests("Settings"),
    tests("Ledger", ["Cryptography"]),
    tests("Tensors", ["LinearAlgebra"]),
    tests(
      "AutomaticDifferentiation",
      ["Tensors", "LinearAlgebra", "Randomness", "CAllocationCounter"]),
    tests(
      "NeuralNetworks",
      [
        "AutomaticDifferentiation", "LinearAlgebra", "Randomness", "Tensors", "CAllocationCounter",
        "GoldenValues",
      ],
      exclude: ["reference"], resources: [.copy("golden.json")]),
    tests(
      "VariationalInference",
      [
        "NeuralNetworks", "AutomaticDifferentiation", "LinearAlgebra", "Randomness", "Tensors",
        "GoldenValues",
      ],
      resources: [.copy("golden.json")]),
    tests("GraphicalModels", ["LinearAlgebra", "Randomness"], exclude: ["reference"]),
    tests("Metrics", exclude: ["reference"]),
    tests(
      "Storage",
      [
        "CollaborativeLearning", "AnomalyDetection", "GraphicalModels", "VariationalInference",
        "NeuralNetworks", "Ledger", "Cryptography", "Datasets", "LinearAlgebra",
        // A process that adds to chains until it is killed.
        "Benchmarks",
      ], exclude: ["fixtures", "reference"]),
    tests("Consensus", ["Cryptography", "LinearAlgebra", "Randomness"]),
    tests(
      "Simulation",
      [
        "CollaborativeLearning", "MultipartyLearning", "OpportunisticLearning", "NeuralNetworks",
        "AnomalyDetection", "GraphicalModels", "Incentives", "Ledger", "Consensus",
        "Cryptography", "Datasets",
        "LinearAlgebra", "Randomness", "Settings",
      ]),
    tests("Incentives", ["Ledger", "Cryptography"]),
    tests("Transport", ["Ledger", "Consensus", "Cryptography"]),
    tests("Datasets"),
    tests(
      "AnomalyDetection",
      [
        "VariationalInference", "NeuralNetworks", "AutomaticDifferentiation", "GraphicalModels",
        "Datasets", "Metrics", "LinearAlgebra", "Randomness",
      ]),
    tests(
      "CollaborativeLearning",
      [
        "AnomalyDetection", "GraphicalModels", "VariationalInference", "NeuralNetworks",
        "Ledger", "Consensus", "Cryptography", "Datasets", "Metrics", "LinearAlgebra",
        "Randomness",
      ]),
    tests(
      "MultipartyLearning",
      [
        "NeuralNetworks", "AutomaticDifferentiation", "Datasets", "Tensors", "LinearAlgebra",
        "Randomness", "Settings",
      ]),
    tests(
      "OpportunisticLearning",
      ["NeuralNetworks", "Datasets", "Randomness"]),
    tests(
      "Experiments",
      [
        "Simulation", "MultipartyLearning", "CollaborativeLearning", "AnomalyDetection",
        "GraphicalModels",
        "NeuralNetworks", "Datasets", "LinearAlgebra", "Randomness", "Storage",
      ]),
    // Skipped where the public data sets are missing.
    .testTarget(
      name: "PublicDataTests",
      dependencies: [
        "Experiments", "Storage", "Simulation", "MultipartyLearning", "CollaborativeLearning",
        "AnomalyDetection", "Datasets",
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
    // The built program, run as a process.
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "collabdict", "Storage", "Simulation", "CollaborativeLearning", "MultipartyLearning",
        "AnomalyDetection", "Datasets", "Incentives", "Ledger", "Cryptography",
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
