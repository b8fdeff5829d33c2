#!/usr/bin/env bash
# Downloads the Application Server Dataset (12 servers) and writes it as one HDF5 file.
set -euo pipefail

commit=8c85d511c1f070669ba8c5cf097b8fa4a202d15b
repository=https://github.com/zhhlee/InterFusion.git
output=asd.h5
source=

usage() {
  cat <<TEXT
usage: asd.sh [-o FILE] [-r URL] [-s FOLDER] [-- OPTIONS]

Downloads the Application Server Dataset (12 servers)
from $repository (commit ${commit:0:12})
and writes it as one HDF5 file. Needs git, python3, h5py and numpy.

  -o FILE    the file to write [$output]
  -r URL     another copy of the repository; the commit stays the same
  -s FOLDER  a checkout that is already here: download nothing
  -- OPTIONS for the converter: see asd.py --help
  -h         this text

PYTHON names the Python to use [python3].
TEXT
}

while getopts ':o:r:s:h' option; do
  case $option in
    o) output=$OPTARG ;;
    r) repository=$OPTARG ;;
    s) source=$OPTARG ;;
    h) usage && exit 0 ;;
    *)
      echo "asd.sh: unknown option or missing value: -$OPTARG; see asd.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import h5py, numpy' 2>/dev/null || {
  echo "asd.sh: $python lacks h5py or numpy; install them, or name another Python in PYTHON" >&2
  exit 1
}
if [ -z "$source" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  source=$work/source
  "$here/checkout.sh" "$repository" "$commit" "$source" \
    '/data/processed/omi-*' '/data/interpretation_label/omi-*'
fi
"$python" "$here/asd.py" "$source" -o "$output" "$@"
