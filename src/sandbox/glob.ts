/** Whether a text matches a pattern of Athenz, where `*` stands for any characters and `?` for one. */
export function matches(glob: string, text: string): boolean {
  const pattern = glob
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(text);
}
