// A program that includes the whole C++ library and all of our headers, in the order that ORDER names.
#if ORDER == 1
#include "standard.hpp"
using namespace std;
#include "ours.h"
#elif ORDER == 2
#include "ours.h"

#include "standard.hpp"
using namespace std;
#else
#include <cstdlib>
#include <iostream>
using namespace std;
#include "ours.h"

#include "standard.hpp"
#include "standard_posix.h"
#endif

#include "uses.h"
#include "uses.hpp"
