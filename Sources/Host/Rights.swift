import Glibc

/// Whom this process acts as.
package enum Rights {
    /// Whether this process may become anybody.
    package static var isRoot: Bool { geteuid() == 0 }

    /// Whether this process is in the group of this name.
    package static func isMember(of name: String) -> Bool {
        guard let entry = unsafe getgrnam(name) else { return false }
        let group = unsafe entry.pointee.gr_gid
        if getegid() == group { return true }
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = unsafe getgroups(Int32(groups.count), &groups)
        return count > 0 && groups.prefix(Int(count)).contains(group)
    }

    /// Gives up the rights of root for those of a user, for good: whatever is opened or made from now on is that user's.
    ///
    /// An empty `group` stands for the user's own. The environment names the user's home, where libraries look for files.
    package static func become(user: String, group: String) throws(HostError) {
        guard let entry = unsafe getpwnam(user) else {
            throw HostError(
                "there is no user \(user)", hint: "install the package again, or correct User= in the unit")
        }
        let home = unsafe entry.pointee.pw_dir.map { unsafe String(cString: $0) } ?? "/"
        let id = unsafe entry.pointee.pw_uid
        var groupID = unsafe entry.pointee.pw_gid
        if !group.isEmpty {
            guard let entry = unsafe getgrnam(group) else {
                throw HostError("there is no group \(group)", hint: "correct Group= in the unit")
            }
            groupID = unsafe entry.pointee.gr_gid
        }
        guard unsafe initgroups(user, groupID) == 0, setgid(groupID) == 0,
            setuid(id) == 0
        else { throw HostError("the rights of the user \(user) cannot be taken", errno: errno) }
        ProcessInformation.closeToOthers()
        umask(0o077)
        for name in ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] { unsafe unsetenv(name) }
        ProcessInformation.set("HOME", home)
        ProcessInformation.set("USER", user)
        ProcessInformation.set("LOGNAME", user)
        // The caller's may be closed to the user, and nothing is looked up there.
        _ = unsafe chdir("/")
    }
}
