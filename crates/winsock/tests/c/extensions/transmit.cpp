// Files that are sent: large ones, parts of them, with what comes before and after, through events and ports, and what goes wrong.
#include "sockets.h"

static const size_t LENGTH = 50 << 20;
static std::string folder;
static DWORD bytes;

static char at(size_t i) { return (char)(i * 31 + i / 4093); }

static HANDLE file_of(size_t length, const char *name)
{
    std::string path = folder + "/" + name;
    HANDLE file = CreateFileA(path.c_str(), GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    std::vector<char> part(1 << 20);
    for (size_t done = 0; done < length; done += part.size()) {
        if (part.size() > length - done) part.resize(length - done);
        for (size_t i = 0; i < part.size(); ++i) part[i] = at(done + i);
        DWORD written = 0;
        CHECK(WriteFile(file, part.data(), (DWORD)part.size(), &written, NULL));
        EQUAL(written, part.size());
    }
    return file;
}

static void expect(SOCKET s, size_t from, size_t length)
{
    std::vector<char> part(1 << 18);
    for (size_t done = 0; done < length; done += part.size()) {
        if (part.size() > length - done) part.resize(length - done);
        receive_all(s, part.data(), (int)part.size());
        for (size_t i = 0; i < part.size(); ++i)
            if (part[i] != at(from + done + i)) EQUAL(part[i], at(from + done + i));
    }
}

static void expect(SOCKET s, const char *text)
{
    std::vector<char> place(strlen(text));
    receive_all(s, place.data(), (int)place.size());
    CHECK(!memcmp(place.data(), text, place.size()));
}

static long memory()
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    CHECK(f && fscanf(f, "%ld %ld", &pages, &resident) == 2);
    fclose(f);
    return resident * 4096;
}

static void large(HANDLE file)
{
    SOCKET client, server;
    TRANSMIT_FILE_BUFFERS around = {(void *)"<head>", 6, (void *)"<tail>", 6};
    for (int way = 0; way < 3; ++way) {
        pair(client, server);
        HANDLE port = way == 1 ? CreateIoCompletionPort((HANDLE)client, NULL, 5, 0) : NULL;
        Waited wait;
        HANDLE event = wait.hEvent;
        long before = memory();
        std::thread reader([server] {
            expect(server, "<head>");
            expect(server, 0, LENGTH);
            expect(server, "<tail>after");
            char more;
            EQUAL(recv(server, &more, 1, 0), 0);
        });
        if (way == 2) {
            SetFilePointer(file, 0, NULL, FILE_BEGIN);
            CHECK(TransmitFile(client, file, 0, 0, NULL, &around, 0));
            send_all(client, "after", 5);
        } else {
            if (port) wait.hEvent = NULL;
            PENDS(TransmitFile(client, file, 0, 0, &wait, &around, 0));
            // What is sent later comes later.
            Waited after;
            after.hEvent = (HANDLE)((ULONG_PTR)after.hEvent | 1);
            WSABUF text = {5, (char *)"after"};
            if (WSASend(client, &text, 1, NULL, 0, &after, NULL)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
            if (port) {
                ULONG_PTR key = 0;
                OVERLAPPED *done = NULL;
                CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 60000));
                EQUAL(key, 5);
                CHECK(done == &wait);
            } else {
                EQUAL(WaitForSingleObject(wait.hEvent, 60000), WAIT_OBJECT_0);
                EQUAL(wait.end(client, bytes), 0);
            }
            EQUAL(bytes, LENGTH + 12);
            EQUAL(WaitForSingleObject((HANDLE)((ULONG_PTR)after.hEvent & ~(ULONG_PTR)1), 60000), WAIT_OBJECT_0);
            after.hEvent = (HANDLE)((ULONG_PTR)after.hEvent & ~(ULONG_PTR)1);
        }
        CHECK(memory() - before < (long)LENGTH / 2);
        shutdown(client, SD_SEND);
        reader.join();
        wait.hEvent = event;
        closesocket(client);
        closesocket(server);
        if (port) CloseHandle(port);
    }
}

