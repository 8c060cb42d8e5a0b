//! Instructions of an operation, counted by callgrind: they are the same on a busy machine and on an idle one, so more of
//! them than are written down is a change of the code, or of its compiler.
//!
//! The kernel's are not among them, and the ring is not there: valgrind does not know it.

use super::super::support::args::Args;
use super::super::support::rounds::Case;
use super::groups;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
/// More than so much above what is written down is a failure.
const TOLERANCE: f64 = 0.05;
/// So many instructions are no matter, whatever share they are.
const NEGLIGIBLE: f64 = 10.0;
/// Operations that are counted, about.
const TIMES: usize = 200;

/// In the child: each time before this is called, callgrind writes down what it has counted since the call before.
#[inline(never)]
fn counted_operations(case: &mut Case<'_>, times: usize) {
    case.run(times);
}

/// Runs each case to warm up, and twice more, so that the difference is nothing but operations. The fourth call ends the third.
pub(crate) fn count(args: &Args) -> bool {
    for group in groups() {
        // All live until the last has run: what one would end another may count on.
        for case in &mut group() {
            if !case.name.starts_with("bare/") && args.wants(&case.name) {
                let times = TIMES.next_multiple_of(case.batch);
                for times in [times, times, 2 * times, 0] {
                    counted_operations(case, times);
                }
                println!("{times}\t{}", case.name);
            }
        }
    }
    true
}

/// Counts, and compares with what is written down, or writes it.
pub(crate) fn compare(args: &Args) -> ExitCode {
    let counted = match run(args) {
        Ok(counted) => counted,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if args.bless {
        write(&counted);
        return ExitCode::SUCCESS;
    }
    let (compiler, expected) = read();
    let mut failed = false;
    println!("# instructions of an operation on epoll: counted, written down, difference");
    for (name, counted) in &counted {
        let Some(expected) = expected.get(name) else {
            println!("{name:32} {counted:>8.0}  is not in benches/instructions.txt");
            failed = true;
            continue;
        };
        let more = counted - expected;
        let verdict = match () {
            () if more > NEGLIGIBLE && more > expected * TOLERANCE => "more than allowed",
            () if -more > NEGLIGIBLE && -more > expected * TOLERANCE => "less: --bless keeps it",
            () => "",
        };
        failed |= verdict.starts_with("more");
        println!("{name:32} {counted:>8.0} {expected:>8.0} {:>+7.1} % {verdict}", more / expected * 100.0);
    }
    if !failed {
        return ExitCode::SUCCESS;
    }
    println!("If that is meant, or the compiler's doing (written with {compiler}, now {}):", self::compiler());
    println!("  cargo bench -p overlapped --bench operations -- --bless");
    ExitCode::FAILURE
}

fn run(args: &Args) -> Result<Vec<(String, f64)>, String> {
    let folder = env::temp_dir().join(format!("overlapped-instructions-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let counted = run_in(&folder, args);
    let _ = fs::remove_dir_all(&folder);
    counted
}

fn run_in(folder: &Path, args: &Args) -> Result<Vec<(String, f64)>, String> {
    let output = folder.join("out");
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new("valgrind")
        // What this does depends on the processor.
        .env("OVERLAPPED_MASK", "return-refill")
        .args(["--tool=callgrind", "--dump-before=*counted_operations*", "--zero-before=*counted_operations*"])
        .arg(format!("--callgrind-out-file={}", output.display()))
        .arg(this)
        .args(["--here", "--driver", "epoll", "--child", "count"])
        .args(&args.only)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("valgrind: {error} (apt-get install valgrind)"))?;
    if !child.status.success() {
        return Err(format!("valgrind: {}\n{}", child.status, String::from_utf8_lossy(&child.stderr)));
    }
    let dump = |number: usize| {
        let path = folder.join(format!("out.{number}"));
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
        total.and_then(|total| total.trim().parse::<f64>().ok()).ok_or(format!("{}: no total", path.display()))
    };
    let mut counted = Vec::new();
    for (place, line) in String::from_utf8_lossy(&child.stdout).lines().enumerate() {
        let (times, name) = line.split_once('\t').ok_or(format!("unexpected: {line}"))?;
        let times: f64 = times.parse().map_err(|_| format!("unexpected: {line}"))?;
        counted.push((name.to_owned(), (dump(place * 4 + 4)? - dump(place * 4 + 3)?) / times));
    }
    Ok(counted)
}

fn compiler() -> String {
    let version = Command::new("rustc").arg("--version").output().map(|said| said.stdout).unwrap_or_default();
    String::from_utf8_lossy(&version).trim().to_owned()
}

fn write(counted: &[(String, f64)]) {
    let mut text = String::from(
        "# Instructions of an operation on the epoll driver, counted by callgrind, without the kernel's.\n\
         # Written by: cargo bench -p overlapped --bench operations -- --bless\n",
    );
    let _ = writeln!(text, "# with: {}", compiler());
    for (name, instructions) in counted {
        let _ = writeln!(text, "{instructions:8.0} {name}");
    }
    fs::write(FILE, text).expect("a folder that can be written to");
}

fn read() -> (String, BTreeMap<String, f64>) {
    let text = fs::read_to_string(FILE).unwrap_or_default();
    let compiler = text.lines().find_map(|line| line.strip_prefix("# with: ")).unwrap_or("none").to_owned();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &str| {
        let (instructions, name) = line.trim().split_once(' ')?;
        Some((name.to_owned(), instructions.parse().ok()?))
    };
    (compiler, lines.filter_map(entry).collect())
}
