# shellcheck shell=bash
# What .ci/run and .ci/long share: stages with their times, commands with a time limit, and the tools they need.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
# Nothing is compiled a second time with a few lines changed.
export CI=true CARGO_INCREMENTAL=0
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

# What somebody set for their own runs must not change what is tested; a driver that is missing here is a failure.
for name in "${!OVERLAPPED_@}"; do unset "$name"; done
export OVERLAPPED_TEST_REQUIRE_URING=1 OVERLAPPED_TEST_REQUIRE_COMPILERS=1 OVERLAPPED_TEST_REQUIRE_BROWSER=1

# The README's two commands; `readme` checks that it still says so.
readme_demo=(cargo run --release -- demo)
readme_test=(cargo test --workspace)
# Put before a command: it gets no more descriptors than most systems give.
# shellcheck disable=SC2034
few_files=(bash -c 'ulimit -Sn 1024 && exec "$@"' few-files)

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Where Debian's own browser without a window is missing, as on Ubuntu, another of its kind does.
for name in chromium-headless-shell google-chrome chromium; do
  if have "$name"; then
    export OVERLAPPED_TEST_BROWSER=$name
    break
  fi
done

# --- stages -----------------------------------------------------------------------------------------------------------

current='' began=0 job='' scratch='' table='' wanted=" $* " known=' '

# stage NAME COMMAND…: runs it and notes its time; a failure ends the run. Where stages are named, others are passed by.
stage() {
  known+="$1 "
  [[ $wanted = '  ' || $wanted = *" $1 "* ]] || return 0
  current=$1 began=$SECONDS
  shift
  printf '\n==> %s\n' "$current"
  "$@"
  note ok
  current=''
}

note() {
  local row
  row=$(printf '%-16s %6d s   %s' "$current" "$((SECONDS - began))" "$1")
  printf '<== %s\n' "$row"
  table+="$row"$'\n'
}

finish() {
  local status=$?
  trap '' INT TERM HUP
  if [ -n "$job" ]; then kill "$job" 2>/dev/null || true; fi
  if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
  .ci/wine/run --end || true
  for name in $wanted; do
    if [ "$status" -eq 0 ] && [[ $known != *" $name "* ]]; then current=$name status=2; fi
  done
  if [ "$status" -ne 0 ] && [ -n "$current" ]; then note FAILED; fi
  printf '\n%s%-16s %6d s\n' "$table" total "$SECONDS"
  if [ "$status" -ne 0 ]; then printf 'FAILED in stage: %s (exit code %d)\n' "${current:-none}" "$status" >&2; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# limited SECONDS COMMAND…: shows and runs it in a process group of its own, which ends as a whole at the time limit or
# when this script is ended.
limited() {
  local seconds=$1 status=0
  shift
  printf '+ %s\n' "$*" >&2
  set -m
  timeout --verbose --kill-after=10 "$seconds" "$@" &
  job=$!
  set +m
  wait "$job" || status=$?
  job=''
  return "$status"
}

# models KIND SECONDS [NAME=VALUE…]: what threads share, by the models under loom or shuttle. Both are slow unless they and
# the engine are compiled with some care; the rest need not be.
models() {
  local kind=$1 seconds=$2 care=()
  shift 2
  care=(profile.test.debug=0 profile.test.opt-level=1 'profile.test.package."*".opt-level=0')
  case $kind in
    loom) care+=(profile.test.package.{loom,generator}.opt-level=2) ;;
    shuttle) care+=(profile.test.package.{shuttle-engine,shuttle-std,shuttle-schedulers,corosensei}.opt-level=2) ;;
  esac
  limited "$seconds" env CARGO_TARGET_DIR="$PWD/target/$kind" RUSTFLAGS="--cfg $kind -D warnings" "$@" \
    cargo test --locked -p overlapped --lib "${care[@]/#/--config=}" models
}

# --- tools ------------------------------------------------------------------------------------------------------------

# apt ARGUMENT…: apt-get, as root.
apt() {
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  have apt-get || die "no apt-get here for: $*"
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || die "neither root nor sudo for: apt-get $*"
    as_root=(sudo -n "${as_root[@]}")
  fi
  limited 600 "${as_root[@]}" apt-get "$@"
}

# The compilers (the headers of the C face are tried with each, and their values compared with mingw-w64's), rustfmt and
# clippy, and every dependency as Cargo.lock has it.
tools() {
  { have cargo && have rustc; } || die 'no Rust here: install it from https://rustup.rs'
  if ! { have g++ && have clang++ && have x86_64-w64-mingw32-g++; }; then
    apt update
    apt install -y --no-install-recommends g++ clang g++-mingw-w64-x86-64-posix
  fi
  local tool
  for tool in rustfmt clippy; do
    if ! cargo "${tool/rustfmt/fmt}" --version >/dev/null 2>&1; then
      have rustup || die "no $tool here, and no rustup to install it with"
      limited 300 rustup component add "$tool"
    fi
  done
  cargo --version
  rustc --version
  g++ --version | head -n 1
  clang++ --version | head -n 1
  limited 600 cargo fetch --locked || die 'the dependencies cannot be had, or Cargo.lock does not fit the manifests'
}

# The browser in which the page of a report is tested.
browser() {
  if [ -z "${OVERLAPPED_TEST_BROWSER:-}" ]; then
    apt update
    apt install -y --no-install-recommends chromium-headless-shell
    export OVERLAPPED_TEST_BROWSER=chromium-headless-shell
  fi
  limited 60 "$OVERLAPPED_TEST_BROWSER" --version
}

# A nightly toolchain with Miri and the sources of the standard library.
nightly() {
  have rustup || die 'no rustup here to run a nightly toolchain with'
  if rustup run nightly rustc --version >/dev/null 2>&1; then
    if ! nightly_is_whole; then limited 300 rustup component add --toolchain nightly miri rust-src || true; fi
  fi
  if ! nightly_is_whole; then
    limited 600 rustup toolchain install nightly --profile minimal --component miri --component rust-src
  fi
  nightly_is_whole || die 'no nightly toolchain with miri and rust-src'
  rustup run nightly rustc --version
}

nightly_is_whole() {
  local sysroot
  sysroot=$(rustup run nightly rustc --print sysroot 2>/dev/null) || return 1
  rustup run nightly cargo miri --version >/dev/null 2>&1 && [ -d "$sysroot/lib/rustlib/src/rust/library" ]
}

# The README names exactly the commands that are run here, each on a line of its own.
readme() {
  local line
  for line in "${readme_demo[*]}" "${readme_test[*]}"; do
    grep -Eq "^$line( +#.*)?\$" README.md || die "README.md has no line \`$line\`: .ci/lib.sh and README.md must agree"
    printf 'README.md: %s\n' "$line"
  done
}
