// What WSAStartup says when the driver that was asked for cannot be had.
#include <winsock2.h>

#include <cstdio>

int main()
{
    WSADATA data;
    std::printf("%d\n", WSAStartup(MAKEWORD(2, 2), &data));
    return 0;
}
