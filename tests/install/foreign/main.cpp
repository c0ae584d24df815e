#include <cstdio>

#include "thz/core/version.h"

int main() {
  std::puts(thz::version().c_str());
  return 0;
}
