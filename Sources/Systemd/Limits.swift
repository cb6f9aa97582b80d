/// The bounds of what goes to the service manager, to the journal and comes from its credentials.
package enum Limits {
    /// The longest `STATUS=` text in bytes: the manager reads datagrams of at most 4096 bytes (PIPE_BUF), and
    /// people read one line.
    package static let statusBytesMax = 1024
    /// The longest credential or secret file in bytes: far above any token or connection string.
    package static let secretBytesMax = 64 * 1024
    /// The longest value of one log field in bytes; longer ones are cut: a log line is not the place for a
    /// document.
    package static let logValueBytesMax = 8 * 1024
    /// The longest name of a journal field, the journal's own rule (systemd.journal-fields(7)).
    package static let journalFieldNameBytesMax = 64
    /// The most sockets that are taken: the status address, and the socket for the members of the group.
    package static let socketsMax = 2
    /// The most sockets that are named when too many were passed: enough to find the unit that names them.
    package static let socketsNamedMax = 8
}
