#!/usr/bin/env bash
# Downloads tabular data sets of ADBench (47 in all, six by default) and writes it as one HDF5 file.
set -euo pipefail

commit=3dac8221081e190f157d78e93bfa8867f90d0965
repository=https://github.com/Minqi824/ADBench.git
output=adbench.h5
sets=annthyroid,cardio,mammography,satellite,shuttle,thyroid
source=

usage() {
  cat <<TEXT
usage: adbench.sh [-o FILE] [-n NAMES] [-r URL] [-s FOLDER]

Downloads tabular data sets of ADBench (47 in all, six by default)
from $repository (commit ${commit:0:12})
and writes it as one HDF5 file. Needs git, python3, h5py and numpy.

  -o FILE    the file to write [$output]
  -n NAMES   data sets, separated by commas, or all [$sets]
  -r URL     another copy of the repository; the commit stays the same
  -s FOLDER  a checkout that is already here: download nothing
  -h         this text

PYTHON names the Python to use [python3].
TEXT
}

while getopts ':o:n:r:s:h' option; do
  case $option in
    o) output=$OPTARG ;;
    n) sets=$OPTARG ;;
    r) repository=$OPTARG ;;
    s) source=$OPTARG ;;
    h) usage && exit 0 ;;
    *)
      echo "adbench.sh: unknown option or missing value: -$OPTARG; see adbench.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || {
  echo "adbench.sh: unexpected word $1; see adbench.sh -h" >&2
  exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import h5py, numpy' 2>/dev/null || {
  echo "adbench.sh: $python lacks h5py or numpy; install them, or name another Python in PYTHON" >&2
  exit 1
}
if [ -z "$source" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  source=$work/source
  folder=/adbench/datasets/Classical
  if [ "$sets" = all ]; then
    paths=("$folder/")
  else
    IFS=, read -ra paths <<<"$sets"
    paths=("${paths[@]/#/$folder/*_}")
    paths=("${paths[@]/%/.npz}")
  fi
  "$here/checkout.sh" "$repository" "$commit" "$source" "${paths[@]}"
fi
"$python" "$here/adbench.py" "$source" -o "$output" --sets "$sets"
