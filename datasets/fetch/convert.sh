# Sourced by asd.sh, smd.sh and tep.sh, which set: name, title, commit, repository, parts (the paths
# to check out). Reads the options, checks out the parts, and runs the converter name.py on them.
output=$name.h5
source=

usage() {
  cat <<TEXT
usage: $name.sh [-o FILE] [-r URL] [-s FOLDER] [-- OPTIONS]

Downloads the $title
from $repository (commit ${commit:0:12})
and writes it as one HDF5 file. Needs git, python3, h5py and numpy.

  -o FILE    the file to write [$output]
  -r URL     another copy of the repository; the commit stays the same
  -s FOLDER  a checkout that is already here: download nothing
  -- OPTIONS for the converter: see $name.py --help
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
      echo "$name.sh: unknown option or missing value: -$OPTARG; see $name.sh -h" >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import h5py, numpy' 2>/dev/null || {
  echo "$name.sh: $python lacks h5py or numpy; install them, or name another Python in PYTHON" >&2
  exit 1
}
if [ -z "$source" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  source=$work/source
  "$here/checkout.sh" "$repository" "$commit" "$source" "${parts[@]}"
fi
"$python" "$here/$name.py" "$source" -o "$output" "$@"
