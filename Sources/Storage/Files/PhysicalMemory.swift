import Foundation

/// The bytes of memory of this machine: what no single read can exceed.
let physicalMemory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
