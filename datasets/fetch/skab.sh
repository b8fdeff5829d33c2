#!/usr/bin/env bash
# Downloads the CSV files of the Skoltech Anomaly Benchmark; `collabdict import` reads them as they are.
set -euo pipefail

commit=b2c0d46c2971dcbfe71e26087b6d231998bb91c2
repository=https://github.com/waico/SKAB.git
output=skab

usage() {
  cat <<TEXT
usage: skab.sh [-o FOLDER] [-r URL]

Downloads the CSV files of the Skoltech Anomaly Benchmark
from $repository (commit ${commit:0:12})
into FOLDER/valve1, valve2, other and anomaly-free. Needs git.

  -o FOLDER  a folder that does not exist yet [$output]
  -r URL     another copy of the repository; the commit stays the same
  -h         this text
TEXT
}

while getopts ':o:r:h' option; do
  case $option in
    o) output=$OPTARG ;;
    r) repository=$OPTARG ;;
    h) usage && exit 0 ;;
    *)
      echo "skab.sh: unknown option or missing value: -$OPTARG; see skab.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || {
  echo "skab.sh: unexpected word $1; see skab.sh -h" >&2
  exit 2
}
[ ! -e "$output" ] || {
  echo "skab.sh: $output exists already; remove it, or choose another folder with -o" >&2
  exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
parent=$(dirname "$output")
[ -d "$parent" ] || {
  echo "skab.sh: there is no folder $parent" >&2
  exit 1
}
work=$(mktemp -d "$parent/.skab.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$here/checkout.sh" "$repository" "$commit" "$work/source" /data/
mv "$work/source/data" "$output"
echo "$output: $(find "$output" -name '*.csv' | wc -l | tr -d ' ') CSV files"
