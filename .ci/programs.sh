# shellcheck shell=bash
# C and C++ programs: the examples as Windows programs and with a sanitizer, and the programs of the documents that the
# project comes from, where they are.

examples_folder=crates/winsock/examples
# What `exercise` runs: pair, server, client.
pairs=(
  'chat chat_server chat_client'
  'game game_server game_client'
  'event-select event_select_server echo_client'
  'routine routine_server echo_client'
  'callback callback_server event_client'
)
strict=(-std=c++17 -O1 -Wall -Wextra -Werror -Wno-unknown-pragmas)

# The compilers that the headers promise to work with, and mingw-w64, whose headers the values are compared with.
compilers() {
  if ! { have clang++ && have clang && have x86_64-w64-mingw32-g++; }; then
    apt update
    apt install -y --no-install-recommends clang g++-mingw-w64-x86-64-posix
  fi
  clang++ --version | head -n 1
  x86_64-w64-mingw32-g++ --version | head -n 1
}

# build_examples FOLDER COMPILER ARGUMENT…: every example as a program of that folder, all at once.
build_examples() {
  local folder=$1 source compiler
  local -A compilers=()
  shift
  for source in "$examples_folder"/*.cpp; do
    "$1" "${strict[@]}" "$source" "${@:2}" -o "$folder/$(basename "$source" .cpp)" &
    compilers[$!]=$source
  done
  for compiler in "${!compilers[@]}"; do wait "$compiler" || die "$1 refuses ${compilers[$compiler]}"; done
}

# exercise_all FOLDER [ENDING]
exercise_all() {
  local pair server client entry
  for entry in "${pairs[@]}"; do
    read -r pair server client <<<"$entry"
    limited 300 "$examples_folder/exercise" "$pair" "$1/$server${2:-}" "$1/$client${2:-}"
  done
}

# The same sources, for Windows: they print the same there.
examples_under_wine() {
  windows_tools
  scratch=$(mktemp -d)
  build_examples "$scratch" x86_64-w64-mingw32-g++ -static -lws2_32 -lmswsock
  RUNNER=$PWD/.ci/wine/run exercise_all "$scratch" .exe
  .ci/wine/run --end
  rm -rf "$scratch"
  scratch=''
}

# Memory errors of the programs, and of the library where it touches their memory.
examples_sanitized() {
  local driver
  # Of the whole workspace, as for the other stages: alone it would be compiled again.
  limited 600 cargo build --release
  scratch=$(mktemp -d)
  build_examples "$scratch" g++ -g -fsanitize=address,undefined -fno-sanitize-recover=all -I crates/winsock/include \
    -L target/release -lws2_32 "-Wl,-rpath,$PWD/target/release"
  for driver in uring epoll; do
    OVERLAPPED_DRIVER=$driver LSAN_OPTIONS="suppressions=$PWD/.ci/leaks" exercise_all "$scratch"
  done
  rm -rf "$scratch"
  scratch=''
}

# The programs of the documents, which are no part of the repository: built unchanged, each server with each client, and with
# those of the command.
seeds() {
  local folder=../shared/seeds/programs source driver server client
  if ! [ -d "$folder" ]; then
    printf '\n*** %s is not here: the programs of the documents are not run. ***\n\n' "$folder"
    return
  fi
  limited 600 cargo build --release
  scratch=$(mktemp -d)
  for source in "$folder"/*.cpp; do
    g++ "$source" -I crates/winsock/include -L target/release -lws2_32 "-Wl,-rpath,$PWD/target/release" \
      -o "$scratch/$(basename "$source" .cpp)"
    target/release/overlapped cc "$source" -o "$scratch/$(basename "$source" .cpp)"
  done
  for driver in uring epoll; do
    export OVERLAPPED_DRIVER=$driver
    for server in event_server callback_server; do
      for client in event_client callback_client plain command; do seed_pair "$server" "$client"; done
    done
    for client in event_client callback_client; do seed_pair command "$client"; done
  done
  unset OVERLAPPED_DRIVER
  rm -rf "$scratch"
  scratch=''
}

# One server and one client, until the server has told of a few messages; both of these programs go on for ever.
seed_pair() {
  local server=$1 client=$2 serving='' asking='' said="$scratch/said" heard="$scratch/heard" wanted='Recv Len = 100|Callback = 100'
  ! seed_listens || die 'somebody listens on port 7777'
  case $server in
    command)
      wanted='100 bytes'
      target/release/overlapped serve 127.0.0.1:7777 >"$said" &
      ;;
    # Without a pipe: what they print comes at once.
    *) stdbuf -oL "$scratch/$server" >"$said" & ;;
  esac
  serving=$!
  within 20 seed_listens
  case $client in
    # 100 bytes, as the others send.
    plain) bash -c 'exec 3<>/dev/tcp/127.0.0.1/7777; for i in 1 2 3; do printf %100s x >&3; sleep 0.2; done; sleep 2' >"$heard" & ;;
    command) target/release/overlapped client 127.0.0.1:7777 --size 100 --every 0.2s --count 3 >"$heard" 2>&1 & ;;
    *) stdbuf -oL "$scratch/$client" >"$heard" & ;;
  esac
  asking=$!
  within 20 seed_told "$said" "$wanted"
  kill "$asking" "$serving" 2>/dev/null || true
  wait "$asking" "$serving" 2>/dev/null || true
  printf '%-6s %-16s %-16s ok\n' "$OVERLAPPED_DRIVER" "$server" "$client"
}

# Somebody listens on port 7777.
seed_listens() { grep -qE ' (00000000|0100007F):1E61 00000000:0000 0A ' /proc/net/tcp; }

seed_told() { [ "$(grep -cE "$2" "$1")" -ge 1 ]; }

# within SECONDS CONDITION…: waits until it holds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then
      kill "${serving:-}" "${asking:-}" 2>/dev/null || true
      cat "$scratch/said" "$scratch/heard" >&2
      die "not within the time: $*"
    fi
    sleep 0.1
  done
}
