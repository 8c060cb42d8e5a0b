// Programs that do not compile; the message names the change to make.
#include <iostream>

#include <windows.h>

void refused()
{
#if CASE == 1
    __try {
        std::cout << "text";
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        std::cout << "failed";
    }
#elif CASE == 2
    __try {
        std::cout << "text";
    } __finally {
        std::cout << "end";
    }
#elif CASE == 3
    DWORD bytes, key;
    LPOVERLAPPED packet;
    GetQueuedCompletionStatus(nullptr, &bytes, &key, &packet, INFINITE);
#endif
}
