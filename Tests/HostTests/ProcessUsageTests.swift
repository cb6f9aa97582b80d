import Glibc
import Testing

@testable import Host

@Suite("a process that is closed to others of its user")
struct ProcessUsageTests {
    @Test("it reports its memory and its descriptors as before, even when it is not root")
    func usage() async {
        await #expect(processExitsWith: .success) {
            // As nobody, whom root becomes; anybody else stays who they are.
            if getuid() == 0 { #expect(setgid(65534) == 0 && setuid(65534) == 0) }
            ProcessInformation.closeToOthers()
            #expect(ProcessInformation.isClosedToOthers)
            // It is in force: what is in the environment is not even the process's own to read here.
            #expect(open("/proc/self/environ", O_RDONLY) < 0)
            let before = ProcessUsage.now()
            #expect(before.residentMemory > 1_000_000 && before.openFiles > 2)
            var ends: [Int32] = [-1, -1]
            #expect(pipe(&ends) == 0)
            #expect(ProcessUsage.now().openFiles == before.openFiles + 2)
            #expect(ProcessUsage.now().openFilesMax > 0)
        }
    }
}
