#!/usr/bin/env bash
# Downloads the Application Server Dataset (12 servers) and writes it as one HDF5 file.
set -euo pipefail

name=asd
title='Application Server Dataset (12 servers)'
commit=8c85d511c1f070669ba8c5cf097b8fa4a202d15b
repository=https://github.com/zhhlee/InterFusion.git
parts=('/data/processed/omi-*' '/data/interpretation_label/omi-*')

. "$(dirname "$0")/convert.sh"
