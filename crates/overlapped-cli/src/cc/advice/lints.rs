//! What compiles here and does not do what it does on Windows.

use super::{Advice, library};
use crate::cc::libraries;
use crate::cc::program::{File, Program};
use crate::cc::scanner::{Line, directive, has_word};
use std::borrow::Cow;
use std::path::Path;

/// Looks at every file of the program.
pub(crate) fn look(program: &Program, headers: &Path) -> Vec<Advice> {
    let mut all = Vec::new();
    for (path, file) in program.files() {
        let mut push = |line: usize, what: Cow<'static, str>, change: Cow<'static, str>| {
            all.push(Advice { file: path.display().to_string(), line, what, change });
        };
        let mut packing = Packing::default();
        for line in file.source.lines() {
            packing.read(line);
            if let Some(name) = libraries::in_pragma(line.code, line.text) {
                if let Some((what, change)) = library(&name, headers) {
                    push(line.number, format!("{name}.lib: {what}").into(), change.into());
                }
            }
            let found = packing.wide(line).or_else(|| in_line(file, line));
            if let Some((what, change)) = found {
                push(line.number, what.into(), change.into());
            }
        }
    }
    all
}

type Words = (&'static str, &'static str);

fn in_line(file: &File, line: Line<'_>) -> Option<Words> {
    let squeezed: String = line.code.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.starts_with("__declspec(align(")
        && ["struct", "class", "union"].iter().any(|word| begins_type(line.code, word))
    {
        return Some((
            "g++ does not see __declspec(align) before struct or class",
            "write it behind the word: struct __declspec(align(16)) Name",
        ));
    }
    if names_locale(line) {
        return Some((
            "Windows' names of locales mean nothing here, and std::locale throws for a name that it does not know",
            "write std::locale(\"\") or setlocale(LC_ALL, \"\"), and run in a UTF-8 locale",
        ));
    }
    if squeezed.contains("system(\"") {
        return shell_command(file, line);
    }
    None
}

/// `__declspec(align(16)) struct`: the word follows the closing parenthesis.
fn begins_type(code: &str, word: &str) -> bool {
    code.split_once("))").is_some_and(|(_, after)| after.trim_start().starts_with(word))
}

/// `std::locale("kor")`, `setlocale(LC_ALL, "Korean")`, `_wsetlocale(LC_ALL, L"kor")`.
fn names_locale(line: Line<'_>) -> bool {
    let called = ["locale", "setlocale", "_wsetlocale"].iter().any(|word| has_word(line.code, word));
    if !called || line.code.trim_start().starts_with('#') {
        return false;
    }
    let quoted = line.text.split('"').nth(1).filter(|_| line.code.contains('"'));
    // Names that Linux has, too.
    quoted.is_some_and(|name| {
        !matches!(name, "" | "C" | "POSIX") && !name.contains('_') && !name.to_ascii_lowercase().ends_with("utf8")
    })
}

/// `system("pause")` and others that only Windows' shell knows.
fn shell_command(file: &File, line: Line<'_>) -> Option<Words> {
    let at = file.source.text().get(line.start..).and_then(|text| text.find("system"))?;
    let command = line.text.get(at..)?.split('"').nth(1)?;
    match command.split_whitespace().next()?.to_ascii_lowercase().as_str() {
        "pause" => Some(("the shell here knows no pause", "write std::cin.get() or getchar()")),
        "cls" => Some(("the shell here knows no cls", "write system(\"clear\"), or print \"\\033[2J\\033[H\"")),
        "chcp" | "title" | "color" | "mode" => {
            Some(("this is a command of Windows' console", "leave it out: a terminal here is in UTF-8"))
        }
        _ => None,
    }
}

/// Within `#pragma pack` a struct is the image of a packet.
#[derive(Default)]
struct Packing {
    depth: usize,
    set: bool,
}

