#!/usr/bin/env bash
# Downloads the Tennessee Eastman process data (21 faults) and writes it as one HDF5 file.
set -euo pipefail

name=tep
title='Tennessee Eastman process data (21 faults)'
commit=0643318858ce7c87292bd59820b459e12a13d009
repository=https://github.com/camaramm/tennessee-eastman-profBraatz.git
parts=('/d*.dat')

. "$(dirname "$0")/convert.sh"
