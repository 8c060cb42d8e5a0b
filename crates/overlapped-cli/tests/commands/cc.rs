//! `cc`: programs for Visual C++ become programs for Linux, and what cannot is told in one line.

use crate::support::{Output, Run};
use encoding_rs::EUC_KR;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use tempfile::TempDir;

const KOREAN: &str = include_str!("cc/korean.cpp");
const SESSION: &str = include_str!("cc/session.h");
const WIDE: &str = include_str!("cc/wide.cpp");

/// A folder with sources, which is where the command runs.
struct Project(TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            project.write(path, text.as_bytes());
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn cc(&self, line: &str) -> Output {
        self.run(line).output()
    }

    fn run(&self, line: &str) -> Run {
        library();
        let arguments: Vec<_> = std::iter::once("cc").chain(line.split_whitespace()).collect();
        let run = Run::new(&arguments).folder(self.0.path());
        ["CC", "CXX", "OVERLAPPED_SDK", "NO_COLOR"].into_iter().fold(run, Run::without)
    }

    /// Compiles, and expects that it goes well.
    fn builds(&self, line: &str) -> Output {
        let output = self.cc(line);
        assert_eq!(output.status.code(), Some(0), "{line}:\n{}", output.errors);
        output
    }

    /// What the program `out` says, and its exit code.
    fn program(&self, arguments: &[&str]) -> (String, i32) {
        let output = Run::of(&self.path("out").to_string_lossy(), arguments).folder(self.0.path()).output();
        (output.said, output.status.code().expect("an exit code"))
    }
}

/// The library that programs are linked with, beside the command.
fn library() {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let profile = Path::new(env!("CARGO_BIN_EXE_overlapped")).parent().expect("a folder");
        let mut cargo = Command::new(env!("CARGO"));
        // Of the whole workspace, whose features are those of its tests: alone it would be compiled again.
        cargo
            .args(["build", "--quiet", "--workspace", "--lib", "--target-dir"])
            .arg(profile.parent().expect("a folder"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().expect("cargo starts");
        assert!(built.success(), "the library is built");
    });
}

/// Those that are installed; g++ has to be.
fn compilers() -> Vec<&'static str> {
    let installed = |name: &&str| *name == "g++" || Command::new(name).arg("--version").output().is_ok();
    ["g++", "clang++"].into_iter().filter(installed).collect()
}

/// The lines of advice.
fn advice(output: &Output) -> Vec<&str> {
    output.errors.lines().filter(|line| line.starts_with("overlapped: ")).collect()
}

#[test]
fn sources_in_a_code_page() {
    for compiler in compilers() {
        let project = Project::new(&[]);
        project.write("src/korean.cpp", &EUC_KR.encode(KOREAN).0);
        project.write("src/session.h", &EUC_KR.encode(SESSION).0);
        let output = project.builds(&format!("--compiler {compiler} src/korean.cpp -o out -Wall -Wextra -Werror"));
        assert_eq!(output.errors, "");
        assert_eq!(project.program(&[]), ("안녕 3 d55c src/korean.cpp:8\n접속\n".to_owned(), 0));

        // A header in UTF-8 goes with a source that is not.
        project.write("src/session.h", SESSION.as_bytes());
        let output = project.builds(&format!("--compiler {compiler} --charset cp949 --verbose src/korean.cpp -o out"));
        assert!(output.errors.starts_with("overlapped: src/korean.cpp is in cp949\n"), "{}", output.errors);
        assert!(project.program(&[]).0.ends_with("접속\n"));
    }
}

#[test]
fn sources_in_utf_16() {
    let text: Vec<u8> = format!("\u{feff}{KOREAN}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for compiler in compilers() {
        let project = Project::new(&[("session.h", SESSION)]);
        project.write("korean.cpp", &text);
        project.builds(&format!("--compiler {compiler} korean.cpp -o out"));
        assert_eq!(project.program(&[]).0, "안녕 3 d55c korean.cpp:8\n접속\n");
    }
}

#[test]
fn a_character_set_that_nobody_knows() {
    let output = Project::new(&[("a.cpp", "int main() {}")]).cc("--charset klingon a.cpp");
    assert!(output.failure(2).contains("there is no character set `klingon`"), "{}", output.errors);
}

#[test]
fn messages_name_the_original() {
    let project = Project::new(&[]);
    let broken = KOREAN.replace("return Session().Run();", "return 안녕;");
    project.write("src/korean.cpp", &EUC_KR.encode(&broken).0);
    project.write("src/session.h", &EUC_KR.encode(SESSION).0);
    let output = project.cc("src/korean.cpp -o out");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.errors.contains("src/korean.cpp:9:"), "{}", output.errors);
    assert!(!output.errors.contains("overlapped-cc-"), "{}", output.errors);
}

