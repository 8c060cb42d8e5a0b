// Messages: queues of threads, and windows that only receive.
#ifndef OVERLAPPED_MESSAGES_H
#define OVERLAPPED_MESSAGES_H

#include <overlapped/types.h>

#define WM_NULL 0x0000
#define WM_CREATE 0x0001
#define WM_DESTROY 0x0002
#define WM_MOVE 0x0003
#define WM_SIZE 0x0005
#define WM_ACTIVATE 0x0006
#define WM_SETFOCUS 0x0007
#define WM_KILLFOCUS 0x0008
#define WM_ENABLE 0x000A
#define WM_SETTEXT 0x000C
#define WM_GETTEXT 0x000D
#define WM_GETTEXTLENGTH 0x000E
#define WM_PAINT 0x000F
#define WM_CLOSE 0x0010
#define WM_QUIT 0x0012
#define WM_ERASEBKGND 0x0014
#define WM_SHOWWINDOW 0x0018
#define WM_COPYDATA 0x004A
#define WM_NOTIFY 0x004E
#define WM_NCCREATE 0x0081
#define WM_NCDESTROY 0x0082
#define WM_KEYDOWN 0x0100
#define WM_KEYUP 0x0101
#define WM_CHAR 0x0102
#define WM_INITDIALOG 0x0110
#define WM_COMMAND 0x0111
#define WM_SYSCOMMAND 0x0112
#define WM_TIMER 0x0113
#define WM_MOUSEMOVE 0x0200
#define WM_LBUTTONDOWN 0x0201
#define WM_LBUTTONUP 0x0202
#define WM_RBUTTONDOWN 0x0204
#define WM_RBUTTONUP 0x0205
#define WM_USER 0x0400
#define WM_APP 0x8000

#define PM_NOREMOVE 0x0000
#define PM_REMOVE 0x0001
#define PM_NOYIELD 0x0002

#define QS_KEY 0x0001
#define QS_MOUSEMOVE 0x0002
#define QS_MOUSEBUTTON 0x0004
#define QS_POSTMESSAGE 0x0008
#define QS_TIMER 0x0010
#define QS_PAINT 0x0020
#define QS_SENDMESSAGE 0x0040
#define QS_HOTKEY 0x0080
#define QS_ALLPOSTMESSAGE 0x0100
#define QS_RAWINPUT 0x0400
#define QS_MOUSE (QS_MOUSEMOVE | QS_MOUSEBUTTON)
#define QS_INPUT (QS_MOUSE | QS_KEY | QS_RAWINPUT | 0x1800)
#define QS_ALLEVENTS (QS_INPUT | QS_POSTMESSAGE | QS_TIMER | QS_PAINT | QS_HOTKEY)
#define QS_ALLINPUT (QS_ALLEVENTS | QS_SENDMESSAGE)
#define MWMO_WAITALL 0x0001
#define MWMO_ALERTABLE 0x0002
#define MWMO_INPUTAVAILABLE 0x0004

#define HWND_BROADCAST ((HWND)0xFFFF)
#define HWND_MESSAGE ((HWND)-3)
#define HWND_DESKTOP ((HWND)0)
#define CW_USEDEFAULT ((int)0x80000000)
#define CS_VREDRAW 0x0001
#define CS_HREDRAW 0x0002
#define CS_DBLCLKS 0x0008
#define CS_OWNDC 0x0020
#define WS_OVERLAPPED 0x00000000
#define WS_POPUP 0x80000000
#define WS_CHILD 0x40000000
#define WS_MINIMIZE 0x20000000
#define WS_VISIBLE 0x10000000
#define WS_DISABLED 0x08000000
#define WS_CAPTION 0x00C00000
#define WS_BORDER 0x00800000
#define WS_SYSMENU 0x00080000
#define WS_THICKFRAME 0x00040000
#define WS_MINIMIZEBOX 0x00020000
#define WS_MAXIMIZEBOX 0x00010000
#define WS_OVERLAPPEDWINDOW                                                                                                   \
    (WS_OVERLAPPED | WS_CAPTION | WS_SYSMENU | WS_THICKFRAME | WS_MINIMIZEBOX | WS_MAXIMIZEBOX)
#define SW_HIDE 0
#define SW_SHOWNORMAL 1
#define SW_SHOW 5
#define SW_SHOWDEFAULT 10
#define COLOR_WINDOW 5
#define GWLP_WNDPROC (-4)
#define GWLP_USERDATA (-21)

#define MAKEINTRESOURCEA(number) ((LPSTR)(ULONG_PTR)(WORD)(number))
#define MAKEINTRESOURCEW(number) ((LPWSTR)(ULONG_PTR)(WORD)(number))
#define IDC_ARROW MAKEINTRESOURCE(32512)
#define IDI_APPLICATION MAKEINTRESOURCE(32512)

