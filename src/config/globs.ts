/** Whether a pattern of `namespaces.files` leaves files out. `!(a|b)` matches anything but a and b, and leaves nothing out. */
export function isExclusion(glob: string): boolean {
  return /^!(?!\()/.test(glob);
}

/** Changes the path of a pattern, whether it is an exclusion or not. */
export function mapGlob(glob: string, change: (path: string) => string): string {
  return isExclusion(glob) ? `!${change(glob.slice(1))}` : change(glob);
}
