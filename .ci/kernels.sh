# shellcheck shell=bash
# Other kernels than the one this runs on: Debian's, each in an emulator that needs no help of the processor, with a system
# that holds nothing but a shell, the tests and the command.

# Kernels are downloaded once, and not installed.
kernel_cache="${XDG_CACHE_HOME:-$HOME/.cache}/overlapped-ci/kernels"
# The test targets that go along; those of the scripted driver and of the compiler's refusals need no kernel.
kernel_targets='uring epoll fallback masks limits early endings fork alone allocations'

# What is expected of each kernel, in words of `.ci/kernels-init`.

# Its io_uring lacks what is needed, and epoll has no waits in nanoseconds.
kernel_5_10() {
  kernel_root
  kernel_run bullseye 1 '
    says "driver     epoll (what is left: see below)" overlapped info
    says "uring was refused: this kernel.s io_uring lacks IORING_SETUP_DEFER_TASKRUN" overlapped info
    says "SKIPPED: .*lacks IORING_SETUP_DEFER_TASKRUN" tests uring
    all="epoll fallback limits early endings fork alone allocations"'
  kernel_end
}

# Its io_uring tells in reverse order what has completed together.
kernel_6_1() {
  kernel_root
  kernel_run bookworm 1 '
    export OVERLAPPED_TEST_REQUIRE_URING=1
    all="uring masks endings alone"'
  kernel_run bookworm 2 '
    export OVERLAPPED_TEST_REQUIRE_URING=1
    says "driver     uring (the best that this system offers)" overlapped info
    says "order      this kernel.s io_uring tells in reverse order" overlapped info
    all="'"$kernel_targets"'"'
  kernel_end
}

# It can be told to forbid io_uring, to those who are not root (1) or to all (2).
kernel_6_12() {
  kernel_root
  kernel_run trixie 2 '
    says "driver     uring (the best that this system offers)" overlapped info
    echo 1 >/proc/sys/kernel/io_uring_disabled
    says "uring was refused: io_uring is forbidden here (EPERM) (errno 1)" su nobody -c "overlapped info"
    echo 2 >/proc/sys/kernel/io_uring_disabled
    says "uring was refused: io_uring is forbidden here (EPERM) (errno 1)" overlapped info
    says "the way out: .*sysctl kernel.io_uring_disabled" overlapped info
    says "SKIPPED: .*forbidden" tests uring
    for target in fallback limits early alone; do tests $target; done
    echo 0 >/proc/sys/kernel/io_uring_disabled
    export OVERLAPPED_TEST_REQUIRE_URING=1
    all="uring masks fallback alone"'
  kernel_end
}

kernel_end() {
  rm -rf "$scratch"
  scratch=''
}

kernel_tools() {
  if ! { have qemu-system-x86_64 && have busybox && have cpio && [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]; }; then
    apt update
    apt install -y --no-install-recommends qemu-system-x86 busybox-static cpio debian-archive-keyring
  fi
  qemu-system-x86_64 --version | head -n 1
}

# The root of a system with the tests and the command, in a scratch folder.
kernel_root() {
  local root bin applet target options=() file library
  kernel_tools
  scratch=$(mktemp -d)
  root="$scratch/root" bin="$scratch/root/bin"
  mkdir -p "$bin" "$root/tests" "$root/etc"
  cp "$(command -v busybox)" "$bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$bin/$applet"; done
  cp .ci/kernels-init "$root/init"
  printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
  for target in $kernel_targets; do options+=(--test "$target"); done
  limited 900 cargo test -p overlapped "${options[@]}" --no-run --message-format=json >"$scratch/tests"
  limited 900 cargo build -p overlapped-cli --bin overlapped --message-format=json >"$scratch/command"
  while read -r target file; do strip -o "$root/tests/$target" "$file"; done < <(kernel_executables "$scratch/tests")
  read -r target file < <(kernel_executables "$scratch/command")
  strip -o "$bin/$target" "$file"
  for library in $(ldd "$root"/tests/* "$bin/overlapped" | grep -o '/lib[^ ]*' | sort -u); do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
}

# The names and paths of the programs in what cargo has said.
kernel_executables() { sed -n 's/.*"name":"\([^"]*\)".*"executable":"\([^"]*\)".*/\1 \2/p' "$1"; }

# kernel_run SUITE PROCESSORS SCRIPT: runs the script, and the targets it names in `all`, on the kernel of that Debian.
kernel_run() {
  local image log="$scratch/console" root="$scratch/root"
  printf '\n--> the kernel of Debian %s with %d processor(s)\n' "$1" "$2"
  image="$kernel_cache/$1"
  [ -e "$image" ] || kernel_download "$1" "$image"
  printf '%s\n' "$3" >"$root/script"
  (cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$scratch/system"
  limited 1800 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp "$2" -m 3G -nodefaults -display none -no-reboot \
    -chardev "stdio,id=console,logfile=$log" -serial chardev:console \
    -kernel "$image" -initrd "$scratch/system" -append 'console=ttyS0 quiet panic=-1 oops=panic'
  grep -q '^all passed' "$log" || die "on the kernel of Debian $1 with $2 processor(s): see above"
}

# kernel_download SUITE FILE: the newest kernel of that Debian, without its modules, from where this system has its packages;
# where that is no Debian, from the mirror that KERNELS_MIRROR names.
kernel_download() {
  local private="$scratch/apt" mirror="${KERNELS_MIRROR:-}" package options=(-qq)
  if [ -z "$mirror" ]; then
    # shellcheck disable=SC1091,SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
      awk -v own="$(source /etc/os-release && echo "$VERSION_CODENAME")" '$2 == own { print $1; exit }')
  fi
  [ -n "$mirror" ] || die 'this is no Debian: KERNELS_MIRROR must name a mirror of it'
  mkdir -p "$private/lists/partial" "$private/archives/partial" "$kernel_cache"
  options+=(-o "Dir::Etc::SourceList=$private/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null)
  options+=(-o "Dir::State=$private" -o "Dir::Cache=$private" -o Acquire::Check-Valid-Until=no)
  printf 'deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" "$1" >"$private/sources.list"
  limited 300 apt-get "${options[@]}" update
  package=$(apt-cache "${options[@]}" depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
  [ -n "$package" ] || die "no kernel of Debian $1 at $mirror"
  limited 600 env --chdir="$private" apt-get "${options[@]}" download "$package"
  dpkg -x "$private/$package"_*.deb "$private/unpacked"
  cp "$private"/unpacked/boot/vmlinuz-* "$2.partial"
  mv "$2.partial" "$2"
  rm -rf "$private"
}
