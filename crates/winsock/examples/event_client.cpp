// The event model at its smallest, from the client's side: each send has an event of its own.
//
//     event_client PORT [MESSAGES]

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <cstdlib>
#include <iostream>

#pragma comment(lib, "ws2_32.lib")

using namespace std;

int main(int argc, char** argv)
{
    WSAData wsaData;
    if (argc < 2 || ::WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
        return 1;

    SOCKET clientSocket = ::WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, nullptr, 0, WSA_FLAG_OVERLAPPED);
    SOCKADDR_IN serverAddr = {};
    serverAddr.sin_family = AF_INET;
    ::inet_pton(AF_INET, "127.0.0.1", &serverAddr.sin_addr);
    serverAddr.sin_port = ::htons(static_cast<u_short>(atoi(argv[1])));
    if (::connect(clientSocket, (SOCKADDR*)&serverAddr, sizeof(serverAddr)) == SOCKET_ERROR)
    {
        cout << "ErrorCode : " << ::WSAGetLastError() << endl;
        return 1;
    }
    cout << "Connected to Server!" << endl;

    char sendBuffer[100] = "Hello Server!";
    for (int messages = argc > 2 ? atoi(argv[2]) : 3; messages > 0; --messages)
    {
        WSABUF wsaBuf;
        wsaBuf.buf = sendBuffer;
        wsaBuf.len = sizeof(sendBuffer);

        WSAEVENT wsaEvent = ::WSACreateEvent();
        WSAOVERLAPPED overlapped = {};
        overlapped.hEvent = wsaEvent;

        DWORD numOfBytes = 0;
        if (::WSASend(clientSocket, &wsaBuf, 1, &numOfBytes, 0, &overlapped, nullptr) == SOCKET_ERROR)
        {
            if (::WSAGetLastError() != WSA_IO_PENDING)
            {
                cout << "WSASend Error : " << ::WSAGetLastError() << endl;
                return 1;
            }
            DWORD flags = 0;
            ::WSAWaitForMultipleEvents(1, &wsaEvent, FALSE, WSA_INFINITE, FALSE);
            ::WSAGetOverlappedResult(clientSocket, &overlapped, &numOfBytes, FALSE, &flags);
        }
        ::WSACloseEvent(wsaEvent);
        cout << "Send Bytes : " << numOfBytes << endl;
    }

    ::closesocket(clientSocket);
    ::WSACleanup();
    return 0;
}
