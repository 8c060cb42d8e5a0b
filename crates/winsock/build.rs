//! Names the shared library, and lays the other names under which programs link it beside it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return Ok(());
    }
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libws2_32.so");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // OUT_DIR is `<target>/<profile>/build/winsock-<hash>/out`.
    let Some(profile) = out.ancestors().nth(3) else { return Ok(()) };
    for name in ["mswsock", "kernel32"] {
        alias(profile, name)?;
    }
    Ok(())
}

/// On Windows the functions are spread over several libraries; here all are in one, which the others name.
fn alias(folder: &Path, name: &str) -> io::Result<()> {
    fs::write(folder.join(format!("lib{name}.so")), "INPUT(-lws2_32)\n")?;
    fs::write(folder.join(format!("lib{name}.a")), "INPUT(-lws2_32)\n")
}
