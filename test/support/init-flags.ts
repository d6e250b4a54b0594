/** The flags that `init` requires of any config. */
export const initFlags: readonly string[] = [
  '--zms-url',
  'https://zms.example.com/zms/v1',
  '--domain',
  'eks.{namespace}',
  '--role',
  'viewers=view',
];
