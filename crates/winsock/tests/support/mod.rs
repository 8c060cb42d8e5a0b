//! Builds C and C++ programs against the headers and the library, and runs them with a time limit.

// Each test target uses what it needs.
#![allow(dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// So long may a program run; only a program that hangs comes near it.
pub const LIMIT: Duration = Duration::from_secs(60);
/// So long may a compiler run.
const COMPILER_LIMIT: Duration = Duration::from_secs(300);

/// The folder of the library that belongs to this test: cargo builds it beside the test itself, in one go with the Rust
/// library, so it is never older than the sources.
pub fn library_folder() -> PathBuf {
    let exe = env::current_exe().expect("the test has a path");
    let folder = exe.parent().expect("the test is in a folder").to_path_buf();
    assert!(folder.join("libws2_32.so").is_file(), "no libws2_32.so in {}", folder.display());
    folder
}

/// The folder of the headers.
pub fn include_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// Whether a compiler is here that not every machine has. What needs it is then passed over, with a word; with
/// `OVERLAPPED_TEST_REQUIRE_COMPILERS` set that is a failure.
pub fn has(compiler: &str, package: &str) -> bool {
    let found = Command::new(compiler).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        let words = format!("{compiler} is missing: apt-get install {package}");
        assert!(env::var_os("OVERLAPPED_TEST_REQUIRE_COMPILERS").is_none(), "{words}");
        // Past the capture of the test harness.
        let _ = writeln!(std::io::stderr(), "{words}; what needs it is not tested.");
    }
    found
}

/// A source of `tests/c`.
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(name)
}

/// A folder of this test target's own, for files.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder for the test's files");
    folder
}

/// Compiles a program (gcc for `.c`, g++ for the rest) and links it; panics with what the compiler says when it refuses.
pub fn build(source: &Path, flags: &[&str]) -> PathBuf {
    let compiler = if source.extension() == Some(OsStr::new("c")) { "gcc" } else { "g++" };
    build_with(compiler, source, flags)
}

/// The same with a compiler of the caller's choice. What several tests run, on one driver and another, is built once.
pub fn build_with(compiler: &str, source: &Path, flags: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeMap<PathBuf, Arc<OnceLock<()>>>> = Mutex::new(BTreeMap::new());
    let program = program_path(compiler, source, flags);
    let built = Arc::clone(BUILT.lock().expect("nobody panics in it").entry(program.clone()).or_default());
    built.get_or_init(|| compile(compiler, source, flags, &program));
    program
}

fn compile(compiler: &str, source: &Path, flags: &[&str], program: &Path) {
    let library = library_folder();
    // Two processes that build the same program do not write into one file.
    let draft = program.with_extension(std::process::id().to_string());
    let mut command = Command::new(compiler);
    command.arg(source).args(flags).arg("-I").arg(include_folder());
    command.arg("-L").arg(&library);
    if let Some(profile) = library.parent() {
        // The other names of the library are there.
        command.arg("-L").arg(profile);
    }
    command.arg("-lws2_32").arg("-pthread").arg(format!("-Wl,-rpath,{}", library.display())).arg("-o").arg(&draft);
    let output = limited(&mut command, &[], COMPILER_LIMIT);
    assert!(
        output.status.success(),
        "{compiler} {} {flags:?} failed:\n{}",
        source.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    fs::rename(&draft, program).expect("the program gets its name");
}

/// Compiles a source without linking, with all warnings as errors; gives what the compiler says.
pub fn check(compiler: &str, source: &Path, flags: &[&str]) -> Result<(), String> {
    let mut command = Command::new(compiler);
    command.arg("-fsyntax-only").args(["-Wall", "-Wextra", "-Werror"]).args(flags);
    command.arg("-I").arg(include_folder()).arg(source);
    let output = limited(&mut command, &[], COMPILER_LIMIT);
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Runs a program to its end and gives what it printed; panics when it does not end.
pub fn run(program: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    run_with_input(program, args, env, b"")
}

/// The same with something to read.
pub fn run_with_input(program: &Path, args: &[&str], env: &[(&str, &str)], input: &[u8]) -> Output {
    let mut command = Command::new(program);
    // Cargo names folders there in which an older library may lie.
    command.env_remove("LD_LIBRARY_PATH");
    command.args(args).envs(env.iter().copied());
    limited(&mut command, input, LIMIT)
}

/// Builds and runs a source of `tests/c` that tells by its exit code whether all is well.
pub fn passes(name: &str, flags: &[&str]) {
    let output = run(&build(&source(name), flags), &[], &[]);
    assert!(output.status.success(), "{name}: {}\n{}", output.status, text(&output));
}

/// All that a program printed.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn limited(command: &mut Command, input: &[u8], limit: Duration) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // A program that reads nothing has closed its end.
        let _ = stdin.write_all(input);
    }
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let status = end(&mut child, limit);
    let late = status.is_none();
    let status = status.unwrap_or_else(|| {
        let _ = child.kill();
        child.wait().expect("a killed program ends")
    });
    let output = Output { status, stdout: gather(stdout), stderr: gather(stderr) };
    assert!(!late, "{command:?} did not end within {limit:?}; it printed:\n{}", text(&output));
    output
}

fn end(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            return Some(status);
        }
        if started.elapsed() > limit {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn reader(from: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut all);
        }
        all
    })
}

fn gather(reader: JoinHandle<Vec<u8>>) -> Vec<u8> {
    reader.join().unwrap_or_default()
}

fn program_path(compiler: &str, source: &Path, flags: &[&str]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (compiler, source, flags).hash(&mut hasher);
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    scratch("programs").join(format!("{stem}-{:016x}", hasher.finish()))
}
