import Testing

@testable import Systemd

@Suite("environment files")
struct EnvironmentFileTests {
    @Test(
        "a line sets a variable as the service manager reads it",
        arguments: [
            ("A=1", ["A=1"]), ("  A = 1 \n\n", ["A=1"]), ("A=", ["A="]), ("A='a b' \"c\"\n", ["A=a bc"]),
            ("# A=1\n; B=2\nC=3", ["C=3"]), ("A=a\\\nb", ["A=ab"]), ("A=\"a\\\nb\\$c\\d\"", ["A=ab$c\\d"]),
            ("A='a\nb'", ["A=a\nb"]), ("A=it\\'s", ["A=it's"]), ("A=a # b", ["A=a # b"]),
            ("no value\nB=2", ["B=2"]), ("1A=1\nA-B=2\nA_B1=3", ["A_B1=3"]), ("A=1\nA=2", ["A=1", "A=2"]),
            ("A=a  b  \nB=ü", ["A=a  b", "B=ü"]), ("# x\\\nA=1\nB=2", ["B=2"]), ("A='open", ["A=open"]),
        ])
    func lines(_ text: String, _ wanted: [String]) {
        #expect(EnvironmentFile.parse(text).map { "\($0.name)=\($0.value)" } == wanted)
    }
}
