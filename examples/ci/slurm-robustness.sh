#!/bin/bash
# SLURM: sbatch examples/ci/slurm-robustness.sh, in a folder that all nodes see. One job for each shard; then, in the same folder:
#   npx --no @gauntlet/cli merge shard-1 shard-2 shard-3 shard-4 --output robustness
#SBATCH --job-name=robustness
#SBATCH --array=1-4
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail

shard="${SLURM_ARRAY_TASK_ID}"
output="shard-${shard}"
# A job that was put back into the queue goes on where it was stopped.
resume=()
if [ -e "${output}/journal.jsonl" ]; then resume=(--resume); fi

npx --no @gauntlet/cli run tests/robustness/model.robust.yaml --shard "${shard}/4" --output "${output}" -j 4 "${resume[@]}"
