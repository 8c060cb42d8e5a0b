// Keys, from a terminal and from a pipe.
#include <windows.h>
#include <conio.h>
#include "check.h"
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int child()
{
    termios before, after;
    tcgetattr(0, &before);
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    COORD place = {3, 4};
    CHECK(GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) && (mode & 7) == (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT));
    CHECK(SetConsoleCursorPosition(console, place) && SetConsoleTextAttribute(console, FOREGROUND_RED | FOREGROUND_INTENSITY) && SetConsoleTitleA("title"));
    CHECK(WriteConsoleA(console, "ready\n", 6, NULL, NULL));
    while (!_kbhit()) Sleep(1);
    CHECK(_getch() == 'a' && _getch() == '\r' && _getch() == 0xE0 && _getch() == 72 && _getwch() == 0xAC00);
    CHECK(!_kbhit());
    CHECK(GetAsyncKeyState(VK_ESCAPE) == 0);
    // Left to itself, the program leaves the terminal as it was.
    tcgetattr(0, &after);
    CHECK(!(after.c_lflag & ICANON) && (before.c_lflag & ICANON));
    CHECK_END();
}

int main(int count, char **)
{
    if (count > 1) {
        while (!_kbhit()) Sleep(1);
        CHECK(_getch() == 'x' && _getch() == '\r' && _getch() == EOF && !_kbhit());
        CHECK(!SetConsoleTextAttribute(GetStdHandle(STD_OUTPUT_HANDLE), 1) && GetLastError() == ERROR_INVALID_HANDLE);
        CHECK(GetStdHandle(5) == INVALID_HANDLE_VALUE && GetStdHandle(STD_OUTPUT_HANDLE) == GetStdHandle(STD_OUTPUT_HANDLE));
        DWORD written = 0;
        CHECK(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "out", 3, &written, NULL) && written == 3);
        CHECK_END();
    }
    int terminal;
    const pid_t process = forkpty(&terminal, NULL, NULL, NULL);
    if (process == 0) exit(child());
    std::string shown;
    char buffer[256];
    while (shown.find("ready") == std::string::npos) {
        const ssize_t got = read(terminal, buffer, sizeof buffer);
        if (got <= 0) break;
        shown.append(buffer, (size_t)got);
    }
    CHECK(shown.find("\x1b[5;4H\x1b[0;91m\x1b]0;title\x07") != std::string::npos);
    const char keys[] = "a\r\x1b[A\xEA\xB0\x80";
    CHECK(write(terminal, keys, sizeof keys - 1) == sizeof keys - 1);
    shown.clear();
    for (ssize_t got; (got = read(terminal, buffer, sizeof buffer)) > 0;) shown.append(buffer, (size_t)got);
    int status = -1;
    waitpid(process, &status, 0);
    fputs(shown.c_str(), stderr);
    CHECK(status == 0);
    CHECK_END();
}
