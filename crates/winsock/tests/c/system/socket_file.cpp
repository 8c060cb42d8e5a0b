// ReadFile and WriteFile of sockets.
#include <winsock2.h>
#include <windows.h>
#include "check.h"

int main()
{
    WSADATA data;
    CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int length = sizeof address;
    CHECK(bind(listener, (SOCKADDR *)&address, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, (SOCKADDR *)&address, &length) == 0);
    SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CHECK(connect(client, (SOCKADDR *)&address, length) == 0);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK(server != INVALID_SOCKET);

    DWORD count = 0;
    char buffer[16] = {};
    OVERLAPPED overlapped = {};
    overlapped.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    CHECK(!ReadFile((HANDLE)server, buffer, sizeof buffer, NULL, &overlapped) && GetLastError() == ERROR_IO_PENDING);
    CHECK(WriteFile((HANDLE)client, "hello", 5, &count, NULL) && count == 5);
    CHECK(GetOverlappedResult((HANDLE)server, &overlapped, &count, TRUE) && count == 5 && memcmp(buffer, "hello", 5) == 0);
    CHECK(WriteFile((HANDLE)client, "again", 5, &count, NULL) && ReadFile((HANDLE)server, buffer, 5, &count, NULL) && count == 5 && memcmp(buffer, "again", 5) == 0);
    closesocket(client);
    CHECK(ReadFile((HANDLE)server, buffer, 5, &count, NULL) && count == 0); // The end.
    CHECK(!ReadFile((HANDLE)client, buffer, 5, &count, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
    CloseHandle(overlapped.hEvent);
    closesocket(server);
    closesocket(listener);
    WSACleanup();
    CHECK_END();
}
