//! Constants, sizes and offsets are those of Windows: the same list is compiled against our headers and against mingw-w64's.

#![cfg(target_os = "linux")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::{has, include_folder, scratch, text};

const MINGW: &str = "x86_64-w64-mingw32-g++";

/// What both sides include.
const HEADERS: &str = "\
#ifdef __MINGW32__
#define _WIN32_WINNT 0x0A00
#define WIN32_NO_STATUS
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <windows.h>
#ifdef __MINGW32__
#undef WIN32_NO_STATUS
#include <lmcons.h>
#include <share.h>
#endif
#include <ntstatus.h>
#include <stddef.h>
#include <stdio.h>
";

/// Ours on purpose: the version of Windows, and the length that a host's name has here.
const OURS: &[&str] = &["_WIN32_WINNT", "WINVER", "NTDDI_VERSION", "FD_SETSIZE", "MAX_COMPUTERNAME_LENGTH"];

/// Values from Microsoft's documentation that mingw-w64 does not have.
const NOT_IN_MINGW: &str = "AF_HYPERV AI_DNS_ONLY CREATE_WAITABLE_TIMER_HIGH_RESOLUTION INADDR_ALLHOSTS_GROUP INADDR_ALLRTRS_GROUP \
    INADDR_MAX_LOCAL_GROUP INADDR_UNSPEC_GROUP IOC_WSK MAXULONG PF_IRDA RIO_CORRUPT_CQ RIO_MAX_CQ_SIZE RIO_MSG_COMMIT_ONLY \
    RIO_MSG_DEFER RIO_MSG_DONT_NOTIFY RIO_MSG_WAITALL SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER SIO_IDEAL_SEND_BACKLOG_QUERY \
    SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS \
    SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS SIO_UDP_NETRESET SO_BSP_STATE SO_COMPARTMENT_ID SO_PAUSE_ACCEPT SO_PORT_SCALABILITY \
    SO_RANDOMIZE_PORT SO_REUSE_MULTICASTPORT SO_REUSE_UNICASTPORT TCP_ATMARK TCP_CONGESTION_ALGORITHM TCP_DELAY_FIN_ACK \
    TCP_FASTOPEN TCP_KEEPALIVE TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL TCP_MAXRT TCP_MAXRTMS TCP_MAXSEG TCP_NOSYNRETRIES TCP_NOURG \
    TCP_OFFLOAD_NOT_PREFERRED TCP_OFFLOAD_NO_PREFERENCE TCP_OFFLOAD_PREFERENCE TCP_OFFLOAD_PREFERRED TCP_STDURG TCP_TIMESTAMPS \
    UDP_RECV_MAX_COALESCED_SIZE UDP_SEND_MSG_SIZE UNIX_PATH_MAX WSA_IPSEC_NAME_POLICY_ERROR WSA_SECURE_HOST_NOT_FOUND";

