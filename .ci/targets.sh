# shellcheck shell=bash
# Other systems than the one this runs on: Windows, under Wine, and Linux and Android on 64-bit ARM.

windows=x86_64-pc-windows-gnu
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$PWD/.ci/wine/run"

# cargo_for TARGET COMMAND ARGUMENT…: with rustup's standard library for that target, else with one built by Debian's Rust.
cargo_for() {
  local target=$1 command=$2 cargo=(cargo) std=()
  shift 2
  if [ "${TARGETS_FROM:-rustup}" != rustup ] || ! rustup_target "$target"; then
    debian_sources
    cargo=(env PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 cargo)
    std=(-Zbuild-std=std,panic_unwind)
  fi
  limited 900 "${cargo[@]}" "$command" "${std[@]}" --target "$target" "$@"
}

rustup_target() { have rustup && limited 300 rustup target add "$1"; }

# Debian's newest Rust, and the sources of its standard library.
debian_sources() {
  if [ -x /usr/bin/cargo ] && [ -x /usr/bin/clippy-driver ] && [ -d /usr/lib/rustlib/src/rust/library ]; then return; fi
  apt update
  apt install -y --no-install-recommends rustc-web cargo-web rust-web-clippy rust-web-src
}

# The linker for Windows and Wine.
windows_tools() {
  if ! { have x86_64-w64-mingw32-g++ && have wine && have wineserver; }; then
    apt update
    apt install -y --no-install-recommends g++-mingw-w64-x86-64-posix wine wine64
  fi
  x86_64-w64-mingw32-g++ --version | head -n 1
  WINEDEBUG=-all wine --version
}

windows_clippy() {
  windows_tools
  cargo_for "$windows" clippy -p overlapped -p overlapped-cli --all-targets -- -D warnings
}

windows_test() {
  windows_tools
  cargo_for "$windows" test -p overlapped -p overlapped-cli
  .ci/wine/run --end
}

# What Windows does, as the probes have it on record, is what this Wine does.
conformance() {
  local prefix
  windows_tools
  prefix=$(.ci/wine/run --prefix)
  limited 600 env WINEPREFIX="$prefix" conformance/run-wine
  .ci/wine/run --end
}

# The library, and a client that uses it, as a phone would.
aarch64() {
  local target
  for target in aarch64-unknown-linux-gnu aarch64-linux-android; do
    cargo_for "$target" check -p overlapped --lib --example callback_client
  done
  cargo_for aarch64-unknown-linux-gnu check -p winsock
}