#[test]
fn names_of_headers_as_on_windows() {
    let project = Project::new(&[
        (
            "Server/main.cpp",
            "#include \"..\\Common\\PCH.H\"\n#include \"session.h\"\nint main() { return Session().Id() + WSAGetLastError(); }",
        ),
        ("Server/Session.h", "#pragma once\nstruct Session { int Id() { return LIMIT; } };"),
        ("Server/Config.h", "#pragma once\n#define LIMIT 7\n"),
        // The folder of the including source is searched, too.
        ("Common/Pch.h", "#pragma once\n#include <WINSOCK2.H>\n#include \"config.h\"\n#include <Common.h>\n"),
        ("Inc/common.h", "#pragma once\nstatic_assert(LIMIT == 7, \"\");\n"),
    ]);
    for compiler in compilers() {
        let output =
            project.builds(&format!("--compiler {compiler} -IInc Server/main.cpp -o out -Wall -Wextra -Werror"));
        assert_eq!(output.errors, "");
        assert_eq!(project.program(&[]).1, 7);
    }
}

#[test]
fn dependencies_name_the_originals() {
    let project = Project::new(&[("src/a.cpp", "#include \"B.H\"\nint main() {}"), ("src/b.h", "#pragma once\n")]);
    for (line, file) in [
        ("-c src/a.cpp -MMD", "a.d"),
        ("-c src/a.cpp -o obj.o -MMD", "obj.d"),
        ("-c src/a.cpp -o obj.o -MMD -MF list", "list"),
        ("src/a.cpp -o out -MMD", "out.d"),
    ] {
        project.builds(line);
        let list = fs::read_to_string(project.path(file)).unwrap_or_else(|error| panic!("{line}: {file}: {error}"));
        assert!(
            list.contains("src/a.cpp") && list.contains("src/b.h") && !list.contains("overlapped-cc-"),
            "{line}: {list}"
        );
    }
}

#[test]
fn wide_main() {
    let project = Project::new(&[("wide.cpp", WIDE)]);
    for compiler in compilers() {
        project.builds(&format!("--compiler {compiler} wide.cpp -o out -DUNICODE -Wall -Wextra -Werror"));
        assert_eq!(project.program(&["abc", "한", "\u{1f600}"]), ("4 bytes a character 61 d55c 1f600\n".to_owned(), 4));
        project.builds(&format!("--compiler {compiler} wide.cpp -o out"));
        assert_eq!(project.program(&["abc"]), ("1 bytes a character 61\n".to_owned(), 2));
    }
    // An object that was compiled before brings a wide main, too.
    project.builds("-c wide.cpp -D_UNICODE");
    project.builds("wide.o -o out");
    assert_eq!(project.program(&["x"]).1, 2);
}

#[test]
fn each_form_of_a_wide_main() {
    for text in [
        "int wmain() { return 7; }",
        "int wmain(int, wchar_t *[]) { return 7; }",
        "int wmain(int count, wchar_t **, wchar_t **names) { return names[0] && count == 1 ? 7 : 1; }",
        "int wmain(int, const wchar_t *[]) { return 7; }",
        "void wmain() { throw 7; }",
        "extern \"C\" int wmain(int, wchar_t **) { return 7; }",
    ] {
        let project = Project::new(&[(
            "a.cpp",
            &text.replace("throw 7", "_Exit(7)").replace("void", "#include <cstdlib>\nvoid"),
        )]);
        project.builds("a.cpp -o out");
        assert_eq!(project.program(&[]).1, 7, "{text}");
    }
}

#[test]
fn main_of_a_program_with_windows() {
    for (name, of) in [("WinMain", "char"), ("wWinMain", "wchar_t"), ("_tWinMain", "char")] {
        let text = format!(
            "#include <winsock2.h>\n#include <windows.h>\n#include <tchar.h>\n#include <stdio.h>\nint WINAPI {name}(HINSTANCE instance, HINSTANCE, {of} *line, int)\n{{\n    for (; *line; line++) putchar(static_cast<char>(*line));\n    return instance ? 7 : 8;\n}}\n"
        );
        let project = Project::new(&[("a.cpp", &text)]);
        project.builds("a.cpp -o out -Wall -Wextra -Werror");
        assert_eq!(project.program(&["one", "two three"]), ("one \"two three\"\n".to_owned(), 7));
    }
}

