# Shared by the scripts of this folder: steps that print their time, and what to do about what is missing.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
passed=0 failed=0
failures=() # the failed steps, each "name<tab>what it printed"
prism_version=5.16.0
prism_dir=$root/.resync/prism-$prism_version
prism=$prism_dir/node_modules/.bin/prism

# step NAME COMMAND…: runs a command, prints how long it took, and goes on after a failure so that one run tells all. What the command
# prints is kept under .resync/steps too, for told to say again what failed: a run is long, and often only its end is seen. The command
# runs in a shell of its own, so what it sets is gone afterwards.
step() {
  local name=$1 start end word=ok said
  shift
  mkdir -p "$root/.resync/steps"
  said=$root/.resync/steps/$((passed + failed + 1)).log
  echo "=== $name"
  start=$(date +%s)
  if "$@" 2>&1 | tee "$said"; then passed=$((passed + 1)); else
    failed=$((failed + 1)) word=FAILED
    failures+=("$name"$'\t'"$said")
  fi
  end=$(date +%s)
  echo "--- $name: $word, $((end - start)) s"
}

# told: how many steps passed and failed, and at the very end of each failed one the lines that name a failure, or its last ones.
told() {
  local each said lines
  echo "$passed passed, $failed failed"
  for each in "${failures[@]}"; do
    said=${each#*$'\t'}
    echo "FAILED: ${each%%$'\t'*}"
    lines=$(grep -E -A 3 'FAIL|panic:|DATA RACE|[Ee]rror|falls below|differs' "$said" | grep -vE '^(ok|\?|---? ?PASS) ' | cut -c 1-400 | tail -n 14) || true
    [ -n "$lines" ] || lines=$(tail -n 14 "$said" | cut -c 1-400)
    printf '%s\n' "$lines"
  done
  [ "$failed" = 0 ]
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

# thrice COMMAND…: up to three times until it works, for what is fetched from a registry: those do not always answer.
thrice() {
  local try
  for try in 1 2 3; do
    "$@" && return
    echo "try $try of 3 failed: $*" >&2
  done
  return 1
}
