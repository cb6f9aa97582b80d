import Glibc

/// Who else could change a schedule file: its jobs send the service's token wherever they say, as those of cron run with the
/// rights of their user.
enum Writability {
    /// Why the file or directory at `path` is not to be trusted; nil when only root, its owner or the owner's private group can
    /// write there, or nobody can, as in a volume that is mounted read-only.
    static func problem(of path: String) -> CatalogLoader.Unreadable? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, !isReadOnly(path) else { return nil }
        if status.st_mode & S_IWOTH != 0 {
            return .init(message: "everybody can write here", hint: "chmod o-w \(path)")
        }
        if status.st_mode & S_IWGRP != 0, status.st_gid != 0, !isPrivate(status.st_gid, of: status.st_uid) {
            return .init(
                message: "others than its owner can write here, by its group", hint: "chmod g-w \(path)")
        }
        return nil
    }

    private static func isReadOnly(_ path: String) -> Bool {
        var system = statvfs()
        return unsafe statvfs(path, &system) == 0 && system.f_flag & UInt(ST_RDONLY) != 0
    }

    /// Whether a group is the owner's own, as many systems give one to each user (useradd(8), USERGROUPS_ENAB): their first
    /// group, with their name and nobody else in it.
    private static func isPrivate(_ group: gid_t, of owner: uid_t) -> Bool {
        var (user, groupEntry) = unsafe (passwd(), Glibc.group())
        var foundUser: UnsafeMutablePointer<passwd>?
        var foundGroup: UnsafeMutablePointer<Glibc.group>?
        var userRoom = [CChar](repeating: 0, count: 16 * 1024)
        var groupRoom = [CChar](repeating: 0, count: 64 * 1024)
        guard unsafe getpwuid_r(owner, &user, &userRoom, userRoom.count, &foundUser) == 0,
            unsafe foundUser != nil,
            unsafe user.pw_gid == group,
            unsafe getgrgid_r(group, &groupEntry, &groupRoom, groupRoom.count, &foundGroup) == 0,
            unsafe foundGroup != nil
        else { return false }
        let name = unsafe String(cString: user.pw_name)
        var members: [String] = []
        var next = unsafe groupEntry.gr_mem
        while let member = unsafe next?.pointee {
            members.append(unsafe String(cString: member))
            unsafe next = next?.advanced(by: 1)
        }
        return unsafe String(cString: groupEntry.gr_name) == name && members.allSatisfy { $0 == name }
    }
}
