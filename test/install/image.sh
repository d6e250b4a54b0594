#!/usr/bin/env bash
# test/install/image.sh IMAGE: runs an image as a pod would, against a sandbox on this machine. As any user but root, with a
# read-only root: what it writes is the repository and /tmp. DOCKER names another program that takes the arguments of docker.
set -euo pipefail
image=$1
docker=${DOCKER:-docker}
clone=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
"$clone/node_modules/.bin/node" "$clone/bin/athenz-gitops.js" sandbox --dir "$folder" --port 0 --quiet &
sandbox=$!
trap 'kill "$sandbox"; wait "$sandbox" || true; rm -rf "$folder"' EXIT
# The sandbox commits last.
for _ in $(seq 100); do
  git -C "$folder" rev-parse --quiet --verify HEAD >/dev/null 2>&1 && break
  sleep 0.2
done
run() {
  "$docker" run --rm --network=host --read-only --tmpfs=/tmp --cap-drop=ALL --security-opt=no-new-privileges \
    --user="$(stat -c %u:%g "$folder")" --env=HOME=/tmp --volume="$folder:/work" --workdir=/work "$@"
}
run "$image" --version
run --entrypoint=sh "$image" -euc 'id; git --version; ssh -V; ! touch /app/x 2>/dev/null; ! touch /x 2>/dev/null; test "$(id -u)" -ne 0'
run "$image" provision --apply
run "$image" sync
run "$image" sync | tee "$folder/second"
grep -q '^Up to date: ' "$folder/second"
git -C "$folder" show --stat --format=%s athenz-gitops/main/prod
