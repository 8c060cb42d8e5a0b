# shellcheck shell=bash
# The peers, for `build`, `check` and `run`: what each is called, what is built for it, and how it is started.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=benches/peers
out=$here/target/bin

# NAME | PROGRAM that is built | ARGUMENTS. The reference is the first.
peers=(
  'raw epoll      | raw-epoll   |'
  'raw io_uring   | raw-uring   |'
  'mio            | mio         |'
  'tokio          | tokio       |'
  'tokio x2       | tokio       | 2'
  'compio         | compio      |'
  'monoio         | monoio      |'
  'Asio epoll     | asio-epoll  |'
  'Asio io_uring  | asio-uring  |'
  'libuv          | libuv       |'
  'libevent       | libevent    |'
  'C face event   | winsock     | event'
  'C face routine | winsock     | routine'
  'C face port    | winsock     | port'
  'C face port x4 | winsock     | port 4'
  'Wine event     | winsock.exe | event'
  'Wine routine   | winsock.exe | routine'
  'Wine port      | winsock.exe | port'
)

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# each FUNCTION WANTED: calls it with name, program and arguments of each peer; WANTED has names between commas, or is empty.
each() {
  local function=$1 wanted=$2 entry name program arguments
  known "$wanted"
  for entry in "${peers[@]}"; do
    IFS='|' read -r name program arguments <<<"$entry"
    read -r name <<<"$name"
    read -r program <<<"$program"
    read -r arguments <<<"$arguments"
    if [ -z "$wanted" ] || [[ ",$wanted," = *",$name,"* ]]; then "$function" "$name" "$program" "$arguments"; fi
  done
}

# known WANTED: each of the names between commas is that of a peer.
known() {
  local name all=, entry IFS=,
  for entry in "${peers[@]}"; do
    name=${entry%%|*}
    all+=${name%"${name##*[! ]}"},
  done
  for name in $1; do
    [[ $all = *",$name,"* ]] || die "no peer $name; there are ${all:1:-1}"
  done
}

# command_of PROGRAM ADDRESS BUFFER ARGUMENTS: how it is started, from the root of the checkout.
command_of() {
  local runner=''
  if [[ $1 = *.exe ]]; then runner='.ci/wine/run '; fi
  printf '%s%s/%s %s %s %s' "$runner" "$out" "$1" "$2" "$3" "$4"
}

# options NAMES ARGUMENT…: sets the variable of each `--NAME VALUE` there, and knows no others.
options() {
  local accepted=" $1"
  shift
  while [ $# -gt 0 ]; do
    if [[ $1 != --* || "$accepted " != *" ${1#--} "* || $# -lt 2 ]]; then
      die "not an option with its value: $1; there are${accepted// / --}"
    fi
    printf -v "${1#--}" %s "$2"
    shift 2
  done
}
