#!/usr/bin/env bash
# Downloads the Tennessee Eastman process data (21 faults) and writes it as one HDF5 file.
set -euo pipefail

commit=0643318858ce7c87292bd59820b459e12a13d009
repository=https://github.com/camaramm/tennessee-eastman-profBraatz.git
output=tep.h5
source=

usage() {
  cat <<TEXT
usage: tep.sh [-o FILE] [-r URL] [-s FOLDER] [-- OPTIONS]

Downloads the Tennessee Eastman process data (21 faults)
from $repository (commit ${commit:0:12})
and writes it as one HDF5 file. Needs git, python3, h5py and numpy.

  -o FILE    the file to write [$output]
  -r URL     another copy of the repository; the commit stays the same
  -s FOLDER  a checkout that is already here: download nothing
  -- OPTIONS for the converter: see tep.py --help
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
      echo "tep.sh: unknown option or missing value: -$OPTARG; see tep.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import h5py, numpy' 2>/dev/null || {
  echo "tep.sh: $python lacks h5py or numpy; install them, or name another Python in PYTHON" >&2
  exit 1
}
if [ -z "$source" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  source=$work/source
  "$here/checkout.sh" "$repository" "$commit" "$source" '/d*.dat'
fi
"$python" "$here/tep.py" "$source" -o "$output" "$@"
