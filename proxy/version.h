// Which version this program is.
#ifndef KEYWAY_PROXY_VERSION_H_
#define KEYWAY_PROXY_VERSION_H_

#include <string>

namespace keyway {

// The version and, in a build with --stamp, the revision: 0.1.0+0123456789ab.
std::string VersionString();

}  // namespace keyway

#endif  // KEYWAY_PROXY_VERSION_H_
