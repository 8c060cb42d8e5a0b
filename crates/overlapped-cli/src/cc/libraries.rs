//! The import libraries of Windows: which are in our one library, and what the others are.

use std::path::Path;

/// What becomes of a library that a program asks for by its name on Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Its functions are in our library, as far as they are there; or the C library of Linux has them.
    Here,
    /// A part of Windows that Linux has not.
    WindowsOnly,
    /// Somebody's own.
    Foreign,
}

/// What Visual C++ links by default, and its C library, count as here: to name them says nothing about their use.
const HERE: [&str; 36] = [
    "ws2_32",
    "wsock32",
    "mswsock",
    "kernel32",
    "winmm",
    "user32",
    "synchronization",
    "ntdll",
    "gdi32",
    "winspool",
    "comdlg32",
    "advapi32",
    "shell32",
    "ole32",
    "oleaut32",
    "uuid",
    "libcmt",
    "libcmtd",
    "msvcrt",
    "msvcrtd",
    "msvcprt",
    "msvcprtd",
    "libcpmt",
    "libcpmtd",
    "ucrt",
    "ucrtd",
    "libucrt",
    "libucrtd",
    "vcruntime",
    "vcruntimed",
    "libvcruntime",
    "libvcruntimed",
    "legacy_stdio_definitions",
    "onecore",
    "onecoreuap",
    "avrt",
];

const WINDOWS_ONLY: [&str; 38] = [
    "odbc32",
    "odbccp32",
    "d3d9",
    "d3d10",
    "d3d11",
    "d3d12",
    "d3dx9",
    "d3dx10",
    "d3dx11",
    "d3dcompiler",
    "dxgi",
    "dxguid",
    "d2d1",
    "dwrite",
    "dsound",
    "dinput8",
    "xinput",
    "dbghelp",
    "psapi",
    "pdh",
    "iphlpapi",
    "secur32",
    "crypt32",
    "wintrust",
    "bcrypt",
    "winhttp",
    "wininet",
    "urlmon",
    "comctl32",
    "shlwapi",
    "version",
    "setupapi",
    "imm32",
    "msimg32",
    "opengl32",
    "wbemuuid",
    "rpcrt4",
    "fwpuclnt",
];

/// What the library `name` is; `headers` is the folder of our headers: a library whose header is there is here.
pub(crate) fn find(name: &str, headers: &Path) -> Found {
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if HERE.contains(&name) || headers.join(format!("{name}.h")).is_file() {
        Found::Here
    } else if WINDOWS_ONLY.contains(&name) {
        Found::WindowsOnly
    } else {
        Found::Foreign
    }
}

/// The name of the library in `ws2_32.lib`.
pub(crate) fn file(path: &Path) -> Option<String> {
    let lib = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("lib"));
    lib.then(|| path.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase())
}

/// The name of the library in `-lws2_32`, if only Windows has it.
pub(crate) fn linked(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    // Linux has a libuuid, a libversion and a libcrypt32 of its own, or may have.
    let ours = [
        "ws2_32",
        "wsock32",
        "mswsock",
        "kernel32",
        "winmm",
        "user32",
        "advapi32",
        "synchronization",
        "ntdll",
        "gdi32",
    ];
    ours.contains(&name.as_str()).then_some(name)
}

/// The name in `#pragma comment(lib, "Name.lib")`, without folder and extension.
pub(crate) fn in_pragma(code: &str, text: &str) -> Option<String> {
    let squeezed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if !squeezed.starts_with("#pragmacomment(lib,\"") {
        return None;
    }
    let open = code.find('"')?;
    let name = text.get(open + 1..)?.split('"').next()?;
    let name = name.rsplit(['\\', '/']).next()?.trim();
    let length = if name.to_ascii_lowercase().ends_with(".lib") { name.len() - ".lib".len() } else { name.len() };
    Some(name[..length].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_name_libraries() {
        for (line, name) in [
            ("#pragma comment(lib, \"ws2_32\")", Some("ws2_32")),
            ("  # pragma comment ( lib , \"Ws2_32.LIB\" )", Some("Ws2_32")),
            ("#pragma comment(lib, \"..\\\\Debug\\\\ServerCore.lib\")", Some("ServerCore")),
            ("#pragma comment(linker, \"/entry:main\")", None),
            ("#pragma once", None),
        ] {
            assert_eq!(in_pragma(line, line).as_deref(), name, "{line}");
        }
    }

    #[test]
    fn libraries_are_ours_or_not() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(find("mswsock", nowhere), Found::Here);
        assert_eq!(find("odbc32", nowhere), Found::WindowsOnly);
        assert_eq!(find("servercore", nowhere), Found::Foreign);
        assert_eq!(file(Path::new("WS2_32.Lib")).as_deref(), Some("ws2_32"));
        assert_eq!(linked("pthread"), None);
    }
}
