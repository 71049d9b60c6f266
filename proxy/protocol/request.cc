#include "proxy/protocol/request.h"

namespace keyway {}  // namespace keyway