impl Packing {
    fn read(&mut self, line: Line<'_>) {
        let Some((_, after)) = directive(line, "pragma") else { return };
        let Some(pack) = after.trim_start().strip_prefix("pack") else { return };
        let inside: String = pack.chars().filter(|c| !c.is_whitespace()).collect();
        let packs = inside.chars().any(|c| c.is_ascii_digit());
        match inside.as_str() {
            "()" => *self = Self::default(),
            pop if pop.starts_with("(pop") => {
                self.depth = self.depth.saturating_sub(1);
                self.set = false;
            }
            push if push.starts_with("(push") => self.depth += usize::from(packs),
            _ => self.set = packs,
        }
    }

    /// A member whose size differs between Windows and Linux.
    fn wide(&self, line: Line<'_>) -> Option<Words> {
        if self.depth == 0 && !self.set || line.code.trim_start().starts_with('#') {
            return None;
        }
        let declares = line.code.trim_end().ends_with(';') && !line.code.contains('(');
        if !declares || line.code.contains('*') {
            return None;
        }
        if ["WCHAR", "wchar_t", "TCHAR", "_TCHAR"].iter().any(|word| has_word(line.code, word)) {
            return Some((
                "wchar_t has 4 bytes here and 2 on Windows: this packet has another size than there",
                "send char16_t or UTF-8, and convert at both ends",
            ));
        }
        (has_word(line.code, "long") && !is_long_long(line.code)).then_some((
            "long has 8 bytes here and 4 on Windows: this packet has another size than there",
            "write int, LONG or DWORD",
        ))
    }
}

fn is_long_long(code: &str) -> bool {
    code.split_whitespace().collect::<Vec<_>>().join(" ").contains("long long")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The places and changes for a source.
    fn lints(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.cpp");
        fs::write(&path, text).expect("a file");
        let list: &[std::path::PathBuf] = &[];
        let none = || list;
        let folders = crate::cc::includes::Folders::new(&[], &[], folder.path(), &none);
        let program = Program::read([path.as_path()].into_iter(), &folders, None);
        look(&program, folder.path())
            .into_iter()
            .map(|advice| format!("{}: {}; {}", advice.line, advice.what, advice.change))
            .collect()
    }

    #[test]
    fn packets_of_another_size() {
        let found = lints(
            "#pragma pack(push, 1)\nstruct P {\n  WCHAR name[20];\n  long id; // long\n  long long when;\n  wchar_t *text;\n};\n#pragma pack(pop)\nstruct Q { WCHAR name[20]; long a; };\nWCHAR b[2];\n",
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("3: wchar_t has 4 bytes") && found[1].starts_with("4: long has 8 bytes"),
            "{found:?}"
        );
        assert_eq!(
            lints("#pragma pack(1)\nstruct P {\nwchar_t c;\n};\n#pragma pack()\nstruct Q {\nwchar_t c;\n};\n").len(),
            1
        );
    }

    #[test]
    fn what_differs_silently() {
        for (text, says) in [
            ("__declspec(align(16)) struct Job {};", Some("behind the word")),
            ("struct __declspec(align(16)) Job {};", None),
            ("std::wcout.imbue(std::locale(\"kor\"));", Some("std::locale(\"\")")),
            ("_wsetlocale(LC_ALL, L\"Korean\");", Some("setlocale(LC_ALL, \"\")")),
            ("setlocale(LC_ALL, \"\");", None),
            ("setlocale(LC_ALL, \"ko_KR.UTF-8\");", None),
            ("#include \"locale\"", None),
            ("system(\"pause\");", Some("getchar")),
            ("  system( \"cls\" );", Some("clear")),
            ("system(\"ls\");", None),
            ("// system(\"pause\");", None),
            ("#pragma comment(lib, \"ws2_32.lib\")", None),
            ("#pragma comment(lib, \"odbc32\")", Some("#ifdef _WIN32")),
            ("#pragma comment(lib, \"Debug\\\\ServerCore.lib\")", Some("compile its sources along")),
        ] {
            let found = lints(text);
            match says {
                Some(says) => assert!(found.len() == 1 && found[0].contains(says), "{text}: {found:?}"),
                None => assert!(found.is_empty(), "{text}: {found:?}"),
            }
        }
    }
}