/// Structures whose layout is the same on 64-bit Windows, with their members.
const LAYOUTS: &[(&str, &str)] = &[
    ("WSADATA", "wVersion wHighVersion iMaxSockets iMaxUdpDg lpVendorInfo szDescription szSystemStatus"),
    ("WSABUF", "len buf"),
    ("OVERLAPPED", "Internal InternalHigh Offset OffsetHigh Pointer hEvent"),
    ("OVERLAPPED_ENTRY", "lpCompletionKey lpOverlapped Internal dwNumberOfBytesTransferred"),
    ("WSANETWORKEVENTS", "lNetworkEvents iErrorCode"),
    ("WSAPROTOCOL_INFOA", "dwServiceFlags1 ProviderId dwCatalogEntryId ProtocolChain iVersion iProtocol szProtocol"),
    ("WSAPROTOCOLCHAIN", "ChainLen ChainEntries"),
    ("WSAPOLLFD", "fd events revents"),
    ("WSAMSG", "name namelen lpBuffers dwBufferCount Control dwFlags"),
    ("WSACMSGHDR", "cmsg_len cmsg_level cmsg_type"),
    ("SOCKADDR", "sa_family sa_data"),
    ("SOCKADDR_IN", "sin_family sin_port sin_addr sin_zero"),
    ("SOCKADDR_IN6", "sin6_family sin6_port sin6_flowinfo sin6_addr sin6_scope_id"),
    ("SOCKADDR_STORAGE", "ss_family"),
    ("SOCKADDR_INET", "Ipv4 Ipv6 si_family"),
    ("IN_ADDR", "S_un S_un.S_un_b.s_b4 S_un.S_un_w.s_w2"),
    ("IN6_ADDR", "u"),
    ("SOCKET_ADDRESS", "lpSockaddr iSockaddrLength"),
    ("SOCKET_ADDRESS_LIST", "iAddressCount Address"),
    ("CSADDR_INFO", "LocalAddr RemoteAddr iSocketType iProtocol"),
    ("HOSTENT", "h_name h_aliases h_addrtype h_length h_addr_list"),
    ("SERVENT", "s_name s_aliases s_proto s_port"),
    ("PROTOENT", "p_name p_aliases p_proto"),
    ("ADDRINFOA", "ai_flags ai_family ai_socktype ai_protocol ai_addrlen ai_canonname ai_addr ai_next"),
    ("ADDRINFOW", "ai_flags ai_family ai_socktype ai_protocol ai_addrlen ai_canonname ai_addr ai_next"),
    ("LINGER", "l_onoff l_linger"),
    ("IP_MREQ", "imr_multiaddr imr_interface"),
    ("IP_MREQ_SOURCE", "imr_multiaddr imr_sourceaddr imr_interface"),
    ("IPV6_MREQ", "ipv6mr_multiaddr ipv6mr_interface"),
    ("IN_PKTINFO", "ipi_addr ipi_ifindex"),
    ("IN6_PKTINFO", "ipi6_addr ipi6_ifindex"),
    ("struct tcp_keepalive", "onoff keepalivetime keepaliveinterval"),
    ("TRANSMIT_FILE_BUFFERS", "Head HeadLength Tail TailLength"),
    ("TRANSMIT_PACKETS_ELEMENT", "dwElFlags cLength nFileOffset hFile pBuffer"),
    ("fd_set", "fd_count fd_array"),
    ("GUID", "Data1 Data2 Data3 Data4"),
    ("LARGE_INTEGER", "LowPart HighPart QuadPart"),
    ("ULARGE_INTEGER", "LowPart HighPart QuadPart"),
    ("FILETIME", "dwLowDateTime dwHighDateTime"),
    ("SYSTEMTIME", "wYear wMonth wDayOfWeek wDay wHour wMinute wSecond wMilliseconds"),
    ("SECURITY_ATTRIBUTES", "nLength lpSecurityDescriptor bInheritHandle"),
    ("LIST_ENTRY", "Flink Blink"),
    ("POINT", "x y"),
    ("RECT", "left top right bottom"),
    ("MSG", "hwnd message wParam lParam time pt"),
    (
        "WNDCLASSA",
        "style lpfnWndProc cbClsExtra cbWndExtra hInstance hIcon hCursor hbrBackground lpszMenuName lpszClassName",
    ),
    ("WNDCLASSEXW", "cbSize style lpfnWndProc hInstance lpszMenuName lpszClassName hIconSm"),
    ("CREATESTRUCTA", "lpCreateParams hInstance hMenu hwndParent cy cx y x style lpszName lpszClass dwExStyle"),
    (
        "TP_CALLBACK_ENVIRON",
        "Version Pool CleanupGroup CleanupGroupCancelCallback RaceDll ActivationContext FinalizationCallback u",
    ),
];

/// Scalars, by size and by whether they have a sign.
const SCALARS: &str = "BOOL BOOLEAN BYTE CHAR DWORD DWORD_PTR DWORD64 HANDLE HRESULT HWND INT INT_PTR INT64 LONG LONG_PTR \
    LONGLONG LPARAM LRESULT NTSTATUS PVOID SHORT SIZE_T SSIZE_T SOCKET UCHAR UINT UINT_PTR ULONG ULONG_PTR ULONGLONG USHORT WORD \
    WPARAM WSAEVENT u_char u_int u_long u_short socklen_t GROUP ATOM ADDRESS_FAMILY KAFFINITY LCID COLORREF ACCESS_MASK __int64 \
    time_t";

/// Names of extension functions.
const GUIDS: &str = "WSAID_ACCEPTEX WSAID_CONNECTEX WSAID_DISCONNECTEX WSAID_GETACCEPTEXSOCKADDRS WSAID_TRANSMITFILE \
    WSAID_TRANSMITPACKETS WSAID_WSARECVMSG WSAID_WSASENDMSG";

