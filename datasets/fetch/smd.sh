#!/usr/bin/env bash
# Downloads the Server Machine Dataset (28 machines) and writes it as one HDF5 file.
set -euo pipefail

name=smd
title='Server Machine Dataset (28 machines)'
commit=7fb0e0acf89ea49908896bcc9f9e80fcfff6baf4
repository=https://github.com/NetManAIOps/OmniAnomaly.git
parts=(/ServerMachineDataset/)

. "$(dirname "$0")/convert.sh"
