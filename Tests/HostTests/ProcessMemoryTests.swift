import Testing

@testable import Host

@Suite("the memory of this process")
struct ProcessMemoryTests {
    @Test("only code from files is given back, never what can be written or was")
    func codeRanges() {
        let maps = """
            5647c78a5000-5647c92bf000 r-xp 00000000 fe:00 16244833                   /usr/bin/almanac
            5647c92c0000-5647c9365000 r--p 01a1a000 fe:00 16244833                   /usr/bin/almanac
            5647c9365000-5647c95f5000 rw-p 01abf000 fe:00 16244833                   /usr/bin/almanac
            5647c95f5000-5647c96cb000 rw-p 00000000 00:00 0
            5647cb0f1000-5647cb19a000 rw-p 00000000 00:00 0                          [heap]
            7f477e000000-7f477e001000 rwxp 00000000 fe:00 77                         /usr/lib/patched.so
            7f477e400000-7f477e500000 r-xs 00000000 fe:00 78                         /usr/lib/shared.so
            7f477e600000-7f477e700000 r-xp 00026000 fe:00 79                         /usr/lib/with a blank.so
            7ffd28890000-7ffd28892000 r-xp 00000000 00:00 0                          [vdso]
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
            """
        #expect(
            ProcessMemory.codeRanges(maps) == [
                0x5647_c78a_5000..<0x5647_c92b_f000, 0x7f47_7e60_0000..<0x7f47_7e70_0000,
            ])
        #expect(ProcessMemory.codeRanges("") == [])
        #expect(ProcessMemory.codeRanges("no-addresses r-xp 0 0 0 /file\n") == [])
    }

    @Test("a process whose code was given back goes on")
    func goesOn() {
        ProcessMemory.release()
        #expect(ProcessMemory.codeRanges("00400000-00401000 r-xp 0 0 0 /file") == [0x40_0000..<0x40_1000])
    }
}
