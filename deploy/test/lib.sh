# Shared by the scripts of this folder: steps that print their time, and what to do about what is missing.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
passed=0 failed=0 skipped=0
prism_version=5.16.0
prism_dir=$root/.resync/prism-$prism_version
prism=$prism_dir/node_modules/.bin/prism

# step NAME COMMAND…: runs a command, prints how long it took, and goes on after a failure so that one run tells all.
step() {
  local name=$1 start end
  shift
  echo "=== $name"
  start=$(date +%s)
  if "$@"; then passed=$((passed + 1)); local word=ok; else failed=$((failed + 1)); local word=FAILED; fi
  end=$(date +%s)
  echo "--- $name: $word, $((end - start)) s"
}

# product: bin/resync is there; who has none gets one. make and deploy/test/all build it anew before they come here.
product() {
  [ -x "$root/bin/resync" ] || make -C "$root" -s build
}

# absent WHAT WHY: in CI a missing part is a failure; on a person's machine the step is skipped with its reason.
absent() {
  if [ -n "${CI:-}" ]; then
    echo "FAILED: $1 is not here, and CI must have it"
    return 1
  fi
  echo "skipped: $1 is not here ($2)"
}
