import CLibcurl

/// Owns one libcurl easy handle, and the only place that sets its options and reads what it found out.
@safe
struct EasyHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    /// The first option that was refused; such a handle must not be used, as a protection may be missing.
    private(set) var refusedOption: String?

    init?() {
        guard let raw = unsafe curl_easy_init() else { return nil }
        unsafe self.raw = raw
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        note(unsafe CLibcurl_setPointer(raw, CURLOPT_ERRORBUFFER, errorBuffer), CURLOPT_ERRORBUFFER)
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
        unsafe errorBuffer.deallocate()
    }

    /// What libcurl says of the last failure; only what it says before a request is written is free of the
    /// request's contents.
    var errorText: String { unsafe String(cString: errorBuffer) }

    /// Runs `body` with the handle, which must not be kept.
    borrowing func withRaw<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
        unsafe body(raw)
    }

    /// Identifies the handle among others: its address.
    var identity: UInt { unsafe UInt(bitPattern: raw) }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(unsafe CLibcurl_setLong(raw, option, value), option)
    }

    mutating func set(_ option: CURLoption, _ value: String?) {
        if let value {
            note(unsafe value.withCString { unsafe CLibcurl_setString(raw, option, $0) }, option)
        } else {
            note(unsafe CLibcurl_setString(raw, option, nil), option)
        }
    }

    /// `pointer` must stay valid as long as the handle.
    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        note(unsafe CLibcurl_setPointer(raw, option, pointer), option)
    }

    /// Also makes the request a POST, until its method is set. An empty body is sent as such, with its length
    /// of 0.
    mutating func setBody(_ bytes: [UInt8]) {
        // Of an empty body no byte is read, but its address must not be null.
        let code = unsafe bytes.withUnsafeBytes {
            unsafe CLibcurl_setBody(raw, $0.baseAddress ?? UnsafeRawPointer(raw), $0.count)
        }
        note(code, CURLOPT_COPYPOSTFIELDS)
    }

    mutating func setWriteFunction(_ option: CURLoption, _ function: curl_write_callback) {
        note(unsafe CLibcurl_setWriteFunction(raw, option, function), option)
    }

    mutating func setPrerequestFunction(_ function: curl_prereq_callback) {
        note(unsafe CLibcurl_setPrerequestFunction(raw, function), CURLOPT_PREREQFUNCTION)
    }

    mutating func setOpenSocketFunction(_ function: curl_opensocket_callback) {
        note(unsafe CLibcurl_setOpenSocketFunction(raw, function), CURLOPT_OPENSOCKETFUNCTION)
    }

    mutating func setDebugFunction(_ function: curl_debug_callback) {
        note(unsafe CLibcurl_setDebugFunction(raw, function), CURLOPT_DEBUGFUNCTION)
    }

    private mutating func note(_ code: CURLcode, _ option: CURLoption) {
        guard code != CURLE_OK, refusedOption == nil else { return }
        let name = unsafe curl_easy_option_by_id(option).map { unsafe String(cString: $0.pointee.name) }
        refusedOption = name ?? "\(option.rawValue)"
    }
}

extension EasyHandle {
    /// A number that libcurl found out; 0 when it has not.
    borrowing func long(_ info: CURLINFO) -> Int {
        unsafe withRaw { raw in
            var value = 0
            let code = unsafe CLibcurl_getLong(raw, info, &value)
            return code == CURLE_OK ? value : 0
        }
    }

    /// One of the `…_TIME_T` values: from the start of the transfer to that event; zero when it did not
    /// happen.
    borrowing func time(_ info: CURLINFO) -> Duration {
        unsafe withRaw { raw in
            var value: curl_off_t = 0
            let code = unsafe CLibcurl_getOffset(raw, info, &value)
            return code == CURLE_OK ? .microseconds(value) : .zero
        }
    }

    /// The first header line `name` of the final answer, cut to `bytesMax`; interim (1xx) answers do not
    /// count.
    borrowing func answerHeader(_ name: String, bytesMax: Int) -> String? {
        unsafe withRaw { raw in
            var header: UnsafeMutablePointer<curl_header>?
            let code = unsafe curl_easy_header(raw, name, 0, UInt32(CURLH_HEADER), -1, &header)
            guard code == CURLHE_OK, let value = unsafe header?.pointee.value else { return nil }
            return String(decoding: unsafe String(cString: value).utf8.prefix(bytesMax), as: UTF8.self)
        }
    }

    /// What is known of the server's own certificate, as `name:value` lines.
    borrowing func certificateLines() -> [String] {
        unsafe withRaw { raw in
            var chain: UnsafeMutablePointer<curl_certinfo>?
            guard unsafe CLibcurl_getCertificates(raw, &chain) == CURLE_OK,
                let found = unsafe chain?.pointee, unsafe found.num_of_certs > 0
            else { return [] }
            var lines: [String] = []
            var node = unsafe found.certinfo[0]
            while let line = unsafe node?.pointee, lines.count < certificateLinesMax {
                if let text = unsafe line.data { lines.append(unsafe String(cString: text)) }
                unsafe node = line.next
            }
            return lines
        }
    }
}

/// More lines than a certificate has: a subject, dates, extensions, a key, each a line.
private let certificateLinesMax = 200
