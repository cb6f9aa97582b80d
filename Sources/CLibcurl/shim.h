#ifndef ALMANAC_CLibcurl_SHIM_H
#define ALMANAC_CLibcurl_SHIM_H

#include <curl/curl.h>
#include <netdb.h>

/* C because it is of an enumeration up to libcurl 8.13, and a number after that. */
static const long CLibcurl_netrcIgnored = CURL_NETRC_IGNORED;

/* C because curl_easy_setopt is variadic, and Swift imports no variadic function. */
static inline CURLcode CLibcurl_setLong(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

/* C because curl_easy_setopt is variadic. libcurl copies the string. */
static inline CURLcode CLibcurl_setString(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/* C because curl_easy_setopt is variadic. The pointer must stay valid as long as the option stands. */
static inline CURLcode CLibcurl_setPointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/* C because curl_easy_setopt is variadic. The bytes are copied. */
static inline CURLcode CLibcurl_setBody(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

/* C because curl_easy_setopt is variadic; for the options that take a write callback. */
static inline CURLcode CLibcurl_setWriteFunction(CURL *easy, CURLoption option, curl_write_callback function) {
    return curl_easy_setopt(easy, option, function);
}

/* C because curl_easy_setopt is variadic. */
static inline CURLcode CLibcurl_setPrerequestFunction(CURL *easy, curl_prereq_callback function) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

/* C because curl_easy_setopt is variadic. */
static inline CURLcode CLibcurl_setOpenSocketFunction(CURL *easy, curl_opensocket_callback function) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}

/* C because curl_easy_setopt is variadic. */
static inline CURLcode CLibcurl_setDebugFunction(CURL *easy, curl_debug_callback function) {
    return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, function);
}

/* C because curl_easy_getinfo is variadic. */
static inline CURLcode CLibcurl_getLong(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

/* C because curl_easy_getinfo is variadic; for the times in microseconds. */
static inline CURLcode CLibcurl_getOffset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

/* C because curl_easy_getinfo is variadic. The chain belongs to the handle. */
static inline CURLcode CLibcurl_getCertificates(CURL *easy, struct curl_certinfo **value) {
    return curl_easy_getinfo(easy, CURLINFO_CERTINFO, value);
}

/* C because the address goes on behind the declared end of the structure's last member. */
static inline int CLibcurl_addressText(const struct curl_sockaddr *address, char *text, socklen_t size) {
    return getnameinfo(&address->addr, address->addrlen, text, size, 0, 0, NI_NUMERICHOST);
}

#endif
