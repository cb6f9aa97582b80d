#ifndef ALMANAC_CLibcurl_SHIM_H
#define ALMANAC_CLibcurl_SHIM_H

#include <curl/curl.h>

#endif
