// The callback model at its smallest: one client at a time, a completion routine that finds the data through the OVERLAPPED,
// which is the first member of the session. Ends when its client has gone, or after so many clients.
//
//     callback_server [PORT [CLIENTS]]

#include <winsock2.h>
#include <mswsock.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <cstdlib>
#include <iostream>

#pragma comment(lib, "ws2_32.lib")

using namespace std;

const int BUFFER_SIZE = 1000;

struct Session
{
    WSAOVERLAPPED overlapped = {};
    SOCKET socket = INVALID_SOCKET;
    char recvBuffer[BUFFER_SIZE] = {};
    bool gone = false;
};

void CALLBACK RecvCallback(DWORD error, DWORD recvLen, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session* session = reinterpret_cast<Session*>(overlapped);
    if (error != 0 || recvLen == 0)
    {
        cout << "Client gone, error " << error << endl;
        session->gone = true;
        return;
    }
    cout << "[CALLBACK] Recv Data : " << session->recvBuffer << ", Len = " << recvLen << endl;
}

int main(int argc, char** argv)
{
    WSAData wsaData;
    if (::WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
        return 1;

    SOCKET listenSocket = ::socket(AF_INET, SOCK_STREAM, 0);
    SOCKADDR_IN serverAddr = {};
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    serverAddr.sin_port = ::htons(static_cast<u_short>(argc > 1 ? atoi(argv[1]) : 0));
    int addrLen = sizeof(serverAddr);
    if (::bind(listenSocket, (SOCKADDR*)&serverAddr, sizeof(serverAddr)) == SOCKET_ERROR ||
        ::listen(listenSocket, SOMAXCONN) == SOCKET_ERROR ||
        ::getsockname(listenSocket, (SOCKADDR*)&serverAddr, &addrLen) == SOCKET_ERROR)
    {
        cout << "ErrorCode : " << ::WSAGetLastError() << endl;
        return 1;
    }
    cout << "listening on " << ::ntohs(serverAddr.sin_port) << endl;

    for (int clients = argc > 2 ? atoi(argv[2]) : 1; clients > 0; --clients)
    {
        Session session;
        session.socket = ::accept(listenSocket, nullptr, nullptr);
        if (session.socket == INVALID_SOCKET)
            break;
        cout << "Client Connected !" << endl;

        while (!session.gone)
        {
            WSABUF wsaBuf;
            wsaBuf.buf = session.recvBuffer;
            wsaBuf.len = BUFFER_SIZE - 1;
            ::memset(session.recvBuffer, 0, BUFFER_SIZE);

            DWORD recvLen = 0;
            DWORD flags = 0;
            if (::WSARecv(session.socket, &wsaBuf, 1, &recvLen, &flags, &session.overlapped, RecvCallback) == SOCKET_ERROR &&
                ::WSAGetLastError() != WSA_IO_PENDING)
                break;
            // Done at once or pending: the routine runs in an alertable wait in any case.
            ::SleepEx(INFINITE, TRUE);
        }
        ::closesocket(session.socket);
    }

    ::closesocket(listenSocket);
    ::WSACleanup();
    return 0;
}
