import Glibc

/// Who is at the other end of a local socket (unix(7)).
package enum SocketPeer {
    /// A process is in at most as many groups (NGROUPS_MAX of Linux).
    private static let groupsMax = 65_536

    /// The user at the other end, if it is root, this process's own user or in this process's group; nil: none of these, or not
    /// a local socket.
    ///
    /// In a user namespace of its own, as `PrivateUsers=` of a service makes one, every other user has the same number, and so
    /// is told by its groups alone.
    package static func member(of descriptor: Int32) -> UInt32? {
        // `struct ucred` of unix(7): process, user, group. Glibc shows it only to those who ask for GNU's additions.
        guard let peer = option(SO_PEERCRED, of: descriptor, most: 3), peer.count == 3 else { return nil }
        let (user, group) = (peer[1], peer[2])
        if user == 0 || user == geteuid() || group == getegid() { return user }
        // Almost always few; all that there can be take a quarter of a megabyte.
        let groups =
            option(SO_PEERGROUPS, of: descriptor, most: 64)
            ?? option(SO_PEERGROUPS, of: descriptor, most: groupsMax)
        return groups.map { $0.contains(getegid()) } ?? false ? user : nil
    }

    /// The numbers that the system answers, at most `most`; nil when it refuses, or has more.
    private static func option(_ name: Int32, of descriptor: Int32, most: Int) -> [UInt32]? {
        var numbers = [UInt32](repeating: 0, count: most)
        let unit = MemoryLayout<UInt32>.size
        var size = socklen_t(most * unit)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, name, &numbers, &size) == 0 else { return nil }
        return Array(numbers.prefix(Int(size) / unit))
    }
}
