import CLibcurl

/// Why a transport could not be started.
package enum CurlTransportError: Error, Equatable {
    /// libcurl could not initialise itself.
    case initialization(String)
    /// The system's libcurl lacks something that is needed.
    case unsuitable(String)
    /// The system gave no memory or no thread.
    case noResources
}

extension CurlTransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .initialization(let text): "libcurl cannot be initialised: \(text)"
        case .unsuitable(let text):
            "the system's libcurl cannot be used: \(text); install Debian's libcurl4 7.88 or newer"
        case .noResources:
            "the thread that sends requests cannot be started: the system has no memory or no thread to give"
        }
    }
}

/// Initialises libcurl once per process.
enum LibcurlCheck {
    static let result: Result<Void, CurlTransportError> = {
        let code = curl_global_init(Int(CURL_GLOBAL_ALL))
        guard code == CURLE_OK else {
            return .failure(.initialization(unsafe String(cString: curl_easy_strerror(code))))
        }
        let features = unsafe curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        guard features & CURL_VERSION_SSL != 0 else { return .failure(.unsuitable("it has no TLS")) }
        // Without it a name look-up would hold up all transfers, and no timeout would apply to it.
        guard features & CURL_VERSION_ASYNCHDNS != 0 else {
            return .failure(.unsuitable("it looks names up without a thread of its own"))
        }
        return .success(())
    }()
}
