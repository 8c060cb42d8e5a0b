//! Headers that programs for Windows include, and that are not here.

/// What a header is, and what to do without it.
pub(crate) fn missing(name: &str) -> Option<(&'static str, &'static str)> {
    let lower = name.to_ascii_lowercase().replace('\\', "/");
    let file = lower.rsplit('/').next().unwrap_or_default();
    let found = GROUPS.iter().find(|(names, _, _)| names.iter().any(|name| matches(name, file)));
    found.map(|(_, what, change)| (*what, *change))
}

/// A name that ends in `*` is the beginning of names.
fn matches(pattern: &str, file: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => file.starts_with(start),
        None => pattern == file,
    }
}

type Group = (&'static [&'static str], &'static str, &'static str);

const BEHIND: &str = "leave out what uses it, behind #ifdef _WIN32";

const GROUPS: [Group; 9] = [
    (
        &["d3d*", "dxgi*", "d2d1*", "dwrite*", "dsound.h", "dinput.h", "xinput.h", "directxmath.h", "xaudio2*"],
        "DirectX is not here",
        BEHIND,
    ),
    (
        &[
            "ppl.h",
            "ppltasks.h",
            "concurrent_queue.h",
            "concurrent_vector.h",
            "concurrent_unordered_map.h",
            "concurrent_unordered_set.h",
            "concurrent_priority_queue.h",
            "agents.h",
            "concrt.h",
        ],
        "the Parallel Patterns Library comes with Visual C++ only",
        "include the header of the same name of oneTBB (<tbb/concurrent_queue.h>, tbb:: for concurrency::, -ltbb)",
    ),
    (
        &["format"],
        "<format> came with GCC 13 and Clang 17",
        "take a newer compiler (--compiler g++-13, -std=c++20), or the library fmt",
    ),
    (
        &["print", "generator", "expected", "stacktrace"],
        "this header of C++23 is not in this compiler's library",
        "take a newer compiler, with -std=c++23",
    ),
    (
        &["stdafx.h", "pch.h", "framework.h"],
        "the precompiled header is in none of the folders that are searched",
        "add its folder with -I, as the project does",
    ),
    (
        &["afx*", "atl*", "comdef.h", "comutil.h", "wrl*", "winrt*", "oleauto.h", "objbase.h", "wbemidl.h"],
        "MFC, ATL and COM are not here",
        BEHIND,
    ),
    (
        &["pdh.h", "pdhmsg.h", "tlhelp32.h", "winperf.h"],
        "performance counters and process lists are not here",
        "read /proc instead, behind #ifdef _WIN32",
    ),
    (
        &["minidumpapiset.h", "eh.h"],
        "dumps and the debug heap are not here",
        "a core file and -fsanitize=address are the means of Linux; leave it out behind #ifdef _WIN32",
    ),
    (
        &[
            "winsvc.h",
            "winreg.h",
            "shlobj.h",
            "shellapi.h",
            "shlwapi.h",
            "commctrl.h",
            "iphlpapi.h",
            "resource.h",
            "intsafe.h",
            "versionhelpers.h",
            "winnls.h",
        ],
        "this part of Windows is not here",
        BEHIND,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_windows_are_known() {
        assert!(missing("d3d11.h").is_some_and(|(what, _)| what.contains("DirectX")));
        assert!(missing("concurrent_queue.h").is_some_and(|(_, change)| change.contains("tbb")));
        assert!(missing("..\\Common\\stdafx.h").is_some_and(|(_, change)| change.contains("-I")));
        assert_eq!(missing("mine.h"), None);
    }
}
