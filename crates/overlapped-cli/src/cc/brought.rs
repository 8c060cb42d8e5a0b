//! Standard headers that Visual C++'s own headers bring along: the most frequent reason why a program that builds there does not
//! build here. They are included before the program's own, and named.

use super::advice::messages::Message;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The header that a message wants.
pub(crate) fn header(text: &str) -> Option<&str> {
    let hinted = ["did you forget to '#include <", "maybe you meant to include <", "include the header <"];
    if let Some((_, after)) = hinted.iter().find_map(|hint| text.split_once(hint)) {
        return Some(after.split_once('>')?.0);
    }
    if let Some((name, _)) = text.split_once("' is not a member of 'std'") {
        in_std(name.rsplit('\'').next()?)
    } else if let Some((name, _)) = text.split_once("' in namespace 'std'") {
        in_std(name.rsplit('\'').next()?)
    } else {
        let undeclared = text.strip_prefix('\'').and_then(|after| after.split_once("' was not declared in this scope"));
        let undeclared = undeclared.map(|(name, _)| name).or_else(|| {
            text.strip_prefix("use of undeclared identifier '").and_then(|after| Some(after.split_once('\'')?.0))
        });
        of_c(undeclared?)
    }
}

/// Where a name of `std` is declared, as far as programs forget it.
fn in_std(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "wstring" | "to_string" | "to_wstring" | "stoi" | "getline" => "string",
        "vector" | "list" | "map" | "set" | "deque" | "array" | "thread" | "mutex" | "atomic" | "future" => {
            return SAME.iter().find(|header| **header == name).copied();
        }
        "multimap" => "map",
        "multiset" => "set",
        "queue" | "priority_queue" => "queue",
        "stack" => "stack",
        "unordered_map" | "unordered_set" => return SAME.iter().find(|header| **header == name).copied(),
        "lock_guard" | "unique_lock" | "scoped_lock" | "recursive_mutex" | "once_flag" | "call_once" => "mutex",
        "shared_mutex" | "shared_lock" => "shared_mutex",
        "condition_variable" => "condition_variable",
        "this_thread" => "thread",
        "unique_ptr" | "shared_ptr" | "weak_ptr" | "make_unique" | "make_shared" | "enable_shared_from_this" => {
            "memory"
        }
        "function" | "bind" | "greater" | "less" | "hash" => "functional",
        "cout" | "cin" | "cerr" | "endl" | "wcout" | "wcin" => "iostream",
        "stringstream" | "ostringstream" | "istringstream" | "wstringstream" => "sstream",
        "ifstream" | "ofstream" | "fstream" => "fstream",
        "setw" | "setfill" | "setprecision" => "iomanip",
        "sort" | "find" | "find_if" | "min" | "max" | "remove_if" | "for_each" | "copy" | "fill" | "reverse"
        | "shuffle" => "algorithm",
        "accumulate" | "iota" => "numeric",
        "runtime_error" | "logic_error" | "invalid_argument" | "out_of_range" => "stdexcept",
        "chrono" => "chrono",
        "numeric_limits" => "limits",
        "mt19937" | "random_device" | "uniform_int_distribution" | "default_random_engine" => "random",
        "optional" | "variant" | "any" | "tuple" => return SAME.iter().find(|header| **header == name).copied(),
        "move" | "swap" | "pair" | "make_pair" | "forward" | "exchange" => "utility",
        _ => return None,
    })
}

/// Headers that are called like what they declare.
const SAME: [&str; 16] = [
    "vector",
    "list",
    "map",
    "set",
    "deque",
    "array",
    "thread",
    "mutex",
    "atomic",
    "future",
    "unordered_map",
    "unordered_set",
    "optional",
    "variant",
    "any",
    "tuple",
];

/// The same for the C library.
fn of_c(name: &str) -> Option<&'static str> {
    Some(match name {
        "memcpy" | "memset" | "memmove" | "memcmp" | "strlen" | "strcmp" | "strncmp" | "strcpy" | "strncpy"
        | "strcat" | "strchr" | "strrchr" | "strstr" | "strtok" => "string.h",
        "printf" | "fprintf" | "sprintf" | "snprintf" | "puts" | "putchar" | "getchar" | "scanf" | "sscanf"
        | "fopen" | "fgets" | "perror" | "stdin" | "stdout" | "stderr" | "fflush" => "stdio.h",
        "malloc" | "calloc" | "realloc" | "free" | "exit" | "abort" | "atoi" | "atof" | "atol" | "rand" | "srand"
        | "abs" | "qsort" | "system" | "strtol" | "strtoul" => "stdlib.h",
        "sqrt" | "pow" | "floor" | "ceil" | "sin" | "cos" | "tan" | "atan2" | "fabs" | "fmod" | "round" => "math.h",
        "time" | "clock" | "localtime" | "strftime" | "mktime" | "time_t" | "CLOCKS_PER_SEC" => "time.h",
        "assert" => "assert.h",
        "isdigit" | "isalpha" | "isspace" | "toupper" | "tolower" => "ctype.h",
        "setlocale" | "LC_ALL" => "locale.h",
        "errno" => "errno.h",
        "INT_MAX" | "INT_MIN" | "UINT_MAX" => "limits.h",
        "int8_t" | "uint8_t" | "int16_t" | "uint16_t" | "int32_t" | "uint32_t" | "int64_t" | "uint64_t"
        | "uintptr_t" => "stdint.h",
        "va_list" | "va_start" | "va_end" => "stdarg.h",
        "wcslen" | "wcscpy" | "wcscmp" | "wmemcpy" | "wprintf" | "swprintf" => "wchar.h",
        _ => return None,
    })
}

/// Headers that may be included although the program does not say so: those of the language, which need no macro before them.
/// `<format>` is not there, or would have been found.
pub(crate) fn wanted(messages: &[Message]) -> BTreeSet<String> {
    let headers = messages.iter().filter_map(|message| header(&message.text));
    headers.filter(|name| *name != "format" && !name.contains('/')).map(str::to_owned).collect()
}

/// A header that includes others.
#[derive(Debug)]
pub(crate) struct Brought {
    folder: TempDir,
}

impl Brought {
    pub(crate) fn new(headers: &BTreeSet<String>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("overlapped-cc-").tempdir()?;
        let text: String = headers.iter().map(|name| format!("#include <{name}>\n")).collect();
        fs::write(Self::file(folder.path()), text)?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self) -> PathBuf {
        Self::file(self.folder.path())
    }

    fn file(folder: &Path) -> PathBuf {
        folder.join("brought-along.h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_want_headers() {
        for (text, name) in [
            ("'std::thread' is defined in header '<thread>'; did you forget to '#include <thread>'?", "thread"),
            ("include the header <string.h> or explicitly provide a declaration for 'memcpy'", "string.h"),
            ("no type named 'thread' in namespace 'std'", "thread"),
            ("no member named 'sort' in namespace 'std'", "algorithm"),
            ("'sort' is not a member of 'std'; did you mean 'qsort'?", "algorithm"),
            ("'sqrt' was not declared in this scope", "math.h"),
            ("use of undeclared identifier 'memcpy'", "string.h"),
        ] {
            assert_eq!(header(text), Some(name), "{text}");
        }
        for text in ["'count' was not declared in this scope", "use of undeclared identifier 'Send'", "expected ';'"] {
            assert_eq!(header(text), None, "{text}");
        }
    }
}
