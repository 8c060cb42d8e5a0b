//! What compiles here and does not do what it does on Windows.

use super::{Advice, library};
use crate::cc::libraries;
use crate::cc::program::{File, Program};
use crate::cc::scanner::{Line, directive, has_word};
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

/// Looks at every file of the program.
pub(crate) fn look(program: &Program, headers: &Path) -> Vec<Advice> {
    let (mut all, mut libraries) = (Vec::new(), HashSet::new());
    for (path, file) in program.files() {
        let mut push = |line: usize, what: Cow<'static, str>, change: Cow<'static, str>| {
            all.push(Advice { file: path.display().to_string(), line, what, change });
        };
        let mut packing = Packing::default();
        for line in file.source.lines() {
            packing.read(line);
            let named = libraries::in_pragma(line.code, line.text).filter(|name| !is_compiled_along(name, program));
            // Debug and Release name it once each.
            if let Some(name) = named.filter(|name| libraries.insert(name.to_lowercase())) {
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

/// A library of the program's own: its project's folder has its name.
fn is_compiled_along(name: &str, program: &Program) -> bool {
    program.files().any(|(path, _)| {
        let source = path.extension().is_some_and(|extension| !extension.to_string_lossy().starts_with(['h', 'H']));
        let mut folders = path.parent().into_iter().flat_map(Path::components);
        source && folders.any(|folder| folder.as_os_str().to_string_lossy().eq_ignore_ascii_case(name))
    })
}

fn in_line(file: &File, line: Line<'_>) -> Option<Words> {
    let squeezed: String = line.code.chars().filter(|c| !c.is_whitespace()).collect();
    if ["wcout.imbue(", "wcin.imbue("].iter().any(|call| squeezed.contains(call)) {
        return Some((
            "what wcout and wcin convert follows setlocale here, and not imbue",
            "write setlocale(LC_ALL, \"C.UTF-8\") at the beginning of main",
        ));
    }
    if line.text.contains("I64") && OF_THE_C_LIBRARY.iter().any(|name| has_word(line.code, name)) {
        return Some((
            "printf and scanf are the C library's here, which takes I64 for something else and reads another number",
            "write %lld (%llu, %llx), or printf_s, sprintf_s, sscanf_s, …, which know I64",
        ));
    }
    if squeezed.contains("system(\"") {
        return shell_command(file, line);
    }
    None
}

/// What reads a format and is not ours.
const OF_THE_C_LIBRARY: [&str; 7] = ["printf", "fprintf", "sprintf", "snprintf", "scanf", "sscanf", "fscanf"];

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
            ("std::wcout.imbue(std::locale(\"kor\"));", Some("setlocale(LC_ALL")),
            ("file.imbue(std::locale(\"\"));", None),
            ("system(\"pause\");", Some("getchar")),
            ("  system( \"cls\" );", Some("clear")),
            ("system(\"ls\");", None),
            ("printf(\"%I64d\", big);", Some("%lld")),
            ("printf_s(\"%I64d\", big);", None),
            ("wprintf(L\"%I64d\", big);", None),
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
