#!/usr/bin/env bash
# Measures a machine with a GPU in at most eight minutes: bench/gpu.sh OUT.json
#
#   DEVICE     webgpu (default) or cuda
#   GMM_VAE    the command to measure; default: node dist/cli.js, beside this script's checkout
#   PYTHON     a Python with PyTorch; default: python3. Without PyTorch its figures are null.
#   SMALL=1    sizes and patience for a processor that plays a GPU, to try the script
#
# OUT.json has what was found (doctor), TensorFlow.js's own tests of operators on the device (in a checkout with its development
# dependencies), the reference step beside PyTorch eager and with torch.compile, and one training on MNIST, its steps one by one and ten in a
# run. What could not be run is null, with the reason on standard error. docs/benchmarks/gpu.md is written from it.
set -euo pipefail
out=${1:?usage: bench/gpu.sh OUT.json}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
read -r -a gmm_vae <<<"${GMM_VAE:-node $root/dist/cli.js}"
device=${DEVICE:-webgpu}
python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

sizes=() steps=(--rounds 8 --steps 40)
# A part may take so many times its seconds: shaders that a busy processor compiles take minutes.
patience=1
training=(--data mnist --prior gmm --epochs 3 --loss-every 50)
if [ -n "${SMALL:-}" ]; then
  patience=8
  sizes=(--hidden 16 --latent 2 --batch 16)
  steps=(--rounds 1 --steps 2)
  training=(--data synthetic --train-images 200 --prior gmm --hidden 8 --latent 2 --epochs 1 --loss-every 2)
fi

# Runs a part for so many seconds and keeps its JSON, or null.
part() {
  local name=$1 seconds=$(($2 * patience)) status=0
  shift 2
  local file=$scratch/$name
  echo "gpu.sh: $name" >&2
  # A process that waits for a device may not hear that it is to end.
  timeout --kill-after 10 "$seconds" "$@" >"$file" 2>"$file.err" || status=$?
  if [ "$status" = 0 ] && [ -s "$file" ]; then return; fi
  if [ "$status" = 124 ] || [ "$status" = 137 ]; then echo "took longer than $seconds s" >>"$file.err"; fi
  echo "gpu.sh: $name: $(tail -n 1 "$file.err")" >&2
  # The doctor ends with 1 where something is missing, and has said all the same what is there.
  [ "$name" = doctor ] && [ -s "$file" ] || echo null >"$file"
}

bench() { part "$1" 80 "${gmm_vae[@]}" bench --device "$device" --json "${sizes[@]}" "${steps[@]}" "${@:2}"; }

operators() {
  [ -d "$root/node_modules/vitest" ] || { echo 'needs a checkout with its development dependencies' >&2; return 1; }
  (cd "$root" && GMM_VAE_TEST_DEVICE=$device CI=true node node_modules/vitest/vitest.mjs run test/compile/conformance \
    --reporter=json --outputFile="$scratch/operators.full" >&2) || true
  grep -o '"num\(Passed\|Failed\)Tests":[0-9]*' "$scratch/operators.full" | sort -u | paste -sd, | sed 's/.*/{&}/'
}
export -f operators
export root device scratch

part doctor 40 "${gmm_vae[@]}" doctor --json
bench eager --python "$python" --no-peer-compile
bench compiled --python "$python"
# Without PyTorch there is nothing beside it.
[ "$(cat "$scratch/eager")" != null ] || bench eager --no-peer
part training 110 "${gmm_vae[@]}" train --device "$device" "${training[@]}" --seed 1 --json
part together 50 "${gmm_vae[@]}" train --device "$device" "${training[@]}" --steps-per-run 10 --seed 1 --json
if [ -z "${SMALL:-}" ]; then part operators 120 bash -c operators; else echo null >"$scratch/operators"; fi

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
{
  printf '{"date":"%s","device":"%s","gpu":"%s"' "$(date -u +%F)" "$device" "${gpu:-unknown}"
  for name in doctor eager compiled training together operators; do printf ',"%s":%s' "$name" "$(cat "$scratch/$name")"; done
  printf '}\n'
} >"$scratch/all.json"
mv "$scratch/all.json" "$out"
echo "gpu.sh: $out" >&2
