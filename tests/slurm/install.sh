#!/usr/bin/env bash
# Installs what a SLURM of one node needs, from Debian or Ubuntu. Needs root; starts nothing.
set -euo pipefail
command -v slurmctld slurmd sbatch srun munged >/dev/null && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "needs root and apt-get" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends slurm-wlm munge