#[test]
fn void_main() {
    for compiler in compilers() {
        let project =
            Project::new(&[("a.cpp", "#include <stdio.h>\nvoid main()\n{\n    printf(\"%d\\n\", __LINE__);\n}\n")]);
        project.builds(&format!("--compiler {compiler} a.cpp -o out"));
        assert_eq!(project.program(&[]), ("4\n".to_owned(), 0));
    }
}

#[test]
fn options_of_the_compiler_go_through() {
    let source = "#include <winsock2.h>\n#pragma comment(lib, \"ws2_32.lib\")\n#pragma warning(disable: 4996)\nint main() { return NUMBER + (__cplusplus >= 202002L) + WSAGetLastError(); }";
    let project = Project::new(&[("a.cpp", source)]);
    for compiler in compilers() {
        for line in [
            "a.cpp -o out -std=c++20 -DNUMBER=3 -O2 -Wall -Wextra -Werror -g",
            "-o out -D NUMBER=3 -std=gnu++20 -x c++ a.cpp -lws2_32 -lmswsock -lkernel32 -lwinmm ws2_32.lib",
        ] {
            project.builds(&format!("--compiler {compiler} {line}"));
            assert_eq!(project.program(&[]), (String::new(), 4), "{compiler} {line}");
        }
    }
    let output = project.builds("a.cpp -E -DNUMBER=5");
    assert!(output.said.contains("return 5 +"), "{}", output.said);
    project.builds("a.cpp -fsyntax-only -DNUMBER=5");
    let output = project.builds("--version");
    assert!(output.said.contains("Free Software") || output.said.contains("clang"), "{}", output.said);
}

#[test]
fn compiled_and_linked_apart() {
    let project = Project::new(&[
        ("a.cpp", "#include <winsock2.h>\nextern \"C\" int b(void);\nint main() { return b() + WSAGetLastError(); }"),
        (
            "b.c",
            "#include <winsock2.h>\n#ifdef __cplusplus\n#error C\n#endif\nint b(void) { int class = 9; return class; }",
        ),
    ]);
    project.builds("-c a.cpp -o a.o");
    project.builds("-c b.c -o b.o -std=c11");
    project.builds("a.o b.o -o out");
    assert_eq!(project.program(&[]).1, 9);
    // C beside C++ is C.
    for compiler in compilers() {
        project.builds(&format!("--compiler {compiler} a.cpp b.c -o out"));
        assert_eq!(project.program(&[]).1, 9);
    }
}

#[test]
fn linked_with_the_archive() {
    let project = Project::new(&[(
        "a.cpp",
        "#include <winsock2.h>\nint main() { WSASetLastError(5); return WSAGetLastError(); }",
    )]);
    for line in ["a.cpp --static-ws2 -lws2_32 -o out", "a.cpp -static -o out"] {
        project.builds(line);
        assert_eq!(project.program(&[]).1, 5);
        let bytes = fs::read(project.path("out")).expect("a program");
        assert!(!bytes.windows(12).any(|part| part == b"libws2_32.so"), "{line}: it wants no library");
    }
}

#[test]
fn headers_that_visual_cpp_brings_along() {
    let source = "#include <winsock2.h>\n#include <initializer_list>\nint main()\n{\n    std::vector<int> numbers{1, 2};\n    std::thread([&] { numbers.push_back(4); }).join();\n    return std::accumulate(numbers.begin(), numbers.end(), 0) + static_cast<int>(std::sqrt(4.0));\n}\n";
    let project = Project::new(&[("a.cpp", source)]);
    for compiler in compilers() {
        let output = project.builds(&format!("--compiler {compiler} a.cpp -o out"));
        assert_eq!(project.program(&[]).1, 9);
        assert!(!output.errors.contains("error:"), "{}", output.errors);
        for line in advice(&output) {
            assert!(line.starts_with("overlapped: a.cpp:") && line.contains("; add #include <"), "{line}");
        }
    }
}

