import CLibcurl

/// Owns a libcurl multi handle. Everything but `wakeUp` belongs to the one thread that runs the transfers.
///
/// Sendable, because `curl_multi_wakeup` is the one call that libcurl allows from any thread, and
/// `TransferLoop` keeps the rest on its thread.
@safe
struct MultiHandle: ~Copyable, @unchecked Sendable {
    private let raw: UnsafeMutableRawPointer

    init?() {
        guard let raw = unsafe curl_multi_init() else { return nil }
        unsafe self.raw = raw
    }

    deinit { unsafe curl_multi_cleanup(raw) }

    /// Ends the current or the next `poll` at once; safe on any thread. False when that is not possible.
    @discardableResult
    borrowing func wakeUp() -> Bool {
        unsafe curl_multi_wakeup(raw) == CURLM_OK
    }

    /// Nil, or why it was refused.
    borrowing func add(_ easy: borrowing EasyHandle) -> String? {
        unsafe easy.withRaw { failure(unsafe curl_multi_add_handle(raw, $0)) }
    }

    borrowing func remove(_ easy: borrowing EasyHandle) {
        // The only errors are programmer errors: a handle that is not, or is elsewhere, or a call from a
        // callback.
        let code = unsafe easy.withRaw { unsafe curl_multi_remove_handle(raw, $0) }
        precondition(code == CURLM_OK, "a transfer was removed that was not added")
    }

    /// Does what can be done without waiting. Nil, or why it failed.
    borrowing func perform() -> String? {
        var running: Int32 = 0
        return failure(unsafe curl_multi_perform(raw, &running))
    }

    /// Waits for network activity, a timeout of libcurl's own, `wakeUp`, or `timeoutMilliseconds`. Nil, or
    /// why it failed.
    borrowing func poll(timeoutMilliseconds: Int32) -> String? {
        failure(unsafe curl_multi_poll(raw, nil, 0, timeoutMilliseconds, nil))
    }

    /// The next transfer that has ended, as `body` identifies it, and how.
    borrowing func nextEnded() -> Ended? {
        var waiting: Int32 = 0
        while let message = unsafe curl_multi_info_read(raw, &waiting) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle
            else { continue }
            return Ended(identity: UInt(bitPattern: easy), code: unsafe message.pointee.data.result)
        }
        return nil
    }

    struct Ended {
        /// The address of the easy handle.
        var identity: UInt
        var code: CURLcode
    }

    private borrowing func failure(_ code: CURLMcode) -> String? {
        code == CURLM_OK ? nil : unsafe String(cString: curl_multi_strerror(code))
    }
}
