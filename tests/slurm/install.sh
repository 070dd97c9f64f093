#!/usr/bin/env bash
# Installs what a SLURM of one node needs, from Debian or Ubuntu. Needs root; starts nothing.
# Gives up in time: a mirror that does not answer ends in a message, never in waiting.
set -euo pipefail
have() { command -v slurmctld slurmd sbatch srun munged >/dev/null; }
have && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "needs root and apt-get" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
quick=(-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1 -o DPkg::Lock::Timeout=60)
# installing may start the services of the packages; tests start their own
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    trap 'rm -f "$guard"' EXIT
fi
timeout -k 10 120 apt-get "${quick[@]}" update -qq || true
timeout -k 10 240 apt-get "${quick[@]}" install -y -qq --no-install-recommends slurm-wlm munge >/dev/null \
    || { echo "slurm-wlm and munge cannot be installed" >&2; exit 1; }
have || { echo "slurm-wlm was installed without its programs" >&2; exit 1; }
