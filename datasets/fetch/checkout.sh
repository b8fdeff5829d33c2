#!/usr/bin/env bash
# Brings some paths of a git repository, at one commit, into a folder: shallow, and only those files.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: checkout.sh URL COMMIT FOLDER PATH...

Fetches one commit of a repository and checks out the given paths (as in .gitignore) in FOLDER.
The commit's hash covers every byte of its files, so what arrives is what was pinned.
TEXT
}

fail() {
  echo "checkout.sh: $*" >&2
  exit 1
}

case "${1:-}" in -h | --help) usage && exit 0 ;; esac
[ $# -ge 4 ] || {
  usage >&2
  exit 2
}
url=$1 commit=$2 folder=$3
shift 3

command -v git >/dev/null || fail "git is not installed"
mkdir -p "$folder"
git -C "$folder" init -q
git -C "$folder" remote add origin "$url"
git -C "$folder" sparse-checkout set --no-cone "$@"
said=$(git -C "$folder" fetch -q --depth 1 --filter=blob:none origin "$commit" 2>&1) ||
  fail "cannot fetch $commit from $url: ${said%%$'\n'*}"
said=$(git -C "$folder" -c advice.detachedHead=false checkout -q FETCH_HEAD 2>&1) ||
  fail "cannot check out $commit from $url: ${said%%$'\n'*}"
found=$(git -C "$folder" rev-parse HEAD)
[ "$found" = "$commit" ] || fail "$url gave the commit $found instead of $commit"
