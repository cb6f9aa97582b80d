import Glibc
import Host
import TestFiles
import Testing

@Suite("which daemon ran last with a state directory")
struct InstanceTests {
    @Test("after an instance with the same lock its number is known to be of one that is gone")
    func former() throws {
        try withTemporaryDirectory { directory in
            try #require(former(directory) == nil, "nobody was here")
            try TestFiles.write("4711\n", to: directory + "/daemon.lock")
            try StateDirectory.note(instance: "5eed", in: directory)
            #expect(former(directory) == "5eed")
            try StateDirectory.note(instance: "1", in: directory)
            #expect(former(directory) == "1", "each takes the place of the one before")
        }
    }

    @Test("of a copied directory, another boot, another lock or no lock nothing is known")
    func others() throws {
        try withTemporaryDirectory { directory in
            let (lock, file, copy) = (
                directory + "/daemon.lock", directory + "/instance", directory + "/copy"
            )
            try TestFiles.write("4711\n", to: lock)
            try StateDirectory.note(instance: "5eed", in: directory)
            let text = try #require(StateDirectory.text(of: file))

            mkdir(copy, 0o700)
            try TestFiles.write("4711\n", to: copy + "/daemon.lock")
            try TestFiles.write(text, to: copy + "/instance")
            #expect(former(copy) == nil, "a copy")
            #expect(StateDirectory.formerInstance(copy, isWherever: true) == "5eed", "a store in the copy")

            let words = text.split(separator: " ")
            try TestFiles.write("\(words[0]) 0-1-2-3 \(words[2])", to: file)
            #expect(former(directory) == nil, "another boot")
            try TestFiles.write(text, to: file)
            #expect(former(directory) == "5eed")
            // The old file lives on, as it does while a daemon holds it.
            try #require(rename(lock, directory + "/held") == 0)
            #expect(former(directory) == nil, "no lock")
            try TestFiles.write("4711\n", to: lock)
            #expect(former(directory) == nil, "another lock")
        }
    }

    @Test("a file that is damaged tells nothing", arguments: ["", "5eed", "a b c d", "\u{0}"])
    func noise(text: String) throws {
        try withTemporaryDirectory { directory in
            try TestFiles.write("4711\n", to: directory + "/daemon.lock")
            try TestFiles.write(text, to: directory + "/instance")
            #expect(former(directory) == nil)
        }
    }

    private func former(_ directory: String) -> String? {
        StateDirectory.formerInstance(directory, isWherever: false)
    }
}
