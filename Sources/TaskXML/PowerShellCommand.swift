/// A PowerShell command line as a request.
enum PowerShellCommand {
    /// The request that it would make; nil when a fault was reported.
    static func request(
        from words: [MappedText], at offset: Int, _ context: inout DecodingContext
    ) -> TaskRequest? {
        context.report(
            .refusedAction, "PowerShell commands are not read", hint: "use curl.exe", at: offset)
        return nil
    }
}
