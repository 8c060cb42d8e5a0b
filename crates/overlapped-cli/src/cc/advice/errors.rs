//! Errors of the compiler that a program for Visual C++ meets, and the change that each of them wants.

use super::messages::Message;
use super::{Advice, headers, nearby};
use crate::cc::brought;
use crate::cc::command_line::CommandLine;
use crate::cc::program::Program;
use crate::cc::scanner::has_word;
use std::borrow::Cow;
use std::path::Path;

/// What a message is about.
struct Case<'a> {
    text: &'a str,
    /// The line of the source, without comments and the insides of literals.
    code: &'a str,
    unicode: bool,
}

type Words = (Cow<'static, str>, Cow<'static, str>);

/// The advice for what the compiler said.
pub(crate) fn read(messages: &[&Message], line: &CommandLine, program: &Program) -> Vec<Advice> {
    let unicode = line.defines("UNICODE") || line.defines("_UNICODE");
    let mut all = Vec::new();
    let mut error: Option<&Message> = None;
    for message in messages {
        let own = |message: &&Message| program.file(Path::new(&message.file)).is_some();
        // A note shows the candidates for a call, or where a header may be included; what is meant is the call.
        let place = error.filter(|_| message.note).unwrap_or(message);
        if !message.note && own(message) {
            error = Some(message);
        }
        let file = program.file(Path::new(&place.file));
        let code = file.and_then(|file| file.source.line(place.line)).map_or("", |line| line.code);
        let case = Case { text: &message.text, code, unicode };
        if let Some((what, change)) = missing_header(message, program).or_else(|| advise(&case)) {
            all.push(Advice { file: place.file.clone(), line: place.line, what, change });
        }
    }
    all
}

fn advise(case: &Case<'_>) -> Option<Words> {
    wide_for_narrow(case)
        .or_else(|| RULES.iter().find(|rule| (rule.applies)(case)).map(|rule| (rule.what.into(), rule.change.into())))
        .or_else(|| header_forgotten(case))
}

/// A header that is a part of Windows, or that lies in a folder which the project of Visual Studio names.
fn missing_header(message: &Message, program: &Program) -> Option<Words> {
    let text = message.text.as_str();
    let clang = || text.strip_suffix("' file not found").and_then(|name| name.strip_prefix('\''));
    let name = text.strip_suffix(": No such file or directory").or_else(clang)?;
    let near = program.files().filter_map(|(path, _)| path.parent());
    if let Some(folder) = nearby::folder_of(name, near) {
        let folder = folder.display();
        return Some((format!("{name}: the header lies in {folder}").into(), format!("add -I{folder}").into()));
    }
    let (what, change) = headers::missing(name)?;
    Some((format!("{name}: {what}").into(), change.into()))
}

/// With Visual C++ another header brings it along.
fn header_forgotten(case: &Case<'_>) -> Option<Words> {
    let name = brought::header(case.text)?;
    if name == "format" {
        let (what, change) = headers::missing(name)?;
        return Some((what.into(), change.into()));
    }
    Some((
        format!("with Visual C++ another header brings <{name}> along").into(),
        format!("add #include <{name}>").into(),
    ))
}

fn wide_for_narrow(case: &Case<'_>) -> Option<Words> {
    let conversion =
        ["cannot convert", "invalid conversion", "no known conversion"].iter().any(|part| case.text.contains(part));
    let (from, to) = case.text.split_once(" to ").filter(|_| conversion)?;
    let wide = |text: &str| any(text, &["wchar_t*", "wchar_t *", "wchar_t[", "wchar_t [", "WCHAR"]);
    let names = ["char*", "char *", "char[", "char [", "CHAR", "LPCSTR", "PCSTR", "LPSTR", "PSTR"];
    let narrow = |text: &str| any(text, &names) && !wide(text);
    if !case.unicode && wide(from) && narrow(to) {
        return Some((
            "a wide string is given where this build has narrow ones: the project's character set is Unicode".into(),
            "add -DUNICODE".into(),
        ));
    }
    if case.unicode && narrow(from) && wide(to) {
        return Some((
            "a narrow string is given where -DUNICODE wants wide ones".into(),
            "leave -DUNICODE out, or call the function that ends in A".into(),
        ));
    }
    None
}

