//! What a copy of a source says in other words, since no compiler here, or no library here, takes Visual C++'s. Lines stay.

use super::scanner::{Source, words};
use std::ops::Range;

/// A place in a source, and what stands there in a copy.
pub(crate) type Edit = (Range<usize>, String);

/// All changes to a source.
pub(crate) fn edits(source: &Source) -> Vec<Edit> {
    let mut edits: Vec<Edit> = void_main(source).into_iter().collect();
    edits.extend(specifiers(source));
    edits.extend(locales(source));
    edits
}

/// `void main(`: no compiler here takes it, and it is nothing but `int`.
fn void_main(source: &Source) -> Option<Edit> {
    let code = source.code();
    let at = source.words("void").find(|at| {
        let after = code[at + "void".len()..].trim_start();
        ["main", "_tmain", "wmain"].iter().any(|name| {
            let named = words(after, name).next() == Some(0);
            named && after[name.len()..].trim_start().starts_with('(') && !declares(&after[name.len()..])
        })
    })?;
    Some((at..at + "void".len(), "int".to_owned()))
}

/// Whether what follows a name is its parameters and a semicolon.
fn declares(after: &str) -> bool {
    after.split_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(';'))
}

/// `__declspec(align(16)) struct A {`: an attribute before `struct` is ignored here, so that it goes behind the word.
fn specifiers(source: &Source) -> Vec<Edit> {
    let (code, text) = (source.code(), source.text());
    let mut edits = Vec::new();
    for name in ["__declspec", "_declspec", "DECLSPEC_ALIGN"] {
        for at in source.words(name) {
            let Some(length) = parentheses(&code[at + name.len()..]) else { continue };
            let end = at + name.len() + length;
            let after = &code[end..];
            let kind = after.trim_start();
            let Some(word) = ["struct", "class", "union"].into_iter().find(|word| words(kind, word).next() == Some(0))
            else {
                continue;
            };
            // A type that is defined here, and no function that returns one; a macro is left as it is.
            let defines = kind.find(['{', ';', '(']).is_some_and(|stop| kind[stop..].starts_with('{'));
            if !defines || in_macro(code, at) {
                continue;
            }
            let behind = end + (after.len() - kind.len()) + word.len();
            let specifier = text[at..end].replace('\n', " ");
            // The lines of the specifier itself stay.
            edits.push((at..end, "\n".repeat(text[at..end].matches('\n').count())));
            edits.push((behind..behind, format!(" {specifier}")));
        }
    }
    edits
}

/// The length of what stands in parentheses, with these.
fn parentheses(code: &str) -> Option<usize> {
    let open = code.len() - code.trim_start().len();
    if !code[open..].starts_with('(') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, char) in code.char_indices().skip(open) {
        match char {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn in_macro(code: &str, at: usize) -> bool {
    code[..at].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'))
}

/// `std::locale("kor")` throws here, and `setlocale(LC_ALL, "Korean")` does nothing: what they want is that wide characters
/// come out, which every UTF-8 locale does.
fn locales(source: &Source) -> Vec<Edit> {
    let (code, text) = (source.code(), source.text());
    let mut edits = Vec::new();
    for name in ["locale", "setlocale", "_wsetlocale"] {
        for at in source.words(name) {
            // `std::locale here("kor");` has a name.
            let rest = &code[at + name.len()..];
            let Some(open) = rest
                .find('(')
                .filter(|open| rest[..*open].chars().all(|c| c.is_alphanumeric() || c == '_' || c.is_whitespace()))
            else {
                continue;
            };
            let Some(length) = parentheses(&rest[open..]) else { continue };
            let start = at + name.len() + open;
            let inside = &code[start..start + length];
            let Some(quote) = inside.find('"') else { continue };
            let Some(end) = inside[quote + 1..].find('"') else { continue };
            let place = start + quote + 1..start + quote + 1 + end;
            if text.get(place.clone()).is_some_and(is_of_windows) {
                edits.push((place, "C.UTF-8".to_owned()));
            }
        }
    }
    edits
}

/// `kor`, `Korean`, `Korean_Korea.949`, `.949`, `ko-KR`, `chs`, …; not `C`, not the user's own, and none of Linux.
fn is_of_windows(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let languages = [
        "kor", "jpn", "japan", "chs", "cht", "chinese", "english", "enu", "american", "german", "french", "ko-", "ja-",
        "zh-", "en-", ".",
    ];
    languages.iter().any(|start| lower.starts_with(start)) || lower == "ko" || lower == "ja"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a copy.
    fn copy(text: &str) -> String {
        let mut edits = edits(&Source::new(text.to_owned()));
        edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        let mut copy = text.to_owned();
        for (place, instead) in edits {
            copy.replace_range(place, &instead);
        }
        copy
    }

    #[test]
    fn a_void_main_is_int() {
        for (text, copied) in [
            ("void main()\n{}", "int main()\n{}"),
            ("int a; void  _tmain (int, TCHAR*[]) {}", "int a; int  _tmain (int, TCHAR*[]) {}"),
            ("void main2() {}", "void main2() {}"),
            ("// void main()\nint main() {}", "// void main()\nint main() {}"),
            ("void f(); int main() {}", "void f(); int main() {}"),
        ] {
            assert_eq!(copy(text), copied);
        }
    }

    #[test]
    fn specifiers_go_behind_the_word() {
        for (text, copied) in [
            ("__declspec(align(16)) struct A { int a; };", " struct __declspec(align(16)) A { int a; };"),
            ("DECLSPEC_ALIGN(16)\nstruct A : public B\n{\n};", "\nstruct DECLSPEC_ALIGN(16) A : public B\n{\n};"),
            ("__declspec(dllexport) class A\n{};", " class __declspec(dllexport) A\n{};"),
            ("struct __declspec(align(16)) A {};", "struct __declspec(align(16)) A {};"),
            ("__declspec(align(16)) int a;", "__declspec(align(16)) int a;"),
            ("__declspec(dllimport) struct A *f(int);", "__declspec(dllimport) struct A *f(int);"),
            ("#define API __declspec(dllexport) struct A {", "#define API __declspec(dllexport) struct A {"),
            ("__declspec(align(", "__declspec(align("),
        ] {
            assert_eq!(copy(text), copied);
        }
    }

    #[test]
    fn locales_of_windows_are_utf_8() {
        for (text, copied) in [
            ("wcout.imbue(std::locale(\"kor\"));", "wcout.imbue(std::locale(\"C.UTF-8\"));"),
            ("std::locale here(\"korean\");", "std::locale here(\"C.UTF-8\");"),
            ("_wsetlocale(LC_ALL, L\"Korean\");", "_wsetlocale(LC_ALL, L\"C.UTF-8\");"),
            ("setlocale(LC_ALL, \"\"); f(\"kor\");", "setlocale(LC_ALL, \"\"); f(\"kor\");"),
            ("setlocale(LC_ALL, \"ko_KR.UTF-8\");", "setlocale(LC_ALL, \"ko_KR.UTF-8\");"),
            ("f(\"locale(\\\"kor\\\")\");", "f(\"locale(\\\"kor\\\")\");"),
            ("setlocale(LC_ALL, \"C\");", "setlocale(LC_ALL, \"C\");"),
        ] {
            assert_eq!(copy(text), copied);
        }
    }
}