/// The macros of our headers that stand for a number.
fn constants() -> Vec<String> {
    let folder = include_folder().join("overlapped");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut names: Vec<String> = Vec::new();
    for file in files {
        for line in fs::read_to_string(file).expect("a text").lines() {
            let Some((name, value)) = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' ')) else {
                continue;
            };
            let number = value.starts_with(|first: char| first.is_ascii_digit() || "(-~".contains(first))
                || ["_WSAIO", "OVERLAPPED_CODE("].iter().any(|code| value.starts_with(code));
            let another = names.iter().any(|known| known == value);
            let pointer = ["HANDLE", "HWND", "WSAEVENT", "LPSTR", "LPWSTR", "HKEY", "RIO_", "HINSTANCE"];
            let fit = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            let whole = !value.ends_with('\\') && !value.contains("void");
            if fit && whole && (number || another) && !pointer.iter().any(|kind| value.contains(kind)) {
                names.push(name.to_owned());
            }
        }
    }
    let ours = |name: &str| name.starts_with("__") || name.starts_with("OVERLAPPED_") || OURS.contains(&name);
    names.retain(|name| !ours(name) && !NOT_IN_MINGW.split_whitespace().any(|missing| missing == name));
    names
}

/// A program that prints, for our headers, an assertion for each item.
fn printer() -> String {
    let mut program = format!("{HEADERS}\n#include <type_traits>\n");
    program += "static void number(const char *name, unsigned long long value)\n{\n    bool wide = value >> 32 && value >> 31 != 0x1ffffffffull;\n    ";
    program += "printf(\"static_assert((unsigned %s)(%s) == 0x%llxull, \\\"%s\\\");\\n\", wide ? \"long long\" : \"int\", name, ";
    program += "wide ? value : value & 0xffffffff, name);\n}\nint main()\n{\n";
    for name in constants() {
        let _ = writeln!(program, "    number(\"{name}\", (unsigned long long)({name}));");
    }
    for (structure, members) in LAYOUTS {
        let _ = writeln!(program, "    number(\"sizeof({structure})\", sizeof({structure}));");
        let _ = writeln!(program, "    number(\"alignof({structure})\", alignof({structure}));");
        for member in members.split(' ') {
            let _ =
                writeln!(program, "    number(\"offsetof({structure}, {member})\", offsetof({structure}, {member}));");
            let size = format!("sizeof((({structure} *)nullptr)->{member})");
            let _ = writeln!(program, "    number(\"{size}\", {size});");
        }
    }
    for scalar in SCALARS.split_whitespace() {
        let sign = format!("std::is_signed<{scalar}>::value");
        let _ =
            writeln!(program, "    number(\"sizeof({scalar})\", sizeof({scalar}));\n    number(\"{sign}\", {sign});");
    }
    for guid in GUIDS.split_whitespace() {
        let _ = writeln!(program, "    {{\n        constexpr GUID guid = {guid};");
        let _ = writeln!(program, "        puts(\"namespace of_{guid} {{ constexpr GUID guid = {guid};\");");
        for part in ["guid.Data1".to_owned(), "guid.Data2".to_owned(), "guid.Data3".to_owned()]
            .into_iter()
            .chain((0..8).map(|index| format!("guid.Data4[{index}]")))
        {
            let _ = writeln!(program, "        number(\"{part}\", {part});");
        }
        let _ = writeln!(program, "        puts(\"}}\");\n    }}");
    }
    program + "}\n"
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?} does not start ({error}): apt-get install g++ g++-mingw-w64-x86-64-posix");
    });
    assert!(output.status.success(), "{command:?}:\n{}", first_errors(&text(&output)));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn first_errors(text: &str) -> String {
    text.lines().filter(|line| line.contains("error")).take(400).collect::<Vec<_>>().join("\n")
}

fn compile(compiler: &str, source: &Path, flags: &[&str]) {
    run(Command::new(compiler).args(["-std=c++17", "-w", "-fmax-errors=0"]).args(flags).arg(source));
}

#[test]
fn values_and_layouts_are_those_of_windows() {
    let folder = scratch("values");
    let (source, program, asserted) = (folder.join("printer.cpp"), folder.join("printer"), folder.join("asserted.cpp"));
    fs::write(&source, printer()).expect("the program is written");
    let include = include_folder();
    // Nothing is called, so no library is needed.
    let [include, program] = [&include, &program].map(|path| path.to_str().expect("a path of letters"));
    compile("g++", &source, &["-I", include, "-o", program]);
    let assertions = run(&mut Command::new(program));
    assert!(assertions.lines().count() > 1000, "the list is long");
    fs::write(&asserted, format!("{HEADERS}\n#include <type_traits>\n{assertions}"))
        .expect("the assertions are written");
    compile("g++", &asserted, &["-I", include, "-fsyntax-only"]);
    if has(MINGW, "g++-mingw-w64-x86-64-posix") {
        compile(MINGW, &asserted, &["-fsyntax-only"]);
    }
}