struct Rule {
    applies: fn(&Case<'_>) -> bool,
    what: &'static str,
    change: &'static str,
}

/// Whether the message or the line of the source has the word.
fn about(case: &Case<'_>, word: &str) -> bool {
    has_word(case.text, word) || has_word(case.code, word)
}

fn any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

/// A pointer to one of the types is given, or wanted.
fn pointer(text: &str, types: &[&str]) -> bool {
    types.iter().any(|name| text.contains(&format!("{name}*")) || text.contains(&format!("{name} *")))
}

const LONGS: [&str; 4] = ["'long unsigned int", "'unsigned long", "'u_long", "'ulong"];
const SIGNED: [&str; 3] = ["'long int", "'long", "'volatile long int"];

const RULES: [Rule; 22] = [
    Rule {
        applies: |case| {
            ["__try", "__except", "__finally", "__leave", "GetExceptionCode", "GetExceptionInformation"]
                .iter()
                .any(|word| about(case, word))
        },
        what: "__try and __except exist in Visual C++ only",
        change: "use try and catch with destructors, or keep the block for Windows behind #ifdef _WIN32",
    },
    Rule {
        applies: |case| {
            has_word(case.code, "__asm")
                || has_word(case.code, "_asm")
                || case.text.contains("'__asm'")
                || case.text.contains("'_asm'")
        },
        what: "this is the assembler of Visual C++",
        change: "use intrinsics (<immintrin.h>, __rdtsc), or keep it for Windows behind #ifdef _WIN32",
    },
    Rule {
        applies: |case| {
            case.text.contains("std::exception::exception(")
                || (case.text.contains("'std::exception'") && case.text.contains("no matching"))
        },
        what: "std::exception takes a text in Visual C++ only",
        change: "write std::runtime_error(\"…\") and #include <stdexcept>",
    },
    Rule {
        applies: |case| {
            any(case.text, &["cannot bind non-const lvalue reference", "expects an lvalue for"])
                || (case.text.contains("non-const lvalue reference") && case.text.contains("cannot bind to a"))
        },
        what: "a temporary is given for a reference that is not const",
        change: "make the parameter a const reference, or give the value a name first",
    },
    Rule {
        applies: |case| {
            any(
                case.text,
                &[
                    "depend on a template parameter",
                    "at the point of instantiation",
                    "neither visible in the template definition",
                    "from dependent base",
                ],
            )
        },
        what: "a template uses a name that is not declared before it",
        change: "declare it above the template; for a member of a base class write this->name",
    },
    Rule {
        applies: |case| {
            any(
                case.text,
                &[
                    "need 'typename' before",
                    "missing 'typename' prior to",
                    "missing 'template' keyword",
                    "is parsed as a non-type",
                ],
            )
        },
        what: "in a template the name of a type that depends on its parameter has to be marked",
        change: "write typename before it",
    },
    Rule {
        applies: |case| {
            any(case.text, &["jump to case label", "jump to label", "cannot jump from", "crosses initialization"])
        },
        what: "a case label or goto jumps over an initialisation",
        change: "put braces around what belongs to the case, or declare the variable before",
    },
    Rule {
        // The function and its type are in the note or in the error itself.
        applies: |case| {
            case.text.contains(" to ")
                && pointer(case.text, &["DWORD", "'unsigned int", "DWORD aka"])
                && any(case.text, &["PULONG_PTR", "ULONG_PTR"])
        },
        what: "a completion key and what is transferred as ULONG_PTR have 64 bits",
        change: "declare the variable as ULONG_PTR",
    },
    Rule {
        applies: |case| {
            any(case.text, &["convert", "conversion"])
                && pointer(case.text, &LONGS)
                && any(case.text, &["DWORD", "unsigned int*", "unsigned int *", "ULONG"])
        },
        what: "unsigned long has 64 bits here, DWORD and ULONG have 32",
        change: "declare the variable as DWORD (u_long for ioctlsocket)",
    },
    Rule {
        applies: |case| {
            any(case.text, &["convert", "conversion"])
                && pointer(case.text, &SIGNED)
                && any(case.text, &["LONG", "'int*", "volatile int", "int *"])
        },
        what: "long has 64 bits here, LONG has 32",
        change: "declare the variable as LONG",
    },
    Rule {
        applies: |case| case.text.contains("main' must return 'int'"),
        what: "void main is for Visual C++ only",
        change: "write int main",
    },
    Rule {
        applies: |case| any(case.text, &["reference to 'byte' is ambiguous", "std::byte'"]),
        what: "byte is std::byte here, under using namespace std in C++17",
        change: "add -std=c++14, which is what Visual C++ takes by default, or write BYTE",
    },
    Rule {
        applies: |case| {
            any(
                case.text,
                &[
                    "'format' is not a member of 'std'",
                    "no member named 'format' in namespace 'std'",
                    "'std::format' has not been declared",
                ],
            )
        },
        what: "std::format came with GCC 13 and Clang 17",
        change: "take a newer compiler (--compiler g++-13, -std=c++20), or the library fmt",
    },
    Rule {
        applies: |case| {
            any(case.text, &["L__FUNCTION__", "L__FILE__", "__FILEW__", "__FUNCTIONW__", "u8__FUNCTION__", "L__func__"])
        },
        what: "__FUNCTION__ is a variable here, no literal, and takes no prefix",
        change: "print __func__ with %hs (or %s), and L\"\" literals by themselves",
    },
    Rule {
        applies: |case| {
            case.text.contains("before '__FUNCTION__'")
                || (has_word(case.code, "__FUNCTION__") && case.text.contains("expected"))
        },
        what: "__FUNCTION__ is a variable here, and cannot stand beside a literal",
        change: "print it with %s",
    },
    Rule {
        applies: |case| case.text.contains("SOMAXCONN_HINT"),
        what: "SOMAXCONN_HINT is not here",
        change: "write SOMAXCONN",
    },
    Rule {
        applies: |case| {
            any(
                case.text,
                &[
                    "'min' was not declared",
                    "'max' was not declared",
                    "use of undeclared identifier 'min'",
                    "use of undeclared identifier 'max'",
                ],
            )
        },
        what: "min and max are no macros here",
        change: "write std::min and std::max, and #include <algorithm>",
    },
    Rule {
        applies: |case| case.text.contains("extra qualification"),
        what: "a member is named with its class inside of the class",
        change: "leave out the class and ::",
    },
    Rule {
        applies: |case| case.text.contains("'each'") || has_word(case.code, "each") && has_word(case.code, "for"),
        what: "for each is for Visual C++ only",
        change: "write for (auto& x : container)",
    },
    Rule {
        applies: |case| any(case.text, &["'Concurrency'", "'concurrency'"]),
        what: "the Parallel Patterns Library comes with Visual C++ only",
        change: "use oneTBB: <tbb/concurrent_queue.h>, tbb:: for concurrency::, -ltbb",
    },
    Rule {
        applies: |case| any(case.text, &["taking address of rvalue", "taking the address of a temporary"]),
        what: "the address of a temporary is taken",
        change: "give the value a name first",
    },
    Rule {
        applies: |case| {
            any(
                case.text,
                &["explicit specialization in non-namespace scope", "explicit template argument list not allowed"],
            )
        },
        what: "a member template is specialised inside of its class",
        change: "write the specialisation behind the class",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(text: &str, code: &str, unicode: bool) -> Option<String> {
        advise(&Case { text, code, unicode }).map(|(what, change)| format!("{what}; {change}"))
    }

    #[test]
    fn each_rule_has_its_message() {
        for (text, code, says) in [
            ("'__try' was not declared in this scope", "", "__try"),
            ("expected '(' before '{' token", "__asm {", "assembler"),
            ("no matching function for call to 'std::exception::exception(const char [5])'", "", "runtime_error"),
            (
                "no matching conversion for functional-style cast from 'const char[5]' to 'std::exception'",
                "",
                "runtime_error",
            ),
            ("cannot bind non-const lvalue reference of type 'X&' to an rvalue of type 'X'", "", "const reference"),
            ("non-const lvalue reference to type 'X' cannot bind to a temporary of type 'X'", "", "const reference"),
            (
                "there are no arguments to 'f' that depend on a template parameter, so a declaration of 'f' must be available",
                "",
                "declare it above",
            ),
            ("need 'typename' before 'T::iterator' because 'T' is a dependent scope", "", "write typename"),
            ("jump to case label", "", "braces"),
            ("cannot jump from switch statement to this case label", "", "braces"),
            ("invalid conversion from 'long unsigned int*' to 'LPDWORD' {aka 'unsigned int*'}", "", "as DWORD"),
            ("cannot convert 'long unsigned int*' to 'LPDWORD' {aka 'unsigned int*'}", "", "as DWORD"),
            (
                "candidate function not viable: no known conversion from 'unsigned long *' to 'LPDWORD' (aka 'unsigned int *') for 1st argument",
                "",
                "as DWORD",
            ),
            (
                "cannot convert 'DWORD*' {aka 'unsigned int*'} to 'PULONG_PTR' {aka 'long unsigned int*'}",
                "",
                "as ULONG_PTR",
            ),
            ("invalid conversion from 'long int*' to 'volatile LONG*' {aka 'volatile int*'}", "", "as LONG"),
            (
                "candidate function not viable: no known conversion from 'long *' to 'volatile LONG *' (aka 'volatile int *') for 1st argument",
                "",
                "as LONG",
            ),
            ("'::main' must return 'int'", "", "int main"),
            ("reference to 'byte' is ambiguous", "", "-std=c++14"),
            ("cannot convert 'int' to 'std::byte' in initialization", "", "-std=c++14"),
            ("'format' is not a member of 'std'", "", "GCC 13"),
            ("'L__FUNCTION__' was not declared in this scope", "", "__func__"),
            ("expected ')' before '__FUNCTION__'", "", "%s"),
            ("'SOMAXCONN_HINT' was not declared in this scope", "", "SOMAXCONN"),
            ("'max' was not declared in this scope; did you mean 'std::max'?", "", "std::max"),
            ("extra qualification 'A::' on member 'f' [-fpermissive]", "", "leave out"),
            ("expected '(' before 'each'", "", "for (auto&"),
            ("'concurrency' has not been declared", "", "oneTBB"),
            ("taking address of rvalue [-fpermissive]", "", "a name"),
            ("explicit specialization in non-namespace scope 'class A'", "", "behind the class"),
            (
                "'std::thread' is defined in header '<thread>'; did you forget to '#include <thread>'?",
                "",
                "add #include <thread>",
            ),
            ("maybe you meant to include <cstring>", "", "add #include <cstring>"),
            ("cannot convert 'const wchar_t*' to 'PCSTR' {aka 'const char*'}", "", "add -DUNICODE"),
        ] {
            let advice = advice(text, code, false);
            assert!(advice.as_ref().is_some_and(|advice| advice.contains(says)), "{text}: {advice:?}");
        }
    }

    #[test]
    fn what_is_simply_wrong_gets_no_advice() {
        for text in [
            "expected ';' before '}' token",
            "'count' was not declared in this scope",
            "invalid conversion from 'int' to 'HANDLE' {aka 'void*'}",
            "invalid conversion from 'const char*' to 'char*'",
        ] {
            assert_eq!(advice(text, "", false), None, "{text}");
        }
    }

    #[test]
    fn narrow_strings_under_unicode() {
        let text = "cannot convert 'const char*' to 'LPCWSTR' {aka 'const wchar_t*'}";
        assert!(advice(text, "", true).is_some_and(|advice| advice.contains("leave -DUNICODE out")));
        assert_eq!(advice(text, "", false), None);
    }
}