#[test]
fn what_is_left_to_change() {
    for (line, code, says) in [
        ("", "#include \"GameCore.h\"\n", "a.cpp:1: GameCore.h: the header lies in ../Core; add -I../Core"),
        ("", "#include <d3d11.h>\n", "a.cpp:1: d3d11.h: DirectX is not here"),
        ("", "#include <concurrent_queue.h>\n", "oneTBB"),
        (
            "",
            "int f(int k)\n{\n    __try { k = 1; }\n    __except (1) { k = 2; }\n    return k;\n}",
            "a.cpp:4: __try and __except exist in Visual C++ only",
        ),
        ("", "void f()\n{\n    __asm { mov eax, 1 }\n}", "a.cpp:3: this is the assembler of Visual C++"),
        (
            "",
            "#include <exception>\nvoid f() { throw std::exception(\"text\"); }",
            "a.cpp:2: std::exception takes a text",
        ),
        ("", "struct A {};\nvoid g(A &);\nvoid f() { g(A()); }", "a.cpp:3: a temporary is given"),
        (
            "",
            "void f(int k) { switch (k) { case 1: int a = 2; (void)a; break;\ncase 2: break; } }",
            "a.cpp:2: a case label or goto jumps",
        ),
        (
            "",
            "#include <winsock2.h>\nvoid g(DWORD *);\nvoid f() { unsigned long n; g(&n); }",
            "a.cpp:3: unsigned long has 64 bits here",
        ),
        ("", "#include <winsock2.h>\nvoid g(LPCSTR);\nvoid f() { g(L\"\"); }", "a.cpp:3: a wide string is given"),
        (
            "-DUNICODE",
            "#include <winsock2.h>\nvoid g(LPCWSTR);\nvoid f() { g(\"\"); }",
            "a.cpp:3: a narrow string is given",
        ),
        ("", "const wchar_t *f() { return L__FUNCTION__; }", "a.cpp:1: __FUNCTION__ is a variable"),
        ("", "void f(int (&n)[3]) { for each (int i in n) { (void)i; } }", "a.cpp:1: for each is for Visual C++ only"),
        ("", "struct A { void A::f(); };", "a.cpp:1: a member is named with its class"),
    ] {
        let project = Project::new(&[("Server/a.cpp", code), ("Core/GameCore.h", "")]);
        for compiler in compilers() {
            let line = format!("--compiler {compiler} -c a.cpp {line}");
            let output = project.run(&line).folder(&project.path("Server")).output();
            // What one of them takes is no matter of advice.
            if compiler == "clang++" && output.status.success() {
                continue;
            }
            assert_eq!(output.status.code(), Some(1), "{compiler}: {code}");
            let told = advice(&output);
            assert!(told.iter().any(|line| line.contains(says)), "{compiler}: {says}:\n{}", output.errors);
            assert!(told.iter().all(|line| line.starts_with("overlapped: a.cpp:") && line.contains("; ")), "{told:?}");
            // It comes last.
            assert!(output.errors.ends_with(&format!("{}\n", told[told.len() - 1])), "{}", output.errors);
        }
    }
    let project = Project::new(&[("a.cpp", "template <class T> void f(T) { later(1); }\nvoid later(int);\n")]);
    assert_eq!(advice(&project.cc("-c a.cpp")).len(), 1);
}

#[test]
fn what_compiles_and_differs() {
    let source = "#pragma comment(lib, \"odbc32\")\n#pragma pack(push, 1)\nstruct P {\n    wchar_t name[20];\n    long id;\n};\n#pragma pack(pop)\nvoid f() { system(\"pause\"); }\n";
    let project = Project::new(&[("a.cpp", &format!("#include <stdlib.h>\n{source}"))]);
    let output = project.builds("-c a.cpp -w");
    let places: Vec<_> = advice(&output).into_iter().map(|line| line.split(": ").nth(1).unwrap_or_default()).collect();
    assert_eq!(places, ["a.cpp:2", "a.cpp:5", "a.cpp:6", "a.cpp:9"], "{}", output.errors);
    assert_eq!(project.builds("-c a.cpp -w --no-advice").errors, "");
}

#[test]
fn words_of_visual_cpp() {
    // Before any header; an attribute before the word, and a locale that only Windows has.
    let source = "typedef unsigned __int64 uint64;\nDECLSPEC_ALIGN(64)\nstruct A { char a; };\n__declspec(align(32)) struct B { char b; };\n#include <locale>\nint main()\n{\n    std::locale name(\"kor\");\n    return static_cast<int>(sizeof(A) + sizeof(B) + sizeof(uint64)) + __LINE__;\n}\n";
    let project = Project::new(&[("a.cpp", source)]);
    for compiler in compilers() {
        let output = project.builds(&format!("--compiler {compiler} a.cpp -o out -Wall -Wextra -Werror"));
        assert_eq!(output.errors, "");
        assert_eq!(project.program(&[]), (String::new(), 64 + 32 + 8 + 9));
    }
}