typedef LRESULT(CALLBACK *WNDPROC)(HWND window, UINT message, WPARAM word, LPARAM parameter);
typedef void(CALLBACK *TIMERPROC)(HWND window, UINT message, UINT_PTR identifier, DWORD time);

typedef struct tagMSG {
    HWND hwnd;
    UINT message;
    WPARAM wParam;
    LPARAM lParam;
    DWORD time;
    POINT pt;
} MSG, *PMSG, *LPMSG;

#define OVERLAPPED_WINDOW_CLASS(suffix, text)                                                                                 \
    typedef struct tagWNDCLASS##suffix {                                                                                      \
        UINT style;                                                                                                           \
        WNDPROC lpfnWndProc;                                                                                                  \
        int cbClsExtra;                                                                                                       \
        int cbWndExtra;                                                                                                       \
        HINSTANCE hInstance;                                                                                                  \
        HICON hIcon;                                                                                                          \
        HCURSOR hCursor;                                                                                                      \
        HBRUSH hbrBackground;                                                                                                 \
        text lpszMenuName;                                                                                                    \
        text lpszClassName;                                                                                                   \
    } WNDCLASS##suffix, *PWNDCLASS##suffix, *LPWNDCLASS##suffix;                                                              \
    typedef struct tagWNDCLASSEX##suffix {                                                                                    \
        UINT cbSize;                                                                                                          \
        UINT style;                                                                                                           \
        WNDPROC lpfnWndProc;                                                                                                  \
        int cbClsExtra;                                                                                                       \
        int cbWndExtra;                                                                                                       \
        HINSTANCE hInstance;                                                                                                  \
        HICON hIcon;                                                                                                          \
        HCURSOR hCursor;                                                                                                      \
        HBRUSH hbrBackground;                                                                                                 \
        text lpszMenuName;                                                                                                    \
        text lpszClassName;                                                                                                   \
        HICON hIconSm;                                                                                                        \
    } WNDCLASSEX##suffix, *PWNDCLASSEX##suffix, *LPWNDCLASSEX##suffix;                                                        \
    typedef struct tagCREATESTRUCT##suffix {                                                                                  \
        LPVOID lpCreateParams;                                                                                                \
        HINSTANCE hInstance;                                                                                                  \
        HMENU hMenu;                                                                                                          \
        HWND hwndParent;                                                                                                      \
        int cy;                                                                                                               \
        int cx;                                                                                                               \
        int y;                                                                                                                \
        int x;                                                                                                                \
        LONG style;                                                                                                           \
        text lpszName;                                                                                                        \
        text lpszClass;                                                                                                       \
        DWORD dwExStyle;                                                                                                      \
    } CREATESTRUCT##suffix, *LPCREATESTRUCT##suffix
OVERLAPPED_WINDOW_CLASS(A, LPCSTR);
OVERLAPPED_WINDOW_CLASS(W, LPCWSTR);

OVERLAPPED_BEGIN
BOOL GetMessageA(LPMSG message, HWND window, UINT first, UINT last);
BOOL GetMessageW(LPMSG message, HWND window, UINT first, UINT last);
BOOL PeekMessageA(LPMSG message, HWND window, UINT first, UINT last, UINT remove);
BOOL PeekMessageW(LPMSG message, HWND window, UINT first, UINT last, UINT remove);
BOOL TranslateMessage(const MSG *message);
LRESULT DispatchMessageA(const MSG *message);
LRESULT DispatchMessageW(const MSG *message);
BOOL PostMessageA(HWND window, UINT message, WPARAM word, LPARAM parameter);
BOOL PostMessageW(HWND window, UINT message, WPARAM word, LPARAM parameter);
BOOL PostThreadMessageA(DWORD thread, UINT message, WPARAM word, LPARAM parameter);
BOOL PostThreadMessageW(DWORD thread, UINT message, WPARAM word, LPARAM parameter);
LRESULT SendMessageA(HWND window, UINT message, WPARAM word, LPARAM parameter);
LRESULT SendMessageW(HWND window, UINT message, WPARAM word, LPARAM parameter);
void PostQuitMessage(int code);
BOOL WaitMessage(void);
DWORD GetQueueStatus(UINT flags);
DWORD MsgWaitForMultipleObjects(DWORD count, const HANDLE *objects, BOOL all, DWORD milliseconds, DWORD mask);
DWORD MsgWaitForMultipleObjectsEx(DWORD count, const HANDLE *objects, DWORD milliseconds, DWORD mask, DWORD flags);