static void parts(HANDLE file)
{
    SOCKET client, server;
    pair(client, server);
    Waited wait;
    wait.Offset = 1000;
    if (!TransmitFile(client, file, 300000, 0, &wait, NULL, TF_USE_KERNEL_APC)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
    expect(server, 1000, 300000);
    EQUAL(wait.end(client, bytes), 0);
    EQUAL(bytes, 300000);

    TRANSMIT_PACKETS_ELEMENT elements[3];
    memset(elements, 0, sizeof elements);
    elements[0].dwElFlags = TP_ELEMENT_MEMORY;
    elements[0].cLength = 5;
    elements[0].pBuffer = (void *)"begin";
    elements[1].dwElFlags = TP_ELEMENT_FILE;
    elements[1].cLength = 70000;
    elements[1].nFileOffset.QuadPart = 12345;
    elements[1].hFile = file;
    elements[2].dwElFlags = TP_ELEMENT_MEMORY | TP_ELEMENT_EOP;
    elements[2].cLength = 3;
    elements[2].pBuffer = (void *)"end";
    if (!transmit_packets(client, elements, 3, 0, &wait, 0)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
    expect(server, "begin");
    expect(server, 12345, 70000);
    expect(server, "end");
    EQUAL(wait.end(client, bytes), 0);
    EQUAL(bytes, 70008);

    // Nothing at all is sent, and told.
    memset((OVERLAPPED *)&wait, 0, 2 * sizeof(ULONG_PTR));
    if (!TransmitFile(client, NULL, 0, 0, &wait, NULL, 0)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
    EQUAL(wait.end(client, bytes), 0);
    EQUAL(bytes, 0);

    // More than there is.
    wait.Offset = (DWORD)LENGTH - 10;
    if (TransmitFile(client, file, 100, 0, &wait, NULL, 0) || WSAGetLastError() == WSA_IO_PENDING) {
        expect(server, LENGTH - 10, 10);
        EQUAL(wait.end(client, bytes), ERROR_HANDLE_EOF);
    }
    closesocket(client);
    closesocket(server);
}

// The end of the stream comes with the last of the file, and the socket goes on.
static void disconnects(HANDLE file)
{
    sockaddr_in address;
    char buffer[256], more;
    SOCKET listener = listening(address), socket = tcp();
    for (int round = 0; round < 3; ++round) {
        Waited wait;
        PENDS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, &wait));
        SOCKET client = connected(address);
        EQUAL(wait.end(listener, bytes), 0);
        std::thread reader([&] {
            expect(client, 0, 8 << 20);
            EQUAL(recv(client, &more, 1, 0), 0);
        });
        wait.Offset = 0;
        OVERLAPPED *how = round == 2 ? NULL : &wait;
        SetFilePointer(file, 0, NULL, FILE_BEGIN);
        if (!TransmitFile(socket, file, 8 << 20, 0, how, NULL, TF_DISCONNECT | TF_REUSE_SOCKET))
            EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        if (how) {
            EQUAL(wait.end(socket, bytes), 0);
            EQUAL(bytes, 8 << 20);
        }
        reader.join();
        closesocket(client);
    }
    closesocket(socket);
    closesocket(listener);
}

int main(int count, char **arguments)
{
    CHECK(count > 1);
    folder = arguments[1];
    begin();
    HANDLE file = file_of(LENGTH, "large");
    large(file);
    parts(file);
    disconnects(file);

    // Cancelled, or given up by the peer, in the middle.
    for (int peer = 0; peer < 2; ++peer) {
        SOCKET client, server;
        pair(client, server);
        Waited wait;
        PENDS(TransmitFile(client, file, 0, 0, &wait, NULL, 0));
        expect(server, 0, 100000);
        if (peer) {
            closesocket(server);
            CHECK(wait.end(client, bytes) != 0);
        } else {
            CHECK(CancelIoEx((HANDLE)client, &wait));
            EQUAL(wait.end(client, bytes), WSA_OPERATION_ABORTED);
            closesocket(server);
        }
        closesocket(client);
    }
    CHECK(CloseHandle(file));
    return 0;
}
