#!/usr/bin/env bash
# Downloads the Server Machine Dataset (28 machines) and writes it as one HDF5 file.
set -euo pipefail

commit=7fb0e0acf89ea49908896bcc9f9e80fcfff6baf4
repository=https://github.com/NetManAIOps/OmniAnomaly.git
output=smd.h5
source=

usage() {
  cat <<TEXT
usage: smd.sh [-o FILE] [-r URL] [-s FOLDER] [-- OPTIONS]

Downloads the Server Machine Dataset (28 machines)
from $repository (commit ${commit:0:12})
and writes it as one HDF5 file. Needs git, python3, h5py and numpy.

  -o FILE    the file to write [$output]
  -r URL     another copy of the repository; the commit stays the same
  -s FOLDER  a checkout that is already here: download nothing
  -- OPTIONS for the converter: see smd.py --help
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
      echo "smd.sh: unknown option or missing value: -$OPTARG; see smd.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import h5py, numpy' 2>/dev/null || {
  echo "smd.sh: $python lacks h5py or numpy; install them, or name another Python in PYTHON" >&2
  exit 1
}
if [ -z "$source" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  source=$work/source
  "$here/checkout.sh" "$repository" "$commit" "$source" /ServerMachineDataset/
fi
"$python" "$here/smd.py" "$source" -o "$output" "$@"