ATOM RegisterClassA(const WNDCLASSA *description);
ATOM RegisterClassW(const WNDCLASSW *description);
ATOM RegisterClassExA(const WNDCLASSEXA *description);
ATOM RegisterClassExW(const WNDCLASSEXW *description);
BOOL UnregisterClassA(LPCSTR name, HINSTANCE instance);
BOOL UnregisterClassW(LPCWSTR name, HINSTANCE instance);
HWND CreateWindowExA(DWORD extended, LPCSTR name, LPCSTR title, DWORD style, int x, int y, int width, int height, HWND parent, HMENU menu,
                     HINSTANCE instance, LPVOID parameter);
HWND CreateWindowExW(DWORD extended, LPCWSTR name, LPCWSTR title, DWORD style, int x, int y, int width, int height, HWND parent,
                     HMENU menu, HINSTANCE instance, LPVOID parameter);
BOOL DestroyWindow(HWND window);
BOOL IsWindow(HWND window);
BOOL ShowWindow(HWND window, int how);
BOOL UpdateWindow(HWND window);
LRESULT DefWindowProcA(HWND window, UINT message, WPARAM word, LPARAM parameter);
LRESULT DefWindowProcW(HWND window, UINT message, WPARAM word, LPARAM parameter);
LONG_PTR GetWindowLongPtrA(HWND window, int index);
LONG_PTR GetWindowLongPtrW(HWND window, int index);
LONG_PTR SetWindowLongPtrA(HWND window, int index, LONG_PTR value);
LONG_PTR SetWindowLongPtrW(HWND window, int index, LONG_PTR value);
DWORD GetWindowThreadProcessId(HWND window, LPDWORD process);
UINT_PTR SetTimer(HWND window, UINT_PTR identifier, UINT milliseconds, TIMERPROC routine);
BOOL KillTimer(HWND window, UINT_PTR identifier);
UINT RegisterWindowMessageA(LPCSTR text);
UINT RegisterWindowMessageW(LPCWSTR text);
HCURSOR LoadCursorA(HINSTANCE instance, LPCSTR name);
HCURSOR LoadCursorW(HINSTANCE instance, LPCWSTR name);
HICON LoadIconA(HINSTANCE instance, LPCSTR name);
HICON LoadIconW(HINSTANCE instance, LPCWSTR name);
OVERLAPPED_END

#define CreateWindowA(name, title, style, x, y, width, height, parent, menu, instance, parameter)                             \
    CreateWindowExA(0, name, title, style, x, y, width, height, parent, menu, instance, parameter)
#define CreateWindowW(name, title, style, x, y, width, height, parent, menu, instance, parameter)                             \
    CreateWindowExW(0, name, title, style, x, y, width, height, parent, menu, instance, parameter)

#ifdef UNICODE
typedef WNDCLASSW WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef WNDCLASSEXW WNDCLASSEX, *PWNDCLASSEX, *LPWNDCLASSEX;
typedef CREATESTRUCTW CREATESTRUCT, *LPCREATESTRUCT;
#define MAKEINTRESOURCE MAKEINTRESOURCEW
#define GetMessage GetMessageW
#define PeekMessage PeekMessageW
#define DispatchMessage DispatchMessageW
#define PostMessage PostMessageW
#define PostThreadMessage PostThreadMessageW
#define SendMessage SendMessageW
#define RegisterClass RegisterClassW
#define RegisterClassEx RegisterClassExW
#define UnregisterClass UnregisterClassW
#define CreateWindow CreateWindowW
#define CreateWindowEx CreateWindowExW
#define DefWindowProc DefWindowProcW
#define GetWindowLongPtr GetWindowLongPtrW
#define SetWindowLongPtr SetWindowLongPtrW
#define RegisterWindowMessage RegisterWindowMessageW
#define LoadCursor LoadCursorW
#define LoadIcon LoadIconW
#else
typedef WNDCLASSA WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef WNDCLASSEXA WNDCLASSEX, *PWNDCLASSEX, *LPWNDCLASSEX;
typedef CREATESTRUCTA CREATESTRUCT, *LPCREATESTRUCT;
#define MAKEINTRESOURCE MAKEINTRESOURCEA
#define GetMessage GetMessageA
#define PeekMessage PeekMessageA
#define DispatchMessage DispatchMessageA
#define PostMessage PostMessageA
#define PostThreadMessage PostThreadMessageA
#define SendMessage SendMessageA
#define RegisterClass RegisterClassA
#define RegisterClassEx RegisterClassExA
#define UnregisterClass UnregisterClassA
#define CreateWindow CreateWindowA
#define CreateWindowEx CreateWindowExA
#define DefWindowProc DefWindowProcA
#define GetWindowLongPtr GetWindowLongPtrA
#define SetWindowLongPtr SetWindowLongPtrA
#define RegisterWindowMessage RegisterWindowMessageA
#define LoadCursor LoadCursorA
#define LoadIcon LoadIconA
#endif

#endif