#[test]
fn failures_are_those_of_the_compiler() {
    let project = Project::new(&[
        ("a.cpp", "int main() { return x; }\n"),
        ("b.cpp", "int main() { return missing(); } int missing();"),
    ]);
    let output = project.cc("a.cpp -o out");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.errors.contains("a.cpp:1:"), "{}", output.errors);
    assert!(advice(&output).is_empty(), "{}", output.errors);
    assert_eq!(project.cc("nowhere.cpp").status.code(), Some(1));
    let output = project.cc("");
    assert!(output.failure(2).contains("no source"), "{}", output.errors);
}

#[test]
fn a_compiler_that_is_missing() {
    let project = Project::new(&[("a.cpp", "int main() {}"), ("a.c", "int main(void) { return 0; }")]);
    let output = project.cc("--compiler no-such-compiler a.cpp");
    assert!(
        output.failure(1).contains("there is no compiler `no-such-compiler` (--compiler): install one"),
        "{}",
        output.errors
    );
    let output = project.run("a.cpp").variable("CXX", "no-such-compiler -x").output();
    assert!(output.failure(1).contains("(CXX)"), "{}", output.errors);
    let empty = project.0.path().to_string_lossy().into_owned();
    let output = project.run("a.cpp").variable("PATH", &empty).output();
    assert!(
        output.failure(1).contains("there is no g++ and no clang++ here: install one (apt install g++"),
        "{}",
        output.errors
    );
    let output = project.run("a.c").variable("PATH", &empty).output();
    assert!(output.failure(1).contains("there is no gcc and no clang here"), "{}", output.errors);
    // It may have arguments of its own.
    let output = project.run("a.cpp -o out").variable("CXX", "g++ -DX").output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
}

#[test]
fn headers_and_library_that_are_missing() {
    let project = Project::new(&[("a.cpp", "int main() {}"), ("sdk/include/winsock2.h", "")]);
    let place = |path: &str| project.path(path).to_string_lossy().into_owned();
    let output = project.run("a.cpp").variable("OVERLAPPED_SDK", &place("nowhere")).output();
    assert!(output.failure(2).contains("OVERLAPPED_SDK: there is no winsock2.h below"), "{}", output.errors);
    let output = project.run("a.cpp").variable("OVERLAPPED_SDK", &place("sdk")).output();
    assert!(output.failure(1).contains("run cargo build --release -p winsock"), "{}", output.errors);
    // What is not linked needs no library.
    let output = project.run("-c a.cpp").variable("OVERLAPPED_SDK", &place("sdk")).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
}

#[test]
fn flags_for_a_makefile() {
    let project = Project::new(&[(
        "a.cpp",
        "#include <winsock2.h>\nint main() { WSASetLastError(6); return WSAGetLastError(); }",
    )]);
    let (cflags, libs) = (project.builds("--cflags").said, project.builds("--libs").said);
    let line = format!("g++ {} a.cpp -o out {}", cflags.trim(), libs.trim());
    let shell = Run::of("sh", &["-c", &line]).folder(project.0.path()).output();
    assert_eq!(shell.status.code(), Some(0), "{line}:\n{}", shell.errors);
    assert_eq!(project.program(&[]).1, 6);
    let both = project.builds("--print-flags").said;
    assert_eq!(both, format!("{} {}", cflags.trim(), libs));
}

#[test]
fn it_explains_itself() {
    let project = Project::new(&[("a.cpp", "int main() {}")]);
    let said = project.builds("--explain").said;
    assert!(said.contains("-isystem") && said.contains("-fpermissive"), "{said}");
    let said = project.builds("--help").said;
    assert!(said.contains("--charset <NAME>") && said.contains("OVERLAPPED_SDK"), "{said}");
    let output = project.builds("a.cpp --verbose -o out");
    assert!(output.errors.contains(" -isystem ") && output.errors.contains(" -lws2_32"), "{}", output.errors);
}

/// CMake sets `CXX` for the compilers that it runs, and that may be a script around this command.
#[test]
fn a_compiler_that_is_this_command_does_not_run_itself_for_ever() {
    let project = Project::new(&[("a.cpp", "int main() { return 7; }")]);
    let wrapper = project.path("wrapper");
    let script = format!("#!/bin/sh\nexec '{}' cc \"$@\"\n", env!("CARGO_BIN_EXE_overlapped"));
    project.write("wrapper", script.as_bytes());
    fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755)).expect("a script");
    let output = project.run("a.cpp -o out").variable("CXX", &wrapper.to_string_lossy()).output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert_eq!(project.program(&[]).1, 7);
}
