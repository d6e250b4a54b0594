#!/usr/bin/env bash
# test/install/image.sh IMAGE: runs an image as a pod would, against a sandbox on this machine: not as root, and with a read-only
# root; what it writes is the repository and /tmp. DOCKER names another program that takes the arguments of docker.
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
# The image's own user, where this one is root.
if [ "$(id -u)" -eq 0 ]; then chown -R 1000:1000 "$folder"; fi
run() {
  "$docker" run --rm --network=host --read-only --tmpfs=/tmp --cap-drop=ALL --security-opt=no-new-privileges \
    --user="$(stat -c %u:%g "$folder")" --env=HOME=/tmp --volume="$folder:/work" --workdir=/work "$@"
}
run "$image" --version
run --entrypoint=sh "$image" -euc '
  id -u; git --version; command -v ssh
  test "$(id -u)" -ne 0
  for path in / /app /usr/local/bin; do if touch "$path/x"; then exit 1; fi; done'
run "$image" provision --apply
run "$image" sync
run "$image" sync | tee "$folder/second"
grep -q '^Up to date: ' "$folder/second"
run --entrypoint=git "$image" show --stat --format=%s athenz-gitops/main/prod
