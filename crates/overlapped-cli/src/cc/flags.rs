//! The flags that are added, each with its reason.

use super::command_line::{CommandLine, Language, Stage};
use super::compiler::Family;
use super::sdk::Sdk;
use crate::problem::Problem;
use std::ffi::{OsStr, OsString};

/// What is done for a program, and why: what `--explain` prints.
pub(crate) const TABLE: [(&str, &str); 22] = [
    (
        "-isystem HEADERS",
        "our headers, behind the program's own folders; as those of a system they and their macros cause no warnings",
    ),
    (
        "-include keywords.h",
        "__int64, __forceinline, __declspec, … are keywords of Visual C++, which need no header before them",
    ),
    ("-pthread", "every program of this kind has threads"),
    (
        "-std=gnu++17",
        "if there is no -std: the same with every compiler; -std=c++14 is what Visual C++ takes by default",
    ),
    ("-fms-extensions", "g++: a member may be named like its type, and what else Visual C++ takes for C++"),
    (
        "-fno-strict-aliasing",
        "Visual C++ never assumes that a char buffer is no packet header; casts of buffers go on working with -O2",
    ),
    ("-fwrapv", "the same for a counter that overflows"),
    ("-Wno-unknown-pragmas", "#pragma comment, warning and region are for Visual C++"),
    ("-DUNICODE= -D_UNICODE=", "if one of them is defined, both are, as in a project of Visual Studio"),
    ("-L and -Wl,-rpath", "the folder of libws2_32.so, where the program finds it when it starts"),
    ("-lws2_32", "everything of ws2_32, mswsock, kernel32, winmm, …; their names as .lib and -l are taken out"),
    ("libws2_32.a -lpthread -ldl -lm", "in place of these with -static and --static-ws2"),
    (
        "a copy of a source",
        "cp949, gb18030, cp1252, UTF-16, …: the compiler reads UTF-8, g++ only one code page at a time, clang++ none; --charset names it",
    ),
    (
        "UTF-8 in literals",
        "no -fexec-charset: narrow strings are what a terminal here shows; -fexec-charset=CP949 keeps the bytes of Windows",
    ),
    (
        "a copy with other names",
        "#include \"..\\Common\\PCH.H\" names the file in its own letter case; the folders of including files count, too",
    ),
    (
        "-include",
        "standard headers that Visual C++'s own bring along, if the compiler wants them: a second run, and each is named",
    ),
    ("int main", "for void main, in a copy"),
    ("struct __declspec(…)", "for __declspec(…) struct, in a copy: before the word the compilers here ignore it"),
    (
        "\"C.UTF-8\"",
        "for \"kor\", \"Korean\", \".949\", … in std::locale and setlocale, in a copy: Linux has no such locale",
    ),
    (
        "main for wmain, WinMain",
        "a main that calls it, with wide arguments where it wants them; _tmain is one of main and wmain",
    ),
    ("-x c", "a .c among sources of C++ is C, as for Visual C++"),
    (
        "no -fpermissive",
        "it would let unsigned long * (64 bits) pass for DWORD * (32 bits), and the program would read wrong numbers",
    ),
];

/// The table as text.
pub(crate) fn explain() -> String {
    let width = TABLE.iter().map(|(flag, _)| flag.chars().count()).max().unwrap_or_default();
    TABLE.iter().map(|(flag, why)| format!("{flag:width$}  {why}\n")).collect()
}

/// Flags to compile with, for any program: before its own options.
pub(crate) fn compile(sdk: &Sdk, family: Family) -> Vec<OsString> {
    let mut flags: Vec<OsString> = vec!["-isystem".into(), sdk.headers.clone().into()];
    let keywords = sdk.headers.join("overlapped/keywords.h");
    if keywords.is_file() {
        flags.extend(["-include".into(), keywords.into()]);
    }
    flags.extend(["-pthread", "-fno-strict-aliasing", "-fwrapv"].map(OsString::from));
    if family == Family::Gcc {
        flags.push("-fms-extensions".into());
    }
    flags
}

/// Flags that depend on the command line: behind the program's own options, since `-Wall` would take some back.
pub(crate) fn more(line: &CommandLine) -> Vec<OsString> {
    let mut flags: Vec<OsString> = Vec::new();
    // C has another standard, and a compiler for both warns of one that is not for C.
    if !line.standard && line.speaks(Language::Cpp) && !line.speaks(Language::C) {
        flags.push("-std=gnu++17".into());
    }
    if !line.asks_pragmas {
        flags.push("-Wno-unknown-pragmas".into());
    }
    match (line.defines("UNICODE"), line.defines("_UNICODE")) {
        (true, false) => flags.push("-D_UNICODE=".into()),
        (false, true) => flags.push("-DUNICODE=".into()),
        _ => {}
    }
    flags
}

/// Flags to link with, behind everything.
pub(crate) fn link(sdk: &Sdk, archive: bool) -> Result<Vec<OsString>, Problem> {
    if archive {
        return Ok(vec![sdk.archive()?.into(), "-lpthread".into(), "-ldl".into(), "-lm".into()]);
    }
    let folder = sdk.shared()?.as_os_str();
    Ok(vec![joined("-L", folder), joined("-Wl,-rpath,", folder), "-lws2_32".into()])
}

/// The flags of a link, or none where nothing is linked.
pub(crate) fn link_if_needed(line: &CommandLine, sdk: &Sdk, static_ws2: bool) -> Result<Vec<OsString>, Problem> {
    if line.stage == Stage::Link { link(sdk, static_ws2 || line.all_static) } else { Ok(Vec::new()) }
}

fn joined(option: &str, value: &OsStr) -> OsString {
    let mut joined = OsString::from(option);
    joined.push(value);
    joined
}

/// Words as a shell and a Makefile read them.
pub(crate) fn shell(words: &[OsString]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%^".contains(c);
    let quoted = words.iter().map(|word| {
        let word = word.to_string_lossy();
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        let words = ["g++", "-DX=1", "a b.cpp", "it's", ""].map(OsString::from);
        assert_eq!(shell(&words), "g++ -DX=1 'a b.cpp' 'it'\\''s' ''");
    }

    #[test]
    fn the_table_names_every_flag() {
        let line = CommandLine::read(&["a.cpp".into(), "-DUNICODE".into()]);
        let sdk = Sdk::for_test();
        let flags = compile(&sdk, Family::Gcc).into_iter().chain(more(&line));
        for flag in flags.map(|flag| flag.to_string_lossy().into_owned()).filter(|flag| flag.starts_with('-')) {
            assert!(TABLE.iter().any(|(named, _)| named.contains(&flag)), "{flag}");
        }
    }
}
